"""No answer before its record: what is in a record, and what happens when it cannot be written."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from auth.audit.terms import AuditUnavailable
from auth.viewer import AccessRequest, Viewer
from gateway.errors import ErrorCode, GatewayError
from gateway.recorder import LogRecorder, open_recorder
from gateway.request import Answer, GraphQLRequest
from tests.world import CALLERS, World

KEY = b"k" * 64
PERSON = """query($idNo: String!) { person(idNo: $idNo) { name idNo mobile ethnicity { label }
  vehicles(first: 2) { plateNo } positions { entity { name uscc contactPhone } } } }"""
ID_NO = "440499198603120178"


@pytest.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[LogRecorder]:
    made = open_recorder(tmp_path, KEY)
    yield made
    await made.close()


def written(directory: Path) -> str:
    """Everything the log wrote."""
    return b"".join(path.read_bytes() for path in directory.rglob("*.log")).decode()


async def answered(
    world: World,
    recorder: LogRecorder,
    query: str,
    variables: dict[str, Any],
    caller: tuple[Viewer, AccessRequest | None],
) -> tuple[Answer, bytes]:
    answer = await world.pipeline().answer(GraphQLRequest(query=query, variables=variables), *caller)
    body = orjson.dumps(answer.payload)
    await recorder.record(*caller, variables, answer, body)
    return answer, body


async def test_a_record_names_who_what_for_and_whom(world: World, recorder: LogRecorder, tmp_path: Path) -> None:
    answer, body = await answered(world, recorder, PERSON, {"idNo": ID_NO}, CALLERS["officer"])
    assert answer.payload["data"]["person"]["idNo"] == ID_NO
    text = written(tmp_path)
    assert "19040130215" in text
    assert "ZHXZ-CX-2026-CF-0003071" in text
    assert "Person.idNo" in text
    assert "Person.ethnicity" in text
    assert hashlib.sha256(body).hexdigest() in text
    assert answer.trace is not None
    assert ("Person", "p_7QK2M9") in answer.trace.subjects
    assert {kind for kind, _ in answer.trace.subjects} >= {"Person", "Vehicle"}
    assert answer.trace.rows["population"] == 1


async def test_a_record_holds_no_value(world: World, recorder: LogRecorder, tmp_path: Path) -> None:
    answer, _ = await answered(world, recorder, PERSON, {"idNo": ID_NO}, CALLERS["officer"])
    text = written(tmp_path)
    person = answer.payload["data"]["person"]
    values = [person["name"], person["idNo"], person["mobile"], *(one["plateNo"] for one in person["vehicles"])]
    values += [one["entity"]["contactPhone"] for one in person["positions"] if one["entity"]["contactPhone"]]
    assert all(value not in text for value in [*values, "p_7QK2M9"])


async def test_both_engines_record_the_same_subjects(world: World) -> None:
    request = GraphQLRequest(query="query($i: String!) { person(idNo: $i) { name } }", variables={"i": ID_NO})
    traces = [
        (await world.pipeline(engine).answer(request, *CALLERS["officer"])).trace
        for engine in ("compiled", "resolvers")
    ]
    compiled, resolvers = traces
    assert compiled is not None
    assert resolvers is not None
    assert compiled.subjects == resolvers.subjects == (("Person", "p_7QK2M9"),)
    assert (compiled.coordinates, compiled.rows) == (resolvers.coordinates, resolvers.rows)


async def test_what_is_public_has_no_subjects(world: World, recorder: LogRecorder) -> None:
    query = "{ disclosures(first: 2) { nodes { disclosureId } } }"
    answer, _ = await answered(world, recorder, query, {}, CALLERS["public"])
    assert answer.trace is not None
    assert answer.trace.subjects == ()
    assert not answer.trace.guarded


async def test_a_refusal_is_recorded(world: World, recorder: LogRecorder, tmp_path: Path) -> None:
    answer, _ = await answered(world, recorder, "{ nothing }", {}, CALLERS["officer"])
    assert answer.status_hint == "refused"
    text = written(tmp_path)
    assert "DENIED" in text
    assert "GRAPHQL_VALIDATION_FAILED" in text


async def test_without_a_log_only_what_is_public_leaves(world: World, recorder: LogRecorder) -> None:
    async def refuse(_: object) -> None:
        raise AuditUnavailable("full")

    recorder._log.append = refuse  # type: ignore[method-assign,assignment]
    await answered(world, recorder, "{ disclosures(first: 1) { nodes { disclosureId } } }", {}, CALLERS["public"])
    with pytest.raises(GatewayError) as raised:
        await answered(world, recorder, PERSON, {"idNo": ID_NO}, CALLERS["officer"])
    assert raised.value.code is ErrorCode.AUDIT_UNAVAILABLE


async def test_refusals_in_a_sum_are_written_before_the_log_closes(world: World, tmp_path: Path) -> None:
    """Above the rate a refusal waits for its sum; closing must not lose it."""
    recorder = open_recorder(tmp_path, KEY)
    answer = await world.pipeline().answer(GraphQLRequest(query="{ nothing }"), *CALLERS["officer"])
    asked = [asyncio.create_task(recorder.record(*CALLERS["officer"], {}, answer, b"")) for _ in range(150)]
    await asyncio.sleep(0.01)
    await recorder.close()
    await asyncio.gather(*asked)
    text = written(tmp_path)
    assert '"kind":"denied"' in text
