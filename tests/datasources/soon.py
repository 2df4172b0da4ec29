"""Waiting for what happens by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def soon(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Returns when it is true; fails when that takes longer than it ever should."""
    for _ in range(int(seconds / 0.005)):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it has not happened")
