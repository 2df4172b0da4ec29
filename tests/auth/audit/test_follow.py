from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from auth.audit.chain import Head, LineInvalid, Stored
from auth.audit.follow import Follower
from auth.audit.reader import records, segments_of
from tests.auth.audit.samples import WIDE, commit, entry, segments, write
from tests.auth.audit.test_segments import Failing


def taken(follower: Follower, count: int = 7, until: int | None = None) -> list[int]:
    """All that there is, in batches."""
    found: list[Stored] = []
    while batch := follower.take(count, until):
        found += batch
    return [stored.sequence for stored in found]


def head_at(directory: Path, sequence: int) -> Head:
    (stored,) = records(directory, after=sequence - 1, until=sequence)
    return Head(stored.sequence, stored.hash, stored.time)


def test_records_are_taken_in_order_across_segments(tmp_path: Path) -> None:
    count = write(tmp_path, 60, batch=5)[-1]["size"]
    assert taken(Follower(tmp_path)) == list(range(1, count + 1))


@pytest.mark.parametrize("place", range(1, 60, 3))
def test_it_goes_on_behind_any_record(tmp_path: Path, place: int) -> None:
    count = write(tmp_path, 60, batch=5)[-1]["size"]
    assert taken(Follower(tmp_path, head_at(tmp_path, place))) == list(range(place + 1, count + 1))


def test_it_follows_a_log_that_grows(tmp_path: Path) -> None:
    log, follower = segments(tmp_path), Follower(tmp_path)
    found: list[int] = []
    for number in range(40):
        commit(log, [entry(number), entry(number)])
        found += taken(follower)
    assert found == list(range(1, log.snapshot.head.sequence + 1))


def test_it_takes_nothing_that_is_not_on_the_disk(tmp_path: Path) -> None:
    write(tmp_path, 30, batch=5)
    follower = Follower(tmp_path)
    assert taken(follower, until=12) == list(range(1, 13))
    assert taken(follower, until=12) == []
    assert taken(follower, until=20) == list(range(13, 21))


def test_what_is_torn_is_taken_once_it_is_whole(tmp_path: Path) -> None:
    count = write(tmp_path, 10, limits=WIDE)[-1]["size"]
    ((_, path),) = segments_of(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    follower = Follower(tmp_path)
    assert taken(follower) == list(range(1, count))
    with path.open("ab") as file:
        file.write(content[-5:])
    assert taken(follower) == [count]


def test_what_a_failed_sync_left_is_passed_over(tmp_path: Path) -> None:
    files = Failing(lambda name, call: errno.EIO if (name == "sync" and call == 4) or name == "truncate" else None)
    log = segments(tmp_path, files=files, limits=WIDE)
    for number in range(6):
        commit(log, [entry(number)])
    assert taken(Follower(tmp_path)) == list(range(1, log.snapshot.head.sequence + 1))


def test_a_log_without_its_older_segments_begins_with_the_first_that_is_there(tmp_path: Path) -> None:
    count = write(tmp_path, 60, batch=5)[-1]["size"]
    for _, path in segments_of(tmp_path)[:3]:
        path.unlink()
    first = segments_of(tmp_path)[0][0]
    assert taken(Follower(tmp_path)) == list(range(first, count + 1))


def test_it_goes_on_when_all_that_was_taken_is_gone(tmp_path: Path) -> None:
    count = write(tmp_path, 60, batch=5)[-1]["size"]
    first = segments_of(tmp_path)[3][0]
    head = head_at(tmp_path, first - 1)
    for _, path in segments_of(tmp_path)[:3]:
        path.unlink()
    assert taken(Follower(tmp_path, head)) == list(range(first, count + 1))


def gone(directory: Path) -> Follower:
    head = head_at(directory, 2)
    for _, path in segments_of(directory)[:3]:
        path.unlink()
    return Follower(directory, head)


def another(directory: Path) -> Follower:
    return Follower(directory, Head(20, "ab" * 32))


def shorter(directory: Path) -> Follower:
    return Follower(directory, Head(1_000, "ab" * 32))


def damaged(directory: Path) -> Follower:
    path = segments_of(directory)[2][1]
    path.write_bytes(path.read_bytes().replace(b"INSPECTION", b"INSPECTIUN"))
    return Follower(directory)


def dropped(directory: Path) -> Follower:
    path = segments_of(directory)[2][1]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    return Follower(directory)


@pytest.mark.parametrize("spoil", [gone, another, shorter, damaged, dropped])
def test_a_log_that_does_not_follow_is_refused(tmp_path: Path, spoil: Callable[[Path], Follower]) -> None:
    write(tmp_path, 60, batch=5)
    with pytest.raises(LineInvalid):
        taken(spoil(tmp_path))


def test_records_that_must_be_there_and_are_not_are_refused(tmp_path: Path) -> None:
    count = write(tmp_path, 20)[-1]["size"]
    with pytest.raises(LineInvalid):
        taken(Follower(tmp_path), until=count + 1)


def test_an_empty_directory_has_nothing(tmp_path: Path) -> None:
    assert taken(Follower(tmp_path)) == []
