"""A case is a folder: operation, caller, variables, the expected result and the expected statements.

    tests/cases/<domain>/<behaviour>/query.graphql variables.json viewer.json result.json sql.sql

A case may ask the operation of another one as another caller, with the purpose of `tests.world.CALLERS` and other values for
some of the variables: ``viewer.json`` names it, and there is a result and no more.

    tests/cases/callers/<operation>__<caller>/viewer.json result.json

``TONGCHA_REWRITE=1 scripts/test tests/test_cases.py`` writes what is expected anew; read the diff.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from auth.viewer import parse_access
from gateway.compile import NotCompilable
from gateway.request import GraphQLRequest
from tests.world import CALLERS, World

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/*/viewer.json"))
CURSOR = re.compile(r'("(?:endCursor|cursor)": )"[-\w]{40,}"')
"""A sealed cursor: it is of the policies in force, and would change with every line of them."""
REWRITE = bool(os.environ.get("TONGCHA_REWRITE"))


def read(folder: Path) -> tuple[str, dict[str, Any], Any]:
    """The operation, its variables, and the caller with what the request states."""
    viewer = json.loads((folder / "viewer.json").read_text())
    asked = CASES / viewer["operation"] if "operation" in viewer else folder
    given = json.loads((asked / "variables.json").read_text()) if (asked / "variables.json").exists() else {}
    caller = CALLERS[viewer["caller"]]
    if asked is folder:
        caller = (caller[0], parse_access(given.get("extensions", {}).get("access")))
    variables = {**given.get("variables", {}), **viewer.get("variables", {})}
    return (asked / "query.graphql").read_text(), variables, caller


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
async def test_case(world: World, folder: Path) -> None:
    query, variables, caller = read(folder)
    request = GraphQLRequest(query=query, variables=variables)
    pipeline = world.pipeline()
    answer = await pipeline.answer(request, *caller)
    shown = orjson.dumps(answer.payload, option=orjson.OPT_INDENT_2).decode()
    expect(folder / "result.json", CURSOR.sub(r'\1"(sealed)"', shown) + "\n")
    by_resolvers = await world.pipeline("resolvers").answer(request, *caller)
    assert orjson.dumps(by_resolvers.payload) == orjson.dumps(answer.payload)

    if not (folder / "query.graphql").exists():
        return
    expect(folder / "sql.sql", await pipeline.explain(query, variables, *caller))

    # One statement per link and root at the most, and one more where third persons may be met, whatever the number of rows.
    operation = await pipeline.plans.read(request)
    plan = pipeline.plans.plan(operation, pipeline.plans.variables(operation, variables))
    if not isinstance(plan, NotCompilable):
        await pipeline.answer(request, *caller)  # the standing is known now: what follows are the operation's own
        before = world.statements()
        await pipeline.answer(request, *caller)
        asking = await pipeline.reception.asking(*caller)
        bound = await pipeline.plans.bound(operation, pipeline.plans.variables(operation, variables), plan, asking)
        thirds = sum(step.third is not None for step in bound.plan.steps)
        assert world.statements() - before <= len(plan.links) + thirds


def test_every_operation_is_asked_as_every_caller() -> None:
    asked = {folder.name for folder in (CASES / "callers").iterdir()}
    operations = [folder.name for folder in (CASES / "operations").iterdir()]
    assert asked == {f"{operation}__{caller}" for operation in operations for caller in CALLERS}


def expect(path: Path, found: str) -> None:
    """Compares with the file, or writes it when asked to."""
    if REWRITE:
        path.write_text(found)
    assert path.read_text() == found
