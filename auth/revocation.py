"""What was taken back before its time: a subject, a client, one token, or a signing key of an issuer.

A revocation is one record, pushed to every process. It holds for tokens issued before it: a login after it makes a new one.
No token lives longer than LIFETIME, so after that a revocation has nothing left to refuse and is forgotten.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from auth.viewer import Viewer

LIFETIME = 24 * 3600
"""Seconds from ``iat`` to ``exp``. A token good for longer is refused."""
LEEWAY = 30
"""Seconds by which clocks may differ. A login that soon after a revocation is refused with what was before it."""
FRESH = 30.0
"""Seconds after which what was heard last is too old to rely on."""
VALUE_LENGTH = 200


class Revoked(Enum):
    """What a revocation names. The value is what the pushed record says."""

    SUBJECT = "subject"
    CLIENT = "client"
    TOKEN = "token"  # noqa: S105
    """By ``jti``."""
    KEY = "key"
    """By ``kid``: every token that it signed, whenever. For an issuer whose key is in wrong hands, until it has taken it away."""


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """One thing of one issuer (its ``iss``) that is revoked as of `at`, in seconds since 1970."""

    kind: Revoked
    issuer: str
    value: str
    at: float

    def record(self) -> dict[str, str]:
        """As it is pushed."""
        return {"kind": self.kind.value, "issuer": self.issuer, "value": self.value, "at": f"{self.at:.3f}"}

    @classmethod
    def parse(cls, record: Mapping[str, str]) -> Revocation:
        """As it was pushed. Raises ValueError when it is not one."""
        issuer, value = record.get("issuer", ""), record.get("value", "")
        at = float(record.get("at", ""))
        if not 0 < at < 1e11 or not issuer or not 0 < len(value) <= VALUE_LENGTH:
            raise ValueError("not a revocation")
        return cls(kind=Revoked(record.get("kind")), issuer=issuer, value=value, at=at)


class Revocations:
    """All that is revoked now, in this process. Whoever listens adds what it hears, and says when it heard.

    `pushed` says that revocations come from outside: then they are `fresh` only while something is heard.
    """

    def __init__(
        self,
        *,
        pushed: bool = False,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epoch = 0
        """Grows with every revocation: what was found good under this epoch still is."""
        self._pushed = pushed
        self._wall = wall
        self._steady = steady
        self._heard_at = float("-inf")
        self._begun_anew_at = float("-inf")
        self._listeners: list[Callable[[], None]] = []
        self._known: OrderedDict[tuple[Revoked, str, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    @property
    def fresh(self) -> bool:
        """Whether none can have been missed for more than half a minute. If not, nothing above INTERNAL is to be shown."""
        return not self._pushed or self._steady() - self._heard_at <= FRESH

    @property
    def begun_anew(self) -> bool:
        """Whether what was revoked earlier may be unknown here: nothing was found at the start, and nobody who knew more."""
        return self._wall() - self._begun_anew_at <= LIFETIME

    def begin_anew(self, at: float) -> None:
        """At that moment nothing was found, and nobody who knew more. No token is older than LIFETIME: so long it matters."""
        self._begun_anew_at = at

    def complete(self) -> None:
        """Somebody knew more and has told."""
        self._begun_anew_at = float("-inf")

    def tell(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever something is revoked."""
        self._listeners.append(listener)

    def heard(self) -> None:
        """Everything that was pushed until now has been added."""
        self._heard_at = self._steady()

    def add(self, revocation: Revocation) -> None:
        """Refuse this from now on. One that is known already changes nothing; one of the future counts as of now."""
        key = (revocation.kind, revocation.issuer, revocation.value)
        at = min(revocation.at, self._wall() + LEEWAY)
        if self._known.get(key, 0.0) >= at:
            return
        self._known[key] = at
        self._known.move_to_end(key)
        self.epoch += 1
        self._forget()
        for listener in self._listeners:
            listener()

    def held(self) -> list[Revocation]:
        """All that may still have something to refuse."""
        before = self._before()
        return [
            Revocation(kind=kind, issuer=issuer, value=value, at=at)
            for (kind, issuer, value), at in self._known.items()
            if at >= before
        ]

    def covers(self, viewer: Viewer) -> bool:
        """Whether the token that named this viewer is revoked."""
        known, issuer = self._known, viewer.issuer
        if not known:
            return False
        return (
            (Revoked.TOKEN, issuer, viewer.token_id) in known
            or (Revoked.KEY, issuer, viewer.key_id) in known
            or viewer.issued_at <= known.get((Revoked.SUBJECT, issuer, viewer.subject), float("-inf")) + LEEWAY
            or viewer.issued_at <= known.get((Revoked.CLIENT, issuer, viewer.client), float("-inf")) + LEEWAY
        )

    def _before(self) -> float:
        """What was revoked earlier has nothing left to refuse."""
        return self._wall() - LIFETIME - 3 * LEEWAY

    def _forget(self) -> None:
        before = self._before()
        while self._known:
            key, at = next(iter(self._known.items()))
            if at >= before:
                return
            del self._known[key]
