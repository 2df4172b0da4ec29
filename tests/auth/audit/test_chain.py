from __future__ import annotations

import json

import pytest

from auth.audit.chain import GENESIS, Head, LineInvalid, follows, link, parse_line
from auth.audit.digests import DIGESTS, Digest, sha256
from tests.auth.audit.samples import ENTRY

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
