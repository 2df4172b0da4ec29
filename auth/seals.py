"""Opaque texts that only the same client can hand back: cursors and global ids.

AES-SIV (RFC 5297): authenticated and deterministic, so that the same record has the same id for the
same client (Relay's caches rely on it) and two engines give the same bytes. The purpose, its scope
and the client are associated data: a text made for one of them does not open for another. A cursor
is of one subject and one set of policies too, and is good for a day.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

CURSOR = "cursor"
"""The purpose of a text that says where a page ends."""
KEPT_HOURS = 24
"""How long a cursor is good for. It is counted in whole hours, so that a page asked for twice has the same bytes."""
PAD = 16
"""Bytes: sealed texts come in multiples of this, so that their length does not tell a value's."""


@dataclass(frozen=True)
class Seal:
    """Seals and opens for one client. `key` has 32, 48 or 64 bytes (RFC 5297)."""

    key: bytes = field(repr=False)
    client: str
    subject: str = ""
    """Whose cursors: a page is gone on with by the one who began it. An id is the client's, whoever uses it."""
    epoch: str = ""
    """The policies under which a page was begun: under others it is begun anew. An id outlives them."""
    hour: int = 0
    """Now, in hours since 1970."""

    def close(self, purpose: str, scope: str, values: Sequence[Any]) -> str:
        """The sealed text of JSON values, URL-safe base64 without padding."""
        plain = orjson.dumps([self.hour, *values] if purpose == CURSOR else list(values), default=str)
        plain += b" " * (-len(plain) % PAD)
        sealed = _cipher(self.key).encrypt(plain, self._associated(purpose, scope))
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, purpose: str, scope: str, text: str) -> list[Any]:
        """The values of a sealed text; ValueError when it was not sealed for this use and client, or too long ago."""
        try:
            sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            opened = orjson.loads(_cipher(self.key).decrypt(sealed, self._associated(purpose, scope)))
        except (InvalidTag, binascii.Error, UnicodeEncodeError, ValueError) as error:
            raise ValueError("not sealed for this use") from error
        if not isinstance(opened, list):
            raise ValueError("not sealed for this use")
        if purpose == CURSOR and opened.pop(0) + KEPT_HOURS < self.hour:
            raise ValueError("sealed too long ago")
        return opened

    def _associated(self, purpose: str, scope: str) -> list[bytes]:
        bound = (self.subject, self.epoch) if purpose == CURSOR else ("", "")
        return [part.encode() for part in (purpose, scope, self.client, *bound)]


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESSIV:
    """Its key schedule costs more than the sealing of an id."""
    return AESSIV(key)
