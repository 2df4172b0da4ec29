"""A disk whose power can be cut: it knows what was synced, and leaves of the rest what chance leaves."""

from __future__ import annotations

import errno
import os
import random
from dataclasses import dataclass, field
from pathlib import Path

from auth.audit.files import Files

PAGE = 512


class Stopped(BaseException):
    """The process runs no further."""


@dataclass
class _File:
    synced: bytes = b""
    now: bytearray = field(default_factory=bytearray)


class Disk(Files):
    """Files in memory and in a directory. After so many calls it stops; before, some calls fail."""

    def __init__(self, seed: random.Random, failures: float) -> None:
        self._seed = seed
        self._left = 0
        self._failures = failures
        self._open: dict[int, tuple[_File, int]] = {}
        self._names: dict[Path, _File] = {}
        self._synced_names: dict[Path, _File] = {}
        self._changes: list[dict[Path, _File]] = []

    def run(self, calls: int) -> None:
        """So many calls from now it stops."""
        self._left = calls

    def know(self, directory: Path) -> None:
        """Takes what is in a directory for synced."""
        for path in directory.iterdir():
            content = path.read_bytes()
            self._names[path] = _File(content, bytearray(content))
        self._synced_names = dict(self._names)

    def image(self, directory: Path) -> None:
        """Writes to a directory what the disk holds after the cut."""
        names = self._seed.choice([self._synced_names, *self._changes])
        for path, file in names.items():
            (directory / path.name).write_bytes(self._left_of(file))

    def _left_of(self, file: _File) -> bytes:
        size = self._seed.randint(min(len(file.synced), len(file.now)), max(len(file.synced), len(file.now)))
        left = bytearray(size)
        for start in range(0, size, PAGE):
            page = slice(start, min(start + PAGE, size))
            source = file.now if self._seed.random() < 0.5 else file.synced
            if file.synced[page] == file.now[page]:
                source = file.now
            content = source[page]
            left[start : start + len(content)] = content
            common = min(len(file.synced), size)  # within a page too, what was synced stays as it is
            if start < common:
                left[start : min(page.stop, common)] = file.synced[start : min(page.stop, common)]
        return bytes(left)

    def _call(self, code: int = errno.EIO) -> None:
        self._left -= 1
        if self._left < 0:
            raise Stopped
        if self._seed.random() < self._failures:
            raise OSError(code, "chance")

    def _renamed(self) -> None:
        self._changes.append(dict(self._names))

    def create(self, path: Path) -> int:
        self._call(errno.ENOSPC)
        descriptor = super().create(path)
        self._names[path] = _File()
        self._open[descriptor] = (self._names[path], 0)
        self._renamed()
        return descriptor

    def open(self, path: Path) -> int:
        descriptor = super().open(path)
        self._open[descriptor] = (self._names[path], 0)
        return descriptor

    def write(self, descriptor: int, data: memoryview) -> int:
        self._call(errno.ENOSPC)
        size = self._seed.randint(1, len(data))
        file, place = self._open[descriptor]
        file.now[place : place + size] = data[:size]
        self._open[descriptor] = (file, place + size)
        return super().write(descriptor, data[:size])

    def sync(self, descriptor: int) -> None:
        self._call()
        file, _ = self._open[descriptor]
        file.synced = bytes(file.now)

    def close(self, descriptor: int) -> None:
        del self._open[descriptor]
        super().close(descriptor)

    def allocate(self, descriptor: int, size: int) -> None:
        self._call(errno.ENOSPC)
        super().allocate(descriptor, size)
        self._open[descriptor][0].now[:] = bytes(size)

    def truncate(self, path: Path, size: int) -> None:
        self._call()
        super().truncate(path, size)
        file = self._names[path]
        del file.now[size:]
        file.synced = file.synced[:size]  # either length is possible after a cut; the shorter is the harder

    def rename(self, path: Path, to: Path) -> None:
        self._call()
        super().rename(path, to)
        self._names[to] = self._names.pop(path)
        self._renamed()

    def remove(self, path: Path) -> None:
        self._call()
        super().remove(path)
        self._names.pop(path, None)
        self._renamed()

    def sync_directory(self, path: Path) -> None:
        self._call()
        self._synced_names = dict(self._names)
        self._changes.clear()

    def release(self) -> None:
        """Closes what the process had open."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()
