"""The row rules as SQL: conditions over the tables of a record, with the caller's scope as bound parameters."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    String,
    Table,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)

from auth.mask_rules import NAMES
from auth.purpose import Standing
from auth.rows import (
    CASE_KEY,
    CASE_TABLE,
    OF_A_PERSON,
    PERSON_TABLE,
    REPORT_TABLE,
    TEMPORARY_TABLE,
    TRANSFER_TABLE,
    Cut,
    case_cut,
    disclosure_cut,
    figures_cut,
    log_cut,
    marks_against,
    only_named,
    temporary_cut,
    transfer_cut,
)
from auth.viewer import AccessRequest, CallerKind, Viewer
from datasources.database import Database
from datasources.tables.enforcement import case_, criminal_transfer, disclosure
from datasources.tables.gateway import temporary_task, transfer
from datasources.tables.personnel import officer, org
from datasources.tables.population import person
from gateway.adhoc import compile_adhoc
from gateway.ownrows import own_columns, own_rows
from gateway.ownscope import NOBODY, Own
from gateway.store import Bounded

PUBLISHED = "2"
DISCLOSURE_TABLE = "cas.disclosure"
VALID_CERTIFICATE = "1"
BELIEVED = 30.0
"""Seconds that an organisation's subtree is believed."""

ORGS: ColumnElement[Any] = bindparam("scope_orgs", type_=ARRAY(Uuid()))
CASES: ColumnElement[Any] = bindparam("scope_cases", type_=ARRAY(String()))
TASK: ColumnElement[Any] = bindparam("scope_task", type_=String())
CERTIFICATE: ColumnElement[Any] = bindparam("scope_certificate", type_=String())
FROM: ColumnElement[Any] = bindparam("scope_from", type_=String())
BELOW: ColumnElement[Any] = bindparam("scope_below", type_=String())
CLIENT: ColumnElement[Any] = bindparam("scope_client", type_=String())
PROFILE_KINDS: ColumnElement[Any] = bindparam("scope_kinds", type_=ARRAY(String()))
TODAY: ColumnElement[Any] = bindparam("today", type_=Date())

OWNER, HANDED, SHOWN = case_.alias("owner"), criminal_transfer.alias("handed"), disclosure.alias("published")
"""The tables of a condition on a case, once for all: each has more columns to make than a plan has conditions."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What the rules compare with, for one caller: organisations, a range of division codes, the certificate, the task or case at
    hand, the cases that an agreement or a token names, and the client; for a citizen, what they are known by; and what of
    the published records is theirs: `kinds` of cases, and `names`, how punished natural persons are named; and how they are
    told figures (`resolvers.cells.Protection`).
    """

    orgs: tuple[UUID, ...] = ()
    division_from: str = "~"
    division_below: str = "~"
    certificate: str = ""
    task: str = ""
    cases: tuple[str, ...] = ()
    own: Own = NOBODY
    client: str = ""
    kinds: tuple[str, ...] = ()
    names: str = ""
    suppress_below: int = 10
    round_to: int = 5
    undisclosed: str | None = None
    """Why nobody can say which published records are theirs: the code of the database that did not."""

    def parameters(self) -> Mapping[str, Any]:
        """The bound parameters by name."""
        return {
            "scope_orgs": list(self.orgs),
            "scope_from": self.division_from,
            "scope_below": self.division_below,
            "scope_certificate": self.certificate,
            "scope_task": self.task,
            "scope_cases": list(self.cases),
            **self.own.parameters,
            "scope_client": self.client,
            "scope_kinds": list(self.kinds),
            NAMES: self.names,
        }


class RowRules(Protocol):
    """What cuts the rows: `row_conditions`."""

    def __call__(
        self,
        standing: Standing,
        source: FromClause,
        /,
        *,
        under_case: bool,
        open_link: bool = False,
        figures: bool = False,
    ) -> tuple[ColumnElement[bool], ...]:
        """The conditions over what is selected FROM."""
        ...


