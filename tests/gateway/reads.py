"""What a statement reads, by its text, and what a caller may read, by the decisions: the two sides of one comparison.

Nothing here asks a database. A caller is a standing, as the check of a purpose would have left it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from graphql import parse
from sqlalchemy import FromClause, Select, String, bindparam, literal_column, select

from auth.audit.record import Pseudonyms
from auth.classes import Action, DataClass
from auth.facts import FactKind
from auth.naming import naming_of
from auth.policy import Outcome
from auth.purpose import PURPOSE_DENIED, Standing
from auth.seals import Seal
from auth.viewer import CallerKind, Purpose, Viewer
from datasources.tables import enforcement
from gateway.arguments import Values
from gateway.asking import Asking, Profile
from gateway.bound import Bound
from gateway.dialect import DIALECT
from gateway.document import choose_operation
from gateway.facts import facts_of
from gateway.masking import masked_column
from gateway.pace import at_once
from gateway.pipeline import Pipeline
from gateway.plan import BoundPlan, Step
from gateway.rowscope import Scope, columns_guarded, row_conditions
from gateway.tasks import NOBODY
from resolvers.catalog import column_names
from resolvers.marks import unmarked
from resolvers.schema import catalog
from resolvers.sources import Column, Computed, Link, Lookup

SEAL = Seal(b"k" * 64, "tests")
PIPELINE = Pipeline(catalog, {}, seal_key=SEAL.key)
PIPELINE.pseudonyms = Pseudonyms(SEAL.key)
FACTS = tuple(facts_of(catalog))
PUBLIC_COLUMNS = frozenset(
    column
    for fact in FACTS
    if fact.data_class is DataClass.PUBLIC and fact.kind is FactKind.COLUMN
    for column in fact.columns
)
"""The columns that some field shows as public."""

_CASE = {"purpose": Purpose.CASE_HANDLING, "granted": True}
STANDINGS: Mapping[str, Standing] = {
    "officer": Standing(kind=CallerKind.OFFICER, **_CASE),  # type: ignore[arg-type]
    "officer-stepped-up": Standing(kind=CallerKind.OFFICER, assurance=2, **_CASE),  # type: ignore[arg-type]
    "officer-without-task": Standing(
        kind=CallerKind.OFFICER, purpose=Purpose.INSPECTION, granted=False, code=PURPOSE_DENIED
    ),
    "supervisor": Standing(kind=CallerKind.SUPERVISOR, purpose=Purpose.SUPERVISION, granted=True),
    "supervisor-stepped-up": Standing(
        kind=CallerKind.SUPERVISOR, purpose=Purpose.SUPERVISION, granted=True, assurance=2
    ),
    "partner": Standing(kind=CallerKind.PARTNER, purpose=Purpose.NON_TAX_PAYMENT, granted=True),
    "partner-disclosure": Standing(kind=CallerKind.PARTNER, purpose=Purpose.PARTNER_DISCLOSURE, granted=True),
    "partner-linkage": Standing(kind=CallerKind.PARTNER, purpose=Purpose.CRIMINAL_LINKAGE, granted=True),
    "partner-statistics": Standing(kind=CallerKind.PARTNER, purpose=Purpose.STATISTICS, granted=True),
    "partner-random": Standing(kind=CallerKind.PARTNER, purpose=Purpose.DOUBLE_RANDOM, granted=True),
    "partner-supervision": Standing(kind=CallerKind.PARTNER, purpose=Purpose.INTERNET_SUPERVISION, granted=True),
    "citizen": Standing(kind=CallerKind.CITIZEN, purpose=Purpose.SELF_SERVICE, granted=True),
    "citizen-own-records": Standing(
        kind=CallerKind.CITIZEN, purpose=Purpose.SELF_SERVICE, granted=True, assurance=2, own=True
    ),
    "citizen-own-records-by-an-ordinary-login": Standing(
        kind=CallerKind.CITIZEN, purpose=Purpose.SELF_SERVICE, granted=True, own=True
    ),
    "public": Standing(kind=CallerKind.PUBLIC, purpose=None, granted=False, code="PURPOSE_REQUIRED"),
    "auditor": Standing(kind=CallerKind.AUDITOR, purpose=Purpose.AUDIT, granted=True),
}
"""The caller classes by name: those of `tests.world.CALLERS`, and the others that the policies tell apart."""


HALF_OPEN = frozenset(
    {
        "LegalEntity", "EntityPosition", "OperatingSite", "AdministrativeLicence", "AbnormalListing", "LegacyCode",
        "ECertificate", "Officer", "TransportPermit",
    }
)  # fmt: skip
"""Records of which a citizen finds everybody's by public links: what is above PUBLIC is read in own rows only."""


# --- texts ---------------------------------------------------------------------------------------

