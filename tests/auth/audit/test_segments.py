"""F-16 and F-17 of the catalogue of faults: the disk is full, or fails."""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from auth.audit.files import Files
from auth.audit.reader import records, segments_of
from auth.audit.repair import AuditDamaged
from auth.audit.segments import Segments
from auth.audit.terms import AuditUnavailable, Receipt, State
from tests.auth.audit.samples import SMALL, WIDE, Events, Unsynced, checkpoint_of, commit, entry, segments, verified


class Failing(Unsynced):
    """Fails the calls that a test says: `fails` gets the name of the method and how often it was called so far."""

    def __init__(self, fails: Callable[[str, int], int | None]) -> None:
        self._fails = fails
        self._calls: dict[str, int] = {}
        self.synced: list[int] = []
        self.failed: list[int] = []

    def _call(self, name: str, descriptor: int = -1) -> None:
        self._calls[name] = self._calls.get(name, 0) + 1
        if code := self._fails(name, self._calls[name]):
            self.failed.append(descriptor)
            raise OSError(code, os.strerror(code))

    def create(self, path: Path) -> int:
        self._call("create")
        return super().create(path)

    def write(self, descriptor: int, data: memoryview) -> int:
        self._call("write", descriptor)
        return super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self.synced.append(descriptor)
        self._call("sync", descriptor)

    def truncate(self, path: Path, size: int) -> None:
        self._call("truncate")
        super().truncate(path, size)

    def sync_directory(self, path: Path) -> None:
        self._call("sync_directory")


class SmallDisk(Unsynced):
    """A disk of so many bytes. What is allocated is taken at once; writing over it takes nothing."""

    def __init__(self, size: int) -> None:
        self.free = size
        self._allocated: dict[Path, int] = {}
        self._paths: dict[int, Path] = {}
        self._written: dict[Path, int] = {}

    def create(self, path: Path) -> int:
        self._paths[descriptor := super().create(path)] = path
        self._written[path] = 0
        return descriptor

    def open(self, path: Path) -> int:
        self._paths[descriptor := super().open(path)] = path
        return descriptor

    def allocate(self, descriptor: int, size: int) -> None:
        self._take(size)
        super().allocate(descriptor, size)
        self._allocated[self._paths[descriptor]] = size

    def write(self, descriptor: int, data: memoryview) -> int:
        path = self._paths[descriptor]
        held = max(0, self._allocated.get(path, 0) - self._written[path])
        room = min(len(data), held + self.free)
        self._take(max(0, room - held) if room else len(data))
        self._written[path] += room
        return super().write(descriptor, data[:room])

    def rename(self, path: Path, to: Path) -> None:
        super().rename(path, to)
        for table in (self._allocated, self._written):
            table[to] = table.pop(path)

    def _take(self, size: int) -> None:
        if size > self.free:
            raise OSError(errno.ENOSPC, "no space")
        self.free -= size


def state_of(log: Segments) -> State:
    return log.state


def stored(directory: Path) -> dict[int, str]:
    return {record.sequence: record.hash for record in records(directory)}


def holds(directory: Path, receipts: list[Receipt]) -> bool:
    written = stored(directory)
    return all(written.get(receipt.sequence) == receipt.hash for receipt in receipts)


def test_what_is_committed_is_there(tmp_path: Path) -> None:
    log = segments(tmp_path)
    receipts = commit(log, [entry(0), entry(1)]) + commit(log, [entry(2)])
    assert [receipt.sequence for receipt in receipts] == [2, 3, 4]
    assert holds(tmp_path, receipts)
    assert verified(tmp_path, [checkpoint_of(log)]).count == 4


def test_a_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for _ in range(3):
        log = segments(tmp_path)
        commit(log, [entry(0)])
        log.close()
    assert [record.entry["kind"] for record in records(tmp_path)] == ["segment", "access"] * 3
    assert verified(tmp_path, [checkpoint_of(log)]).notes == []


def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    log = segments(tmp_path)
    for number in range(40):
        commit(log, [entry(number)])
    assert len(segments_of(tmp_path)) > 5
    assert all(path.stat().st_size < SMALL.segment_bytes + 2048 for _, path in segments_of(tmp_path))
    assert verified(tmp_path, [checkpoint_of(log)]).count == log.snapshot.head.sequence