def row_conditions(
    standing: Standing,
    source: FromClause,
    *,
    under_case: bool,
    open_link: bool = False,
    figures: bool = False,
) -> tuple[ColumnElement[bool], ...]:
    """The conditions that cut the rows of what is selected FROM.

    `under_case` says that the rows are found by the key of a case that was cut already, `open_link` that they are found by
    a public link, `figures` that they are counted and none is shown. The tables that a link joins to find rows by are cut as
    well: whose case it is too is not a citizen's to know.
    """
    conditions: list[ColumnElement[bool]] = []
    for table in _tables(source):
        if standing.own and (own := own_rows(table, open_link=open_link, under_case=under_case)) is not None:
            conditions.append(own)
        name = f"{table.schema}.{table.name}"
        cut = figures_cut(standing, name) if figures else case_cut(standing, name)
        if cut is not None and not under_case and not standing.own:
            conditions.extend(_cut(standing, table, cut))
        if only_named(standing, name) and not under_case:
            conditions.extend(_cut(standing, table, Cut.NAMED))
        if disclosure_cut(standing, name) is Cut.PROFILE:
            conditions.append(table.c.kind == any_(PROFILE_KINDS))
        conditions.extend(_log_conditions(table, log_cut(standing, name)))
        if name in (TRANSFER_TABLE, REPORT_TABLE):
            conditions.extend(_transfers(standing, table, transfer_cut(standing)))
        if name == TEMPORARY_TABLE:
            conditions.append(_temporary(temporary_cut(standing)))
        conditions.extend(_marks(standing, table, name))
        if name in OF_A_PERSON:
            shown = _marks(standing, person, PERSON_TABLE)
            whose = person.c.person_id == table.c[OF_A_PERSON[name]]
            conditions.append(_exists(person, whose, *shown, beside=table))
    return tuple(conditions)


def _marks(standing: Standing, source: Any, name: str) -> Iterator[ColumnElement[bool]]:
    """What the marks leave of a table, or of an alias of it."""
    for mark in marks_against(standing, name):
        if mark.column not in source.c:
            continue
        column = source.c[mark.column]
        if isinstance(column.type, Boolean):
            shown = (
                column.is_not(literal_column("true")) if mark.open_when_missing else column == literal_column("false")
            )
        else:
            shown = column <= literal_column(str(mark.shown))
        yield or_(shown, source.c.case_no == TASK) if mark.at_hand else shown


def _exists(source: Any, *conditions: ColumnElement[bool], beside: Any) -> ColumnElement[bool]:
    return exists(select(literal_column("1")).select_from(source).where(*conditions).correlate(beside))


def columns_guarded(standing: Standing, source: FromClause) -> ColumnElement[bool] | None:
    """The condition under which columns above PUBLIC are read in a row; None: in every row that is left."""
    if not standing.own:
        return None
    conditions = [found for table in _tables(source) if (found := own_columns(table)) is not None]
    return and_(*conditions) if conditions else None


def _tables(source: FromClause) -> Iterator[Table]:
    seen = set()
    for column in source.c:
        table = getattr(column, "table", None)
        if isinstance(table, Table) and table not in seen:
            seen.add(table)
            yield table


def _cut(standing: Standing, table: Table, cut: Cut) -> Iterator[ColumnElement[bool]]:
    if table is case_ or table is transfer:
        yield _case_condition(standing, table, cut)
    elif CASE_KEY in table.c:
        seen = (_case_condition(standing, OWNER, cut), *_marks(standing, OWNER, CASE_TABLE))
        yield _exists(OWNER, OWNER.c.case_id == table.c[CASE_KEY], *seen, beside=table)


def _transfers(standing: Standing, table: Table, cut: Cut | None) -> Iterator[ColumnElement[bool]]:
    """A transfer has the organisation, the division and the number of its case."""
    if cut is Cut.NONE:
        yield literal_column("false", Boolean())
    elif cut is not None and table is transfer:
        yield _case_condition(standing, transfer, cut)


def _log_conditions(table: Table, cut: Cut | None) -> Iterator[ColumnElement[bool]]:
    if cut is Cut.OWN_CLIENT:  # a name of a client is a realm's own: the kind of caller tells realms apart
        partner = literal_column(f"'{CallerKind.PARTNER.value}'", String())
        yield and_(table.c.caller_kind == partner, table.c.caller_client == CLIENT)
    elif cut is Cut.NONE:
        yield literal_column("false", Boolean())


