"""Which function makes the rows of which table, over which numbering: the list the loader and the tests go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from datasources.city import (
    assignments,
    briefs,
    case_rows,
    certificates,
    disclosed,
    disclosure_rules,
    entity_rows,
    gateway,
    matters,
    money_rows,
    organisations,
    places,
    population,
    real_property,
    regulations,
    sampling,
    vehicles,
)
from datasources.city.sizes import Size
from datasources.tables import DATABASES

#: Schema → database.
_DATABASES = {str(table.schema): name for name, metadata in DATABASES.items() for table in metadata.tables.values()}
#: Rows of one table for the things `start` to `stop` of a numbering, as tuples in the order of the table's columns.
RowMaker = Callable[[Size, int, int, int], Iterator[tuple[Any, ...]]]


def _division_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[Any, ...]]:
    """Rows of div.division."""
    del size, seed, start, stop
    yield from places.divisions()


def _once(size: Size) -> int:
    """The numbering of tables that are made in one go."""
    del size
    return 1


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One table and the function that makes its rows."""

    database: str
    table: str
    rows: RowMaker

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table, in the order of the tuples."""
        return tuple(DATABASES[self.database].tables[self.table].c.keys())


@dataclass(frozen=True, kw_only=True)
class Group:
    """Tables that are made from the same numbering, so that a thing is computed once for all of them."""

    name: str
    total: Callable[[Size], int]
    chunk: int
    feeds: tuple[Feed, ...]


def _group(name: str, total: Callable[[Size], int], chunk: int, *feeds: tuple[str, RowMaker]) -> Group:
    return Group(
        name=name, total=total, chunk=chunk,
        feeds=tuple(Feed(database=_DATABASES[table.split(".")[0]], table=table, rows=rows) for table, rows in feeds),
    )  # fmt: skip


GROUPS = (
    _group("changes", _once, 1, ("gw.change_log", gateway.change_rows)),
    _group(
        "cases", briefs.total, 2_000, ("cas.case", case_rows.case_rows), ("cas.party", case_rows.party_rows),
        ("cas.decision", case_rows.decision_rows), ("cas.inspection", case_rows.inspection_rows),
        ("cas.coercion", case_rows.coercion_rows), ("cas.event", case_rows.event_rows),
        ("cas.document", case_rows.document_rows), ("cas.evidence", case_rows.evidence_rows),
        ("cas.recording", case_rows.recording_rows), ("cas.disclosure", case_rows.disclosure_rows), ("gw.disclosure", disclosed.published_rows),
        ("cas.payment", money_rows.payment_rows), ("cas.payment_instalment", money_rows.instalment_rows),
        ("cas.payment_receipt", money_rows.receipt_rows), ("cas.criminal_transfer", money_rows.transfer_rows),
        ("cas.review", money_rows.review_rows),
        ("off.assignment", assignments.assignment_rows),
    ),
    _group(
        "persons", lambda size: size.persons, 20_000, ("pop.person", population.person_rows),
        ("pop.id_document", population.document_rows),
    ),
    _group(
        "households", lambda size: size.households, 4_000, ("pop.household", population.household_rows),
        ("pop.household_member", population.member_rows), ("pop.floating_population", population.floating_rows),
    ),
    _group(
        "units", lambda size: size.units, 4_000, ("rea.unit", real_property.unit_rows),
        ("rea.right", real_property.right_rows), ("rea.encumbrance", real_property.encumbrance_rows),
    ),
    _group(
        "entities", lambda size: size.entities, 2_500, ("ent.entity", entity_rows.entity_rows),
        ("ent.entity_person", entity_rows.entity_person_rows), ("ent.operating_site", entity_rows.site_rows),
        ("ent.licence", entity_rows.licence_rows), ("ent.abnormal_listing", entity_rows.listing_rows),
        ("ent.inspection_quota", entity_rows.quota_rows), ("ent.legacy_code", entity_rows.legacy_rows),
        ("lic.certificate", certificates.business_rows), ("lic.use_log", certificates.use_rows),
    ),
    _group(
        "vehicles", lambda size: size.vehicles, 4_000, ("veh.vehicle", vehicles.vehicle_rows),
        ("veh.ownership", vehicles.ownership_rows), ("veh.transport_permit", vehicles.permit_rows),
        ("lic.certificate", certificates.transport_rows),
    ),
    _group(
        "personal", lambda size: size.personal_certificates, 20_000,
        ("lic.certificate", certificates.personal_rows),
    ),
    _group(
        "matters", lambda size: size.matters, 6_000, ("mat.matter", matters.matter_rows),
        ("mat.matter_cause", matters.cause_rows), ("mat.matter_basis", matters.basis_rows),
        ("mat.discretion", matters.discretion_rows), ("mat.matter_supervision", matters.supervision_rows),
        ("mat.change_request", matters.change_request_rows),
    ),
    _group(
        "regulations", lambda size: size.regulations, 1_200, ("reg.regulation", regulations.regulation_rows),
        ("reg.article", regulations.article_rows),
    ),
    _group("divisions", _once, 1, ("div.division", _division_rows)),
    _group(
        "orgs", lambda size: size.orgs, 260, ("off.org", organisations.org_rows),
        ("off.org_jurisdiction", organisations.jurisdiction_rows),
    ),
    _group(
        "officers", lambda size: size.officers, 6_000, ("off.officer", organisations.officer_rows),
        ("off.training", organisations.training_rows),
    ),
    _group("reviews", _once, 1, ("off.assignment", assignments.review_assignment_rows)),
    _group("draws", _once, 1, ("cas.sampling_draw", sampling.draw_rows)),
    _group(
        "partners", _once, 1, ("gw.client", gateway.client_rows), ("gw.agreement", gateway.agreement_rows),
        ("gw.document", gateway.document_rows), ("gw.source_batch", gateway.batch_rows), ("gw.holiday", gateway.holiday_rows),
        ("gw.disclosure_rule", disclosure_rules.rule_rows), ("gw.disclosure_period", disclosure_rules.period_rows),
        ("gw.disclosure_profile", disclosure_rules.profile_rows),
    ),
)  # fmt: skip


def table_rows(table: str, size: Size, seed: int) -> Iterator[tuple[Any, ...]]:
    """Every row of a table, for sizes that fit."""
    for group in GROUPS:
        for feed in group.feeds:
            if feed.table == table:
                yield from feed.rows(size, seed, 0, group.total(size))
