"""H4: whatever is changed in a log is found, and the first bad record named.

TONGCHA_AUDIT_EDITS and TONGCHA_AUDIT_RECORDS: how many edits of how large a log.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auth.audit import verify
from auth.audit.chain import Head, link, parse_line
from auth.audit.checkpoint import Checkpoint, Signer
from auth.audit.digests import sha256
from auth.audit.notice import Notice
from auth.audit.reader import segments_of
from auth.audit.record import Encoded, canonical
from auth.audit.terms import Limits
from tests.auth.audit.samples import Events, Unsynced, checkpoint_of, commit, entry, segments, verified, write
from tests.auth.audit.test_checkpoint import KEYS, pem

EDITS = int(os.environ.get("TONGCHA_AUDIT_EDITS", "1000"))
RECORDS = int(os.environ.get("TONGCHA_AUDIT_RECORDS", "5000"))
SEGMENT = 100_000
"""Bytes: a segment of some 100 records."""


@dataclass
class Sample:
    """A log, what is where in it, and a way back after an edit."""

    directory: Path
    checkpoints: list[dict[str, Any]]
    segments: list[tuple[int, Path]]

    def lines(self, index: int) -> list[bytes]:
        return self.segments[index][1].read_bytes().splitlines(keepends=True)

    def start(self, index: int, expected: int) -> int:
        """From where a check sees a change in this segment: one before, when the record to trust is the one that changed."""
        return self.segments[max(index - (expected == self.segments[index][0]), 0)][0]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    directory = tmp_path_factory.mktemp("log")
    checkpoints = write(directory, RECORDS, batch=50, limits=Limits(segment_bytes=SEGMENT, reserve_bytes=4096))
    return Sample(directory, checkpoints, segments_of(directory))


Edit = Callable[[random.Random, Sample, int], tuple[dict[Path, bytes | None], int]]
"""Takes a segment's index; gives files with their new content (None: deleted), and which record is the first bad one."""


def flip(chance: random.Random, sample: Sample, index: int) -> tuple[dict[Path, bytes | None], int]:
    first, path = sample.segments[index]
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    return {path: bytes(content)}, first + path.read_bytes().count(b"\n", 0, place)


def drop(chance: random.Random, sample: Sample, index: int) -> tuple[dict[Path, bytes | None], int]:
    (first, path), lines = sample.segments[index], sample.lines(index)
    place = chance.randrange(len(lines))
    return {path: b"".join(lines[:place] + lines[place + 1 :])}, first + place


def swap(chance: random.Random, sample: Sample, index: int) -> tuple[dict[Path, bytes | None], int]:
    other = chance.randrange(len(sample.segments))
    (first, path), lines = sample.segments[index], sample.lines(index)
    (other_first, other_path), others = sample.segments[other], sample.lines(other)
    if other == index:
        place, beside = sorted(chance.sample(range(len(lines)), 2))
        lines[place], lines[beside] = lines[beside], lines[place]
        return {path: b"".join(lines)}, first + place
    place, beside = chance.randrange(len(lines)), chance.randrange(len(others))
    lines[place], others[beside] = others[beside], lines[place]
    return {path: b"".join(lines), other_path: b"".join(others)}, min(first + place, other_first + beside)


def duplicate(chance: random.Random, sample: Sample, index: int) -> tuple[dict[Path, bytes | None], int]:
    (first, path), lines = sample.segments[index], sample.lines(index)
    place = chance.randrange(len(lines))
    return {path: b"".join(lines[: place + 1] + lines[place:])}, first + place + 1


def truncate(chance: random.Random, sample: Sample, index: int) -> tuple[dict[Path, bytes | None], int]:
    """The tail, of a few segments at most: for the check all lengths are the same."""
    index = max(index, len(sample.segments) - 4)
    first, path = sample.segments[index]
    content = path.read_bytes()
    content = content[: chance.randrange(len(content))]
    gone: dict[Path, bytes | None] = {later: None for _, later in sample.segments[index + 1 :]}
    return {**gone, path: content}, first + content.count(b"\n")


def replace(chance: random.Random, sample: Sample, index: int) -> tuple[dict[Path, bytes | None], int]:
    """A record of its own making, with the right place and a hash of its own."""
    (first, path), lines = sample.segments[index], sample.lines(index)
    place = chance.randrange(len(lines))
    was = parse_line(lines[place], sha256)
    entry = {**was.entry, "outcome": "DENIED" if was.entry.get("outcome") == "RELEASED" else "RELEASED"}
    subjects = lines[place].split(b" ", 2)[2][int(lines[place].split(b" ")[1]) + 1 : -1]
    head = Head(was.sequence - 1, was.previous)
    lines[place], _ = link(head, was.time, Encoded(canonical(entry), subjects), sha256)
    return {path: b"".join(lines)}, first + place


EDIT_KINDS: dict[str, Edit] = {edit.__name__: edit for edit in (flip, drop, swap, duplicate, truncate, replace)}


