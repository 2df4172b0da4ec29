"""How urgent a request is, by who asks and by what it says of itself.

officer   somebody waits for the answer: officers, supervisors, auditors, citizens and enterprises
partner   a system waits: partner platforms, clients without a person behind them, whoever brings no token
batch     nobody waits: a request with ``priority: u=6`` or ``u=7`` (RFC 9218, "background")
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache

from auth.errors import Unauthenticated
from auth.tokens import TokenVerifier, credentials
from auth.viewer import CallerKind, Viewer
from datasources.urgency import Urgency

SYSTEMS = frozenset({CallerKind.PARTNER, CallerKind.PUBLIC})
HEADER_SIZE = 100
"""Bytes of a priority header that is read."""
_BACKGROUND = re.compile(rb"(?:^|,)[ \t]*u[ \t]*=[ \t]*[67][ \t]*(?:[,;]|$)")


PERSON: ContextVar[str] = ContextVar("person", default="")
"""Who asks in this context, where that is a person: the issuer and the subject of the token."""


def person_of(viewer: Viewer) -> str:
    """The person who asks; "" for a system, which asks for many."""
    return "" if viewer.kind in SYSTEMS else f"{viewer.issuer}|{viewer.subject}"


def urgency_of(viewer: Viewer | None, headers: Mapping[bytes, bytes]) -> Urgency:
    """Of a request of this viewer; None is somebody who is not known. A caller can ask for less than is theirs, not for more."""
    if is_background(headers.get(b"priority")):
        return "batch"
    return "partner" if viewer is None or viewer.kind in SYSTEMS else "officer"


def urgency_before(verifier: TokenVerifier, headers: Mapping[bytes, bytes]) -> Urgency | None:
    """The same before the token is checked: who sent it before is remembered. None where nobody knows the token."""
    try:
        _, token = credentials(headers.get(b"authorization"))
    except Unauthenticated:
        return urgency_of(None, headers)
    viewer = verifier.remembered(token)
    return urgency_of(viewer, headers) if viewer is not None else None


def is_background(priority: bytes | None) -> bool:
    """Whether a priority header says that the request can wait."""
    return priority is not None and len(priority) <= HEADER_SIZE and _says_background(priority)


@lru_cache(maxsize=256)
def _says_background(priority: bytes) -> bool:
    return _BACKGROUND.search(priority) is not None
