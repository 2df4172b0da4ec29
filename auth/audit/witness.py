"""Who keeps checkpoints out of the log's reach: a directory elsewhere, or an address of somebody else's."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

import orjson

TAIL_SIZE = 64 * 1024
"""Bytes at the end of a witness's file that have its last checkpoint, and a torn one behind it."""


class Witness(Protocol):
    """Someone who keeps checkpoints out of the log's reach."""

    @property
    def name(self) -> str:
        """What events call it."""
        ...

    async def take(self, line: bytes) -> None:
        """Keeps a checkpoint. Raises when it does not."""
        ...

    async def known(self) -> Sequence[bytes]:
        """The newest checkpoint of each log. Raises when it cannot say."""
        ...


class FileWitness:
    """Appends to a file for each log, ``<log>.jsonl``, in a directory that lies on another disk or is carried away."""

    def __init__(self, directory: Path) -> None:
        self.name = "file"
        self._directory = directory

    async def take(self, line: bytes) -> None:
        """Appends and syncs."""
        await asyncio.to_thread(self.keep, str(orjson.loads(line)["checkpoint"]["log"]), line)

    async def known(self) -> Sequence[bytes]:
        """The last whole line of each file."""
        return await asyncio.to_thread(self.newest)

    def newest(self) -> list[bytes]:
        """The same, for a thread. Raises OSError."""
        tails = [_tail(path) for path in sorted(self._directory.glob("*.jsonl"))]
        return [lines[-1] for tail in tails if (lines := [line for line in tail if line.endswith(b"\n")])]

    def keep(self, log: str, line: bytes) -> None:
        """Appends and syncs. Raises OSError."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        path = self._directory / f"{log}.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            size = os.fstat(descriptor).st_size
            if os.write(descriptor, line) < len(line):
                os.ftruncate(descriptor, size)
                raise OSError(errno.ENOSPC, "no space for a checkpoint")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _tail(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_SIZE))
        return file.read().splitlines(keepends=True)


class EndpointWitness:
    """An address that takes a checkpoint by POST and tells the newest of each log, a line each, by GET.

    `post` and `fetch` go there and raise unless it was taken, or told.
    """

    def __init__(
        self, name: str, post: Callable[[bytes], Awaitable[None]], fetch: Callable[[], Awaitable[bytes]]
    ) -> None:
        self.name = name
        self._post = post
        self._fetch = fetch

    async def take(self, line: bytes) -> None:
        """Posts it."""
        await self._post(line)

    async def known(self) -> Sequence[bytes]:
        """Fetches them."""
        return (await self._fetch()).splitlines(keepends=True)
