"""Which process runs on which core: the server alone on one, the databases and the load on the other."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

SERVER_CORE = 0
DATABASE_CORE = 1


def pin(pid: int, core: int) -> None:
    """Keeps a process, 0 for this one, on a core. Does nothing where there is one core, or the system cannot."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(pid, {core})


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """This process, and what it starts, on a core."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    pin(0, core)
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)
