"""The rules of ``auth.own`` as SQL: which rows are the caller's own, with the references of the caller as bound parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
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
from sqlalchemy import false as no_row

from auth.own import CASE_TABLE, Left, OwnRule, Whose, own_rule
from auth.rows import SUBJECT_MARK
from datasources.tables import DATABASES
from datasources.tables.enforcement import party
from resolvers.conditions import ONESELF, TODAY, period_covers
from resolvers.marks import unmarked

ENTITIES: ColumnElement[Any] = bindparam("scope_own_entities", type_=ARRAY(Uuid()))
REFS: ColumnElement[Any] = bindparam("scope_own_refs", type_=ARRAY(String()))
CARDS: ColumnElement[Any] = bindparam("scope_own_cards", type_=ARRAY(String()))
PAPERS: ColumnElement[Any] = bindparam("scope_own_papers", type_=ARRAY(String()))
CODES: ColumnElement[Any] = bindparam("scope_own_codes", type_=ARRAY(String()))

_TABLES: Mapping[str, Table] = {
    table.fullname: table for metadata in DATABASES.values() for table in metadata.sorted_tables
}

_ONE, _TWO, _SEVEN, _OTHER = (literal_column(f"'{code}'", String()) for code in ("1", "2", "7", "99"))


def own_rows(table: Table, *, open_link: bool, under_case: bool) -> ColumnElement[bool] | None:
    """The condition on what a link leads to; None: every row.

    `open_link` says that the link is public, `under_case` that the rows are found by the key of a case that was cut already.
    """
    rule = own_rule(table.fullname)
    if rule.left in (Left.ALL, Left.PUBLIC):
        return None
    if rule.left is Left.OPEN and open_link:
        return shown_to_all(rule, table)
    if under_case and rule.of == CASE_TABLE:
        return None
    if under_case and rule.whose is Whose.SNAPSHOT:
        return _named(table)
    return _is_own(rule, table)


def own_columns(table: Table) -> ColumnElement[bool] | None:
    """The condition under which columns above PUBLIC are read in a row of the table; None: in every row that is left."""
    rule = own_rule(table.fullname)
    if rule.left is Left.PUBLIC:
        return no_row()
    return _is_own(rule, table) if rule.left is Left.OPEN else None


def shown_to_all(rule: OwnRule, table: Any) -> ColumnElement[bool] | None:
    """What the public is shown of an OPEN table: of certificates, those of organisations."""
    if rule.whose is Whose.CERTIFIED:
        return or_(table.c.holder_type == _TWO, _is_own(rule, table))
    return None


def _is_own(rule: OwnRule, table: Any) -> ColumnElement[bool]:
    """A row that is hidden with the person whom it names (`SUBJECT_MARK`) makes nothing one's own either."""
    return and_(_CONDITIONS[rule.whose](rule, table), *_unmarked(table))


def _unmarked(table: Any) -> list[ColumnElement[bool]]:
    return [unmarked(table.c[SUBJECT_MARK])] if SUBJECT_MARK in table.c else []


def _through(rule: OwnRule, table: Any) -> ColumnElement[bool]:
    owner = _TABLES[rule.of].alias(f"own_{_TABLES[rule.of].name}")
    return exists(
        select(literal_column("1"))
        .select_from(owner)
        .where(owner.c[rule.column] == table.c[rule.column], _is_own(own_rule(rule.of), owner))
        .correlate(table)
    )


def _owner(_rule: OwnRule, ownership: Any) -> ColumnElement[bool]:
    """Today's owner: as the links of a vehicle have it."""
    return and_(
        or_(
            and_(ownership.c.owner_type == _ONE, ownership.c.owner_ref == any_(ONESELF)),
            and_(ownership.c.owner_type == _TWO, ownership.c.owner_ref == any_(ENTITIES)),
        ),
        period_covers(ownership.c.valid_from, ownership.c.valid_to, TODAY),
    )


def _holder(_rule: OwnRule, right: Any) -> ColumnElement[bool]:
    """TD/T 1066: 1 is the identity card, 7 the business licence, 99 any other document."""
    kind, number = right.c.holder_id_type, right.c.holder_id_no
    return or_(
        and_(kind == _ONE, number == any_(CARDS)),
        and_(kind == _OTHER, number == any_(PAPERS)),
        and_(kind == _SEVEN, number == any_(CODES)),
    )


def _certified(_rule: OwnRule, certificate: Any) -> ColumnElement[bool]:
    kind, number = certificate.c.holder_type, certificate.c.holder_id_no
    return or_(
        and_(kind == _ONE, or_(number == any_(CARDS), number == any_(PAPERS))),
        and_(kind == _TWO, number == any_(CODES)),
    )


def _party(_rule: OwnRule, case: Any) -> ColumnElement[bool]:
    own = party.alias("own_party")
    named = and_(own.c.case_id == case.c.case_id, own.c.role_code == _ONE, _named(own), *_unmarked(own))
    return and_(
        exists(select(literal_column("1")).select_from(own).where(named).correlate(case)),
        case.c.secret_flag.is_not(True),
        case.c.sealed.is_(False),
    )


def _named(parties: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = parties.c.subject_ref == any_(REFS)
    return condition


def _snapshot(_rule: OwnRule, parties: Any) -> ColumnElement[bool]:
    of_case = OwnRule(left=Left.OWN, whose=Whose.THROUGH, column="case_id", of=CASE_TABLE)
    return and_(_named(parties), _through(of_case, parties))


_CONDITIONS: Mapping[Whose, Callable[[OwnRule, Any], ColumnElement[bool]]] = {
    Whose.PERSON: lambda rule, table: table.c[rule.column] == any_(ONESELF),
    Whose.ENTITY: lambda rule, table: table.c[rule.column] == any_(ENTITIES),
    Whose.OWNER: _owner,
    Whose.HOLDER: _holder,
    Whose.CERTIFIED: _certified,
    Whose.PARTY: _party,
    Whose.SNAPSHOT: _snapshot,
    Whose.THROUGH: _through,
    Whose.NOBODY: lambda _rule, _table: no_row(),
}
