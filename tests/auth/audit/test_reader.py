from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auth.audit.chain import LineInvalid
from auth.audit.reader import digest_in, records, segments_of
from tests.auth.audit.samples import write


def test_records_are_read_across_segments(tmp_path: Path) -> None:
    count = write(tmp_path, 60, batch=5)[-1]["size"]
    assert len(segments_of(tmp_path)) > 5
    assert [stored.sequence for stored in records(tmp_path)] == list(range(1, count + 1))
    assert [stored.sequence for stored in records(tmp_path, after=17, until=42)] == list(range(18, 43))
    assert list(records(tmp_path, after=count)) == []


def test_reading_stops_at_what_is_torn_and_refuses_what_is_damaged(tmp_path: Path) -> None:
    count = write(tmp_path / "log", 60)[-1]["size"]
    shutil.copytree(tmp_path / "log", tmp_path / "torn")
    first, path = segments_of(tmp_path / "torn")[-1]
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    assert [stored.sequence for stored in records(tmp_path / "torn")] == list(range(1, count))
    path.write_bytes(content.replace(b"INSPECTION", b"INSPECTIUN"))
    with pytest.raises(LineInvalid):
        list(records(tmp_path / "torn", after=first - 1))


@pytest.mark.parametrize("dropped", [{0}, {2}, {3}, {0, 1, 2, 3, 4, 5}])
def test_reading_refuses_a_gap(tmp_path: Path, dropped: set[int]) -> None:
    write(tmp_path, 60, batch=5)
    path = segments_of(tmp_path)[2][1]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for place, line in enumerate(lines) if place not in dropped))
    read: list[int] = []
    with pytest.raises(LineInvalid):
        read.extend(record.sequence for record in records(tmp_path))
    assert read == list(range(1, len(read) + 1))


@pytest.mark.parametrize("line", [b"nothing\n", b"0 2 {} []\n", b"0 1 {} []\n"])
def test_a_line_that_opens_no_segment_names_no_digest(line: bytes) -> None:
    with pytest.raises(LineInvalid):
        digest_in(line)
