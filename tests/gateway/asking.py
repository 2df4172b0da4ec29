"""One question in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from auth.seals import Seal
from auth.viewer import AccessRequest, Viewer
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest

Asker = tuple[Viewer, AccessRequest | None]


async def answered(pipeline: Pipeline, text: str, caller: Asker, variables: Mapping[str, Any] | None = None) -> bytes:
    """The bytes of an answer."""
    request = GraphQLRequest(query=text, variables=dict(variables or {}))
    return orjson.dumps((await pipeline.answer(request, *caller)).payload)


async def told(pipeline: Pipeline, text: str, caller: Asker, variables: Mapping[str, Any] | None = None) -> Any:
    """The payload of an answer, as a client reads it."""
    return orjson.loads(await answered(pipeline, text, caller, variables))


async def seal_of(pipeline: Pipeline, caller: Asker) -> Seal:
    """What seals the caller's ids and cursors."""
    return (await pipeline.reception.asking(*caller)).seal
