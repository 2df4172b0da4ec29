from __future__ import annotations

from collections.abc import Iterator

import pytest
import strawberry
from graphql import GraphQLObjectType
from sqlalchemy import Column, Integer, MetaData, String, Table

from auth.classes import DataClass
from auth.facts import FactKind, Facts
from gateway.facts import facts_of
from resolvers.args import key_arg
from resolvers.catalog import Catalog, CatalogError
from resolvers.fields import PER, PUB, column, root
from resolvers.schema import catalog
from resolvers.sources import Column as Shown
from resolvers.sources import Computed, Embed, Link, Lookup, Source
from resolvers.types import record
from tests.gateway.shelf import make_catalog

FACTS = facts_of(catalog)

CLUB = MetaData(schema="club")
MEMBERS = Table("member", CLUB, Column("id", Integer, primary_key=True), Column("card_no", String))


@record(MEMBERS, "会员", key=MEMBERS.c.id)
class Member:
    """A member, found by a number that is above the link to it."""

    id: int = column(MEMBERS.c.id, PUB, "标识")
    card_no: str | None = column(MEMBERS.c.card_no, PER, "证号")


@strawberry.type(name="Query")
class CarelessQuery:
    """A root that is declared too mildly."""

    member: Member | None = root(
        PUB, "会员", by=("cardNo",), match=(MEMBERS.c.card_no,), args=(key_arg("cardNo", str, "证号"),)
    )


def of(coordinate: str, kind: FactKind | None = None) -> Facts:
    (found,) = [fact for fact in FACTS if fact.coordinate == coordinate and (kind is None or fact.kind is kind)]
    return found


@pytest.mark.parametrize(
    ("coordinate", "columns", "mask"),
    [
        ("Person.idNo", {"pop.person.id_no"}, "id_6_4"),
        ("Person.age", {"pop.person.birth_date"}, None),
        ("Person.residenceAddress.fullText", {"pop.person.res_address"}, "addr_to_town"),
        ("Person.subjectRef", set(), None),
        ("Person.id", set(), None),
        ("Person.subjectType", set(), None),
        ("Disclosure.facts", {"gw.disclosure.facts"}, "free_text_scan"),
        ("CaseEvent.remote", {"cas.event.at", "cas.event.uploaded_at"}, None),
        ("Officer.(photo_ref)", {"off.officer.photo_ref"}, None),
        ("Query.enforcementStats", {"cas.case.*"}, None),
    ],
)
def test_a_value_has_the_columns_it_reads(coordinate: str, columns: set[str], mask: str | None) -> None:
    fact = of(coordinate)
    assert (set(fact.columns), fact.mask) == (columns, mask)


def test_a_value_made_by_a_function_has_all_its_inputs() -> None:
    assert {"cas.case.filed_on", "cas.disclosure.state"} <= of("Case.deadlines").columns


@pytest.mark.parametrize(
    ("coordinate", "columns"),
    [
        ("Person.idDocuments", {"pop.person.person_id", "pop.id_document.person_id"}),
        ("Query.persons", {"pop.person.*"}),
        ("Query.legalEntity", {"ent.entity.uscc"}),
        ("LegalEntity.legalRepresentative.person", {
            "ent.entity.legal_rep_id_type", "ent.entity.legal_rep_id_no", "pop.person.id_type", "pop.person.id_no",
        }),
    ],
)  # fmt: skip
def test_a_link_has_the_columns_it_goes_by(coordinate: str, columns: set[str]) -> None:
    assert set(of(coordinate, FactKind.LINK).columns) == columns


def test_a_link_through_a_table_in_between_has_its_columns_too() -> None:
    to_person, to_entity = [set(fact.columns) for fact in FACTS if fact.coordinate == "Vehicle.owner"]
    by = {"veh.vehicle.vehicle_id", "veh.ownership.vehicle_id"}
    assert (to_person, to_entity) == (by | {"pop.person.person_id"}, by | {"ent.entity.entity_id"})


def test_what_the_caller_names_is_asked_about_as_a_filter() -> None:
    keys = [fact.columns for fact in FACTS if fact.kind is FactKind.KEY and fact.coordinate == "Query.person"]
    assert keys == [{"pop.person.id_no"}, {"pop.person.id_type"}]
    assert not [fact for fact in FACTS if fact.kind is FactKind.KEY and fact.coordinate == "Query.node"]


def test_a_looked_up_value_is_a_link_and_a_value() -> None:
    link, value = [fact for fact in FACTS if fact.coordinate == "Person.residenceAddress.divisionName"]
    assert (link.kind, link.data_class, link.database) == (FactKind.LINK, DataClass.PERSONAL, "personnel")
    assert (value.kind, value.data_class, set(value.columns)) == (
        FactKind.COLUMN,
        DataClass.PUBLIC,
        {"div.division.name"},
    )


def asked_about(coordinate: str, source: Source) -> Iterator[tuple[str, DataClass]]:
    """What binding asks about a source."""
    if isinstance(source, Embed):
        for name, part in source.parts.items():
            yield from asked_about(f"{coordinate}.{name}", part)
    elif isinstance(source, Shown | Computed | Link):
        yield coordinate, source.data_class
    elif isinstance(source, Lookup):
        yield coordinate, source.link.data_class
        yield coordinate, source.column.data_class


@pytest.mark.parametrize("made", [catalog, make_catalog()], ids=["ours", "shelf"])
def test_nothing_is_asked_about_that_the_facts_do_not_know(made: Catalog) -> None:
    known = {(fact.coordinate, fact.data_class) for fact in facts_of(made)}
    for (type_name, field_name), source in made.sources.items():
        assert set(asked_about(f"{type_name}.{field_name}", source)) <= known
    assert {(reader.coordinate, reader.data_class) for reader in made.classes.values()} <= known


def test_every_field_of_a_record_has_facts_or_a_resolver_of_its_own() -> None:
    coordinates = {fact.coordinate for fact in FACTS}
    for name in catalog.records:
        type_ = catalog.schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        for field in type_.fields:
            here = f"{name}.{field}"
            assert here in coordinates or any(known.startswith(f"{here}.") for known in coordinates), here


def test_a_record_is_not_found_by_what_is_above_its_link() -> None:
    with pytest.raises(CatalogError, match=r"Query.member is declared PUBLIC but finds by PERSONAL"):
        Catalog(strawberry.Schema(CarelessQuery), {"club": CLUB})
