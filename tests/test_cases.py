"""A case is a folder: operation, caller, variables, the expected result and the expected statements.

    tests/cases/<domain>/<behaviour>/query.graphql variables.json viewer.json result.json sql.sql

``TONGCHA_REWRITE=1 scripts/test tests/test_cases.py`` writes what is expected anew; read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from auth.viewer import parse_access
from gateway.compile import NotCompilable
from gateway.request import GraphQLRequest
from tests.world import CALLERS, World

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/*/query.graphql"))
REWRITE = bool(os.environ.get("TONGCHA_REWRITE"))


def read(folder: Path) -> tuple[str, dict[str, Any], Any]:
    """The operation, its variables, and the caller with what the request states."""
    given = json.loads((folder / "variables.json").read_text()) if (folder / "variables.json").exists() else {}
    viewer, _ = CALLERS[json.loads((folder / "viewer.json").read_text())["caller"]]
    access = parse_access(given.get("extensions", {}).get("access"))
    return (folder / "query.graphql").read_text(), given.get("variables", {}), (viewer, access)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
async def test_case(world: World, folder: Path) -> None:
    query, variables, caller = read(folder)
    request = GraphQLRequest(query=query, variables=variables)
    pipeline = world.pipeline()
    answer = await pipeline.answer(request, *caller)
    explained = await pipeline.explain(query, variables, *caller)
    shown = orjson.dumps(answer.payload, option=orjson.OPT_INDENT_2).decode()
    expect(folder / "result.json", shown + "\n")
    expect(folder / "sql.sql", explained)

    by_resolvers = await world.pipeline("resolvers").answer(request, *caller)
    assert orjson.dumps(by_resolvers.payload) == orjson.dumps(answer.payload)

    # One statement per link and root at the most, whatever the number of rows.
    operation = pipeline.operation(request)
    plan = pipeline.plan(operation, pipeline.variables(operation, variables))
    if not isinstance(plan, NotCompilable):
        await pipeline.answer(request, *caller)  # the standing is known now: what follows are the operation's own
        before = world.statements()
        await pipeline.answer(request, *caller)
        assert world.statements() - before <= len(plan.links)


def expect(path: Path, found: str) -> None:
    """Compares with the file, or writes it when asked to."""
    if REWRITE:
        path.write_text(found)
    assert path.read_text() == found
