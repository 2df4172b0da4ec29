"""The published records and their feed, as the publisher writes them: a record and its change in one transaction.

**One order.** ``seq`` is taken under a lock on the feed that is held until the commit, so that it grows in the order of the
commits, without a gap: who has read up to a number never finds a smaller one later. Readers are not held up. After the commit
whoever listens on `CHANNEL` is told the number, and nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

import asyncpg

from datasources.errors import SourceUnavailable
from datasources.tables.disclosure import change_log, disclosure, disclosure_period, disclosure_rule, feed_delivery
from datasources.tables.gateway import holiday
from datasources.tables.record import RECORD_COLUMNS
from datasources.writing import NAME, Writing

CHANNEL = "tongcha_disclosure"
"""Its payload is the number of a change. It is sent when the change is there to be read."""
HOLDER = 0x746F6E676368
"""The advisory lock of the one process that publishes."""

PUBLISHED, WITHDRAWN = "2", "3"

CONTENT = (
    "cause_code", "implementation_code", "org_id", "division_code", "decided_on", "document_no", "subject_name", "subject_uscc",
    "illegal_act_type", "facts", "basis", "penalty_kinds", "content", "text_held", "fine_amount", "confiscated_amount",
    "revoked_licence", "result_code", "valid_until",
)  # fmt: skip
"""The columns of what is published: deleted when it is withdrawn."""
WRITTEN = (
    "case_id", "kind", "owner_version", "publish_until", "due_on", "due_provisional", *CONTENT, *RECORD_COLUMNS,
)  # fmt: skip
"""The columns that a publication gives."""

_COLUMNS = ", ".join(WRITTEN)
_VALUES = ", ".join(f"${place}" for place in range(3, 3 + len(WRITTEN)))
_AGAIN = ", ".join(f"{name} = excluded.{name}" for name in WRITTEN if name != "publish_until")
_NO_CONTENT = ", ".join(f"{name} = NULL" for name in CONTENT)

_PUBLISH = f"""
INSERT INTO {disclosure.fullname} AS known (disclosure_id, published_at, state, version, {_COLUMNS})
VALUES ($1, $2, '{PUBLISHED}', 1, {_VALUES})
ON CONFLICT (disclosure_id) DO UPDATE SET {_AGAIN}, state = excluded.state, version = known.version + 1,
    published_at = CASE WHEN known.state = '{PUBLISHED}' THEN known.published_at ELSE excluded.published_at END,
    publish_until = coalesce(known.publish_until, excluded.publish_until),
    withdrawn_at = NULL, withdraw_reason = NULL
