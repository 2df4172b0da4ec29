"""Attacks on whether something is there: what is around the data of an answer, and what was done for it, tells nothing of it.

The data themselves are in ``test_attacks_rows.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.gateway.asking import told
from tests.world import CALLERS, World

ENGINES = ("compiled", "resolvers")

FOLLOWED: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any], set[str]]] = {
    "a vehicle and its owner": (
        'query($key: String!) { vehicle(plateNo: $key, plateType: "02") { plateNo owner { displayName } openCases { totalCount } } }',
        {"key": "粤C12A34"},
        {"key": "粤C99Z99"},
        {"vehicle", "population", "legal_entity", "enforcement"},
    ),
    "an enterprise and its cases": (
        "query($key: String!) { legalEntity(uscc: $key) { name cases { totalCount } certificates { certType { code } } } }",
        {"key": "92440499MA7X0A12X1"},
        {"key": "92440499MA7X9A99X7"},
        {"legal_entity", "enforcement", "certificate"},
    ),
    "a case and its agency": (
        "query($key: String!) { case(caseNo: $key) { caseNo org { name } } }",
        {"key": "ZHXZ-CX-2026-CF-0003071"},
        {"key": "ZHXZ-CX-2026-CF-9999999"},
        {"enforcement", "personnel"},
    ),
    "an empty list of keys": (
        "query($keys: [String!]) { cases(filter: {caseNos: $keys}) { nodes { caseNo org { name } } } }",
        {"keys": ["ZHXZ-CX-2026-CF-0003071"]},
        {"keys": []},
        {"enforcement", "personnel"},
    ),
}
"""An operation, variables that find something, variables that do not, and the databases of its plan."""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", FOLLOWED)
async def test_C1_the_sources_are_those_of_the_plan_whatever_is_found(world: World, name: str, engine: str) -> None:
    """Which of them were asked would tell that a key led somewhere, be it to what is hidden."""
    text, found, missing, databases = FOLLOWED[name]
    at = "2026-11-05T09:00:00Z"
    expected = [{"source": source, "status": "COMPLETE", "asOf": at} for source in sorted(databases)]
    bodies = [await told(world.pipeline(engine), text, CALLERS["officer"], given) for given in (found, missing)]
    assert bodies[0]["data"] != bodies[1]["data"]
    assert [body["extensions"]["sources"] for body in bodies] == [expected, expected]


@pytest.mark.parametrize("engine", ENGINES)
async def test_C1_what_is_withheld_names_no_source(world: World, engine: str) -> None:
    """The list depends on who asks, and on nothing that is stored."""
    text = '{ vehicle(plateNo: "粤C12A34", plateType: "02") { brandModel owner { displayName } } divisions(first: 1) { totalCount } }'
    body = await told(world.pipeline(engine), text, CALLERS["public"])
    assert [entry["source"] for entry in body["extensions"]["sources"]] == ["personnel"]


@pytest.mark.parametrize(("name", "sources"), [("supervisor", ["enforcement", "gateway", "personnel"]), ("public", [])])
async def test_C1_a_field_with_a_resolver_of_its_own_names_what_it_declares(
    world: World, name: str, sources: list[str]
) -> None:
    text = """{ enforcementStats(groupBy: [DISTRICT], from: "2026-01-01", to: "2026-02-01") { rows { filed } } }"""
    body = await told(world.pipeline(), text, CALLERS[name])
    assert [entry["source"] for entry in body["extensions"]["sources"]] == sources
