"""What may be sent a second time: a read whose connection broke, as long as few are."""

from __future__ import annotations

import re

WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b")
PART = 0.1
"""Of the statements lately sent, so many may be repeated: a database that breaks down is not asked everything twice."""
AT_ONCE = 10
"""So many may, however few were sent lately."""


class Retries:
    """Counts what is repeated against what is sent."""

    def __init__(self) -> None:
        self._left = float(AT_ONCE)
        self._statements = 0

    def may(self, text: str, statements: int) -> bool:
        """Whether this one may be repeated, `statements` having been sent in all.

        The driver hands out all rows of a statement or none, so nothing of the first answer has gone anywhere. A write that
        was on its way may have been done.
        """
        self._left = min(AT_ONCE, self._left + (statements - self._statements) * PART)
        self._statements = statements
        if self._left < 1 or WRITES.search(text):
            return False
        self._left -= 1
        return True
