"""The access log's rows in the gateway's own database: written batch by batch, each with how far it goes, in one transaction.

So a batch that is sent again changes nothing, and two who send the same log do not disturb each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from datasources.connection import LOST, Lost, first_of
from datasources.errors import SourceFault, SourceTimeout, SourceUnavailable
from datasources.tables.access_log import access_record, access_shipped, access_subject

NAME = "gateway"
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 30.0
DELETED = 5_000
"""Rows that one statement deletes."""

_MOVE = f"""
INSERT INTO {access_shipped.fullname} AS shipped (log_id, seq, hash, shipped_at)
SELECT $1::text, $3::bigint, $4::text, now()
WHERE $2::bigint IS NULL OR EXISTS (SELECT FROM {access_shipped.fullname} WHERE log_id = $1)
ON CONFLICT (log_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, shipped_at = excluded.shipped_at
WHERE shipped.seq = $2
RETURNING seq
"""  # noqa: S608 - names of our own tables
_POSITION = f"SELECT seq, hash FROM {access_shipped.fullname} WHERE log_id = $1"  # noqa: S608
_CLEAR = f"DELETE FROM {access_record.fullname} WHERE log_id = $1 AND seq > $2 AND seq <= $3"  # noqa: S608
_DELETE = f"""
DELETE FROM {access_record.fullname} WHERE (log_id, seq) IN (
    SELECT log_id, seq FROM {access_record.fullname} WHERE at < $1 AND (outcome IS NOT DISTINCT FROM 'RELEASED') = $2 LIMIT {DELETED}
)
"""  # noqa: S608


_AFFECTED = f"""
SELECT subject.type, subject.pseudonym, count(*) AS answers, min(record.at) AS first, max(record.at) AS last
FROM {access_record.fullname} AS record JOIN {access_subject.fullname} AS subject USING (log_id, seq)
WHERE record.at >= $3 AND record.at < $4 AND record.outcome = 'RELEASED'
AND ($1::text IS NULL OR record.caller_client = $1) AND ($2::text IS NULL OR record.caller_subject = $2)
GROUP BY subject.type, subject.pseudonym
ORDER BY count(*) DESC, subject.type, subject.pseudonym
"""  # noqa: S608


class Affected(NamedTuple):
    """A subject whose data somebody was given: in how many answers, the first and the last of them."""

    type: str
    pseudonym: str
    answers: int
    first: datetime
    last: datetime


class Position(NamedTuple):
    """Up to where a log is in the database: the last record's sequence and hash."""

    sequence: int
    hash: str


class Shipped:
    """One connection of its own, made when first used and again after it was lost."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection[Any] | None = None

    async def position(self, log: str) -> Position | None:
        """Up to where a log is here; None when nothing of it is. Raises SourceError."""
        row = await self._run(lambda connection: connection.fetchrow(_POSITION, log))
        return None if row is None else Position(row["seq"], row["hash"])

    async def push(
        self,
        log: str,
        after: int | None,
        to: Position,
        records: Sequence[tuple[Any, ...]],
        subjects: Sequence[tuple[Any, ...]],
    ) -> bool:
        """Writes the rows of the records behind `after` (None: of the first that there are) up to `to`, values in the order of
        the columns. Rows that are there already are replaced: the segments are the truth.

        False, and nothing is written, when that is not where the log ends here. Raises SourceError.
        """

        async def write(connection: asyncpg.Connection[Any], *, clear: bool = False) -> bool:
            async with connection.transaction():
                if await connection.fetchval(_MOVE, log, after, to.sequence, to.hash) is None:
                    return False
                if clear:
                    await connection.execute(_CLEAR, log, after or 0, to.sequence)
                await _copy(connection, records, subjects)
            return True

        async def written(connection: asyncpg.Connection[Any]) -> bool:
            try:
                return await write(connection)
            except asyncpg.UniqueViolationError:
                return await write(connection, clear=True)

        return bool(await self._run(written))

    async def affected(
        self, *, client: str | None, caller: str | None, since: datetime, until: datetime
    ) -> list[Affected]:
        """The subjects in answers to a client, or to a caller, in a period; those in most of them first. Raises SourceError."""
        rows = await self._run(lambda connection: connection.fetch(_AFFECTED, client, caller, since, until))
        return [Affected(*row) for row in rows]

    async def delete(self, *, before: datetime, released: bool) -> int:
        """Deletes records from before a time, with their subjects: of answers, or of all else; how many. Raises SourceError."""
        total = 0
        while True:
            status = await self._run(lambda connection: connection.execute(_DELETE, before, released))
            count = int(str(status).rpartition(" ")[2])
            total += count
            if count < DELETED:
                return total

    async def close(self) -> None:
        """Gives the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _run(self, work: Any) -> Any:
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection, _ = await first_of(self._dsn, _connected)
            return await work(self._connection)
        except (TimeoutError, asyncpg.QueryCanceledError):
            await self.close()
            raise SourceTimeout(NAME) from None
        except (Lost, *LOST):
            await self.close()
            raise SourceUnavailable(NAME) from None
        except (asyncpg.PostgresError, asyncpg.DataError, ValueError) as error:
            await self.close()
            raise SourceFault(NAME) from error


async def _connected(url: str, part: float) -> asyncpg.Connection[Any]:
    return await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS * part,
        command_timeout=STATEMENT_SECONDS,
        server_settings={"application_name": "tongcha access log", "TimeZone": "UTC", "jit": "off"},
        target_session_attrs=SessionAttribute.primary,
    )


async def _copy(
    connection: asyncpg.Connection[Any], records: Sequence[tuple[Any, ...]], subjects: Sequence[tuple[Any, ...]]
) -> None:
    for table, rows in ((access_record, records), (access_subject, subjects)):
        if rows:
            await connection.copy_records_to_table(table.name, schema_name=table.schema, records=rows)
