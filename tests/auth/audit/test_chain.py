from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auth.audit.chain import GENESIS, Head, LineInvalid, follows, link, parse_line
from auth.audit.digests import DIGESTS, Digest, sha256, sm3
from auth.audit.reader import digest_in, records, segments_of
from tests.auth.audit.samples import ENTRY, write

TIME = "2026-11-24T08:00:00.000000Z"


@pytest.mark.parametrize("digest", DIGESTS.values())
def test_a_line_gives_back_what_was_linked(digest: Digest) -> None:
    encoded = ENTRY.encode(digest)
    line, head = link(Head(41, "ab" * 32, ""), TIME, encoded, digest)
    stored = parse_line(line, digest)
    assert (stored.sequence, stored.previous, stored.time, stored.hash) == (42, "ab" * 32, TIME, head.hash)
    assert stored.entry == json.loads(encoded.entry)
    assert stored.subjects == json.loads(encoded.subjects)


def test_the_hash_is_that_of_a_leaf_over_the_record() -> None:
    line, head = link(Head(), TIME, ENTRY.encode(sha256), sha256)
    length, rest = line.split(b" ", 2)[1:]
    assert sha256(b"\0" + rest[: int(length)]).hex() == head.hash
    assert line.startswith(head.hash.encode() + b" ")


def test_sm3_is_that_of_the_standard() -> None:
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, A.1


def test_records_follow_on_each_other() -> None:
    first, head = link(Head(), TIME, ENTRY.encode(sha256), sha256)
    second, _ = link(head, TIME, ENTRY.encode(sha256), sha256)
    assert parse_line(first, sha256).previous == GENESIS
    assert follows(parse_line(second, sha256), head)
    assert not follows(parse_line(second, sha256), Head())
    assert not follows(parse_line(first, sha256), head)


def test_no_bit_of_a_line_can_be_flipped() -> None:
    line, _ = link(Head(), TIME, ENTRY.encode(sha256), sha256)
    for place in range(len(line)):
        for bit in range(8):
            with pytest.raises(LineInvalid):
                parse_line(line[:place] + bytes([line[place] ^ 1 << bit]) + line[place + 1 :], sha256)


def test_no_line_can_be_cut_or_lengthened() -> None:
    line, _ = link(Head(), TIME, ENTRY.encode(sha256), sha256)
    for text in (*(line[:end] for end in range(len(line))), line + b"\n", b" " + line, line[:-1] + b" \n"):
        with pytest.raises(LineInvalid):
            parse_line(text, sha256)


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