_QUALIFIED = re.compile(r"\b([a-z]+\.[a-z_]+\.[a-z0-9_]+)\b")
_ALIASED = re.compile(r"\b([a-z]+)\.[a-z_]+ AS ([a-z_]+)\b")
_NUMBERED = re.compile(r"\$[0-9]+|\banon_[0-9]+")


def plain(text: str) -> str:
    """A statement without line ends, quotes and the numbers of its parameters."""
    return " ".join(_NUMBERED.sub("$", text).replace('"', "").split())


def names_in(text: str) -> set[str]:
    """The columns in a plain text, as the catalog names them: ``schema.table.column``, ``schema.alias.column``."""
    names = set(_QUALIFIED.findall(text))
    for schema, alias in set(_ALIASED.findall(text)):
        names |= {f"{schema}.{alias}.{column}" for column in re.findall(rf"(?<![.\w]){alias}\.([a-z0-9_]+)", text)}
    return names


def expression_text(table: FromClause, expression: Any) -> str:
    """An expression as it stands in a SELECT over the table."""
    text = plain(str(select(expression.label("x")).select_from(table).compile(dialect=DIALECT)))
    return text.removeprefix("SELECT ").rpartition(" AS x FROM ")[0]


def condition_text(table: FromClause, condition: Any) -> str:
    """A condition as it stands in a WHERE over the table."""
    query: Select[Any] = select(literal_column("1")).select_from(table).where(condition)
    return plain(str(query.compile(dialect=DIALECT))).partition(" WHERE ")[2]


@dataclass(frozen=True)
class Sent:
    """A statement that would be sent, as a plain text, with the step it is of."""

    step: Step
    text: str


def _open_to_all() -> Iterator[tuple[str, str]]:
    for (type_name, field), source in catalog.sources.items():
        if isinstance(source, Link):
            table = catalog.records[source.branches[0].target].table
            for argument in source.arguments:
                for member in (argument, *argument.members):
                    if member.where is not None and member.where.open_to_all:
                        built = member.where.build(bindparam("argument", type_=String()))
                        yield f"{type_name}.{field}({member.name})", condition_text(table, built)


OPEN_TO_ALL: Mapping[str, str] = dict(_open_to_all())
"""Conditions that everyone may use whatever they read, as they stand in a statement."""


def _marked() -> Iterator[str]:
    yield condition_text(enforcement.party, unmarked(enforcement.party.c.subject_mark))
    for coordinate, column in catalog.columns():
        if column.shown_where is not None:
            yield condition_text(_table_of(coordinate), column.shown_where)


# --- callers -------------------------------------------------------------------------------------


