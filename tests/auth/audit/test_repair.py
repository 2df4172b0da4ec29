"""F-19: what a crash leaves behind the last good record is cut off, kept aside, and said."""

from __future__ import annotations

from pathlib import Path

import pytest

from auth.audit.reader import records, segments_of
from auth.audit.record import Entry, Outcome
from auth.audit.repair import TORN_SIZE, AuditDamaged
from tests.auth.audit.samples import WIDE, Events, checkpoint_of, commit, entry, segments, verified, write


def last_segment(directory: Path) -> Path:
    return segments_of(directory)[-1][1]


def test_a_record_torn_at_any_byte_is_cut_off(tmp_path: Path) -> None:
    log = segments(tmp_path, limits=WIDE)
    commit(log, [entry(1), entry(2), Entry(caller=None, grounds=None, outcome=Outcome.DENIED, code="FORBIDDEN")])
    path = last_segment(tmp_path)
    content = path.read_bytes()
    start = content.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(content)):
        for other in tmp_path.iterdir():
            other.unlink()
        path.write_bytes(content[:end])
        events = Events()
        log = segments(tmp_path, limits=WIDE, report=events)
        assert log.snapshot.head.sequence == 4  # the new segment's first record is in its place
        assert events.names == ["audit_tail_lost"] * (end > start)
        if end > start:
            assert events.fields == [{"bytes": end - start, "after": 3}]
            (aside,) = tmp_path.glob("*.torn")
            assert aside.read_bytes() == content[start:end]
        log.close()
        assert verified(tmp_path, [checkpoint_of(log)]).count == 4


def test_the_loss_stands_in_the_log(tmp_path: Path) -> None:
    write(tmp_path, 9, limits=WIDE)
    with last_segment(tmp_path).open("ab") as file:
        file.write(b"0123456789")
    segments(tmp_path)
    opening = list(records(tmp_path))[-1].entry
    assert (opening["reason"], opening["lost"]) == ("start", 10)
    assert verified(tmp_path).notes == ["10 bytes behind record 9 were lost in a crash"]


def test_a_segment_that_was_only_begun_is_taken_away(tmp_path: Path) -> None:
    write(tmp_path, 9, limits=WIDE)
    for content in (b"", b"\0" * 100, b"0123"):
        (tmp_path / "0000000000000010.log").write_bytes(content)
        log = segments(tmp_path)
        assert log.snapshot.head.sequence == 10
        log.close()
        last_segment(tmp_path).unlink()


def test_zeros_behind_the_last_record_are_no_loss(tmp_path: Path) -> None:
    write(tmp_path, 9, limits=WIDE)
    with last_segment(tmp_path).open("ab") as file:
        file.write(b"\0" * 5_000_000)
    events = Events()
    assert segments(tmp_path, report=events).snapshot.head.sequence == 10
    assert events.names == []


def test_a_hole_in_the_last_batch_is_torn(tmp_path: Path) -> None:
    write(tmp_path, 9, limits=WIDE)
    path = last_segment(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-2], b"\0" * len(lines[-2]), lines[-1]]))
    log = segments(tmp_path)
    assert log.snapshot.head.sequence == 8
    assert verified(tmp_path).count == 8


def test_more_than_a_batch_is_not_torn_but_damaged(tmp_path: Path) -> None:
    write(tmp_path, 9, limits=WIDE)
    with last_segment(tmp_path).open("ab") as file:
        file.write(b"x" * (TORN_SIZE + 1))
    with pytest.raises(AuditDamaged, match="behind record 9"):
        segments(tmp_path)


def test_a_segment_that_lost_its_beginning_is_damaged(tmp_path: Path) -> None:
    write(tmp_path, 9, limits=WIDE)
    (tmp_path / "0000000000000010.log").write_bytes(b"x" * (TORN_SIZE + 1))
    with pytest.raises(AuditDamaged, match="behind record 9"):
        segments(tmp_path)
