"""What an account may reach, decided from modes alone, and what is opened for it."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from datasources.unprivileged import Account, copy_package, make_directory, open_passage, reachable, temporary_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

STRANGER = Account(uid=65_501, gid=65_502)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_base() -> Iterator[Path]:
    """A directory that a stranger can reach, which the temporary directory of the tests is not."""
    base = Path(tempfile.mkdtemp(dir="/tmp"))
    base.chmod(0o755)
    yield base
    shutil.rmtree(base)


@pytest.mark.parametrize(
    ("directory_mode", "file_mode", "expected"),
    [(0o711, 0o755, True), (0o755, 0o745, True), (0o710, 0o755, False), (0o711, 0o750, False), (0o711, 0o754, False)],
)
def test_a_stranger_needs_every_directory_open(
    open_base: Path, directory_mode: int, file_mode: int, *, expected: bool
) -> None:
    directory = open_base / "directory"
    make_directory(directory, directory_mode)
    program = directory / "program"
    program.touch()
    program.chmod(file_mode)
    assert reachable(program, STRANGER) is expected


def test_the_owner_is_judged_as_owner_and_its_group_as_group(open_base: Path) -> None:
    status = open_base.stat()
    open_base.chmod(0o705)
    assert not reachable(open_base, Account(uid=STRANGER.uid, gid=status.st_gid))
    open_base.chmod(0o750)
    assert reachable(open_base, Account(uid=STRANGER.uid, gid=status.st_gid))
    assert reachable(open_base, Account.owning(open_base))


def test_a_passage_opens_one_directory_for_walking_through_only(open_base: Path) -> None:
    state = open_base / "state"
    make_directory(state, 0o700)
    assert open_passage(state, STRANGER)
    assert mode(state) == 0o701


def test_a_passage_leaves_an_open_directory_alone(open_base: Path) -> None:
    state = open_base / "state"
    make_directory(state, 0o755)
    assert open_passage(state, STRANGER)
    assert mode(state) == 0o755


def test_no_passage_below_a_closed_directory(open_base: Path) -> None:
    closed = open_base / "closed"
    make_directory(closed, 0o700)
    state = closed / "state"
    make_directory(state, 0o700)
    assert not open_passage(state, STRANGER)
    assert (mode(closed), mode(state)) == (0o700, 0o700)


def test_a_temporary_directory_can_be_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    directory = temporary_directory(STRANGER)
    try:
        assert mode(directory) == 0o711
        assert open_passage(directory, STRANGER)
    finally:
        directory.rmdir()


def test_a_directory_gets_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        make_directory(tmp_path / "a" / "b", 0o711)
    finally:
        os.umask(before)
    assert mode(tmp_path / "a" / "b") == 0o711
    make_directory(tmp_path / "a" / "b", 0o700)
    assert mode(tmp_path / "a" / "b") == 0o711


def test_a_copied_package_is_readable_by_all_and_made_once(tmp_path: Path) -> None:
    package = tmp_path / "package"
    for name, file_mode in {"bin/run": 0o700, "lib/one.so": 0o600, "lib/one.a": 0o600, "include/one.h": 0o600}.items():
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        file.chmod(file_mode)
    libraries = tmp_path / "package.libs"
    make_directory(libraries, 0o700)
    (libraries / "two.so").touch()

    copied = copy_package(package, tmp_path / "copy")
    assert copied == tmp_path / "copy" / "package"
    found = {str(path.relative_to(tmp_path / "copy")): mode(path) for path in (tmp_path / "copy").rglob("*")}
    assert found == {
        "package": 0o755,
        "package/bin": 0o755,
        "package/bin/run": 0o755,
        "package/lib": 0o755,
        "package/lib/one.so": 0o644,
        "package.libs": 0o755,
        "package.libs/two.so": 0o644,
    }
    (package / "lib" / "three.so").touch()
    assert copy_package(package, tmp_path / "copy") == copied
    assert not (copied / "lib" / "three.so").exists()


def test_nobody_has_a_name_and_no_rights() -> None:
    assert Account.nobody().uid > 0
