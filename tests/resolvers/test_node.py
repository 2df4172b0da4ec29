"""Global ids: every record that has one is found by it again."""

from __future__ import annotations

from graphql import GraphQLInterfaceType

from resolvers.node import NODES
from resolvers.schema import catalog
from resolvers.sources import Column, Sealed
from tests.resolvers import town
from tests.resolvers.conftest import Ask


def test_every_record_with_a_global_id_has_a_branch() -> None:
    interface = catalog.schema.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    assert {type_.name for type_ in catalog.schema.get_possible_types(interface)} == {node.__name__ for node in NODES}


def test_the_key_in_an_id_is_the_key_of_the_record() -> None:
    for node in NODES:
        source = catalog.sources[node.__name__, "id"]
        assert isinstance(source, Column)
        assert isinstance(source.form, Sealed)
        assert [source.expression.clause] == list(catalog.records[node.__name__].key)


async def test_ids_lead_back(ask: Ask) -> None:
    known = await ask(
        """query($no: String!, $unit: String!) {
          person(idNo: $no) { id } vehicle(plateNo: "粤C12A34", plateType: "02") { id }
          realEstateUnit(unitNo: $unit) { id } certificate(certId: "c1") { id }
        }""",
        no=town.WEI_NO,
        unit=town.UNIT,
    )
    for record in known["data"].values():
        found = await ask("query($id: ID!) { node(id: $id) { id } }", id=record["id"])
        assert found["data"]["node"] == record
