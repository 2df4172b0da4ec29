"""The cases that may be published, page by page: what the case database says of each, its parties, and who they are.

Of natural persons the population database is asked for the day of birth, the marks and the spelling: whether the punished had
come of age, and what else the text may call them.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from datasources.database import Database
from datasources.errors import SourceError
from datasources.references import parse_reference
from datasources.tables.enforcement import case_, decision, disclosure, inspection, party
from datasources.tables.population import person
from gateway.adhoc import compile_adhoc

PAGE = 500
"""Cases that are read at once."""
NATURAL_PERSON = "1"
"""``cas.party.subject_type``."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One case: its row, its parties with the punished first, and the persons among them by reference.

    `undecided` says that nobody can say who they are now.
    """

    row: Row
    parties: Sequence[Row]
    people: Mapping[str, Row] = field(default_factory=dict)
    undecided: bool = False

    @property
    def key(self) -> str:
        """The number of its disclosure."""
        return str(self.row["disclosure_id"])


async def candidates(
    databases: Mapping[str, Database], since: datetime.datetime | None
) -> AsyncIterator[Sequence[Candidate]]:
    """All cases whose publication is in hand, or those delivered since, by number. Raises SourceError."""
    after = ""
    while rows := await rows_of(databases["enforcement"], _page(after, since)):
        yield await _with_people(databases, rows)
        after = rows[-1]["disclosure_id"]


async def candidates_of(databases: Mapping[str, Database], keys: Iterable[str]) -> Sequence[Candidate]:
    """The cases of these disclosures. Raises SourceError."""
    wanted = disclosure.c.disclosure_id.in_(sorted(keys))
    return await _with_people(databases, await rows_of(databases["enforcement"], _columns().where(wanted)))


async def _with_people(databases: Mapping[str, Database], rows: Sequence[Row]) -> Sequence[Candidate]:
    keys = [row["case_id"] for row in rows]
    parties: defaultdict[UUID, list[Row]] = defaultdict(list)
    for one in await rows_of(databases["enforcement"], _parties(keys)):
        parties[one["case_id"]].append(one)
    people = await _people(databases["population"], [one for several in parties.values() for one in several])
    return [_candidate(row, parties[row["case_id"]], people) for row in rows]


def _candidate(row: Row, parties: Sequence[Row], people: Mapping[str, Row] | None) -> Candidate:
    references = {one["subject_ref"] for one in parties if one["subject_type"] == NATURAL_PERSON}
    if people is None:
        return Candidate(row=row, parties=parties, undecided=bool(references))
    return Candidate(row=row, parties=parties, people={ref: people[ref] for ref in references if ref in people})


def _page(after: str, since: datetime.datetime | None) -> Select[Any]:
    delivered = () if since is None else (or_(disclosure.c.fetched_at >= since, case_.c.fetched_at >= since),)
    found = _columns().where(disclosure.c.disclosure_id > after, *delivered)
    return found.order_by(disclosure.c.disclosure_id).limit(PAGE)


def _columns() -> Select[Any]:
    case_columns = ("kind", "procedure_code", "cause_code", "implementation_code", "org_id", "division_code", "status")
    of_decision = (
        "document_no", "illegal_act_type", "facts", "basis", "penalty_kinds", "content", "fine_amount",
        "confiscated_amount", "revoked_licence", "valid_until", "discretion_grade",
    )  # fmt: skip
    return select(
        disclosure,
        *(case_.c[name] for name in (*case_columns, "decided_on", "secret_flag", "disclosure_class")),
        case_.c.sealed.label("case_sealed"),
        *(decision.c[name] for name in of_decision),
        inspection.c.result_code,
    ).select_from(
        disclosure.join(case_, case_.c.case_id == disclosure.c.case_id)
        .outerjoin(decision, decision.c.case_id == disclosure.c.case_id)
        .outerjoin(inspection, inspection.c.case_id == disclosure.c.case_id)
    )


def _parties(keys: Sequence[UUID]) -> Select[Any]:
    names = (
        "case_id",
        "role_code",
        "subject_type",
        "subject_ref",
        "name_at_decision",
        "legal_rep_name",
        "subject_mark",
    )
    return (
        select(*(party.c[name] for name in names))
        .where(party.c.case_id.in_(keys))
        .order_by(party.c.case_id, party.c.role_code, party.c.party_id)
    )


async def _people(population: Database, parties: Iterable[Row]) -> Mapping[str, Row] | None:
    """The natural persons by reference; None when nobody can say."""
    wanted: dict[UUID, str] = {}
    for one in parties:
        if one["subject_type"] == NATURAL_PERSON and (key := _key(one["subject_ref"])) is not None:
            wanted[key] = one["subject_ref"]
    if not wanted:
        return {}
    names = ("person_id", "birth_date", "name_pinyin", "protection_flag", "sealed")
    query = select(*(person.c[name] for name in names)).where(person.c.person_id.in_(list(wanted)))
    try:
        return {wanted[row["person_id"]]: row for row in await rows_of(population, query)}
    except SourceError:
        return None


def _key(reference: str | None) -> UUID | None:
    try:
        return parse_reference(reference or "")[1]
    except ValueError:
        return None


async def rows_of(database: Database, statement: Select[Any]) -> Sequence[Any]:
    """The rows of a statement. Raises SourceError."""
    text, parameters = compile_adhoc(statement)
    return await database.rows(text, parameters)
