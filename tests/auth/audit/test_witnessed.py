"""A log that was cut, replaced or written anew is found at the start, by what a witness knows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from auth.audit.chain import Head, link, parse_line
from auth.audit.checkpoint import Checkpoint
from auth.audit.digests import sha256
from auth.audit.reader import segments_of
from auth.audit.record import Encoded, canonical
from auth.audit.terms import Limits
from auth.audit.tree import Peaks
from auth.audit.witnessed import AuditContradicted, confirm, newest, root_at
from tests.auth.audit.samples import write

LIMITS = Limits(segment_bytes=4096, reserve_bytes=4096)


@pytest.fixture
def known(tmp_path: Path) -> list[Checkpoint]:
    """The checkpoints of a log in the directory ``0``."""
    return [Checkpoint(**one) for one in write(tmp_path / "0", 60, batch=7, limits=LIMITS)]


def test_a_log_has_the_root_of_each_of_its_checkpoints(tmp_path: Path, known: list[Checkpoint]) -> None:
    assert [root_at(tmp_path / "0", one.size) for one in known] == [one.root for one in known]
    assert root_at(tmp_path / "0", known[-1].size + 1) is None


def test_the_newest_checkpoint_of_each_log_counts(known: list[Checkpoint]) -> None:
    assert newest(known[::-1]) == newest(known) == {known[0].log: known[-1]}


@pytest.mark.parametrize("place", range(3))
def test_a_log_that_grew_is_the_one_it_was(tmp_path: Path, known: list[Checkpoint], place: int) -> None:
    assert confirm(tmp_path, newest([known[place]])) == []


def test_a_log_of_which_nobody_knows_is_gone_on_with(tmp_path: Path, known: list[Checkpoint]) -> None:
    write(tmp_path / "1", 10)
    assert confirm(tmp_path, newest(known)) == []
    assert confirm(tmp_path / "nowhere", {}) == []


def cut(directory: Path) -> None:
    path = segments_of(directory)[-1][1]
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"\n", 0, -1) + 1])


def gone(directory: Path) -> None:
    shutil.rmtree(directory)


def emptied(directory: Path) -> None:
    for _, path in segments_of(directory):
        path.unlink()


def replaced(directory: Path) -> None:
    shutil.rmtree(directory)
    write(directory, 100)


def rewritten(directory: Path) -> None:
    """One record is another, and everything behind it made anew."""
    head, peaks = Head(), Peaks(sha256)
    for _, path in segments_of(directory):
        made = b""
        for line in path.read_bytes().splitlines(keepends=True):
            was = parse_line(line, sha256)
            entry = {**was.entry, "code": "FORBIDDEN"} if was.sequence == 20 else dict(was.entry)
            if entry["kind"] == "segment":
                entry["tree"] = [node.hex() for node in peaks.nodes]
            new, head = link(head, was.time, Encoded(canonical(entry), b"[]"), sha256)
            peaks.add(bytes.fromhex(head.hash))
            made += new
        path.write_bytes(made)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (cut, "not as many"),
        (gone, "is not there"),
        (emptied, "is not there"),
        (replaced, "is not there"),
        (rewritten, "not those that a witness knows"),
    ],
)
def test_a_log_that_is_not_the_one_is_found(
    tmp_path: Path, known: list[Checkpoint], spoil: Callable[[Path], None], said: str
) -> None:
    spoil(tmp_path / "0")
    with pytest.raises(AuditContradicted, match=said):
        confirm(tmp_path, newest(known))


def test_one_hash_that_was_changed_is_found(tmp_path: Path, known: list[Checkpoint]) -> None:
    path = segments_of(tmp_path / "0")[-1][1]
    lines = path.read_bytes().splitlines(keepends=True)
    lines[-1] = b"0" * 64 + lines[-1][64:]
    path.write_bytes(b"".join(lines))
    with pytest.raises(AuditContradicted, match="not those that a witness knows"):
        confirm(tmp_path, newest(known))


def test_a_log_that_was_set_aside_is_only_told_of(tmp_path: Path, known: list[Checkpoint]) -> None:
    cut(tmp_path / "0")
    (tmp_path / "0").rename(tmp_path / "0-damaged")
    assert confirm(tmp_path, newest(known)) == [known[0].log]
