"""What keeps the access log of a process beyond the disk it is on: checkpoints for witnesses, rows in the database, an eye on it.

Nothing here delays an answer: those wait for the log alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auth.audit.chain import LineInvalid
from auth.audit.checkpoint import Checkpoint, Checkpoints, Signer
from auth.audit.files import Files
from auth.audit.notice import Notice
from auth.audit.repair import AuditDamaged
from auth.audit.terms import AuditUnavailable, State
from auth.audit.witness import EndpointWitness, FileWitness, Witness
from auth.audit.witnessed import AuditContradicted, confirm, newest
from auth.audit.writer import AuditLog
from datasources.errors import SourceError
from datasources.fetch import Document
from datasources.shipped import Shipped
from gateway.observe import event
from gateway.recorder import LogRecorder, open_recorder, report
from gateway.retention import Terms, forget, retain
from gateway.settings import Settings
from gateway.shipping import PACE, Pace, Shipper

WATCH_SECONDS = 1.0
RETAIN_FIRST = 600.0
"""Seconds from the start to the first look for what has been kept for long enough; the next ones come daily."""
RETAIN_SECONDS = 24 * 3600.0
ASK_SECONDS = 5.0
"""What a witness may take to say at the start what it knows."""
KNOWN_SIZE = 1 << 20
"""Bytes of what it says."""
FILLING = (0.9, 0.8)
"""Shares of the disk at which an event is logged."""
WITNESSES = 2
"""Fewer are told of at the start: one alone may be in league with whoever has the log."""


class AuditRefused(Exception):
    """The access log cannot be gone on with. Says why, with no more than names of settings, logs and directories."""


@dataclass(frozen=True, kw_only=True)
class Vouching:
    """Who signs checkpoints, and who gets them."""

    signer: Signer
    witnesses: Sequence[Witness]

    @classmethod
    def of(cls, settings: Settings) -> Vouching | None:
        """As the settings want it; None without a key. Raises AuditRefused."""
        if settings.audit_signing_key is None:
            return None
        try:
            signer = Signer.load(settings.audit_signing_key)
        except (OSError, ValueError) as error:
            raise AuditRefused(f"TONGCHA_AUDIT_SIGNING_KEY: {type(error).__name__}") from None
        witnesses: list[Witness] = []
        if (directory := settings.audit_witness_directory) is not None:
            root = settings.audit_directory
            if root is not None and directory.absolute().is_relative_to(root.absolute()):
                raise AuditRefused("TONGCHA_AUDIT_WITNESS_DIR lies in TONGCHA_AUDIT_DIR")
            witnesses.append(FileWitness(directory))
        for number, address in enumerate(settings.audit_witnesses, 1):
            try:
                document = Document(address, limit=KNOWN_SIZE, loopback=settings.loopback_http)
            except ValueError as error:
                raise AuditRefused(f"TONGCHA_AUDIT_WITNESSES: {error}") from None
            witnesses.append(EndpointWitness(f"endpoint {number}", document.post, document.fetch))
        return cls(signer=signer, witnesses=witnesses)

    async def known(self) -> list[Checkpoint]:
        """The checkpoints that the witnesses have, of those with this key. One that does not say is told of."""
        lines = await asyncio.gather(*(self._ask(witness) for witness in self.witnesses))
        return [found for several in lines for line in several if (found := self.signer.read(line)) is not None]

    async def _ask(self, witness: Witness) -> Sequence[bytes]:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await witness.known()
        except Exception as error:  # noqa: BLE001 - a witness is outside: whatever it does, it only does not say
            event(logging.WARNING, "audit_witness_silent", witness=witness.name, cause=type(error).__name__)
            return ()


class Keeper:
    """The background work of one log. Opened and closed in the loop of the server; the recorder is closed in between.

    `common`: it also does what one process does for all, with rows whose term has passed and logs that nobody writes any more.
    """

    def __init__(
        self,
        log: AuditLog,
        terms: Terms,
        vouching: Vouching | None = None,
        dsn: str = "",
        pace: Pace = PACE,
        *,
        common: bool = True,
    ) -> None:
        self._log = log
        self._common = common
        self._terms = terms
        self._dsn = dsn
        self._checkpoints = None
        if vouching is not None:
            self._checkpoints = Checkpoints(
                lambda: log.snapshot, vouching.signer, vouching.witnesses, seconds=1.0, report=report
            )
        pace = pace if common else replace(pace, others=math.inf)
        self._shipper = Shipper(log.directory, lambda: log.snapshot, dsn, pace=pace) if dsn else None
        self._tasks: list[asyncio.Task[None]] = []
        self._disk = Disk(log.directory)

    async def open(self) -> None:
        """Begins."""
        if self._checkpoints is not None:
            self._tasks.append(asyncio.create_task(self._checkpoints.run()))
        if self._shipper is not None:
            self._shipper.start()
        self._tasks += [asyncio.create_task(self._watch()), asyncio.create_task(self._retain_daily())]

    async def close(self) -> None:
        """Ends, with a last checkpoint to every witness and a last push to the database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._shipper is not None:
            await self._shipper.close()

    def ready(self) -> bool:
        """Whether records can be written: without, nothing guarded is answered."""
        return self._log.state is not State.UNAVAILABLE

    def standing(self) -> dict[str, Any]:
        """For the operator: how the log stands, the share of its disk that is used, what database and witnesses lack."""
        said: dict[str, Any] = {"state": self._log.state.value, "disk": round(self._disk.used(), 2)}
        if self._shipper is not None:
            lag = self._shipper.lag()
            said["unshipped"] = {"records": lag.records, "seconds": round(lag.seconds, 1)}
        if self._checkpoints is not None:
            said["witnesses"] = {name: round(seconds, 1) for name, seconds in self._checkpoints.behind().items()}
        return said

    async def retain(self) -> None:
        """Removes what has been kept for long enough: segments, and rows of the database."""
        if self._shipper is None:
            return
        database = Shipped(self._dsn)
        try:
            witnessed = self._checkpoints.witnessed() if self._checkpoints is not None else 0
            gone = await retain(self._log, self._terms, shipped=self._shipper.sent, witnessed=witnessed)
            rows = await forget(database, self._terms) if self._common else 0
        except (AuditUnavailable, LineInvalid, OSError, SourceError) as error:
            event(logging.WARNING, "audit_retention_failed", cause=type(error).__name__)
        else:
            if gone or rows:
                event(logging.INFO, "audit_retained", records=gone, rows=rows)
        finally:
            await database.close()

    async def _retain_daily(self) -> None:
        await asyncio.sleep(RETAIN_FIRST)
        while True:
            await self.retain()
            await asyncio.sleep(RETAIN_SECONDS)

    async def _watch(self) -> None:
        while True:
            self._disk.look()
            if self._log.state is State.UNAVAILABLE:  # who is not ready is asked nothing: somebody has to try the disk
                with contextlib.suppress(AuditUnavailable):
                    await self._log.append(Notice(kind="resumed"))
            await asyncio.sleep(WATCH_SECONDS)


