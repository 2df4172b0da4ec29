"""When an answer may leave that found nothing: after a moment that nobody can foretell.

A key of what a caller may not see costs the database a row that it reads and drops: some two microseconds more than a key of
nothing. Whoever asks often enough could tell the two apart by their means. The moment is drawn anew each time and is a thousand times
as long as the difference; an answer that found something does not wait.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from gateway.request import Answer

LEAST, MOST = 0.001, 0.005
"""Seconds."""

Dice = Callable[[float, float], float]

draw: Dice = secrets.SystemRandom().uniform


def found_nothing(answer: Answer) -> bool:
    """Whether a field of the operation's root is null, or no row was read at all. A refusal has looked for nothing."""
    if answer.trace is None:
        return False
    data = answer.payload.get("data")
    return data is None or None in data.values() or not any(answer.trace.rows.values())


async def moment(answer: Answer, dice: Dice = draw) -> None:
    """Waits before the answer leaves, if it has to."""
    if found_nothing(answer):
        await asyncio.sleep(dice(LEAST, MOST))
