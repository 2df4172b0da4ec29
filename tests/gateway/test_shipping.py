"""F-18: the log's database is down, slow to come back, or asked twice: the records all arrive, once, without a gap.

``TONGCHA_OUTAGE`` sets for how many seconds it is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from auth.audit.reader import log_of, records, segments_of
from auth.audit.record import Caller, DeniedSummary
from auth.audit.terms import Limits
from auth.audit.writer import AuditLog
from gateway.shipping import Pace, Shipper
from tests.auth.audit.samples import ENTRY, SMALL, WIDE, Unsynced, entry, write
from tests.gateway.ledger import Line, execute, make_tables, rows, sequences, until

OUTAGE = float(os.environ.get("TONGCHA_OUTAGE", "0"))
"""Seconds that the database stays away at the least."""
QUICK = Pace(poll=0.02, others=0.0, rest=0.05, last=5.0)
ALONE = dataclasses.replace(QUICK, others=3600.0)


@pytest.fixture(scope="module")
async def dsn(scratch: Callable[[str], Awaitable[str]]) -> str:
    made = await scratch("access_log")
    await make_tables(made)
    return made


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[AuditLog]:
    made = AuditLog(tmp_path / "0", limits=WIDE if OUTAGE else SMALL, files=Unsynced())
    yield made
    await made.close()


@contextlib.asynccontextmanager
async def shipping(log: AuditLog, dsn: str, pace: Pace = ALONE) -> AsyncIterator[Shipper]:
    shipper = Shipper(log.directory, lambda: log.snapshot, dsn, pace=pace)
    shipper.start()
    yield shipper
    await shipper.close()


async def append(log: AuditLog, count: int) -> None:
    for number in range(count):
        await log.append(entry(number))


def whole(log: AuditLog) -> list[int]:
    return list(range(1, log.snapshot.head.sequence + 1))


async def test_records_follow_while_they_are_written(log: AuditLog, dsn: str) -> None:
    async with shipping(log, dsn) as shipper:
        for _ in range(5):
            await append(log, 10)
            await until(lambda: _level(shipper))
            assert await sequences(dsn, log.snapshot.log) == whole(log)


async def _level(shipper: Shipper) -> bool:
    return shipper.lag() == (0, 0.0)


async def test_a_last_push_takes_what_was_written_at_the_end(log: AuditLog, dsn: str) -> None:
    async with shipping(log, dsn, dataclasses.replace(ALONE, poll=3600.0)):
        await append(log, 50)
    assert await sequences(dsn, log.snapshot.log) == whole(log)


async def test_what_a_record_says_is_in_its_columns(log: AuditLog, dsn: str) -> None:
    await log.append(ENTRY)
    async with shipping(log, dsn):
        pass
    name = log.snapshot.log
    (row,) = await rows(dsn, "SELECT * FROM gw.access_record WHERE log_id = $1 AND kind = 'access'", name)
    said = {key: value for key, value in row.items() if key not in {"at", "log_id", "variables", "pseudonym_key"}}
    assert said == {
        "seq": 2, "kind": "access", "outcome": "RELEASED", "code": None, "count": 1,
        "caller_subject": "u-1", "caller_client": "yuezhifa", "caller_kind": "officer", "cert_no": "19040130215",
        "org_uscc": None, "device": "d-7", "purpose": "INSPECTION", "task_no": "ZHJT-2026-JC-0004127", "case_no": None,
        "agreement_no": None, "reason": "路面检查", "co_officer_cert_no": None, "operation_name": "VehicleByPlate",
        "operation_sha256": "ab" * 32, "policy_epoch": "7", "response_sha256": "cd" * 32, "clear": ["Vehicle.plateNo"],
        "masked": ["Person.idNo"], "withheld": ["Person.religion"], "rows": '{"vehicle": 1, "population": 1}',
        "failed": '{"property": "SOURCE_TIMEOUT"}',
    }  # fmt: skip
    (stored,) = records(log.directory, after=1)
    subjects = await rows(dsn, "SELECT pseudonym, type, at FROM gw.access_subject WHERE log_id = $1", name)
    assert sorted((one["pseudonym"], one["type"]) for one in subjects) == sorted(
        (one["pseudonym"], one["type"]) for one in stored.subjects
    )
    assert {one["at"] for one in subjects} == {row["at"]}


@pytest.mark.parametrize(
    ("codes", "code"), [({"FORBIDDEN": 9}, "FORBIDDEN"), ({"FORBIDDEN": 5, "TOO_COMPLEX": 4}, None)]
)
async def test_refusals_in_a_sum_count_as_many(
    log: AuditLog, dsn: str, codes: dict[str, int], code: str | None
) -> None:
    caller = Caller(subject="u-9", client="c", kind="partner")
    await log.append(DeniedSummary(caller=caller, codes=codes, since="2026-11-24", until="2026-11-24"))
    async with shipping(log, dsn):
        pass
    statement = "SELECT kind, outcome, code, count, caller_subject FROM gw.access_record WHERE log_id = $1 AND seq = 2"
    assert await rows(dsn, statement, log.snapshot.log) == [
        {"kind": "denied", "outcome": "DENIED", "code": code, "count": 9, "caller_subject": "u-9"}
    ]


async def test_what_is_too_long_for_its_column_holds_up_nothing(log: AuditLog, dsn: str) -> None:
    await log.append(dataclasses.replace(ENTRY, operation_name="x" * 500, code="a\0b"))
    async with shipping(log, dsn):
        pass
    (row,) = await rows(dsn, "SELECT * FROM gw.access_record WHERE log_id = $1 AND seq = 2", log.snapshot.log)
    assert (row["operation_name"], row["code"]) == ("x" * 200, "ab")


async def test_while_the_database_is_down_answers_go_on_and_afterwards_nothing_is_missing(
    log: AuditLog, dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tongcha")
    async with Line.to(dsn) as line, shipping(log, line.dsn) as shipper:
        await append(log, 20)
        await until(lambda: _level(shipper))
        for _ in range(3):
            line.drop()
            over = time.monotonic() + OUTAGE
            await append(log, 200)
            while time.monotonic() < over:
                await append(log, 20)
                await asyncio.sleep(0.02)
            assert shipper.lag().records > 0
            line.cut = False
            await until(lambda: _level(shipper), 60 + OUTAGE)
            assert await sequences(dsn, log.snapshot.log) == whole(log)
    assert {record.msg for record in caplog.records} >= {"audit_shipping_failed", "audit_shipping_resumed"}


async def test_it_goes_on_after_a_restart(tmp_path: Path, dsn: str) -> None:
    for _ in range(3):
        log = AuditLog(tmp_path / "0", limits=SMALL, files=Unsynced())
        await append(log, 25)
        async with shipping(log, dsn):
            pass
        await append(log, 5)
        await log.close()
    log = AuditLog(tmp_path / "0", limits=SMALL, files=Unsynced())
    async with shipping(log, dsn):
        pass
    assert await sequences(dsn, log.snapshot.log) == whole(log)
    await log.close()


async def test_the_log_of_a_process_that_is_gone_is_shipped_by_another(tmp_path: Path, dsn: str, log: AuditLog) -> None:
    count = write(tmp_path / "1", 60, batch=5)[-1]["size"]
    name = log_of(tmp_path / "1")
    async with shipping(log, dsn, QUICK):
        await until(lambda: _has(dsn, name, count))
    assert await sequences(dsn, name) == list(range(1, count + 1))


async def _has(dsn: str, log: str, count: int) -> bool:
    return len(await sequences(dsn, log)) == count


async def test_the_log_of_a_process_that_runs_is_left_to_it(tmp_path: Path, dsn: str, log: AuditLog) -> None:
    other = AuditLog(tmp_path / "1", limits=SMALL, files=Unsynced())
    await append(other, 10)
    count = write(tmp_path / "2", 10)[-1]["size"]
    async with shipping(log, dsn, QUICK):
        await until(lambda: _has(dsn, log_of(tmp_path / "2"), count))
    assert await sequences(dsn, other.snapshot.log) == []
    await other.close()


async def test_two_who_ship_the_same_log_do_not_disturb_each_other(log: AuditLog, dsn: str) -> None:
    async with shipping(log, dsn), shipping(log, dsn):
        for _ in range(20):
            await append(log, 20)
    assert await sequences(dsn, log.snapshot.log) == whole(log)


async def test_a_log_whose_older_segments_are_gone_begins_with_the_first_that_is_there(
    tmp_path: Path, dsn: str
) -> None:
    write(tmp_path / "0", 60, batch=5)
    for _, path in segments_of(tmp_path / "0")[:3]:
        path.unlink()
    log = AuditLog(tmp_path / "0", limits=SMALL, files=Unsynced())
    async with shipping(log, dsn):
        pass
    first = segments_of(tmp_path / "0")[0][0]
    assert await sequences(dsn, log.snapshot.log) == whole(log)[first - 1 :]
    await log.close()


@pytest.mark.parametrize(
    "spoil", ["UPDATE gw.access_shipped SET hash = repeat('a', 64)", "UPDATE gw.access_shipped SET seq = 9000"]
)
async def test_a_log_that_is_not_the_one_that_was_shipped_is_not_shipped(
    tmp_path: Path, dsn: str, spoil: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = AuditLog(tmp_path / "0", limits=SMALL, files=Unsynced())
    await append(log, 5)
    async with shipping(log, dsn):
        pass
    name, before = log.snapshot.log, whole(log)
    await execute(dsn, f"{spoil} WHERE log_id = '{name}'")
    await append(log, 5)
    async with shipping(log, dsn):
        pass
    assert [getattr(record, "cause", "") for record in caplog.records] == ["LineInvalid"]
    assert await sequences(dsn, name) == before
    await log.close()


async def test_rows_that_were_taken_away_do_not_make_a_gap(log: AuditLog, dsn: str) -> None:
    async with shipping(log, dsn) as shipper:
        await append(log, 10)
        await until(lambda: _level(shipper))
        await execute(
            dsn,
            *(
                f"DELETE FROM gw.{table} WHERE log_id = '{log.snapshot.log}'"
                for table in ("access_record", "access_shipped")
            ),
        )
        await append(log, 10)
    assert await sequences(dsn, log.snapshot.log) == whole(log)


async def test_how_fast_it_catches_up(tmp_path: Path, dsn: str, figure: Callable[[str, float], None]) -> None:
    write(tmp_path / "0", 6_000, batch=500, limits=Limits(reserve_bytes=4096))
    log = AuditLog(tmp_path / "0", limits=Limits(reserve_bytes=4096), files=Unsynced())
    began = time.monotonic()
    async with shipping(log, dsn) as shipper:
        await until(lambda: _level(shipper))
        figure("records/s", log.snapshot.head.sequence / (time.monotonic() - began))
    assert await sequences(dsn, log.snapshot.log) == whole(log)
    await log.close()
