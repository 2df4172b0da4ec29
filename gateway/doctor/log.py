"""The access log: whether its disk has room and is fast, whether its keys are well kept, whether witnesses answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from gateway.doctor.findings import Finding, bad, good, warning
from gateway.keeping import ASK_SECONDS, FILLING, WITNESSES, AuditRefused, Disk, Vouching
from gateway.settings import Settings

AREA = "log"
SYNCS = 5
SLOW_SYNC = 0.05
"""Seconds that one may take: no answer leaves before its record is synced."""
BLOCK = 4096
"""Bytes that are written for it."""
OTHERS = 0o077
"""The bits of a mode that let others read or write."""


async def look_at_log(settings: Settings) -> AsyncIterator[Finding]:
    """Its directory, its keys, its witnesses."""
    directory = settings.audit_directory
    if directory is not None:
        for finding in await asyncio.to_thread(lambda: list(_directory(directory))):
            yield finding
    if settings.audit_signing_key is not None and _is_open(settings.audit_signing_key):
        yield warning(AREA, "others may read TONGCHA_AUDIT_SIGNING_KEY", "chmod 600")
    try:
        vouching = Vouching.of(settings)
    except AuditRefused as error:
        yield bad(AREA, str(error), "see docs/operating.md on witnesses")
        return
    witnesses = vouching.witnesses if vouching is not None else ()
    if len(witnesses) < WITNESSES:
        yield warning(AREA, f"{len(witnesses)} witnesses", f"name {WITNESSES}, with different people in charge")
    for witness in witnesses:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await witness.known()
        except Exception as error:  # noqa: BLE001 - a witness is outside
            yield warning(
                AREA, f"witness {witness.name} does not answer: {type(error).__name__}", "look at the way there"
            )
        else:
            yield good(AREA, f"witness {witness.name} answers")


def _directory(directory: Path) -> Iterator[Finding]:
    place = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    try:
        seconds = _sync_seconds(place)
    except OSError as error:
        yield bad(
            AREA, f"TONGCHA_AUDIT_DIR cannot be written to: {error.strerror}", "give the process a directory of its own"
        )
        return
    said = f"a sync takes {seconds * 1000:.1f} ms"
    slow = "every answer waits for one: give the log a faster disk"
    yield warning(AREA, said, slow) if seconds > SLOW_SYNC else good(AREA, said)
    used = Disk(place).used()
    said = f"{used:.0%} of its disk is used"
    most, much = FILLING
    room = "make room: without, nothing is answered"
    yield bad(AREA, said, room) if used >= most else warning(AREA, said, room) if used >= much else good(AREA, said)


def _sync_seconds(directory: Path) -> float:
    """The median of some syncs of a new file there. Raises OSError."""
    path = directory / f".doctor-{secrets.token_hex(4)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    taken = []
    try:
        for _ in range(SYNCS):
            os.write(descriptor, bytes(BLOCK))
            began = time.perf_counter()
            os.fsync(descriptor)
            taken.append(time.perf_counter() - began)
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            path.unlink()
    return statistics.median(taken)


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False
