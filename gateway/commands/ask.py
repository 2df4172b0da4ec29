"""``tongcha query`` and ``tongcha explain``: one operation out of a file, as a demo caller."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
from cyclopts import Parameter

from auth.issuer import DEMO_CALLERS
from auth.viewer import AccessRequest, Viewer
from gateway.commands.serving import Refusal
from gateway.commands.state import DEFAULT_STATE, State, databases_of
from gateway.errors import GatewayError, Refused
from gateway.pipeline import Pipeline
from gateway.recorder import open_recorder
from gateway.request import Answer, GraphQLRequest, refused
from gateway.settings import Settings
from gateway.stating import parse_parameters

T = TypeVar("T")

Caller = Annotated[str, Parameter(name="--as")]
StateOption = Annotated[Path, Parameter(show_default=False)]


def query(file: Path, /, *, caller: Caller, variables: Path | None = None, state: StateOption = DEFAULT_STATE) -> None:
    """Answer the operation of a file from the demo's databases, which are started when they do not run.

    Parameters
    ----------
    file: GraphQL document with one operation.
    caller: officer, officer-without-task, supervisor, partner, partner-finance, partner-credit, citizen, public or auditor.
    variables: JSON file with ``variables`` and ``extensions``; the file of the same name in .json unless given.
    state: directory of the demo's state.
    """

    kept = State(state)

    async def ask(pipeline: Pipeline, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        answer = await pipeline.answer(request, viewer, access)
        recorder = open_recorder(kept.audit_directory, kept.audit_key())
        try:
            body = orjson.dumps(answer.payload, option=orjson.OPT_INDENT_2)
            await recorder.record(viewer, access, request.variables, answer, body)
        finally:
            await recorder.close()
        return answer

    answer = _run(ask, file, caller, variables, state)
    print(orjson.dumps(answer.payload, option=orjson.OPT_INDENT_2).decode())
    if answer.status_hint == "refused":
        sys.exit(1)


def explain(
    file: Path, /, *, caller: Caller, variables: Path | None = None, state: StateOption = DEFAULT_STATE
) -> None:
    """Show how the operation of a file is answered: steps, databases, statements, and what is withheld.

    Parameters
    ----------
    file: GraphQL document with one operation.
    caller: officer, officer-without-task, supervisor, partner, partner-finance, partner-credit, citizen, public or auditor.
    variables: JSON file with ``variables`` and ``extensions``; the file of the same name in .json unless given.
    state: directory of the demo's state.
    """

    async def ask(pipeline: Pipeline, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> str:
        return await pipeline.explain(request.query, request.variables, viewer, access)

    print(_run(ask, file, caller, variables, state).rstrip())


def _run(
    ask: Callable[[Pipeline, GraphQLRequest, Viewer, AccessRequest | None], Awaitable[T]],
    file: Path,
    caller: str,
    variables: Path | None,
    state: Path,
) -> T:
    if caller not in DEMO_CALLERS:
        raise Refusal(f"tongcha: no caller {caller!r}; there are {', '.join(DEMO_CALLERS)}")
    kept = State(state)

    async def run(settings: Settings) -> T:
        viewer = await kept.verifier().verify(kept.issuer().mint(caller))
        pipeline = await Pipeline.open(settings)
        try:
            request, access = parse_parameters(_body(file, variables))
            return await ask(pipeline, request, viewer, access)
        finally:
            await pipeline.close()

    try:
        with databases_of(kept) as databases:
            return asyncio.run(run(Settings(seal_key=kept.seal_key(), databases=databases)))
    except (GatewayError, Refused) as error:
        errors = error.errors if isinstance(error, Refused) else [error]
        raise Refusal(json.dumps(refused(errors).payload, ensure_ascii=False, indent=2)) from None


def _body(file: Path, variables: Path | None) -> bytes:
    """The request as a client would send it, so that it is read by the same rules."""
    parameters: dict[str, Any] = {}
    beside = variables or file.with_suffix(".json")
    try:
        if variables is not None or beside.exists():
            parameters = json.loads(beside.read_text())
        parameters["query"] = file.read_text()
    except (OSError, ValueError) as error:
        raise Refusal(f"tongcha: {os.fspath(beside if isinstance(error, ValueError) else file)}: {error}") from None
    return json.dumps(parameters).encode()
