"""How many different persons, enterprises and vehicles a caller may look at in a day: against trawling (批量查询).

An answer whose subjects go over a budget does not leave. What is counted are pseudonyms, in sets in Redis that all processes
share and that end with the day in China; no set is larger than its budget. While Redis cannot be asked, each process counts
its own and keeps to its share. A subject that the caller has looked at today already costs nothing, nor a question to Redis.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from auth.audit.record import Pseudonyms
from auth.viewer import AccessRequest, CallerKind, Viewer
from datasources.cache import Cache, CacheUnavailable
from gateway.errors import ErrorCode, GatewayError
from gateway.observe import event
from gateway.request import Answer, Engine, GraphQLRequest, refused
from gateway.settings import Settings
from gateway.store import Bounded
from gateway.subjects import PREFIXES

CALLERS = 10_000
"""Callers whose subjects of today a process remembers."""
DAY, EAST = 86_400, 8 * 3_600
"""Seconds: of a day, and by which it begins earlier in China."""

Subject = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Subjects a day: of one officer, one supervisor, one partner, one of all others, and of all callers of one client."""

    officer: int = 500
    supervisor: int = 2_000
    partner: int = 20_000
    others: int = 200
    client: int = 100_000

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Those of the settings."""
        return cls(
            officer=settings.budget_officer,
            supervisor=settings.budget_supervisor,
            partner=settings.budget_partner,
            others=settings.budget_others,
            client=settings.budget_client,
        )


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One budget of one caller: whose it is (a word of ours), the caller in it, and how many subjects."""

    of: str
    holder: str
    limit: int


class Budgets:
    """The budgets of all callers. `share` is how many processes there are, `wall` gives seconds since 1970."""

    def __init__(
        self,
        limits: Limits,
        pseudonyms: Pseudonyms,
        cache: Cache | None = None,
        *,
        share: int = 1,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._limits = limits
        self._pseudonyms = pseudonyms
        self._cache = cache
        self._share = share
        self._wall = wall
        self._day = 0
        self._seen: Bounded[tuple[str, str], set[Subject]] = Bounded(CALLERS)

    @classmethod
    def of(cls, settings: Settings) -> Budgets:
        """Those of a process. Redis is connected to when first asked."""
        return cls(
            Limits.of(settings),
            Pseudonyms(settings.audit_key or settings.seal_key),
            Cache(settings.redis) if settings.redis else None,
            share=settings.processes * settings.workers,
        )

    async def close(self) -> None:
        """Closes the connection to Redis."""
        if self._cache is not None:
            await self._cache.close()

    def over(self, engine: Engine) -> Engine:
        """The engine, whose answers are kept to the budgets."""
        return _Kept(engine, self)

    async def admit(self, viewer: Viewer, answer: Answer) -> Answer:
        """The answer, or the refusal in its place; what the answer would have shown is still told to the log."""
        if answer.trace is None or answer.status_hint != "executed":
            return answer
        subjects = [subject for subject in answer.trace.subjects if subject[0] in PREFIXES]
        exceeded = await self._exceeded(viewer, subjects) if subjects else None
        if exceeded is None:
            return answer
        event(logging.WARNING, "subject_budget_exceeded", budget=exceeded.of)
        return replace(
            refused([GatewayError(ErrorCode.SUBJECT_BUDGET_EXCEEDED, budget=exceeded.of)]), trace=answer.trace
        )

    async def _exceeded(self, viewer: Viewer, subjects: Sequence[Subject]) -> Budget | None:
        day, passed = divmod(int(self._wall()) + EAST, DAY)
        if day != self._day:
            self._day, self._seen = day, Bounded(CALLERS)
        budgets = list(budgets_of(viewer, self._limits))
        seen = [self._of(budget) for budget in budgets]
        if all(subject in known for known in seen for subject in subjects):
            return None
        exceeded = await self._ask(budgets, seen, subjects, f"{day}", DAY - passed)
        if exceeded is None:
            for known in seen:
                known.update(subjects)
        return exceeded

    def _of(self, budget: Budget) -> set[Subject]:
        key = (budget.of, budget.holder)
        found = self._seen.get(key)
        return self._seen.put(key, set()) if found is None else found

    async def _ask(
        self,
        budgets: Sequence[Budget],
        seen: Sequence[set[Subject]],
        subjects: Sequence[Subject],
        day: str,
        seconds: int,
    ) -> Budget | None:
        """The first budget that is not enough. The subjects are counted where all are."""
        if self._cache is not None:
            names = [bytes.fromhex(self._pseudonyms.subject(*subject).pseudonym) for subject in subjects]
            keys = [f"tongcha:subjects:{day}:{budget.of}:{budget.holder}" for budget in budgets]
            try:
                place = await self._cache.add_within(keys, [budget.limit for budget in budgets], names, seconds=seconds)
            except CacheUnavailable:
                pass
            else:
                return None if place is None else budgets[place]
        new = set(subjects)
        for budget, known in zip(budgets, seen, strict=True):
            allowed = budget.limit if self._cache is None else max(1, budget.limit // self._share)
            if len(known) + len(new - known) > allowed:
                return budget
        return None


def budgets_of(viewer: Viewer, limits: Limits) -> Iterator[Budget]:
    """The caller's own budget, and that of all callers of the client."""
    realm = f"{viewer.issuer}|{viewer.client}"
    if viewer.kind is CallerKind.PARTNER:
        yield Budget(of="partner", holder=realm, limit=limits.partner)
        return
    if viewer.cert_no is not None:
        limit = limits.supervisor if viewer.kind is CallerKind.SUPERVISOR else limits.officer
        yield Budget(of="certificate", holder=viewer.cert_no, limit=limit)
    else:
        yield Budget(of="subject", holder=f"{viewer.issuer}|{viewer.subject}", limit=limits.others)
    yield Budget(of="client", holder=realm, limit=limits.client)


class _Kept:
    """An engine whose answers are kept to the budgets."""

    def __init__(self, engine: Engine, budgets: Budgets) -> None:
        self._engine = engine
        self._budgets = budgets

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        return await self._budgets.admit(viewer, await self._engine.answer(request, viewer, access))
