"""One database: a few connections, prepared statements, shared steps.

**Sharing.** While every connection is at work, what is asked collects. Requests that wait for the
same statement text with the same parameters but the keys join one batch, which asks for all their
keys at once; each gets the rows of its own keys and no others. An idle database is asked at once:
nothing ever waits for a timer. At once is when the event loop comes to it: what others ask in the same
turn of the loop goes along. What a statement may show was decided when its text was made, and the
caller's row scope is among its parameters: two callers share only what is the same for both.

**Turns.** What waits goes by turns of the classes and of the callers (`datasources.queueing`).

**Time.** Each waiter has its own: what the database gives a statement, or what the request has left if that is less. Who stops
waiting hurts nobody else; a statement that nobody waits for is ended, on the server too.

**Failure.** A database that fails is left alone (`datasources.breaker`), and what is asked of it meanwhile fails at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import asyncpg

from datasources.breaker import Breaker
from datasources.connection import Connection, Lost, fault, fetch
from datasources.deadlines import DEADLINE, SOONEST, Deadlines, Waiter
from datasources.errors import SourceBusy, SourceError, SourceFault, SourceTimeout, SourceUnavailable
from datasources.pool import Pool
from datasources.queueing import WAITING, Queue, Waiting
from datasources.retries import Retries
from datasources.sent import ENDS, Outcome, Sent
from datasources.work import Work, signature_of

MAX_BATCH = 2_000
"""Keys of one shared statement; a batch that is full goes as it is and the next one opens."""
LONGEST = 10.0
"""Seconds that a statement may have which is given a budget of its own."""

Grouped = Mapping[Any, list[asyncpg.Record]]


class Database:
    """Connections to one database, at the addresses of `dsn` (`datasources.addresses`).

    `budget` is the seconds that a statement has, `waiting` for its turn included, and `longest` what one with a budget of its
    own may have. With `writable` only a primary will do; without, nothing can be written.
    """

    def __init__(
        self,
        name: str,
        dsn: str,
        *,
        connections: int = 2,
        budget: float = 5.0,
        longest: float = LONGEST,
        sharing: bool = True,
        writable: bool = True,
        waiting: Waiting = WAITING,
    ) -> None:
        self.name = name
        self.budget = budget
        self._pool = Pool(name, dsn, limit=connections, seconds=budget, longest=max(budget, longest), writable=writable)
        self._queue = Queue(name, self._pool, self._start, waiting)
        self._sharing = sharing
        self._deadlines = Deadlines(self._look)
        self._breaker = Breaker(name, self._pool.probe, self._queue.shed)
        self._retries = Retries()
        self.statements = 0
        """Statements sent since the start."""
        self._refused = 0
        self.told: Callable[[Sent], None] | None = None
        """Hears of every statement; set by who wants to know."""

    # --- asking ----------------------------------------------------------------------------------

    async def rows(self, text: str, parameters: Sequence[Any], *, budget: float | None = None) -> list[asyncpg.Record]:
        """The rows of a statement without keys; `budget` is in seconds, the database's own unless given. Raises SourceError."""
        budget = self.budget if budget is None else budget
        until = self._until(budget)
        signature = signature_of(text, parameters) if self._sharing else None
        work = self._queue.joined(signature, _always)
        if work is None:
            work = Work(text, parameters, budget)
            self._submit(work, signature)
        found: list[asyncpg.Record] = await self._wait(work, (), until)
        return found

    async def keyed(
        self,
        text: str,
        keys: Sequence[Any],
        parameters: Sequence[Any],
        places: Sequence[int],
        *,
        key_at: int,
    ) -> Grouped:
        """The rows of a statement that asks by key, grouped by key. Raises SourceError.

        `keys` are values, or tuples of as many values as there are `places`; `places` are the
        positions of the key arrays among the parameters, which have a gap (None) there; in a row the
        key stands at `key_at`.
        """
        until = self._until(self.budget)
        signature = signature_of(text, parameters) if self._sharing else None
        most = MAX_BATCH - len(keys)
        work = self._queue.joined(signature, lambda work: work.keys is not None and len(work.keys) <= most)
        if work is None or work.keys is None:
            work = Work(text, parameters, self.budget)
            work.keys, work.places, work.key_at, work.key_width = dict.fromkeys(keys), places, key_at, len(places)
            self._submit(work, signature)
        else:
            for key in keys:
                work.keys[key] = None
        grouped: Grouped = await self._wait(work, keys, until)
        return grouped

    async def answers(self) -> bool:
        """Whether the database answers now."""
        try:
            return bool(await self.rows("SELECT 1", ()))
        except SourceError:
            return False

    async def close(self) -> None:
        """Closes the idle connections."""
        self._deadlines.close()
        self._breaker.close()
        await self._pool.close()

    # --- how it stands -----------------------------------------------------------------------------

    @property
    def left_alone(self) -> bool:
        """Whether nothing is asked of it for the moment."""
        return self._breaker.state != "closed"

    @property
    def news(self) -> tuple[int, int]:
        """Changes whenever it may not have what it had: with every attempt to connect, and every statement that it refuses."""
        return self._pool.connects, self._refused

    @property
    def behind(self) -> float:
        """Seconds by which its rows may lag behind the owner's primary."""
        return self._pool.behind

    def standing(self) -> Mapping[str, Any]:
        """How it stands, for the operator: `breaker` is closed, open or half-open, and has changed `transitions` times;
        `connections` are open, of which `idle` have nothing to do; statements are `waiting`, by class; so many `statements` were
        sent and `connects` attempted since the start; its rows are `behind` by so many seconds.
        """
        return {
            "breaker": self._breaker.state,
            "transitions": self._breaker.transitions,
            "connections": self._pool.open,
            "idle": len(self._pool.idle),
            "waiting": self._queue.turns.waiting(),
            "statements": self.statements,
            "connects": self._pool.connects,
            "behind": self._pool.behind,
        }

    # --- sharing ---------------------------------------------------------------------------------

    def _until(self, budget: float) -> float:
        """Until when a statement that is asked for now is waited for. Raises SourceError when it need not be asked for."""
        if self.left_alone:
            raise SourceUnavailable(self.name)
        now = time.monotonic()
        until = now + budget
        deadline = DEADLINE.get()
        if deadline is not None and deadline < until:
            if deadline <= now:
                raise SourceTimeout(self.name)
            return deadline
        return until

    def _submit(self, work: Work, signature: Hashable = None) -> None:
        """Raises SourceBusy."""
        try:
            self._queue.submit(work, signature)
        except SourceBusy:
            self._tell(work, time.perf_counter(), "busy")
            raise

    def _start(self, work: Work) -> None:
        work.task = asyncio.get_running_loop().create_task(self._run(work, self._pool.take()), context=work.context)

    async def _wait(self, work: Work, keys: Sequence[Any], until: float) -> Any:
        """Waits for a work's result. Who stops waiting hurts nobody else."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiter = Waiter(future, keys, work, until)
        work.waiters.append(waiter)
        self._deadlines.watch(waiter, until if work.taken else self._queue.waits(until))
        try:
            return await future
        except asyncio.CancelledError:
            self._end_unwanted(waiter.work)
            raise
        finally:
            waiter.future = waiter.context = None  # the deadline may hold the waiter for longer than the answer lives

    def _look(self, waiter: Waiter) -> None:
        """The time of a waiter is over, or the time for a turn."""
        if waiter.work.taken and time.monotonic() + SOONEST < waiter.until:
            self._deadlines.watch(waiter, waiter.until)
        else:
            self._expire(waiter)

    def _expire(self, waiter: Waiter) -> None:
        if not waiter.work.began:
            self._tell(waiter.work, time.perf_counter(), "busy")
        waiter.fail((SourceTimeout if waiter.work.began else SourceBusy)(self.name))
        if not waiter.work.wanted():
            waiter.work.expired = True
            self._end_unwanted(waiter.work)

    def _end_unwanted(self, work: Work) -> None:
        """Ends a statement that nobody waits for any more, on the server too. One that has just been taken finds out by itself."""
        if work.wanted():
            return
        if not work.taken:
            self._queue.leave(work)
        elif work.began and work.task is not None:
            work.task.cancel()

    def _tell(self, work: Work, began: float, outcome: Outcome, rows: int = 0) -> None:
        """Who wants to know hears how a statement ended that was sent, or was to be, at `began`."""
        if self.told is not None:
            self.told(
                Sent(
                    database=self.name,
                    waited=began - work.asked,
                    ran=time.perf_counter() - began,
                    rows=rows,
                    requests=1 if outcome == "busy" else len(work.waiters),
                    outcome=outcome,
                )
            )

    async def _run(self, work: Work, connection: Connection | None) -> None:
        work.began = time.monotonic()
        self._queue.close(work)
        if not work.wanted():
            self._over(work, connection)
            return
        began = time.perf_counter()
        try:
            records = await self._fetch(work, connection)
            self._tell(work, began, "ok", len(records))
            work.deliver(records)
            self._breaker.good()
        except asyncio.CancelledError:
            self._tell(work, began, "timeout" if work.expired else "canceled")
            # A statement that began late, or whose callers wait for less than it may take, says nothing about the database.
            if work.expired and time.monotonic() - work.began >= work.budget / 2:
                self._breaker.bad()
            raise
        except SourceFault as error:
            self._tell(work, began, ENDS[error.code])
            self._breaker.good()
            self._refused += 1
            if len(work.waiters) > 1 and work.keys is not None:
                self._apart(work)
            else:
                work.fail(error)
        except SourceError as error:
            self._tell(work, began, ENDS[error.code])
            self._breaker.bad()
            work.fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told
            work.fail(fault(self.name, error))

    def _apart(self, work: Work) -> None:
        """One bad key must not fail the others: every waiter is asked for alone, in its own context."""
        for waiter in work.waiters:
            if waiter.waiting and waiter.context is not None:
                waiter.context.run(self._alone, work, waiter)

    def _alone(self, work: Work, waiter: Waiter) -> None:
        alone = Work(work.text, work.parameters, work.budget)
        alone.keys, alone.places = dict.fromkeys(waiter.keys), work.places
        alone.key_at, alone.key_width = work.key_at, work.key_width
        alone.waiters.append(waiter)
        waiter.work = alone
        try:
            self._submit(alone)
        except SourceBusy as error:
            waiter.fail(error)

    # --- connections -----------------------------------------------------------------------------

    async def _fetch(self, work: Work, connection: Connection | None) -> list[asyncpg.Record]:
        """Runs the statement. A read on a connection that turns out to be dead is repeated once on a fresh one."""
        repeated = ended = False
        try:
            while True:
                if connection is None:
                    connection = await self._pool.connect()
                try:
                    return await self._send(work, connection)
                except Lost:
                    if repeated or not self._retries.may(work.text, self.statements):
                        raise
                    self._pool.lose(connection)
                    repeated, connection = True, None
        except Lost:
            raise SourceUnavailable(self.name) from None
        except asyncio.CancelledError:
            ended = True
            raise
        finally:
            self._over(work, connection, ended=ended)

    def _over(self, work: Work, connection: Connection | None, *, ended: bool = False) -> None:
        """The work needs its connection no longer; if it was `ended`, the server may be at it still."""
        self._queue.over(work)
        if ended and connection is not None:
            self._pool.settle(connection)
        else:
            self._pool.give_back(connection)

    async def _send(self, work: Work, connection: Connection) -> list[asyncpg.Record]:
        self.statements += 1
        return await fetch(self.name, connection, work.text, work.filled())


def _always(_: Work) -> bool:
    return True
