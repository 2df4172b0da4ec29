"""What is made of documents, stage by stage, and kept: by which a warm request only binds values.

    document   text → syntax tree, validated, operation chosen           kept per text
    variables  what coerces the operation's variables                    kept per operation
    costs      how many rows it may read                                 kept per operation and conditions
    compile    operation → plan, no caller in it                         kept per operation and conditions
    bind       plan → bound plan for a kind of caller                    kept per plan, standing and policies

Nothing here knows who asks, but for the profile that a plan is bound for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from graphql import DocumentNode

from gateway.asking import Asking
from gateway.bind import bind
from gateway.bound import Bound, made_of
from gateway.collecting import Scope
from gateway.compile import NotCompilable, compile_operation
from gateway.costs import Cost
from gateway.document import choose_operation, judge, parse_document
from gateway.limits import check_size
from gateway.operation import Operation
from gateway.pace import Pieces, in_turns
from gateway.plan import Plan
from gateway.request import GraphQLRequest
from gateway.store import Bounded
from gateway.subscribed import as_query
from gateway.variables import Variables
from resolvers.catalog import Catalog
from resolvers.sources import Hop

KEPT = 1_000
"""Documents, operations and plans that are kept, each of those that are not large."""
LARGE = 100
"""Tokens, or fields that they unfold into, from which a document and all that is made of it count as two, and so on. Of a document of
a thousand that is some 1.5 MB: whoever asks another one each time must not have as much memory as they like.
"""

Place: TypeAlias = tuple[Any, ...]
"""Where a bound plan is kept: the operation, what its conditions are told, and the profile."""


class Plans:
    """Everything that one gateway keeps of documents. What is not there yet is made in pieces, with a turn between two."""

    def __init__(self, catalog: Catalog, turn: Callable[[], Awaitable[None]], beside: Callable[[Hop], bool]) -> None:
        """`turn` is awaited between two pieces, `beside` says which hops may be read with the row of their parent."""
        self._catalog = catalog
        self._turn = turn
        self._beside = beside
        self.kept = self.made = 0
        """Requests whose bound plan was there, and all others."""
        self._documents: Bounded[str, tuple[DocumentNode, int]] = Bounded(KEPT)
        """Each with its weight."""
        self._operations: Bounded[tuple[str, str | None], Operation] = Bounded(KEPT)
        self._variables: Bounded[tuple[str, str | None], Variables] = Bounded(KEPT)
        self._costs: Bounded[Any, Cost] = Bounded(KEPT)
        self._plans: Bounded[Any, Plan | NotCompilable] = Bounded(KEPT)
        self._bound: Bounded[Place, Bound] = Bounded(KEPT)
        self._warm: Bounded[Place, Bound] = Bounded(KEPT)
        """Of operations that need no more than their bound plan: a profile that has one here knows the operation's fields."""
        self._forgotten = 0
        """How often what was bound has been forgotten."""

    # --- document ----------------------------------------------------------------------------------

    async def read(self, request: GraphQLRequest) -> Operation:
        """Stages document and limits."""
        key = (request.query, request.operation_name)
        found = self._operations.get(key)
        if found is not None:
            return found
        text = request.query
        document, weight = self._documents.get(text) or await self._judged(text)
        operation = replace(choose_operation(text, document, request.operation_name), weight=weight)
        return self._operations.put(key, as_query(operation), weight)

    async def _judged(self, text: str) -> tuple[DocumentNode, int]:
        await self._turn()
        document = parse_document(text)
        weight = 1 + max(document.token_count, check_size(document)) // LARGE
        await self._turn()
        await in_turns(judge(self._catalog.schema, document), self._turn)
        await self._turn()
        return self._documents.put(text, (document, weight), weight)

    # --- operation ---------------------------------------------------------------------------------

    def variables(self, operation: Operation, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Stage variables. Raises Refused with one error per variable that has a wrong value."""
        key = (operation.digest, operation.name)
        found = self._variables.get(key)
        if found is None:
            made = Variables(self._catalog.schema, operation)
            found = self._variables.put(key, made, operation.weight)
        return found.coerced(given)

    def cost(self, operation: Operation, variables: Mapping[str, Any]) -> Cost:
        """Stage costs."""
        told = operation.told(variables)
        key = (operation.digest, operation.name, told)
        found = self._costs.get(key)
        if found is None:
            conditions = dict(zip(operation.conditions, told, strict=True))
            made = Cost(Scope(self._catalog, operation, conditions))
            found = self._costs.put(key, made, operation.weight)
        return found

    def is_new(self, operation: Operation, variables: Mapping[str, Any]) -> bool:
        """Whether there is no plan of it yet."""
        return self._plans.get((operation.digest, operation.name, *operation.told(variables))) is None

    def plan(self, operation: Operation, variables: Mapping[str, Any]) -> Plan | NotCompilable:
        """Stage compile."""
        conditions = dict(zip(operation.conditions, operation.told(variables), strict=True))
        key = (operation.digest, operation.name, *conditions.values())
        found = self._plans.get(key)
        if found is None:
            try:
                found = compile_operation(self._catalog, operation, conditions)
            except NotCompilable as reason:
                found = reason
            self._plans.put(key, found, operation.weight)
        return found

    # --- a kind of caller --------------------------------------------------------------------------

    def warm(self, operation: Operation, variables: Mapping[str, Any], asking: Asking) -> Bound | None:
        """The bound plan of an operation that such a caller has asked before."""
        found = self._warm.get((operation.digest, operation.name, operation.told(variables), asking.profile))
        if found is not None:
            self.kept += 1
        else:
            self.made += 1
        return found

    def warmed(self, operation: Operation, variables: Mapping[str, Any], asking: Asking, bound: Bound) -> Bound:
        """Notes that such a caller may ask it, and needs no more than its bound plan."""
        key = (operation.digest, operation.name, operation.told(variables), asking.profile)
        return self._warm.put(key, bound, operation.weight)

    async def bound(self, operation: Operation, variables: Mapping[str, Any], plan: Plan, asking: Asking) -> Bound:
        """Stage bind."""
        key = (operation.digest, operation.name, operation.told(variables), asking.profile)
        found = self._bound.get(key)
        while found is None:
            began = self._forgotten
            await self._turn()
            identity = (operation.digest, operation.name, operation.told(variables), asking.profile.identity)
            made = await in_turns(self.binding(plan, asking, identity), self._turn)
            if began == self._forgotten:  # else it may go by what is so no more
                found = self._bound.put(key, made, operation.weight)
        return found

    def binding(self, plan: Plan, asking: Asking, identity: tuple[Any, ...]) -> Pieces[Bound]:
        """The making of a bound plan."""
        bound = yield from bind(
            self._catalog,
            plan,
            asking.decide,
            asking.rows_seen,
            asking.guarded,
            asking.naming_of,
            asking.count_limit,
            self._beside,
        )
        yield
        return (yield from made_of(bound, identity))

    def bind_again(self) -> None:
        """Forgets what was bound."""
        self._forgotten += 1
        for bound in (self._bound, self._warm):
            bound.drop(lambda _: True)
