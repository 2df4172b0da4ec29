"""Every table has a rule of whose its rows are, and own rows are found by an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from auth.own import OWN_RULES, Whose
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import told
from tests.gateway.hearing import Heard
from tests.gateway.village import TABLES
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

OWN = CALLERS["citizen-own"]


def test_every_table_has_a_rule() -> None:
    """A table that nobody thought of shows its public columns only; but somebody is to think of it."""
    assert OWN_RULES.keys() == TABLES.keys()


def test_every_rule_goes_by_columns_that_are_there() -> None:
    for name, rule in OWN_RULES.items():
        tables = [TABLES[name], *([TABLES[rule.of]] if rule.whose is Whose.THROUGH else [])]
        assert all(not rule.column or rule.column in table.c for table in tables), name


class Explained(Heard):
    """Keeps the plan of every statement, as PostgreSQL makes it for these parameters."""

    plans: list[tuple[str, str]]

    async def rows(self, text: str, parameters: Sequence[Any], *, budget: float | None = None) -> list[Any]:
        ((plan,),) = await self._inner.rows(f"EXPLAIN (FORMAT JSON) {text}", parameters)
        self.plans.append((text, plan if isinstance(plan, str) else orjson.dumps(plan).decode()))
        return await self._inner.rows(text, parameters, budget=budget)


LARGE = ("person", "entity", "case", "party", "right", "vehicle", "ownership", "certificate", "use_log", "payment")


@pytest.mark.parametrize(
    "text",
    [
        "{ me { name } }",
        "{ persons { totalCount nodes { name } } }",
        "{ cases { totalCount nodes { caseNo } } }",
        "{ vehicles { totalCount nodes { plateNo } } }",
        "{ realEstateUnits { totalCount nodes { unitNo } } }",
        "{ certificates { totalCount nodes { certId } } }",
    ],
)
async def test_own_rows_are_found_by_an_index(world: World, text: str) -> None:
    plans: list[tuple[str, str]] = []
    databases = {name: Explained(database, []) for name, database in world.databases.items()}
    for database in databases.values():
        database.plans = plans
    pipeline = Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
    pipeline.reception = world.pipeline().reception
    await told(pipeline, text, OWN)
    assert plans
    for _, plan in plans:
        assert not any(f'"Seq Scan","Relation Name":"{table}"' in _compact(plan) for table in LARGE), plan


def _compact(plan: str) -> str:
    nodes: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        nodes.append(f'"{node["Node Type"]}","Relation Name":"{node.get("Relation Name")}"')
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(orjson.loads(plan)[0]["Plan"])
    return " ".join(nodes)