class Disk:
    """The file system that a log is on. Tells once of each threshold that is passed."""

    def __init__(self, directory: Path, stat: Callable[[Path], os.statvfs_result] = os.statvfs) -> None:
        self._directory = directory
        self._stat = stat
        self._told = 0.0

    def used(self) -> float:
        """The share that is used, of what we may use; 1 when nobody can say."""
        try:
            found = self._stat(self._directory)
        except OSError:
            return 1.0
        used = found.f_blocks - found.f_bfree
        return used / (used + found.f_bavail) if used + found.f_bavail else 1.0

    def look(self) -> None:
        """Logs an event when more is used than was told of."""
        used = self.used()
        passed = next((share for share in FILLING if used >= share), 0.0)
        if passed > self._told:
            event(logging.WARNING, "audit_disk_filling", percent=int(used * 100))
        self._told = passed


def open_kept(settings: Settings, pace: Pace = PACE, files: Files | None = None) -> tuple[LogRecorder, Keeper]:
    """The recorder of this process and its keeper, once the logs that are there agree with what the witnesses know.

    `files` is what the log asks of the file system. Raises AuditRefused.
    """
    directory, key = settings.audit_directory, settings.audit_key
    if directory is None or key is None:
        raise AuditRefused("TONGCHA_AUDIT_DIR and TONGCHA_AUDIT_KEY are not set")
    vouching = Vouching.of(settings)
    if vouching is None or len(vouching.witnesses) < WITNESSES:
        event(logging.WARNING, "audit_witnesses_missing", witnesses=len(vouching.witnesses) if vouching else 0)
    known = newest(asyncio.run(vouching.known())) if vouching else {}
    try:
        for log in confirm(directory, known):
            event(logging.WARNING, "audit_log_set_aside", log_id=log)
        sizes = {log: checkpoint.size for log, checkpoint in known.items()}
        recorder = open_recorder(directory, key, sizes, first=settings.worker, files=files)
    except (AuditContradicted, AuditDamaged) as error:
        raise AuditRefused(f"TONGCHA_AUDIT_DIR: {error}") from None
    except OSError as error:
        raise AuditRefused(f"TONGCHA_AUDIT_DIR: {error.strerror}") from None
    terms = Terms(provision=settings.audit_provision_days, system=settings.audit_system_days)
    dsn = settings.databases.get("gateway", "")
    return recorder, Keeper(recorder.log, terms, vouching, dsn, pace, common=settings.worker == 0)