@pytest.mark.parametrize("method", ["write", "sync"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS])
def test_an_error_ends_the_segment_and_the_batch_goes_to_the_next(tmp_path: Path, method: str, code: int) -> None:
    files = Failing(lambda name, call: code if name == method and call == 4 else None)
    events = Events()
    log = segments(tmp_path, files=files, report=events, limits=WIDE)
    receipts = [receipt for number in range(6) for receipt in commit(log, [entry(number)])]
    assert holds(tmp_path, receipts)
    assert [receipt.sequence for receipt in receipts] == sorted({receipt.sequence for receipt in receipts})
    assert "audit_segment_failed" in events.names
    (first, path), (second, _) = segments_of(tmp_path)
    assert path.read_bytes().count(b"\n") == second - first
    assert [record.entry["reason"] for record in records(tmp_path) if record.entry["kind"] == "segment"] == [
        "start",
        "error",
    ]
    assert verified(tmp_path, [checkpoint_of(log)]).count == log.snapshot.head.sequence


def test_a_descriptor_that_failed_is_never_asked_again(tmp_path: Path) -> None:
    files = Failing(lambda name, call: errno.EIO if name == "sync" and call % 3 == 0 else None)
    log = segments(tmp_path, files=files)
    for number in range(20):
        commit(log, [entry(number)])
    # A number is used again for the next file: between a failure and that, no sync is on it.
    failures = [place for place, descriptor in enumerate(files.synced) if (place + 1) % 3 == 0]
    assert len(failures) > 5
    assert verified(tmp_path, [checkpoint_of(log)]).count == log.snapshot.head.sequence


def test_what_could_not_be_cut_off_is_excused_by_the_next_segment(tmp_path: Path) -> None:
    files = Failing(
        lambda name, call: errno.EIO if (name == "sync" and call == 4) or name == "truncate" else None,
    )
    log = segments(tmp_path, files=files)
    receipts = [receipt for number in range(6) for receipt in commit(log, [entry(number)])]
    assert holds(tmp_path, receipts)
    assert verified(tmp_path, [checkpoint_of(log)]).count == log.snapshot.head.sequence


def test_a_new_segment_whose_name_is_not_on_the_disk_is_given_up(tmp_path: Path) -> None:
    files = Failing(lambda name, call: errno.EIO if name == "sync_directory" and call == 3 else None)
    log = segments(tmp_path, files=files)
    receipts = [receipt for number in range(30) for receipt in commit(log, [entry(number)])]
    assert holds(tmp_path, receipts)
    assert verified(tmp_path, [checkpoint_of(log)]).count == log.snapshot.head.sequence


def test_a_disk_that_takes_nothing_makes_the_log_unavailable_until_it_does(tmp_path: Path) -> None:
    broken = True
    files = Failing(lambda name, _: errno.EIO if broken and name in {"write", "create"} else None)
    events = Events()
    log = segments(tmp_path, files=files, report=events)
    assert state_of(log) is State.UNAVAILABLE
    for number in range(3):
        with pytest.raises(AuditUnavailable):
            commit(log, [entry(number)])
    broken = False
    assert holds(tmp_path, commit(log, [entry(4)]))
    assert state_of(log) is State.NORMAL
    assert "audit_unavailable" in events.names
    assert {event["error"] for event in events.fields if "error" in event} == {"EIO"}
    assert verified(tmp_path, [checkpoint_of(log)]).count == 2


def test_a_full_disk_is_written_to_from_the_reserve_until_that_is_used_up(tmp_path: Path) -> None:
    disk = SmallDisk(SMALL.reserve_bytes + 6000)
    events = Events()
    log = segments(tmp_path, files=disk, report=events)
    receipts: list[Receipt] = []
    states: list[State] = []
    with contextlib.suppress(AuditUnavailable):
        while len(states) < 100:
            receipts += commit(log, [entry(1)])
            states.append(state_of(log))
    assert set(states) == {State.NORMAL, State.RESERVE}
    assert states.count(State.RESERVE) > 10
    assert state_of(log) is State.UNAVAILABLE
    assert "audit_reserve_in_use" in events.names
    assert holds(tmp_path, receipts)
    assert verified(tmp_path, [checkpoint_of(log)]).count == receipts[-1].sequence
    disk.free = 1_000_000
    receipts += commit(log, [entry(200)])
    assert state_of(log) is not State.UNAVAILABLE
    assert holds(tmp_path, receipts)


