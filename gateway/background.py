"""The publisher beside a gateway that serves: in a thread of its own, since a look at everything is minutes of work in a large city."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import threading
from collections.abc import Mapping

from datasources.database import Database
from datasources.errors import SourceError
from datasources.published import Published
from gateway.observe import event
from gateway.publishing import Publisher, tell

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
    """Looks every so many seconds. What goes wrong is told of, and looked at the next time."""

    def __init__(self, databases: Mapping[str, str], seconds: float) -> None:
        self._databases = databases
        self._seconds = seconds
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
        while not stopped.done():
            looking = asyncio.ensure_future(_look(publisher))
            await asyncio.wait({looking, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not looking.done():
                looking.cancel()
                await asyncio.wait({looking})
            await asyncio.wait({stopped}, timeout=self._seconds)
        await publisher.close()


async def _look(publisher: Publisher) -> None:
    try:
        counts = await publisher.run()
    except (SourceError, ValueError) as error:
        cause = error.code if isinstance(error, SourceError) else type(error).__name__
        event(logging.WARNING, "disclosures_not_published", cause=cause)
    else:
        if counts:
            tell(counts)
