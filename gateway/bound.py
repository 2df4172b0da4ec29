"""A bound plan with what is made from it and kept: its shape, its statements, what the log says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from auth.classes import DataClass
from gateway.arguments import Values, settled
from gateway.pace import Pieces
from gateway.plan import BoundPlan, Statement, Step
from gateway.shape import compile_shape
from gateway.shaping import Shaper
from gateway.shareable import may_be_shared
from gateway.sql import write
from gateway.store import Bounded
from gateway.trace import Coordinates, Reached
from resolvers.sources import Record

KEPT_STATEMENTS = 200
"""Statements that are kept per bound plan: one for each set of given arguments."""


@dataclass
class Bound:
    """A bound plan with what is made from it."""

    plan: BoundPlan
    shape: Shaper
    coordinates: Coordinates
    guarded: bool
    databases: frozenset[str]
    """All that a request may ask, whatever it finds."""
    feeds: tuple[Step, ...]
    """The steps that read a feed."""
    identity: tuple[Any, ...]
    """What the plan was made from: operation, conditions, standing, policies."""
    shared: bool
    """Whether its answers may be shared, as far as the plan tells."""
    settled: tuple[Values | None, ...]
    """The arguments of its links that are the same in every request, one for each slot."""
    statements: Bounded[Any, Statement] = field(default_factory=lambda: Bounded(KEPT_STATEMENTS))
    told: Bounded[Any, Coordinates] = field(default_factory=lambda: Bounded(KEPT_STATEMENTS))

    def written(self, step: Step, values: Values) -> Statement | None:
        """The statement of a step for what is given in `values`, if it was written before."""
        return self.statements.get((id(step), values.signature, values.first is not None))

    def statement_for(self, step: Step, values: Values) -> Statement:
        """The statement of a step for what is given in `values`."""
        key = (id(step), values.signature, values.first is not None)
        return self.statements.get(key) or self.statements.put(key, statement_of(step, values))

    def write(self, values: Sequence[Values]) -> Pieces[None]:
        """Writes all statements that are not written yet for the values of the plan's links, those about third persons too."""
        for step in self.plan.steps:
            for one in (step, step.third.step) if step.third is not None else (step,):
                if self.written(one, values[one.slot]) is None:
                    yield
                    self.statement_for(one, values[one.slot])

    def read_by(self, reached: Reached) -> Coordinates:
        """What became of the coordinates in a run: of third persons, what was open otherwise arrived masked or as null."""
        if not reached.thirds:
            return self.coordinates
        key = (frozenset(reached.thirds), frozenset(reached.named))
        return self.told.get(key) or self.told.put(key, self.coordinates.of_thirds(self.plan, reached))


def made_of(plan: BoundPlan, identity: tuple[Any, ...] = ()) -> Pieces[Bound]:
    """What is made of a bound plan, once."""
    shape = yield from compile_shape(plan)
    yield
    followed = any(slot.node.link.data_class is not DataClass.PUBLIC for slot in plan.slots)
    guarded = followed or any(step.subject is not None for step in plan.steps) or bool(plan.masked)
    return Bound(
        plan=plan,
        shape=shape,
        coordinates=Coordinates.of(plan),
        guarded=guarded,
        databases=frozenset(step.database for step in plan.steps),
        feeds=tuple(step for step in plan.steps if step.parent is None and plan.slots[step.slot].node.link.delivered),
        identity=identity,
        shared=may_be_shared(plan),
        settled=tuple(settled(slot) for slot in plan.slots),
    )


def statement_of(step: Step, values: Values) -> Statement:
    """Writes the statement of a step for what is given in `values`."""
    record = isinstance(step.target, Record)
    return write(
        step,
        present=frozenset(values.signature[:-2]),
        order=values.order if record else None,
        after=values.after is not None and record,
        limited=values.first is not None and record,
    )
