"""What a root process must arrange so that a server under another account can work: reach its files, and no others."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A user and its group, by id."""

    uid: int
    gid: int

    @classmethod
    def nobody(cls) -> Account:
        """The account of programs that own nothing. It must have a name: PostgreSQL looks itself up."""
        entry = pwd.getpwnam("nobody")
        return cls(uid=entry.pw_uid, gid=entry.pw_gid)

    @classmethod
    def owning(cls, path: Path) -> Account:
        """The account that owns a file."""
        status = path.stat()
        return cls(uid=status.st_uid, gid=status.st_gid)


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may read the file or list the directory, and walk through every directory above it."""
    path = path.resolve()
    above = all(_allowed(parent, account, stat.S_IXOTH) for parent in path.parents)
    return above and _allowed(path, account, stat.S_IROTH | stat.S_IXOTH)


def open_passage(directory: Path, account: Account) -> bool:
    """Let the account walk through this directory, which is ours, to what it owns inside; nothing else is opened.

    False, and nothing changed, when it could not even reach the directory.
    """
    directory = directory.resolve()
    if not all(_allowed(parent, account, stat.S_IXOTH) for parent in directory.parents):
        return False
    if not _allowed(directory, account, stat.S_IXOTH):
        directory.chmod(stat.S_IMODE(directory.stat().st_mode) | stat.S_IXOTH)
    return True


def temporary_directory(account: Account) -> Path:
    """A new directory of ours, outside our own tree, that the account can walk through."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes it ours
        if reachable(Path(base), account):
            directory = Path(tempfile.mkdtemp(prefix="tongcha-postgresql-", dir=base))
            directory.chmod(0o711)
            return directory
    raise PermissionError("no directory that an unprivileged account can reach")


def make_directory(directory: Path, mode: int) -> None:
    """Make a directory with exactly this mode, whatever the umask; one that exists keeps its own."""
    if not directory.is_dir():
        directory.mkdir(parents=True)
        directory.chmod(mode)


def copy_package(package: Path, target: Path) -> Path:
    """Copy the programs of the wheel, with the libraries beside it, to where any account can read them; once.

    The programs look for their libraries relative to themselves, so the copy keeps the layout of the installation.
    """
    copied = target / package.name
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        without = shutil.ignore_patterns("include", "doc", "*.a", "pgxs", "pkgconfig", "__pycache__")
        shutil.copytree(package, draft / package.name, symlinks=True, ignore=without)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
        draft.rename(target)
    return copied


def _allowed(path: Path, account: Account, wanted: int) -> bool:
    """Whether the mode grants ``wanted``, given as bits of "others", to the account."""
    status = path.stat()
    if status.st_uid == account.uid:
        wanted <<= 6
    elif status.st_gid == account.gid:
        wanted <<= 3
    return status.st_mode & wanted == wanted
