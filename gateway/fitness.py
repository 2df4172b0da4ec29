"""Whether a document would ever run for a client and a purpose: asked when it is registered, and under every set of policies.

Whoever asks is supposed to have shown the purpose, and people to have logged in strongly: what is said is only what no
caller of this client could change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auth.purpose import PROOFS, Standing
from auth.terms import Terms
from auth.viewer import CallerKind, Purpose, Viewer
from gateway.asking import Asking
from gateway.compile import NotCompilable
from gateway.documents import REALMS
from gateway.errors import GatewayError, Refused
from gateway.introspect import asks_about_schema
from gateway.operation import Operation
from gateway.pipeline import Pipeline
from gateway.plan import NullCell
from gateway.rejection import rejection
from gateway.request import GraphQLRequest


@dataclass(frozen=True, kw_only=True)
class Fitness:
    """What is wrong with a document, in words for whoever wrote it; and which fields are null whatever is there."""

    faults: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()


def suppositions(
    client: str, realm: str, purpose: Purpose, agreed: Sequence[Terms]
) -> Iterator[tuple[Viewer, Standing]]:
    """As whom a client's callers might ask for a purpose: one for each kind of caller, and each agreement, that there is."""
    for kind in sorted(REALMS.get(realm, frozenset()), key=lambda one: one.value):
        if (kind, purpose) not in PROOFS:
            continue
        for terms in agreed:
            person = kind not in {CallerKind.PARTNER, CallerKind.PUBLIC}
            standing = Standing(
                kind=kind,
                purpose=purpose,
                granted=True,
                assurance=2 if person else 1,
                own=(kind, purpose) == (CallerKind.CITIZEN, Purpose.SELF_SERVICE),
                covers=terms.fields,
                named=terms.cases is not None,
            )
            yield Viewer(subject="", client=client, kind=kind), standing


async def fitness_of(pipeline: Pipeline, text: str, viewer: Viewer, standing: Standing) -> Fitness:
    """What can be said of a text beforehand; nothing is asked of a database."""
    asking = pipeline.reception.supposed(viewer, standing)
    try:
        operation = await pipeline.plans.read(GraphQLRequest(query=text))
        await pipeline.known.to(asking, operation)
        if asks_about_schema(operation):
            return Fitness()
        nulls: dict[str, None] = {}
        for told in (False, True) if operation.conditions else (False,):
            found = await _bound(pipeline, operation, asking, told=told)
            if found.faults:
                return found
            nulls |= dict.fromkeys(found.nulls)
    except Refused as refusal:
        return Fitness(faults=tuple(map(_said, refusal.errors)))
    except GatewayError as error:
        return Fitness(faults=(_said(error),))
    return Fitness(nulls=tuple(nulls))


async def _bound(pipeline: Pipeline, operation: Operation, asking: Asking, *, told: bool) -> Fitness:
    """The same of its plan, where every ``@skip`` and ``@include`` is told so."""
    variables = dict.fromkeys(operation.conditions, told)
    cost = pipeline.plans.cost(operation, variables)
    cost.check(dict.fromkeys(cost.names, 1), pipeline.cost_limits)
    plan = pipeline.plans.plan(operation, variables)
    others = plan.others if isinstance(plan, NotCompilable) else ()
    whole = plan.rest if isinstance(plan, NotCompilable) else plan
    bound = (await pipeline.plans.bound(operation, variables, whole, asking)).plan if whole is not None else None
    refusal = rejection(None, operation, asking, bound, others)
    if refusal is not None:
        access = refusal.payload["extensions"]["access"]["withheld"]
        return Fitness(faults=tuple(f"{one['coordinate']}: {one['code']}" for one in access))
    if bound is None:
        return Fitness()
    nulls = tuple(f"{one.coordinate}: {one.code}" for one in bound.withheld)
    if not others and bound.cells and all(isinstance(cell, NullCell) for cell in bound.cells):
        return Fitness(faults=nulls)
    return Fitness(nulls=nulls)


def _said(error: GatewayError) -> str:
    """An error on one line: its code, what it says beside, and where."""
    words = [str(value) for value in error.extra.values()]
    words += [f"line {place['line']}, column {place['column']}" for place in error.locations or ()]
    return ": ".join([error.code.name, *words])
