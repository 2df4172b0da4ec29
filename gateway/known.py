"""The schema as each kind of caller knows it, made once for each set of fields that is not theirs to know of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from graphql import GraphQLSchema

from auth.policy import Policies
from auth.viewer import CallerKind
from gateway.asking import Asking
from gateway.document import judge, parse_document
from gateway.introspect import absent_fields, cut_schema, knows_all
from gateway.limits import check_size
from gateway.operation import Operation
from gateway.pace import in_turns
from gateway.store import Bounded
from resolvers.catalog import Catalog

KEPT = 1_000
"""Documents that are known to fit a schema, and profiles whose schema is known."""
KEPT_SCHEMAS = 20
"""Schemas that are kept."""


class KnownSchemas:
    """The schemas of a catalog's callers under the policies in force."""

    def __init__(self, catalog: Catalog, policies: Policies, turn: Callable[[], Awaitable[None]]) -> None:
        """`turn` is awaited between two pieces of longer work."""
        self._catalog = catalog
        self._turn = turn
        self._policies = policies
        self._absent: Bounded[Any, frozenset[str]] = Bounded(KEPT)
        self._schemas: Bounded[frozenset[str], GraphQLSchema] = Bounded(KEPT_SCHEMAS)
        self._judged: Bounded[Any, bool] = Bounded(KEPT)
        self._whole: Bounded[Any, bool] = Bounded(KEPT)

    async def to(self, asking: Asking, operation: Operation) -> GraphQLSchema:
        """The schema as the caller knows it; a document that does not fit it is refused as one with unknown fields."""
        schema, absent = await self._of(asking)
        if absent and self._judged.get((operation.digest, absent)) is None:
            await in_turns(judge(schema, operation.document), self._turn)
            self._judged.put((operation.digest, absent), True)
        return schema

    async def read(self, asking: Asking, text: str) -> None:
        """Reads a document as one of the caller's schema. Raises what is wrong with it."""
        schema, _ = await self._of(asking)
        document = parse_document(text)
        check_size(document)
        await self._turn()
        await in_turns(judge(schema, document), self._turn)

    def whole_to(self, kind: CallerKind) -> bool:
        """Whether callers of this kind know the whole schema, whatever they state."""
        policies = self._policies.current
        key = (kind, policies.epoch)
        found = self._whole.get(key)
        return self._whole.put(key, knows_all(policies, kind)) if found is None else found

    async def _of(self, asking: Asking) -> tuple[GraphQLSchema, frozenset[str]]:
        profile = (asking.standing, asking.policies.epoch)
        absent = self._absent.get(profile)
        if absent is None:
            absent = self._absent.put(profile, frozenset(absent_fields(asking.decide, asking.policies.facts)))
        if not absent:
            return self._catalog.schema, absent
        schema = self._schemas.get(absent)
        if schema is None:  # a third of a second: not on the event loop
            schema = self._schemas.put(absent, await asyncio.to_thread(cut_schema, self._catalog.sdl, absent))
        return schema, absent