def found(sample: Sample, changes: dict[Path, bytes | None], start: int) -> verify.Bad | None:
    """What the check says of the changed log, which is put right again afterwards."""
    before = {path: path.read_bytes() for path in changes}
    for path, content in changes.items():
        path.unlink() if content is None else path.write_bytes(content)
    try:
        verified(sample.directory, sample.checkpoints, start)
    except verify.Bad as bad:
        return bad
    finally:
        for path, was in before.items():
            path.write_bytes(was)
    return None


@pytest.mark.parametrize("kind", EDIT_KINDS)
def test_every_edit_is_found_and_its_first_record_named(sample: Sample, kind: str) -> None:
    """Checked from the first segment that is changed; the next test checks from the beginning."""
    chance = random.Random(kind)
    last = {checkpoint["size"] for checkpoint in sample.checkpoints}
    for _ in range(-(-EDITS // len(EDIT_KINDS))):
        index = chance.randrange(len(sample.segments))
        changes, expected = EDIT_KINDS[kind](chance, sample, index)
        begins = min(place for place, (_, path) in enumerate(sample.segments) if path in changes)
        bad = found(sample, changes, sample.start(begins, expected))
        assert bad is not None, expected
        if kind == "replace" and expected in last:  # nothing behind it was read yet: the checkpoint alone tells
            assert bad.first <= expected <= bad.last
        else:
            assert (bad.first, bad.last) == (expected, expected)


@pytest.mark.parametrize("kind", EDIT_KINDS)
def test_an_edit_is_found_from_the_beginning(sample: Sample, kind: str) -> None:
    chance = random.Random(kind)
    changes, expected = EDIT_KINDS[kind](chance, sample, chance.randrange(1, len(sample.segments)))
    bad = found(sample, changes, 1)
    assert bad is not None
    assert bad.first <= expected <= bad.last


def test_the_log_itself_is_good(sample: Sample) -> None:
    assert verified(sample.directory, sample.checkpoints).count == sample.checkpoints[-1]["size"]


def rewritten(directory: Path, sample: Sample, place: int, *, trees: bool = True) -> None:
    """The log as somebody would write it who has all the code and changes one record: every later hash is made anew.

    Without `trees` that is forgotten for the trees.
    """
    directory.mkdir()
    head = Head()
    tree = verify.Log()
    for first, path in sample.segments:
        out = []
        for line in path.read_bytes().splitlines(keepends=True):
            was = parse_line(line, sha256)
            entry = {**was.entry, "code": "FORBIDDEN"} if was.sequence == place else dict(was.entry)
            if trees and entry["kind"] == "segment":
                entry["tree"] = [node.hex() for node in tree.tree]
            made, head = link(head, was.time, Encoded(canonical(entry), line[-1 - subject_size(line) : -1]), sha256)
            tree.grow(tree.tree, head.sequence - 1, bytes.fromhex(head.hash))
            out.append(made)
        (directory / path.name).write_bytes(b"".join(out))
        assert first <= head.sequence


def subject_size(line: bytes) -> int:
    _, length, rest = line.split(b" ", 2)
    return len(rest) - int(length) - 2


def test_a_log_that_was_rewritten_is_found_by_the_checkpoints(tmp_path: Path, sample: Sample) -> None:
    place = RECORDS // 2 + 17
    rewritten(tmp_path / "log", sample, place)
    assert verified(tmp_path / "log").count == sample.checkpoints[-1]["size"]
    with pytest.raises(verify.Bad) as bad:
        verified(tmp_path / "log", sample.checkpoints)
    assert bad.value.first <= place <= bad.value.last
    assert bad.value.last - bad.value.first <= 50  # the records between two checkpoints


def test_a_tree_that_does_not_fit_its_records_is_found(tmp_path: Path, sample: Sample) -> None:
    rewritten(tmp_path / "log", sample, sample.segments[3][0] + 1, trees=False)
    with pytest.raises(verify.Bad, match=f"record {sample.segments[4][0]} begins another log"):
        verified(tmp_path / "log")


def test_a_record_behind_the_end_of_its_segment_is_found(sample: Sample) -> None:
    path = sample.segments[3][1]
    bad = found(sample, {path: path.read_bytes() + sample.lines(3)[-1]}, 1)
    assert bad is not None
    assert bad.first == sample.segments[4][0]


def test_segments_that_were_put_together_are_found(sample: Sample) -> None:
    (_, path), (first, other) = sample.segments[3:5]
    bad = found(sample, {path: path.read_bytes() + other.read_bytes(), other: None}, 1)
    assert bad is not None
    assert bad.first == first


def test_another_log_in_its_place_is_found(tmp_path: Path, sample: Sample) -> None:
    write(tmp_path / "log", 100)
    with pytest.raises(verify.Bad, match=r"is not what the checkpoint|is missing"):
        verified(tmp_path / "log", sample.checkpoints)


def test_a_segment_of_another_log_is_found(tmp_path: Path) -> None:
    write(tmp_path / "a", 40, batch=5)
    write(tmp_path / "b", 40, batch=5)
    first, path = segments_of(tmp_path / "b")[2]
    shutil.copy(path, tmp_path / "a")
    with pytest.raises(verify.Bad) as bad:
        verified(tmp_path / "a")
    assert bad.value.first <= first


def test_a_segment_that_is_gone_is_found(tmp_path: Path) -> None:
    write(tmp_path, 40, batch=5)
    first, path = segments_of(tmp_path)[2]
    path.unlink()
    with pytest.raises(verify.Bad, match=f"record {first} is missing"):
        verified(tmp_path)


def test_no_log_at_all_is_no_good_log(tmp_path: Path) -> None:
    with pytest.raises(verify.Bad, match="there is no log"):
        verified(tmp_path)


@pytest.mark.parametrize("field", ["entry", "sequence", "previous", "time"])
def test_a_record_without_its_parts_is_bad(tmp_path: Path, field: str) -> None:
    write(tmp_path, 3, limits=Limits(reserve_bytes=4096))
    ((_, path),) = segments_of(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    document = json.loads(lines[1].split(b" ", 2)[2][: int(lines[1].split(b" ")[1])])
    del document[field]
    record = canonical(document)
    lines[1] = b"%b %d %b []\n" % (sha256(b"\0" + record).hex().encode(), len(record), record)
    path.write_bytes(b"".join(lines))
    with pytest.raises(verify.Bad, match="record 2"):
        verified(tmp_path)


def script(directory: Path, *arguments: str) -> tuple[int, list[str]]:
    """Runs the file by itself, away from the project."""
    command = [sys.executable, "-I", verify.__file__, str(directory), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    return done.returncode, done.stdout.splitlines()


def test_it_runs_by_itself(tmp_path: Path) -> None:
    log = segments(tmp_path / "log", report=Events(), files=Unsynced())
    commit(log, [entry(number) for number in range(3)])
    signed = Signer(KEYS["ES256"]).sign(Checkpoint.of(log.snapshot, "2026-11-24T08:00:00Z"))
    (tmp_path / "checkpoints").write_bytes(signed)
    (tmp_path / "key").write_bytes(pem("ES256"))
    (tmp_path / "other").write_bytes(pem("Ed25519"))
    given = ("--checkpoint", str(tmp_path / "checkpoints"), "--key")
    assert script(tmp_path / "log", *given, str(tmp_path / "key")) == (0, ["ok", "4 records are good"])
    code, lines = script(tmp_path / "log", *given, str(tmp_path / "other"))
    assert (code, lines[-1]) == (1, "0 records are good")
    ((_, path),) = segments_of(tmp_path / "log")
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"\n", 0, -1) + 1])
    assert script(tmp_path / "log")[0] == 0
    code, lines = script(tmp_path / "log", *given, str(tmp_path / "key"))
    assert (code, lines[0]) == (
        1,
        "BAD: record 4 is missing: the checkpoint of 2026-11-24T08:00:00Z has 4 records",
    )


def test_it_is_independent_of_what_it_checks() -> None:
    imports = [line for line in Path(verify.__file__).read_text().splitlines() if "import" in line]
    assert not [line for line in imports if "auth" in line or "gateway" in line]


def shortened(directory: Path, *, told: bool = True, vouched: bool = True) -> tuple[int, list[dict[str, Any]]]:
    """A log without its three oldest segments: the first record that is there, and the checkpoints."""
    log = segments(directory)
    for number in range(40):
        commit(log, [entry(number)])
    first = segments_of(directory)[3][0]
    checkpoints = [checkpoint_of(log)]
    if told:
        log.commit(log.prepare([Notice(kind="retained", fields={"first": first}).encode(sha256)]))
    if vouched:
        checkpoints.append(checkpoint_of(log))
    for _, path in segments_of(directory)[:3]:
        path.unlink()
    return first, checkpoints


def test_a_log_whose_oldest_segments_were_removed_is_good_when_it_says_so_and_a_checkpoint_too(tmp_path: Path) -> None:
    first, checkpoints = shortened(tmp_path)
    log = verified(tmp_path, checkpoints)
    assert log.count == checkpoints[-1]["size"]
    assert f"those before {first} were removed" in log.notes[0]


@pytest.mark.parametrize(("told", "vouched"), [(False, True), (True, False), (False, False)])
def test_oldest_segments_that_are_gone_without_that_are_found(tmp_path: Path, told: bool, vouched: bool) -> None:
    first, checkpoints = shortened(tmp_path, told=told, vouched=vouched)
    with pytest.raises(verify.Bad) as bad:
        verified(tmp_path, checkpoints)
    assert (bad.value.first, bad.value.last) == (1, first - 1)


def test_a_forged_beginning_is_found_by_the_checkpoint(tmp_path: Path) -> None:
    _, checkpoints = shortened(tmp_path)
    path = segments_of(tmp_path)[0][1]
    lines = path.read_bytes().splitlines(keepends=True)
    was = parse_line(lines[0], sha256)
    forged = {**was.entry, "tree": ["ab" * 32 for _ in was.entry["tree"]]}
    lines[0], _ = link(Head(was.sequence - 1, was.previous), was.time, Encoded(canonical(forged), b"[]"), sha256)
    path.write_bytes(b"".join(lines))
    with pytest.raises(verify.Bad):
        verified(tmp_path, checkpoints)
