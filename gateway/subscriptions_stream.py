"""One stream as it looks from its transport: what is asked, how it is woken, and where its events go."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, Protocol

from auth.viewer import AccessRequest, Viewer
from gateway.request import GraphQLRequest


class Stalled(Exception):
    """The client did not take what was sent in time."""


class Disconnected(Exception):
    """The client has gone."""


class Sink(Protocol):
    """Where the events of one stream go. Everything here may raise Stalled and Disconnected."""

    async def next(self, body: bytes, cursor: str | None) -> None:
        """One answer, as JSON, and where the stream goes on after it."""
        ...

    async def refuse(self, payload: dict[str, Any]) -> None:
        """A refusal; nothing more will come."""
        ...

    async def complete(self) -> None:
        """Nothing more will come."""
        ...

    async def beat(self) -> None:
        """A sign of life."""
        ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a stream repeats, and for whom. The token has been shown together with what it is bound to. `background`: the caller
    says that it can wait.
    """

    request: GraphQLRequest
    access: AccessRequest | None
    viewer: Viewer
    token: str
    background: bool = False


class Stream:
    """One subscriber."""

    __slots__ = ("_left", "_woken", "changed")

    def __init__(self) -> None:
        self._left = False
        self.changed = True
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be something new."""
        self.changed = True
        self._woken.set()

    def look(self) -> None:
        """Something may have happened to the caller."""
        self._woken.set()

    def leave(self) -> None:
        """The client has gone, or wants no more."""
        self._left = True
        self._woken.set()

    def left(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._left

    async def wait(self, seconds: float) -> bool:
        """Whether it was woken within so many seconds."""
        if not self._woken.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        woken = self._woken.is_set()
        self._woken.clear()
        return woken
