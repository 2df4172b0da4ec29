"""What the documents show is what the gateway answers.

``TONGCHA_REWRITE=1 scripts/test tests/test_examples.py`` writes the plan in ``docs/architecture.md`` and the table in
``docs/access.md`` anew; read the diff.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import FieldNode, OperationDefinitionNode, parse, print_ast

from auth.audit.reader import records
from auth.issuer import DEMO_CALLERS
from auth.viewer import AccessRequest, CallerKind, Viewer, parse_access
from gateway.errors import GatewayError
from gateway.recorder import open_recorder
from gateway.request import GraphQLRequest
from tests.documents import ACCESS, ARCHITECTURE, READMES, ROOT, blocks, expect_block, expect_table, named, rows_of
from tests.world import OFFICER, World

Caller = tuple[Viewer, AccessRequest | None]


def part_of(shown: Any, whole: Any) -> bool:
    """Whether `shown` is `whole`, or what is left of it when members and later items are taken out."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(key in whole and part_of(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(whole, list):
        return len(shown) <= len(whole) and all(map(part_of, shown, whole))
    return bool(shown == whole)


async def answer(world: World, query: str, given: Mapping[str, Any]) -> Any:
    """The JSON of the answer to an officer; `given` is what a client sends beside the query."""
    request = GraphQLRequest(query=query, variables=given["variables"])
    found = await world.pipeline().answer(request, OFFICER, parse_access(given["extensions"]["access"]))
    return orjson.loads(orjson.dumps(found.payload))


async def test_the_example_is_what_the_gateway_does(world: World) -> None:
    shown = blocks(ARCHITECTURE)
    query, given = shown["graphql example"], json.loads(shown["json example request"])
    assert await answer(world, query, given) == json.loads(shown["json example answer"])
    access = parse_access(given["extensions"]["access"])
    explained = await world.pipeline().explain(query, given["variables"], OFFICER, access)
    expect_block(ARCHITECTURE, "text example plan", explained)


async def test_the_record_is_part_of_what_the_log_has(world: World, tmp_path: Path) -> None:
    shown = blocks(ARCHITECTURE)
    given = json.loads(shown["json example request"])
    request = GraphQLRequest(query=shown["graphql example"], variables=given["variables"])
    access = parse_access(given["extensions"]["access"])
    found = await world.pipeline().answer(request, OFFICER, access)
    recorder = open_recorder(tmp_path, bytes(32))
    await recorder.record(OFFICER, access, request.variables, found, b"")
    await recorder.close()
    *_, stored = records(tmp_path / "0")
    assert part_of(json.loads(shown["json example record"]), stored.entry)


@pytest.mark.parametrize("path", READMES, ids=named)
async def test_the_answer_in_the_readme_is_part_of_the_answer(world: World, path: Path) -> None:
    asked = ROOT / "gateway" / "commands" / "roadside_vehicle"
    given = json.loads(asked.with_suffix(".json").read_text(encoding="utf-8"))
    whole = await answer(world, asked.with_suffix(".graphql").read_text(encoding="utf-8"), given)
    assert part_of(json.loads(blocks(path)["json shortened"]), whole)


async def test_what_a_citizen_sees_of_oneself_is_what_the_gateway_answers(world: World) -> None:
    request = GraphQLRequest(query=blocks(ACCESS)["graphql own"])
    found = (await world.pipeline().answer(request, *callers()["citizen"])).payload
    expect_block(ACCESS, "json own answer", json.dumps(found["data"], ensure_ascii=False, indent=2))


# --- who sees what -------------------------------------------------------------------------------


def callers() -> Mapping[str, Caller]:
    """The demo's callers with the purposes that the document gives them."""
    found = {}
    for shown, _, stated in rows_of(ACCESS, "The demo's callers"):
        name = shown.strip("`")
        claims = DEMO_CALLERS[name]
        kind, client = CallerKind(claims["kind"]), claims["client_id"]
        viewer = Viewer(
            subject=name,
            client=client,
            kind=kind,
            cert_no=claims.get("cert_no"),
            subject_ref=claims.get("subject_ref"),
            org_uscc=claims.get("org_uscc"),
        )
        found[name] = viewer, parse_access(json.loads(stated.strip("`")))
    assert found.keys() == DEMO_CALLERS.keys()
    return found


def operations(text: str) -> Mapping[str, str]:
    """Root field → the operation that asks for it, as a document."""
    found = {}
    for node in parse(text).definitions:
        assert isinstance(node, OperationDefinitionNode)
        (field,) = node.selection_set.selections
        assert isinstance(field, FieldNode)
        found[field.name.value] = print_ast(node)
    return found


async def seen(world: World, caller: Caller, request: GraphQLRequest, path: tuple[str, ...]) -> str:
    """What becomes of a field: ``clear``, ``masked``, or the code under which it or what it hangs on is withheld."""
    try:
        payload = (await world.pipeline().answer(request, *caller)).payload
    except GatewayError as error:
        return f"`{error.code.name}`"
    if "data" not in payload:
        return f"`{payload['errors'][0]['extensions']['code']}`"
    access = payload["extensions"].get("access", {"withheld": [], "masked": []})
    codes = {tuple(entry["path"]): entry["code"] for entry in access["withheld"]}
    for length in range(1, len(path) + 1):
        if path[:length] in codes:
            return f"`{codes[path[:length]]}`"
    return "masked" if list(path) in access["masked"] else "clear"


async def test_the_table_of_what_each_caller_sees(world: World) -> None:
    text, title = blocks(ACCESS)["graphql asked"], "What each of them sees"
    known, roots = callers(), operations(text)
    rows = []
    for shown, *_ in rows_of(ACCESS, title):
        path = tuple(shown.strip("`").split("."))
        request = GraphQLRequest(query=roots[path[0]])
        rows.append([shown, *[await seen(world, caller, request, path) for caller in known.values()]])
    expect_table(ACCESS, title, ["field", *(f"`{name}`" for name in known)], rows)
