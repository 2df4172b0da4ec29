"""What each database gave of an answer, and the moment that its data stand for: nothing that is missing looks like none.

    COMPLETE      all that was asked of it
    PARTIAL       a part: some of its statements failed, or a row has a value that cannot be shown
    STALE         all, from a copy that lags behind the owner's database by more than `stale_seconds`
    UNAVAILABLE   nothing

Every database that the plan may ask is told of, asked or not: which were asked follows from the rows found.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from datasources.database import Database
from gateway.errors import ErrorCode, GatewayError
from gateway.plan import BoundPlan, Cell, EmbedCell, LinkCell, view_path

STALE_SECONDS = 30.0
"""How far a copy may lag behind before its answers say so."""

Told = dict[str, Any]
"""One entry of ``extensions.sources``."""


class Completeness:
    """Says it of the answers of one gateway. `databases` are those it asks, by name."""

    def __init__(self, databases: Mapping[str, Database], *, stale_seconds: float = STALE_SECONDS) -> None:
        self.stale_seconds = stale_seconds
        self.data_errors: Counter[str] = Counter()
        """Values that could not be shown since the start, by database."""
        self._databases = databases

    def of(
        self,
        names: Iterable[str],
        gave: Collection[str],
        failed: Mapping[str, str],
        now: datetime.datetime,
        unshown: Collection[str] = (),
    ) -> list[Told]:
        """The entries of an answer of the moment `now`, by name.

        `names` are the databases that its plan may ask, `gave` those that answered a statement, `failed` those that did not
        answer one, each with its code, `unshown` those that gave a value which cannot be shown.
        """
        moment = moment_of(now, 0.0)
        told = []
        for name in sorted({*names, *failed}):
            if name in failed and name not in gave:
                told.append({"source": name, "status": "UNAVAILABLE", "asOf": None, "code": failed[name]})
            else:
                told.append(self._given(name, failed.get(name), now, moment, unshown))
        return told

    def count(
        self,
        plan: BoundPlan | None,
        errors: Iterable[GatewayError],
        by_hand: Mapping[str, Collection[str]],
    ) -> Counter[str]:
        """From which databases the values came that cannot be shown, and how many of each; they are counted here.

        `by_hand` are the databases of the root fields that no plan decides on, by response key.
        """
        found: Counter[str] = Counter()
        for error in errors:
            if error.code is ErrorCode.DATA_ERROR and error.path and "source" not in error.extra:
                keys = [key for key in error.path if isinstance(key, str)]
                found.update((plan and set(_at(plan, plan.cells, keys, None))) or by_hand.get(keys[0], ()))
        self.data_errors.update(found)
        return found

    def _given(
        self, name: str, code: str | None, now: datetime.datetime, moment: str, unshown: Collection[str]
    ) -> Told:
        """The entry of a database that gave something, or was not asked; `moment` is `now` as it is written."""
        database = self._databases.get(name)
        behind = database.behind if database is not None else 0.0
        told = {"source": name, "status": "COMPLETE", "asOf": moment_of(now, behind) if behind else moment}
        if code is not None or name in unshown:
            told |= {"status": "PARTIAL", "code": code or ErrorCode.DATA_ERROR.name}
        elif behind > self.stale_seconds:
            told["status"] = "STALE"
        return told


def moment_of(now: datetime.datetime, behind: float) -> str:
    """The moment so many seconds before, as ISO 8601 in UTC, without parts of a second: ``2026-11-05T09:00:00Z``."""
    then = now - datetime.timedelta(seconds=behind) if behind else now
    return f"{then.astimezone(datetime.UTC).isoformat(timespec='seconds').removesuffix('+00:00')}Z"


def lacking(sources: Iterable[Told]) -> dict[str, str]:
    """The databases that did not give all, or not of now, each with its status."""
    return {told["source"]: told["status"] for told in sources if told["status"] != "COMPLETE"}


def _at(plan: BoundPlan, cells: Iterable[Cell], keys: Sequence[str], here: str | None) -> Iterator[str]:
    """The databases that the value at a path of response keys may come from.

    They are several where the types of an interface have the same key in different databases. `here` is the one of the row.
    """
    for cell in cells:
        if cell.key != keys[0]:
            continue
        if isinstance(cell, LinkCell):
            yield from _behind(plan, cell, keys[1:])
        elif isinstance(cell, EmbedCell) and keys[1:]:
            yield from _at(plan, cell.cells, keys[1:], here)
        elif here is not None:
            yield here


def _behind(plan: BoundPlan, cell: LinkCell, keys: Sequence[str]) -> Iterator[str]:
    """The same for a path that goes on in the records of a link."""
    for branch in cell.branches:
        database = plan.steps[branch.step].database
        for index, view in enumerate(branch.views):
            way = view_path(cell.node.page, index)
            rest = keys[len(way) :]
            if cell.shown is None and rest and tuple(keys[: len(way)]) == way:
                yield from _at(plan, view, rest, database)
                break
        else:
            yield database