"""  # noqa: S608 - names of our own tables
_WITHDRAW = f"""
UPDATE {disclosure.fullname} SET state = '{WITHDRAWN}', withdrawn_at = $2, withdraw_reason = $3, {_NO_CONTENT}
WHERE disclosure_id = $1 AND state = '{PUBLISHED}' RETURNING kind
"""  # noqa: S608
_LOCK = f"LOCK TABLE {change_log.fullname} IN SHARE ROW EXCLUSIVE MODE"
_APPEND = f"""
INSERT INTO {change_log.fullname} (seq, op, disclosure_id, kind, changed_at, withdraw_reason, public_reason)
SELECT coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5, $6 FROM {change_log.fullname} RETURNING seq
"""  # noqa: S608
_KNOWN = f"""
SELECT disclosure_id, state, owner_version, publish_until, {", ".join(CONTENT)} FROM {disclosure.fullname}
"""  # noqa: S608
_OVER = f"""
SELECT disclosure_id FROM {disclosure.fullname} WHERE state = '{PUBLISHED}' AND publish_until < $1 ORDER BY disclosure_id
"""  # noqa: S608
_DELIVERED = f"""
SELECT client_id, min(delivered_at) AS at FROM {feed_delivery.fullname} WHERE after_seq < $1 AND seq >= $1
GROUP BY client_id ORDER BY min(delivered_at), client_id
"""  # noqa: S608
_LAST_OF = f"SELECT max(seq) FROM {change_log.fullname} WHERE disclosure_id = $1"  # noqa: S608

Row = Mapping[str, Any]
Found = TypeVar("Found")


class Delivery(NamedTuple):
    """A client that was handed a change, or what made it superfluous, and when it first was."""

    client: str
    at: datetime


class Published:
    """One connection of its own to the gateway's database, made when first used and again after it was lost."""

    def __init__(self, dsn: str) -> None:
        self._connection = Writing(dsn, "tongcha publisher")
        self._holding = False

    async def hold(self) -> bool:
        """Whether this is the one that publishes, now and until the connection ends. Raises SourceError."""
        self._holding = False
        took = await self._run(lambda connection: connection.fetchval("SELECT pg_try_advisory_lock($1)", HOLDER))
        self._holding = bool(took)
        return self._holding

    @property
    def holding(self) -> bool:
        """Whether it was when it was last asked, and the connection has not ended."""
        return self._holding and self._connection.alive

    async def rules(self) -> tuple[Sequence[Row], Sequence[Row], Mapping[date, bool]]:
        """The rows of the rules and the periods, and the days that differ from the week. Raises SourceError."""
        rules, periods, days = [
            await self._run(lambda connection, name=name: connection.fetch(f"SELECT * FROM {name}"))  # type: ignore[misc]  # noqa: S608
            for name in (disclosure_rule.fullname, disclosure_period.fullname, holiday.fullname)
        ]
        return rules, periods, {row["day"]: row["is_working"] for row in days}

    async def known(self, keys: Sequence[str]) -> Mapping[str, Row]:
        """The records of these numbers. Raises SourceError."""
        text = f"{_KNOWN} WHERE disclosure_id = ANY($1)"
        return {row["disclosure_id"]: row for row in await self._run(lambda link: link.fetch(text, keys))}

    async def between(self, after: str, until: str | None) -> Sequence[str]:
        """The numbers of what is published, above the first up to the second. Raises SourceError."""
        text = f"""SELECT disclosure_id FROM {disclosure.fullname}
          WHERE state = '{PUBLISHED}' AND disclosure_id > $1 AND ($2::text IS NULL OR disclosure_id <= $2)"""  # noqa: S608
        return [row[0] for row in await self._run(lambda link: link.fetch(text, after, until))]

    async def over(self, today: date) -> Sequence[str]:
        """The numbers of the records whose period has ended. Raises SourceError."""
        return [row[0] for row in await self._run(lambda link: link.fetch(_OVER, today))]

    async def publish(self, key: str, op: str, record: Row, at: datetime) -> int:
        """Publishes a record, or another version of it: `op` is what the feed says. The number of the change. Raises SourceError."""
        values = [record[name] for name in WRITTEN]

        async def write(connection: asyncpg.Connection[Any]) -> int:
            await connection.execute(_PUBLISH, key, at, *values)
            return await append(connection, op, key, record["kind"], at, None, None)

        return await self._in_one(write)

    async def withdraw(self, key: str, reason: str, public_reason: str, at: datetime) -> int | None:
        """Withdraws a record and deletes its content. None when it is not published any more. Raises SourceError."""

        async def write(connection: asyncpg.Connection[Any]) -> int | None:
            kind = await connection.fetchval(_WITHDRAW, key, at, reason)
            if kind is None:
                return None
            return await append(connection, "WITHDRAW", key, kind, at, reason, public_reason)

        return await self._in_one(write)

    async def delivered(self, seq: int) -> Sequence[Delivery]:
        """Who has been handed out the feed past a change, the first first. Raises SourceError."""
        rows = await self._run(lambda connection: connection.fetch(_DELIVERED, seq))
        return [Delivery(row["client_id"], row["at"]) for row in rows]

    async def last_change_of(self, key: str) -> int | None:
        """The number of a record's last change. Raises SourceError."""
        found: int | None = await self._run(lambda connection: connection.fetchval(_LAST_OF, key))
        return found

    async def close(self) -> None:
        """Ends the connection, and what is held with it."""
        self._holding = False
        self._connection.end()

    async def _in_one(self, write: Callable[[asyncpg.Connection[Any]], Awaitable[Found]]) -> Found:
        async def transaction(connection: asyncpg.Connection[Any]) -> Found:
            async with connection.transaction():
                return await write(connection)

        made: Found = await self._run(transaction)
        return made

    async def _run(self, work: Callable[[asyncpg.Connection[Any]], Awaitable[Any]]) -> Any:
        if self._holding and not self._connection.alive:  # the lock went with it: whoever has it now publishes
            raise SourceUnavailable(NAME)
        return await self._connection.run(work)


async def append(
    connection: asyncpg.Connection[Any],
    op: str,
    key: str,
    kind: str,
    at: datetime,
    reason: str | None,
    public_reason: str | None,
) -> int:
    """Writes a change at the end of the feed; the lock is kept to the end of the transaction."""
    await connection.execute(_LOCK)
    seq: int = await connection.fetchval(_APPEND, op, key, kind, at, reason, public_reason)
    await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, str(seq))
    return seq