def _case_condition(standing: Standing, case: Any, cut: Cut) -> ColumnElement[bool]:
    if cut is Cut.NONE:
        return literal_column("false", Boolean())
    if cut is Cut.OWN_AGENCY:
        return or_(case.c.org_id == any_(ORGS), case.c.case_no == TASK)
    if cut is Cut.OWN_LEVEL:
        return and_(case.c.division_code >= FROM, case.c.division_code < BELOW)
    if cut is Cut.NAMED:
        named: ColumnElement[bool] = case.c.case_no == any_(CASES)
        return named
    if cut is Cut.TRANSFERRED:
        decided = (HANDED.c.case_id == case.c.case_id, HANDED.c.decided_on.is_not(None))
        return _exists(HANDED, *decided, beside=case)
    return _exists(
        SHOWN,
        SHOWN.c.case_id == case.c.case_id,
        SHOWN.c.state == literal_column(f"'{PUBLISHED}'"),
        SHOWN.c.published_at.is_not(None),
        or_(SHOWN.c.publish_until.is_(None), SHOWN.c.publish_until >= TODAY),
        *_marks(standing, SHOWN, DISCLOSURE_TABLE),
        beside=case,
    )


def _temporary(cut: Cut) -> ColumnElement[bool]:
    task = temporary_task.c
    if cut is Cut.OWN:
        return or_(task.cert_no == CERTIFICATE, task.co_officer_cert_no == CERTIFICATE)
    if cut is Cut.OWN_LEVEL:
        return and_(task.division_code >= FROM, task.division_code < BELOW)
    return literal_column("false", Boolean())


class ScopeLookup:
    """The scope of a caller: by certificate, from the organisation tree of the personnel database."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases
        self._believed: Bounded[str, tuple[float, Scope]] = Bounded(10_000)

    async def scope_of(self, viewer: Viewer, access: AccessRequest | None) -> Scope:
        """The organisations and the division of the certificate's holder, and the task at hand. Raises SourceError."""
        if viewer.cert_no is None:
            return Scope(client=viewer.client)
        known = self._believed.get(viewer.cert_no)
        if known is None or known[0] <= time.monotonic():
            known = (time.monotonic() + BELIEVED, await self._looked_up(viewer.cert_no))
            self._believed.put(viewer.cert_no, known)
        task = (access.task_no or access.case_no or "") if access is not None else ""
        return replace(known[1], task=task, client=viewer.client)

    def believed(self, viewer: Viewer) -> float:
        """Until when the scope of this viewer is believed, by ``time.monotonic``; 0 when it is not known."""
        if viewer.cert_no is None:
            return float("inf")
        known = self._believed.get(viewer.cert_no)
        return 0.0 if known is None else known[0]

    async def _looked_up(self, cert_no: str) -> Scope:
        home = select(officer.c.org_id).where(officer.c.cert_no == cert_no, officer.c.cert_status == VALID_CERTIFICATE)
        below = select(org.c.org_id, org.c.division_code, literal_column("0").label("depth"))
        tree = below.where(org.c.org_id.in_(home)).cte("below", recursive=True)
        child = org.alias("child")
        tree = tree.union(
            select(child.c.org_id, child.c.division_code, tree.c.depth + 1).join(
                tree, child.c.parent_org_id == tree.c.org_id
            )
        )
        text, parameters = compile_adhoc(select(tree).order_by(tree.c.depth, tree.c.org_id))
        rows = await self._databases["personnel"].rows(text, parameters)
        low, high = _range(rows[0]["division_code"] if rows else None)
        orgs = tuple(row["org_id"] for row in rows)
        return Scope(orgs=orgs, division_from=low, division_below=high, certificate=cert_no)


def _range(division_code: str | None) -> tuple[str, str]:
    """The codes of a division and everything in it, as a half-open range: GB/T 2260 and 10114 are prefix codes.

    Without a division nothing is in the range.
    """
    if not division_code:
        return "~", "~"
    width = next((width for width in (2, 4, 6, 9) if not division_code[width:].strip("0")), 12)
    prefix = division_code[:width]
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)
