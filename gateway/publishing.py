"""The publisher (公示发布): what is due is published, what has changed is published anew, and what may not stay is withdrawn.

    rows of the case database   what the authorities have decided, and what is to become of its publication
    rules                       whether and for how long, from the gateway's own tables
    verdict                     the record as it is to be, or the reason why there is to be none
    published                   a record and its change, in one transaction each

One process publishes, whoever holds the lock. It looks at what was delivered since it last looked, and at everything once a day;
in between it asks who of those named in what is published has been marked (`gateway.watching`).
"""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasources.database import Database
from datasources.errors import SourceError
from datasources.publication import Rules, rules_of
from datasources.published import CONTENT, PUBLISHED, Published
from datasources.tables.calendar import Calendar, day_of
from datasources.tables.codes import CODE_LISTS
from gateway.candidates import PAGE, Candidate, candidates, candidates_of, rows_of
from gateway.observe import event
from gateway.verdicts import Publish, Verdict, Withdraw, verdict
from gateway.watching import Watched, question

OVERLAP = datetime.timedelta(minutes=15)
"""How far back it is looked beyond the last look: what was delivered then may have been committed since."""
SWEEP = datetime.timedelta(days=1)
"""Between two looks at everything."""
SWEEP_AGAIN = datetime.timedelta(minutes=15)
"""The same, when some cases could not be judged."""
VANISHED = 0.01
"""Part of what is published that may vanish from the case database at once: if it is more, that database is at fault."""
FEW = 10
"""So many may, however many are published."""
PERIOD_ENDED = "PERIOD_ENDED"
IN_ERROR = "PUBLISHED_IN_ERROR"
REASONS = CODE_LISTS["WithdrawReason"]

Counts = Counter[str]
"""How many were `published`, `updated`, `withdrawn`; of those published, `late` and `held` (the text is); `waiting` could not be
judged; `vanished` are not in the case database and were left."""


@dataclass(frozen=True)
class _Look:
    """One look at the cases: the rules and the days of that moment."""

    rules: Rules
    calendar: Calendar
    now: datetime.datetime


class Publisher:
    """Publishes from the case database into the gateway's own."""

    def __init__(
        self, databases: Mapping[str, Database], published: Published, now: Callable[[], datetime.datetime]
    ) -> None:
        self._databases = databases
        self._published = published
        self._now = now
        self._looked: datetime.datetime | None = None
        self._swept: datetime.datetime | None = None
        self._watched = Watched()

    async def run(self, *, everything: bool = False) -> Counts | None:
        """Looks once; None when another process holds the lock. Raises SourceError, ValueError for a rule that is none."""
        held = self._published.holding
        if not await self._published.hold():
            return None
        if not held:  # another one may have published meanwhile: whom to watch is learned by a look at everything
            self._watched, self._swept = Watched(), None
        look = await self._begun()
        whole = everything or self._swept is None or look.now - self._swept >= SWEEP
        counts: Counts = Counter()
        for key in await self._published.over(day_of(look.now)):
            await self._withdraw(key, PERIOD_ENDED, look, counts)
        since = None if whole or self._looked is None else self._looked - OVERLAP
        missing: list[str] = []
        before = ""
        async for page in candidates(self._databases, since):
            await self._page(page, look, counts)
            if whole:
                with contextlib.suppress(SourceError):  # they are asked about again; the look goes on without
                    await self._marks(counts)
                last = page[-1].key
                missing += set(await self._published.between(before, last)) - {one.key for one in page}
                before = last
        if whole:
            missing += await self._published.between(before, None)
            await self._vanished(missing, look, counts)
            self._swept = look.now - (SWEEP - SWEEP_AGAIN if counts["waiting"] else datetime.timedelta())
        if whole or not counts["waiting"]:
            self._looked = look.now
        return +counts

    async def marks(self) -> Counts:
        """Asks about the next of the persons who are named in what is published, and does what follows. Raises SourceError."""
        counts: Counts = Counter()
        if self._published.holding:
            await self._marks(counts)
        return +counts

    async def _begun(self) -> _Look:
        rules, periods, days = await self._published.rules()
        return _Look(rules_of(rules, periods), Calendar.of(days), self._now())

    async def _marks(self, counts: Counts) -> None:
        asked, today = self._watched.turn(), day_of(self._now())
        if not asked:
            return
        rows = await rows_of(self._databases["population"], question(asked, today))
        found = sorted(self._watched.differing(asked, rows, today))
        for start in range(0, len(found), PAGE):
            page = await candidates_of(self._databases, found[start : start + PAGE])
            await self._page(page, await self._begun(), counts)

    async def close(self) -> None:
        """Ends the connections."""
        await self._published.close()
        for database in self._databases.values():
            await database.close()

    async def _page(self, page: Sequence[Candidate], look: _Look, counts: Counts) -> None:
        known = await self._published.known([one.key for one in page])
        for one in page:
            found = verdict(one, look.rules, look.calendar, look.now)
            if one.undecided and isinstance(found, Publish):  # whoever they are, what is to go goes
                counts["waiting"] += 1
                continue
            await self._carry_out(one, found, known.get(one.key), look, counts)
            self._watched.note(one, day_of(look.now), published=isinstance(found, Publish))

    async def _carry_out(
        self, one: Candidate, found: Verdict, known: Mapping[str, Any] | None, look: _Look, counts: Counts
    ) -> None:
        shown = known is not None and known["state"] == PUBLISHED
        if isinstance(found, Withdraw):
            if shown:
                await self._withdraw(one.key, found.reason, look, counts)
        elif shown and known is not None:
            if any(known[name] != found.record[name] for name in CONTENT):
                await self._publish(one, "UPDATE", found, look, counts)
        elif known is None or (
            known["owner_version"] < found.record["owner_version"] and not _is_over(known, day_of(look.now))
        ):
            await self._publish(one, "PUBLISH", found, look, counts)

    async def _publish(self, one: Candidate, op: str, found: Publish, look: _Look, counts: Counts) -> None:
        await self._published.publish(one.key, op, found.record, look.now)
        counts["published" if op == "PUBLISH" else "updated"] += 1
        counts["held"] += bool(found.record["text_held"])
        counts["late"] += op == "PUBLISH" and found.late

    async def _withdraw(self, key: str, reason: str, look: _Look, counts: Counts) -> None:
        done = await self._published.withdraw(key, reason, f"{REASONS.label(reason)}。", look.now)
        self._watched.forget(key)
        counts["withdrawn"] += done is not None

    async def _vanished(self, missing: Sequence[str], look: _Look, counts: Counts) -> None:
        """Withdraws what the case database has no row of; what is too much at once is left for somebody to look at."""
        live = len(await self._published.between("", None))
        if len(missing) > max(FEW, live * VANISHED):
            counts["vanished"] = len(missing)
            event(logging.ERROR, "disclosures_vanished", count=len(missing))
            return
        for key in missing:
            await self._withdraw(key, IN_ERROR, look, counts)


def _is_over(known: Mapping[str, Any], today: datetime.date) -> bool:
    """Whether the period of a record has ended, which was fixed when it was first published."""
    return known["publish_until"] is not None and known["publish_until"] < today


def tell(counts: Counts) -> None:
    """Logs what one look has brought."""
    names = ("published", "updated", "withdrawn", "held", "late", "waiting")
    event(logging.INFO, "disclosures_published", error=None, **{name: counts[name] for name in names})
