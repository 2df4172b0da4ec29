"""Lists of cases by day and rule, each with its authority: what `deadlineRisks` and `supervisionFindings` have in common."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, Select

from resolvers.authorities import authorities_of
from resolvers.hand_pages import Place, Sealing, opened

Row = Mapping[str, Any]
Sort = tuple[datetime.date, str, int]
"""The sort values of an item: day, number of the case, place of the rule in its table."""


class Context(Protocol):
    """What these resolvers find in ``info.context``."""

    today: datetime.date
    seal: Sealing

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement; raises what the gateway shows when the database does not answer."""
        ...

    def row_conditions(self, source: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Which rows of a table the caller sees."""
        ...


@dataclass(frozen=True, kw_only=True)
class Found:
    """The rows of a page, their authorities by ``org_id``, and where the page stands, as the members of ``PageInfo`` read it."""

    rows: Sequence[Row]
    orgs: Mapping[Any, Row]
    place: Any

    def org(self, row: Row) -> Row:
        """The authority of a row; nothing of one that is not known."""
        return self.orgs.get(row["org_id"], {})


@dataclass(frozen=True, kw_only=True)
class CaseList:
    """One list: its coordinate, and the column that has the day."""

    coordinate: str
    day: str

    def behind(self, context: Context, after: str | None) -> Sort | None:
        """Where a page begins. Raises BadInput."""
        return opened(after, context.seal, self.coordinate, _read)

    async def page(self, context: Context, statement: Select[Any], count: int) -> Found:
        """What is found by a statement that asks for one row more than a page has."""
        rows = await context.rows("enforcement", statement)
        shown = rows[:count]
        return self._found(context, shown, len(rows) > count, await authorities_of(context, shown))

    def nothing(self, context: Context) -> Found:
        """A page of nothing, of an authority that is not there."""
        return self._found(context, [], False, {})

    def _found(self, context: Context, rows: Sequence[Row], more: bool, orgs: Mapping[Any, Row]) -> Found:
        place = Place(
            items=rows,
            more=more,
            seal=context.seal,
            coordinate=self.coordinate,
            sort=lambda row: (row[self.day].isoformat(), row["case_no"], row["rule"]),
        )
        return Found(rows=rows, orgs=orgs, place=place)


def _read(values: Sequence[Any]) -> Sort:
    day, case_no, rule = values
    return datetime.date.fromisoformat(day), str(case_no), int(rule)
