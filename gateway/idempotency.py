"""Keys by which a change is made once (幂等): what a key was used for is kept for days, in the gateway's own database.

The key, and what was made under it, are written by one statement: there is never the one without the other. Keys are those of a
caller of a client: two of them never meet.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import CTE, Delete, delete, select
from sqlalchemy.dialects.postgresql import insert

from auth.viewer import Viewer
from datasources.tables.gateway import idempotency
from resolvers.transfer import UserError

KEY_LENGTH = 64
INVALID, USED = "IDEMPOTENCY_KEY_INVALID", "IDEMPOTENCY_KEY_USED"

Texts = Mapping[str, tuple[tuple[str, ...], str]]
"""The faults of an input: where in it, and what is said. A text is the same whatever the input was."""


def key_texts(made: str) -> Texts:
    """The faults of a key under which something was `made`."""
    return {
        INVALID: (("idempotencyKey",), f"The key must have 1 to {KEY_LENGTH} printable characters of ASCII."),
        USED: (("idempotencyKey",), f"The key was used for another {made}."),
    }


KEY_TEXTS = key_texts("input")


def is_key(text: str) -> bool:
    """Whether a key may be kept."""
    return 0 < len(text) <= KEY_LENGTH and text.isascii() and text.isprintable()


def errors_of(codes: Iterable[str], texts: Texts) -> list[UserError]:
    """Faults as a payload has them, each once."""
    return [
        UserError(code=code, path=list(texts[code][0]) or None, message=texts[code][1]) for code in dict.fromkeys(codes)
    ]


class Asked(Protocol):
    """What the databases are asked through."""

    now: datetime.datetime

    async def rows(self, database: str, statement: Any) -> list[Mapping[str, Any]]:
        """The rows of a statement. Raises GatewayError."""
        ...


class Faults(Exception):
    """All that is wrong with an input: stable codes."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = codes

    def told(self, texts: Texts) -> list[UserError]:
        """As the payload has them."""
        return errors_of(self.codes, texts)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A key in use: whose it is, of which operation and input, and the key of what is made under it."""

    client: str
    caller: str
    operation: str
    key: str
    input_digest: str
    result: str

    @classmethod
    def of(cls, viewer: Viewer, operation: str, key: str, given: Any, result: str) -> Claim:
        """That of a caller who gives an input (a dataclass). Raises Faults."""
        if not is_key(key):
            raise Faults(INVALID)
        stated = orjson.dumps(dataclasses.asdict(given), default=str, option=orjson.OPT_SORT_KEYS)
        return cls(
            client=f"{viewer.issuer}|{viewer.client}",
            caller=viewer.cert_no or viewer.subject,
            operation=operation,
            key=key,
            input_digest=hashlib.sha256(stated).hexdigest(),
            result=result,
        )

    async def made(self, asked: Asked) -> str | None:
        """The key of what was made under this one; None when it is new, or its time has passed. Raises Faults, GatewayError."""
        row = idempotency.c
        rows = await asked.rows(
            "gateway",
            select(row.input_digest, row.result).where(
                row.client == self.client,
                row.caller == self.caller,
                row.operation == self.operation,
                row.key == self.key,
                row.expires_at > asked.now,
            ),
        )
        if not rows:
            return None
        if rows[0]["input_digest"] != self.input_digest:
            raise Faults(USED)
        return str(rows[0]["result"])

    def taken(self, until: datetime.datetime) -> CTE:
        """The key, written down with what the statement makes; no row when it was in use."""
        values = {**dataclasses.asdict(self), "expires_at": until}
        added = insert(idempotency).values(**values).on_conflict_do_nothing()
        return added.returning(idempotency.c.key).cte("taken")


def outdated(now: datetime.datetime) -> Delete:
    """Removes the keys whose time has passed."""
    return delete(idempotency).where(idempotency.c.expires_at <= now)
