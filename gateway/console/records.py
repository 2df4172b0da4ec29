"""The record of one answer, found in the log by the SHA-256 of the answer's bytes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auth.audit.chain import LineInvalid, Stored, parse_line
from auth.audit.reader import digest_in, lines_of, segments_of
from auth.viewer import Viewer

SHA256 = re.compile("[0-9a-f]{64}")
SEGMENTS = 2
"""Of each log, the newest: an answer that is looked at was given just now."""


def record_of(directory: Path, response: str, viewer: Viewer) -> dict[str, Any] | None:
    """The newest record in the logs below `directory` of an answer to this caller with this SHA-256, and the log's name."""
    if not SHA256.fullmatch(response):
        return None
    mark = f'"response_sha256":"{response}"'.encode()
    found = [
        {"log": log.name, **dataclasses.asdict(stored)}
        for log in sorted(directory.glob("[0-9]*"))
        for _, path in segments_of(log)[-SEGMENTS:]
        for stored in _with(mark, path)
        if _is_of(stored, viewer)
    ]
    return max(found, key=lambda one: str(one["time"]), default=None)


def _with(mark: bytes, path: Path) -> Iterator[Stored]:
    digest = None
    for line in lines_of(path):
        digest = digest or digest_in(line)
        if mark in line:
            try:
                yield parse_line(line, digest)
            except LineInvalid:  # it is being written
                return


def _is_of(stored: Stored, viewer: Viewer) -> bool:
    caller = stored.entry.get("caller", {})
    return (caller.get("subject"), caller.get("client")) == (viewer.subject, viewer.client)