class Synced(SmallDisk):
    """One that is waited for."""

    def sync(self, descriptor: int) -> None:
        Files.sync(self, descriptor)

    def sync_directory(self, path: Path) -> None:
        Files.sync_directory(self, path)


def test_f17_the_switch_to_the_reserve(tmp_path: Path, figure: Callable[[str, float], None]) -> None:
    log = segments(tmp_path, files=Synced(SMALL.reserve_bytes + 6000))
    taken: list[float] = []
    while state_of(log) is State.NORMAL:
        began = time.perf_counter()
        receipts = commit(log, [entry(1)])
        taken.append((time.perf_counter() - began) * 1000)
    assert state_of(log) is State.RESERVE
    assert holds(tmp_path, receipts)
    figure("the record that found the disk full waited (ms)", taken[-1])
    figure("one before it (ms)", statistics.median(taken[:-1]))


def test_a_new_reserve_is_made_when_there_is_space_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.audit.segments.RENEW_SECONDS", 0.0)
    disk = SmallDisk(SMALL.reserve_bytes + 6000)
    log = segments(tmp_path, files=disk)
    while state_of(log) is State.NORMAL:
        commit(log, [entry(1)])
    assert not (tmp_path / "reserve").exists()
    disk.free += SMALL.reserve_bytes
    commit(log, [entry(1)])
    assert state_of(log) is State.NORMAL
    assert (tmp_path / "reserve").stat().st_size == SMALL.reserve_bytes
    assert verified(tmp_path, [checkpoint_of(log)]).count == log.snapshot.head.sequence


def test_a_log_that_ended_in_its_reserve_goes_on(tmp_path: Path) -> None:
    log = segments(tmp_path, files=SmallDisk(SMALL.reserve_bytes + 3000))
    receipts: list[Receipt] = []
    while state_of(log) is State.NORMAL:
        receipts += commit(log, [entry(1)])
    events = Events()
    log = segments(tmp_path, report=events)  # as after a crash: nothing was closed
    receipts += commit(log, [entry(2)])
    assert events.names == []
    assert holds(tmp_path, receipts)
    assert verified(tmp_path, [checkpoint_of(log)]).count == receipts[-1].sequence


def test_what_a_crash_left_in_the_reserve_does_not_come_back(tmp_path: Path) -> None:
    log = segments(tmp_path)
    for number in range(3):
        commit(log, [entry(number)])
    log.close()
    (tmp_path / "reserve").write_bytes(segments_of(tmp_path)[0][1].read_bytes())
    log = segments(tmp_path, files=SmallDisk(SMALL.reserve_bytes + 2000))
    while state_of(log) is State.NORMAL:
        commit(log, [entry(1)])
    assert verified(tmp_path, [checkpoint_of(log)]).count == log.snapshot.head.sequence


def test_a_clock_that_goes_back_is_written_down(tmp_path: Path) -> None:
    times = iter([12, 13, 11, 12, 14])
    log = segments(tmp_path, clock=lambda: datetime.datetime(2026, 11, 24, next(times), tzinfo=datetime.UTC))
    for number in range(4):
        commit(log, [entry(number)])
    kinds = [record.entry["kind"] for record in records(tmp_path)]
    assert kinds == ["segment", "access", "clock", "access", "access", "access"]
    assert verified(tmp_path, [checkpoint_of(log)]).notes == [
        "at record 3 the clock went back from 2026-11-24T13:00:00.000000Z to 2026-11-24T11:00:00.000000Z"
    ]


def test_a_log_stays_with_its_digest(tmp_path: Path) -> None:
    log = segments(tmp_path, digest="sm3")
    commit(log, [entry(1)])
    assert verified(tmp_path, [checkpoint_of(log)]).digest == "sm3"
    with pytest.raises(ValueError, match="kept with sm3"):
        segments(tmp_path, digest="sha256")


def test_fewer_records_than_a_checkpoint_has_are_damage(tmp_path: Path) -> None:
    log = segments(tmp_path)
    commit(log, [entry(1)])
    segments(tmp_path, at_least={log.snapshot.log: 2, "another": 9})
    with pytest.raises(AuditDamaged):
        segments(tmp_path, at_least={log.snapshot.log: 4})


def test_nothing_is_written_once_it_is_closed(tmp_path: Path) -> None:
    log = segments(tmp_path)
    log.close()
    with pytest.raises(AuditUnavailable):
        commit(log, [entry(1)])
