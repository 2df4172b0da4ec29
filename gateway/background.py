"""The publisher beside a gateway that serves: in a thread of its own, since a look at everything is minutes of work in a large city."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping

from datasources.database import Database
from datasources.errors import SourceError
from datasources.published import Published
from gateway.observe import event
from gateway.publishing import Counts, Publisher, tell

READ = ("enforcement", "population")
"""The owners' databases that are read for it."""
BUDGET = 30.0
"""Seconds that a statement may take."""
LAST = 5.0
"""Seconds that the thread has to end."""


def publisher_of(databases: Mapping[str, str]) -> Publisher:
    """A publisher with connections of its own; `databases` are the addresses by name."""
    return Publisher(
        {name: Database(name, databases[name], connections=1, budget=BUDGET, writable=False) for name in READ},
        Published(databases["gateway"]),
        lambda: datetime.datetime.now(datetime.UTC),
    )


class PublisherThread:
    """Looks every so many seconds, and in between every `mark_seconds` (0: not at all) for marks of persons. What goes wrong is
    told of, and looked at again after the longer of the two.
    """

    def __init__(self, databases: Mapping[str, str], seconds: float, mark_seconds: float = 0.0) -> None:
        self._databases = databases
        self._seconds = seconds
        self._pause = min(seconds, mark_seconds or seconds)
        self._failed = False
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)

    def start(self) -> None:
        """Begins, in the background."""
        self._thread.start()

    async def close(self) -> None:
        """Ends after the record at hand; the next process that asks has the lock then."""
        with contextlib.suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._thread.join, LAST)

    def _work(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._run())

    async def _run(self) -> None:
        publisher = publisher_of(self._databases)
        stopped = asyncio.ensure_future(self._stop.wait())
        due = 0.0
        while not stopped.done():
            whole = time.monotonic() >= due
            looking = asyncio.ensure_future(self._look(publisher.run if whole else publisher.marks))
            await asyncio.wait({looking, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not looking.done():
                looking.cancel()
                await asyncio.wait({looking})
            if whole:
                due = time.monotonic() + self._seconds
            await asyncio.wait({stopped}, timeout=self._seconds if self._failed else self._pause)
        await publisher.close()

    async def _look(self, look: Callable[[], Awaitable[Counts | None]]) -> None:
        self._failed = True
        try:
            counts = await look()
        except (SourceError, ValueError) as error:
            cause = error.code if isinstance(error, SourceError) else type(error).__name__
            event(logging.WARNING, "disclosures_not_published", cause=cause)
            return
        self._failed = False
        if counts:
            tell(counts)
