"""What has had its term goes, once it is in the database and witnesses vouch for it, and the log stays one that can be checked."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from auth.audit.checkpoint import Checkpoint
from auth.audit.reader import records, segments_of
from auth.audit.terms import Limits, now, timestamp
from auth.audit.writer import AuditLog
from datasources.shipped import Shipped
from gateway.retention import Terms, forget, kept_from, retain
from tests.auth.audit.samples import SMALL, Unsynced, verified, write
from tests.gateway.ledger import execute, make_tables, rows

TERMS = Terms(provision=1095, system=180)
ALL = 1 << 40


def old(directory: Path, days: int) -> None:
    """A log that was written so long ago."""
    at = now() - datetime.timedelta(days=days)
    write(directory, 60, batch=5, clock=lambda: at, limits=Limits(segment_bytes=4096, reserve_bytes=4096))


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[AuditLog]:
    old(tmp_path, 1100)
    made = AuditLog(tmp_path, limits=SMALL, files=Unsynced())
    yield made
    await made.close()


async def test_segments_whose_term_has_passed_go_and_the_log_says_so(log: AuditLog) -> None:
    last = segments_of(log.directory)[-1][0]
    assert await retain(log, TERMS, shipped=ALL, witnessed=ALL) == last - 1
    assert segments_of(log.directory)[0][0] == last
    assert [record.entry.get("first") for record in records(log.directory) if record.entry["kind"] == "retained"] == [
        last
    ]
    snapshot = log.snapshot
    made = Checkpoint.of(snapshot, "2026-11-24T08:00:00.000000Z")
    assert verified(log.directory, [{name: getattr(made, name) for name in made.__slots__}]).count == made.size


async def test_nothing_goes_twice(log: AuditLog) -> None:
    assert await retain(log, TERMS, shipped=ALL, witnessed=ALL) > 0
    assert await retain(log, TERMS, shipped=ALL, witnessed=ALL) == 0


@pytest.mark.parametrize(("shipped", "witnessed"), [(0, ALL), (ALL, 0), (0, 0)])
async def test_what_is_not_elsewhere_stays(log: AuditLog, shipped: int, witnessed: int) -> None:
    before = segments_of(log.directory)
    assert await retain(log, TERMS, shipped=shipped, witnessed=witnessed) == 0
    assert segments_of(log.directory) == before


@pytest.mark.parametrize("place", [1, 3])
def test_segments_go_as_far_as_all_agree(tmp_path: Path, place: int) -> None:
    old(tmp_path, 1100)
    first = segments_of(tmp_path)[place][0]
    before = timestamp(now() - datetime.timedelta(days=1095))
    assert kept_from(tmp_path, before, shipped=first - 1, witnessed=ALL) == first
    assert kept_from(tmp_path, before, shipped=ALL, witnessed=first) == first


def test_what_is_younger_than_its_term_stays(tmp_path: Path) -> None:
    old(tmp_path, 1090)
    assert kept_from(tmp_path, timestamp(now() - datetime.timedelta(days=1095)), shipped=ALL, witnessed=ALL) == 1


async def test_rows_go_each_by_its_own_term(scratch: Callable[[str], Awaitable[str]]) -> None:
    dsn = await scratch("retention")
    await make_tables(dsn)
    columns = "log_id, seq, at, kind, outcome, count, clear, masked, withheld, rows, failed"
    for number, (days, outcome) in enumerate(
        [(1, "RELEASED"), (200, "RELEASED"), (1100, "RELEASED"), (1, "DENIED"), (200, "DENIED"), (200, None)]
    ):
        said = f"'{outcome}'" if outcome else "NULL"
        await execute(
            dsn,
            f"INSERT INTO gw.access_record ({columns}) VALUES ('a', {number}, now() - interval '{days} days', 'access', {said}, 1, "
            "'{}', '{}', '{}', '{}', '{}')",
        )
    database = Shipped(dsn)
    assert await forget(database, TERMS) == 3
    assert await forget(database, TERMS) == 0
    await database.close()
    assert [row["seq"] for row in await rows(dsn, "SELECT seq FROM gw.access_record ORDER BY seq")] == [0, 1, 3]
