"""The lock of a log's directory: who holds it may write there, and nobody else. It goes with the process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class AuditLocked(Exception):
    """Another process writes to this directory."""


def locked(directory: Path) -> int:
    """Takes the lock; the descriptor that holds it until it is closed. Raises AuditLocked, OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o750)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise AuditLocked(directory) from None
    return descriptor
