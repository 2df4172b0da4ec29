"""From an answer to its record: written and synced before the first byte leaves.

An answer above PUBLIC that cannot be recorded is not released (AUDIT_UNAVAILABLE). Refusals are recorded
too, summed up when they come in floods.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from auth.audit.denials import Denials
from auth.audit.files import Files
from auth.audit.record import Caller, Coordinates, Entry, Grounds, Outcome, Pseudonyms, SubjectLine
from auth.audit.terms import AuditUnavailable
from auth.audit.writer import AuditLog
from auth.viewer import AccessRequest, Viewer
from gateway.errors import ErrorCode, GatewayError
from gateway.observe import event
from gateway.pace import LONG, Pace
from gateway.request import Answer
from gateway.trace import Coordinates as Read
from gateway.trace import Trace

KEPT = 1_000
"""Parts of records that are kept: callers, grounds, coordinates."""


class Recorder(Protocol):
    """Where answers are written down before they leave."""

    async def record(
        self,
        viewer: Viewer | None,
        access: AccessRequest | None,
        variables: Mapping[str, Any],
        answer: Answer,
        body: bytes,
    ) -> None:
        """Returns once the record is durable. Raises GatewayError(AUDIT_UNAVAILABLE): then nothing may be released."""
        ...

    def count(self, code: ErrorCode) -> None:
        """Counts a refusal that was made before anything was read of the request: nobody waits for its record."""
        ...

    async def close(self) -> None:
        """Ends the log."""
        ...


class LogRecorder:
    """Writes records to the access log of this process."""

    def __init__(self, log: AuditLog, pseudonyms: Pseudonyms) -> None:
        self._log = log
        self._denials = Denials(log)
        self._pseudonyms = pseudonyms
        self._pace = Pace()

    async def record(
        self,
        viewer: Viewer | None,
        access: AccessRequest | None,
        variables: Mapping[str, Any],
        answer: Answer,
        body: bytes,
    ) -> None:
        """See `Recorder`."""
        trace = answer.trace
        released = answer.status_hint == "executed"
        entry = Entry(
            caller=_caller(viewer) if viewer is not None else None,
            grounds=_grounds(access) if access is not None else None,
            outcome=_outcome(answer),
            code=_code(answer) if answer.status_hint == "refused" else None,
            variables=self._pseudonyms.variables(variables) if variables else None,
            response_sha256=hashlib.sha256(body).hexdigest(),
        )
        if trace is not None:
            await self._read(entry, trace)
        try:
            await (self._log if released else self._denials).append(entry)
        except AuditUnavailable:
            if released and trace is not None and not trace.guarded:
                return
            raise GatewayError(ErrorCode.AUDIT_UNAVAILABLE) from None

    def count(self, code: ErrorCode) -> None:
        """See `Recorder`."""
        self._denials.count(code.name)

    @property
    def log(self) -> AuditLog:
        """Where it writes."""
        return self._log

    async def _read(self, entry: Entry, trace: Trace) -> None:
        """Adds what was read."""
        entry.operation_name = trace.operation_name
        entry.operation_sha256 = trace.operation_digest
        entry.coordinates = _coordinates(trace.coordinates)
        entry.rows = trace.rows
        entry.failed = trace.failed
        entry.statuses = trace.statuses
        entry.policy_epoch = trace.policy_epoch
        entry.pseudonym_key = self._pseudonyms.key_id
        size = len(trace.subjects)
        lines: list[SubjectLine] = []
        for start in range(0, size, LONG):
            await self._pace.turn(size, LONG)
            lines += [self._pseudonyms.subject(kind, key) for kind, key in trace.subjects[start : start + LONG]]
        entry.subjects = tuple(lines)
        await self._pace.turn(size)

    async def close(self) -> None:
        """See `Recorder`. Refusals that are still being summed up are written first."""
        await self._denials.finish()
        await self._log.close()


def _outcome(answer: Answer) -> Outcome:
    if answer.status_hint == "refused":
        return Outcome.FAILED if answer.http_status >= 500 else Outcome.DENIED
    return Outcome.RELEASED if answer.status_hint == "executed" else Outcome.ABANDONED


def _code(answer: Answer) -> str:
    return str(answer.payload["errors"][0]["extensions"]["code"])


@lru_cache(maxsize=KEPT)
def _caller(viewer: Viewer) -> Caller:
    return Caller(
        subject=viewer.subject,
        client=viewer.client,
        kind=viewer.kind.value,
        cert_no=viewer.cert_no,
        org_uscc=viewer.org_uscc,
        device=viewer.device,
    )


@lru_cache(maxsize=KEPT)
def _grounds(access: AccessRequest) -> Grounds:
    return Grounds(
        purpose=access.purpose.value,
        task_no=access.task_no,
        case_no=access.case_no,
        agreement_no=access.agreement_no,
        reason=access.reason,
        co_officer_cert_no=access.co_officer_cert_no,
    )


@lru_cache(maxsize=KEPT)
def _coordinates(read: Read) -> Coordinates:
    return Coordinates(clear=read.clear, masked=read.masked, withheld=read.withheld)


def open_recorder(
    directory: Path,
    key: bytes,
    at_least: Mapping[str, int] = MappingProxyType({}),
    *,
    first: int = 0,
    files: Files | None = None,
) -> LogRecorder:
    """The recorder of this process: its own log below `directory`, pseudonyms by `key` (at least 32 bytes).

    `at_least` and `files` are as for AuditLog, `first` as for its `claim`. Raises auth.audit.repair.AuditDamaged, OSError.
    """
    log = AuditLog.claim(directory, first=first, at_least=at_least, files=files, report=report)
    return LogRecorder(log, Pseudonyms(key))


def report(name: str, /, **fields: Any) -> None:
    """Logs an event of the access log."""
    event(logging.WARNING, name, **{"cause" if key == "error" else key: value for key, value in fields.items()})