class Caller:
    """One caller class: what is decided for it, and the statements it would cause."""

    def __init__(self, name: str, standing: Standing | None = None) -> None:
        self.standing = standing or STANDINGS[name]
        self.asking = Asking(
            cell_key="",
            viewer=Viewer(subject="reader", client="reader", kind=self.standing.kind),
            profile=Profile(self.standing, PIPELINE.policies.current.epoch),
            policies=PIPELINE.policies.current,
            row_rules=row_conditions,
            naming=naming_of,
            scope=Scope(),
            named=NOBODY,
            seal=SEAL,
            mask_key="",
        )

    def outcome(self, coordinate: str, data_class: DataClass, action: Action = Action.READ) -> Outcome:
        """What is decided."""
        return self.asking.decide(coordinate, data_class, action).outcome

    @cache  # noqa: B019 - callers live as long as their test
    def open_columns(self, action: Action) -> frozenset[str]:
        """The columns that some field or hidden column opens to this action in clear."""
        return frozenset(
            column
            for fact in FACTS
            if fact.kind in (FactKind.COLUMN, FactKind.HIDDEN)
            and self.outcome(fact.coordinate, fact.data_class, action) is Outcome.CLEAR
            for column in fact.columns
        )

    def askable(self, link: Link) -> frozenset[str]:
        """The columns that this caller may filter by, behind a link."""
        half_open = self.standing.own and link.data_class is DataClass.PUBLIC
        if half_open and any(branch.target in HALF_OPEN for branch in link.branches):
            return self.open_columns(Action.FILTER) & PUBLIC_COLUMNS
        return self.open_columns(Action.FILTER)

    @cached_property
    def readable(self) -> frozenset[str]:
        """The columns that this caller may read in clear."""
        return self.open_columns(Action.READ)

    @cached_property
    def masks(self) -> Mapping[str, str]:
        """The expression of each field that is shown masked, by coordinate."""
        found = {}
        for coordinate, column in catalog.columns():
            if column.mask and self.outcome(coordinate, column.data_class) is Outcome.MASKED:
                hidden = masked_column(column)
                assert hidden is not None, coordinate
                found[coordinate] = expression_text(_table_of(coordinate), hidden)
        return found

    @cached_property
    def _set_aside(self) -> list[str]:
        """What may name any column: masks, the conditions of the row rules, and those that everyone may use. Longest first."""
        cuts = {
            condition_text(record.table, cut)
            for record in catalog.records.values()
            for under_case in (True, False)
            for open_link in (True, False)
            for cut in row_conditions(self.standing, record.table, under_case=under_case, open_link=open_link)
        }
        for record in catalog.records.values():
            if (guard := columns_guarded(self.standing, record.table)) is not None:
                cuts.add(condition_text(record.table, guard))
        return sorted({*self.masks.values(), *cuts, *OPEN_TO_ALL.values(), *MARKED}, key=len, reverse=True)

    def named(self, text: str) -> set[str]:
        """The columns that a plain text names outside masks and row rules."""
        for part in self._set_aside:
            text = text.replace(part, "...")
        return names_in(text)

    def named_in_any_row(self, text: str) -> set[str]:
        """The columns that a plain text names outside masks, row rules and what is read in own rows only."""
        guards = {
            condition_text(record.table, guard)
            for record in catalog.records.values()
            if (guard := columns_guarded(self.standing, record.table)) is not None
        }
        for written in sorted(guards, key=len, reverse=True):
            text = re.sub(rf"CASE WHEN \(?{re.escape(written)}\)? THEN .*? END\b", "", text)
        return self.named(text)

    def follows(self, coordinate: str, link: Link) -> bool:
        """Whether this caller may follow the link."""
        return self.outcome(coordinate, link.data_class) is Outcome.CLEAR

    def bound(self, text: str, variables: Mapping[str, Any]) -> tuple[BoundPlan, list[Sent]]:
        """The bound plan of an operation and its statements. Raises GatewayError and Refused."""
        bound, values = self._bound(text, variables)
        sent = [Sent(step, plain(bound.statement_for(step, values[step.slot]).text)) for step in bound.plan.steps]
        return bound.plan, sent

    def list_of_cursor(self, text: str, variables: Mapping[str, Any]) -> str:
        """What a cursor of the last link of an operation is bound to, if it may be followed. Raises GatewayError and Refused."""
        _, values = self._bound(text, variables)
        return values[-1].seal_scope if values else ""

    def thirds(self, text: str, variables: Mapping[str, Any]) -> Iterator[tuple[Step, str]]:
        """The steps of an operation where third persons may be met, each with the plain text that is sent for them."""
        bound, values = self._bound(text, variables)
        for step in bound.plan.steps:
            if step.third is not None:
                yield step, plain(bound.statement_for(step.third.step, values[step.slot]).text)

    def _bound(self, text: str, variables: Mapping[str, Any]) -> tuple[Bound, list[Values]]:
        operation = choose_operation(text, parse(text), None)  # not validated: that takes longer than all the rest
        coerced = PIPELINE.plans.variables(operation, variables)
        plan = PIPELINE.plans.plan(operation, coerced)
        assert not isinstance(plan, Exception), plan
        bound = at_once(PIPELINE.plans.binding(plan, self.asking, ()))
        return bound, PIPELINE.values(bound, coerced, SEAL)


def _table_of(coordinate: str) -> FromClause:
    type_name, field = coordinate.split(".")[:2]
    source = catalog.sources[type_name, field]
    record = source.link.branches[0].target if isinstance(source, Lookup) else type_name
    return catalog.records[record].table


MARKED = frozenset(_marked())
"""Which rows show whom they name in passing, and the filter by party: nobody is found or named who is marked."""

_KEYS: dict[int, frozenset[str]] = {}


def keys_of(link: Link) -> frozenset[str]:
    """The columns that a link goes by."""
    if id(link) not in _KEYS:
        _KEYS[id(link)] = _keys_of(link)
    return _KEYS[id(link)]


def _keys_of(link: Link) -> frozenset[str]:
    expressions = list(link.key)
    if link.through is not None:
        expressions += [*link.through.match, *link.through.columns]
    for branch in link.branches:
        expressions += [*branch.match, *(on for _, on in branch.join)]
    return frozenset(name for expression in expressions for name in _named_by(expression))


@cache
def keys_within(type_name: str) -> frozenset[str]:
    """The keys in a record's own statement: its key, which its lists are ordered by in the end, those that its tables
    and its subqueries are joined by, and those that are shown as a pseudonym.
    """
    record = catalog.records[type_name]
    found = set(column_names(record.key))
    found |= names_in(plain(str(select(literal_column("1")).select_from(record.table).compile(dialect=DIALECT))))
    for (owner, _), source in catalog.sources.items():
        if owner == type_name and isinstance(source, Column | Computed):
            for column in (source,) if isinstance(source, Column) else source.inputs:
                named = _named_by(column.expression)
                found |= named if column.opaque else named - column_names([column.expression])
    return frozenset(found)


def _named_by(expression: Any) -> set[str]:
    return names_in(plain(str(select(expression.label("x")).compile(dialect=DIALECT))))
