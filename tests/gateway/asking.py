"""One question in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from auth.seals import Seal
from auth.viewer import AccessRequest, Viewer
from datasources.database import Database
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from gateway.tasks import NOBODY, PERSONS
from gateway.thirds import NamedSubjects
from resolvers.schema import catalog
from tests.world import MOMENT, SEAL_KEY

Asker = tuple[Viewer, AccessRequest | None]


async def answered(pipeline: Pipeline, text: str, caller: Asker, variables: Mapping[str, Any] | None = None) -> bytes:
    """The bytes of an answer."""
    request = GraphQLRequest(query=text, variables=dict(variables or {}))
    return orjson.dumps((await pipeline.answer(request, *caller)).payload)


async def told(pipeline: Pipeline, text: str, caller: Asker, variables: Mapping[str, Any] | None = None) -> Any:
    """The payload of an answer, as a client reads it."""
    return orjson.loads(await answered(pipeline, text, caller, variables))


def naming(databases: Mapping[str, Database], engine: str, *persons: UUID) -> Pipeline:
    """A gateway for which every task names these persons and nobody else."""

    async def named(viewer: Viewer, access: AccessRequest | None) -> NamedSubjects:
        del viewer, access
        return {**NOBODY, PERSONS: frozenset(persons)}

    pipeline = Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
    pipeline.reception.lookup.named = named  # type: ignore[method-assign]
    return pipeline


async def seal_of(pipeline: Pipeline, caller: Asker) -> Seal:
    """What seals the caller's ids and cursors."""
    return (await pipeline.reception.asking(*caller)).seal
