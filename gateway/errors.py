"""What can go wrong, as a closed set of codes with constant texts. ``docs/errors.md`` says when each is given.

    GatewayError                 one code; renders as a GraphQL error
    └── TransportError           the HTTP request itself cannot be taken: a status and headers of its own
    Refused                      several of them at once, which refuse a request

A text never holds a value, a name of the schema, or anything that a database or library said. Errors of others become
ours at the edge where they enter: drivers' in ``datasources/database.py``, graphql-core's in the stage that calls it,
the rest in ``http.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any


class ErrorCode(Enum):
    """Every value of ``extensions.code``, with its message and the HTTP status of an answer that it refuses."""

    UNAUTHENTICATED = ("A valid access token is required.", 401)
    TOKEN_EXPIRED = ("The access token has expired.", 401)
    TOKEN_REVOKED = ("The access token has been revoked.", 401)

    BAD_REQUEST = ("The request cannot be read as a GraphQL request over HTTP.", 400)
    GRAPHQL_PARSE_FAILED = ("The document is not valid GraphQL.", 400)
    GRAPHQL_VALIDATION_FAILED = ("The document does not fit the schema.", 400)
    BAD_USER_INPUT = ("A variable or argument has a value that is not accepted.", 400)
    OPERATION_RESOLUTION_FAILURE = ("The operation to run cannot be told from the document and operationName.", 400)
    PERSISTED_QUERY_NOT_FOUND = ("PersistedQueryNotFound", 400)
    PERSISTED_QUERY_NOT_SUPPORTED = ("PersistedQueryNotSupported", 400)

    TOO_COMPLEX = ("The operation is larger than the gateway runs.", 400)
    DOCUMENT_NOT_REGISTERED = ("Only registered documents are run for this client.", 403)
    RATE_LIMITED = ("Too many requests.", 429)
    SUBJECT_BUDGET_EXCEEDED = ("The number of subjects that may be looked up is used up.", 429)

    PURPOSE_REQUIRED = ("A purpose and what it is shown by are required.", 403)
    PURPOSE_DENIED = ("The stated purpose could not be shown to hold.", 403)
    STEP_UP_REQUIRED = ("A stronger or more recent authentication is required.", 401)
    FORBIDDEN = ("The caller may not see this.", 403)
    NOT_FILTERABLE = ("The list cannot be filtered or ordered by this.", 400)

    SOURCE_UNAVAILABLE = ("A database is not available.", 200)
    SOURCE_TIMEOUT = ("A database did not answer in time.", 200)
    SOURCE_BUSY = ("A database takes no more requests at the moment.", 200)
    DATA_ERROR = ("A stored value cannot be shown.", 200)

    AUDIT_UNAVAILABLE = ("The answer could not be recorded and is not released.", 503)
    OVERLOADED = ("The gateway takes no more requests at the moment.", 503)

    INTERNAL = ("An internal error occurred.", 500)

    def __init__(self, message: str, http_status: int) -> None:
        self.message = message
        self.http_status = http_status


Path = Sequence[str | int]
Location = Mapping[str, int]
"""``{"line": …, "column": …}``, from 1."""


class GatewayError(Exception):
    """One error of an answer. `extra` goes into ``extensions`` beside the code: words of closed lists and ids only."""

    def __init__(
        self, code: ErrorCode, path: Path | None = None, locations: Sequence[Location] | None = None, **extra: Any
    ) -> None:
        super().__init__(code.name)
        self.code = code
        self.path = path
        self.locations = locations
        self.extra = extra

    @property
    def http_status(self) -> int:
        """The status of an answer that consists of this error alone."""
        return self.code.http_status

    def render(self) -> dict[str, Any]:
        """The error as the GraphQL specification's response format wants it (section 7.1.2)."""
        error: dict[str, Any] = {"message": self.code.message}
        if self.locations:
            error["locations"] = [dict(location) for location in self.locations]
        if self.path is not None:
            error["path"] = list(self.path)
        error["extensions"] = {"code": self.code.name, **self.extra}
        return error


class TransportError(GatewayError):
    """The HTTP request cannot be taken, whatever its document says."""

    def __init__(
        self, http_status: int, *headers: tuple[bytes, bytes], code: ErrorCode = ErrorCode.BAD_REQUEST
    ) -> None:
        super().__init__(code)
        self._http_status = http_status
        self.headers = headers

    @property
    def http_status(self) -> int:
        return self._http_status


class Refused(Exception):
    """A request that is refused for several reasons at once; the first gives the status."""

    def __init__(self, errors: Sequence[GatewayError]) -> None:
        super().__init__(errors[0].code.name)
        self.errors = errors
