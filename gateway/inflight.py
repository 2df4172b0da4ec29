"""Requests under way: until when each may be, and whether anybody still waits for its answer.

One look at all of them every so often, while there are any: a timer and a task for each would cost more than a look-up takes. So
who has gone is noticed of requests that take longer than that, and the others have been answered by then.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextvars import ContextVar
from enum import Enum

from starlette.types import Receive

from gateway.errors import GatewayError

LOOK = 0.05
"""Seconds between two looks, and after which it is listened whether the client is still there."""


class End(Enum):
    """Why a request was ended before it was answered."""

    LATE = "late"
    GONE = "gone"


class Flight:
    """One request, which the current task is at. `late` is what is said when its time is over."""

    __slots__ = ("_ended", "_listening", "_receive", "_since", "_task", "_until", "late")

    def __init__(self, seconds: float, late: GatewayError) -> None:
        self._task = asyncio.current_task()
        self._since = time.monotonic()
        self._until = self._since + seconds
        self._receive: Receive | None = None
        self._listening: asyncio.Task[None] | None = None
        self._ended: End | None = None
        self.late = late

    def listen(self, receive: Receive, seconds: float, late: GatewayError) -> None:
        """All of the request is there. It has so many seconds from now on, while there is a client."""
        self._since = time.monotonic()
        self._until, self.late = self._since + seconds, late
        self._receive = receive

    def conclude(self, seconds: float, late: GatewayError) -> None:
        """There is an answer. It has so many seconds from now on, whether there is a client or not."""
        self._until, self.late = time.monotonic() + seconds, late
        self.deafen()

    def carry(self) -> None:
        """It goes on until there is an answer."""
        self._until = math.inf
        self.deafen()

    def deafen(self) -> None:
        """Nobody listens any more."""
        self._receive = None
        if self._listening is not None:
            self._listening.cancel()

    def ended(self) -> End | None:
        """Why the task was cancelled; None when it was somebody else who did."""
        if self._ended is None or self._task is None or self._task.uncancel() > 0:
            return None
        return self._ended

    def look(self, now: float) -> None:
        """Ends the request if its time is over, and listens if it takes long."""
        if self._ended is not None:
            return
        if now >= self._until:
            self._end(End.LATE)
        elif self._receive is not None and self._listening is None and now - self._since >= LOOK:
            self._listening = asyncio.get_running_loop().create_task(self._listen(self._receive))

    async def _listen(self, receive: Receive) -> None:
        message = await receive()
        while message["type"] != "http.disconnect":
            message = await receive()
        if self._ended is None and self._receive is not None:
            self._end(End.GONE)

    def _end(self, why: End) -> None:
        self._ended = why
        if self._task is not None:
            self._task.cancel()


FLIGHT: ContextVar[Flight | None] = ContextVar("flight", default=None)
"""The request of this context, where it came over HTTP."""


def carry_through() -> None:
    """The request of this context changes something: it goes on without its client and beyond its time, which its statements
    keep to, and what it has changed is written down.
    """
    flight = FLIGHT.get()
    if flight is not None:
        flight.carry()


class Flights:
    """All requests under way."""

    def __init__(self) -> None:
        self._flights: set[Flight] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, seconds: float, late: GatewayError) -> Flight:
        """A request that the current task is at."""
        flight = Flight(seconds, late)
        FLIGHT.set(flight)
        self._flights.add(flight)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK, self._look)
        return flight

    def end(self, flight: Flight) -> None:
        """The request is under way no more. A second time changes nothing."""
        self._flights.discard(flight)
        flight.deafen()

    def _look(self) -> None:
        now = time.monotonic()
        for flight in self._flights:
            flight.look(now)
        self._timer = asyncio.get_running_loop().call_later(LOOK, self._look) if self._flights else None
