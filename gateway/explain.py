"""A bound plan, told: what is asked of which database, in which order, and what each policy decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.plan import BoundPlan, Statement, Step
from resolvers.sources import Record

StatementOf = Callable[[Step], Statement]


@dataclass(frozen=True, kw_only=True)
class ExplainedStep:
    """A step: `depth` links below the root, with its statement and, where third persons may be met, the one for them."""

    index: int
    depth: int
    path: str
    database: str
    target: str
    shape: str
    statement: str
    thirds: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExplainedField:
    """What was decided of a field, by which policy, and under which code it is withheld."""

    outcome: str
    path: tuple[str, ...]
    coordinate: str
    policy: str
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Explained:
    """How an operation is answered: the steps as a tree, depth first, then its fields. `by_hand` names what has a resolver of
    its own; then there is no plan."""

    steps: tuple[ExplainedStep, ...] = ()
    fields: tuple[ExplainedField, ...] = ()
    by_hand: str | None = None

    @property
    def text(self) -> str:
        """The same for a terminal."""
        if self.by_hand is not None:
            return f"field by field: {self.by_hand} has a resolver of its own\n"
        lines = [line for step in self.steps for line in _lines(step)]
        lines.extend(
            f"{one.outcome} {'.'.join(one.path)} ({one.coordinate}) by {one.policy}{f': {one.code}' if one.code else ''}"
            for one in self.fields
        )
        databases = {step.database for step in self.steps}
        lines.append(f"{len(self.steps)} statements on {len(databases)} databases")
        return "\n".join(lines) + "\n"


def explain(plan: BoundPlan, statement_of: StatementOf) -> Explained:
    """Every step with its statement, and of each field what was decided and by which policy."""
    codes = {entry.path: entry.code for entry in plan.withheld}
    return Explained(
        steps=tuple(
            one for step in plan.steps if step.parent is None for one in _tree(plan, statement_of, step, depth=0)
        ),
        fields=tuple(
            ExplainedField(
                outcome=one.outcome,
                path=one.path,
                coordinate=one.coordinate,
                policy=one.policy,
                code=codes.get(one.path),
            )
            for one in plan.decided
        ),
    )


def _tree(plan: BoundPlan, statement_of: StatementOf, step: Step, depth: int) -> Iterator[ExplainedStep]:
    yield ExplainedStep(
        index=step.index,
        depth=depth,
        path=".".join(plan.slots[step.slot].path),
        database=step.database,
        target=step.target.label if isinstance(step.target, Record) else "join table",
        shape=step.shape.value,
        statement=statement_of(step).text,
        thirds=statement_of(step.third.step).text if step.third is not None else None,
    )
    for child in step.children:
        yield from _tree(plan, statement_of, plan.steps[child], depth + 1)


def _lines(step: ExplainedStep) -> Iterator[str]:
    indent = "  " * step.depth
    yield f"{indent}step {step.index}: {step.path} ← {step.database} ({step.target}, {step.shape})"
    yield from (f"{indent}    {line}" for line in map(str.rstrip, step.statement.splitlines()))
    if step.thirds is not None:
        yield f"{indent}  of third persons:"
        yield from (f"{indent}    {line}" for line in map(str.rstrip, step.thirds.splitlines()))
