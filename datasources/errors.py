"""What a database could not do. Nothing that a driver or a server said is in it.

SourceError               a database could not give an answer; `code` is one of the gateway's own
├── SourceUnavailable     it is down, refuses, or dropped the connection
├── SourceTimeout         it did not answer within the budget
├── SourceBusy            every connection is taken and the wait is over
└── SourceFault           it refused the statement itself (a column is gone, a value is broken)
"""

from __future__ import annotations


class SourceError(Exception):
    """A database could not give an answer."""

    code = "SOURCE_UNAVAILABLE"

    def __init__(self, database: str) -> None:
        super().__init__(database)
        self.database = database


class SourceUnavailable(SourceError):
    """The database is down, refuses, or dropped the connection."""


class SourceTimeout(SourceError):
    """The database did not answer within the budget."""

    code = "SOURCE_TIMEOUT"


class SourceBusy(SourceError):
    """Every connection is taken and the wait is over."""

    code = "SOURCE_BUSY"


class SourceFault(SourceError):
    """The database refused the statement."""

    code = "DATA_ERROR"
