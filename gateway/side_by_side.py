"""Coroutines side by side without a task for each: they go on in the callbacks of what they wait for.

A task costs more than all else that a step of a plan does: it is made, started by the loop a turn later, and joined.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any


async def side_by_side(coroutines: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Runs the coroutines side by side to their end. The first exception is raised, and ends the others.

    They may wait for futures and tasks, and for nothing that asks which task runs (``asyncio.timeout``).
    """
    if len(coroutines) <= 1:
        for only in coroutines:
            await only
        return
    crew = _Crew(len(coroutines))
    for coroutine in coroutines:
        crew.go_on(coroutine)
    await crew.finished()


class _Crew:
    def __init__(self, count: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._left = count
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._waited: dict[Coroutine[Any, Any, None], asyncio.Future[Any]] = {}

    def go_on(self, coroutine: Coroutine[Any, Any, None], _: asyncio.Future[Any] | None = None) -> None:
        """Runs a coroutine to the next thing that it waits for: a future gives its result or raises where it is awaited."""
        self._waited.pop(coroutine, None)
        try:
            waited = coroutine.send(None)
        except StopIteration:
            self._end(None)
        except asyncio.CancelledError as error:
            self._end(error)
        except Exception as error:  # noqa: BLE001 - raised by who waits for all
            self._end(error)
        else:
            if waited is None:  # a bare yield: asyncio.sleep(0)
                self._loop.call_soon(self.go_on, coroutine)
            else:
                self._waited[coroutine] = waited
                waited.add_done_callback(partial(self.go_on, coroutine))
                if self._over.done():
                    waited.cancel()

    def _end(self, error: BaseException | None) -> None:
        self._left -= 1
        if self._over.done():
            return
        if error is not None:
            self._over.set_exception(error)
            self._cancel()
        elif not self._left:
            self._over.set_result(None)

    async def finished(self) -> None:
        """Waits for the end of all, or for the first exception."""
        try:
            await self._over
        except asyncio.CancelledError:
            self._cancel()
            raise

    def _cancel(self) -> None:
        for waited in list(self._waited.values()):
            waited.cancel()
