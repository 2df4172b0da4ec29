"""A bound plan as text: what is asked of which database, in which order, and what each policy decided."""

from __future__ import annotations

from collections.abc import Callable

from gateway.plan import BoundPlan, Statement, Step
from resolvers.sources import Record

StatementOf = Callable[[Step], Statement]


def explain(plan: BoundPlan, statement_of: StatementOf) -> str:
    """The steps as a tree with their statements, then of each field what was decided and by which policy."""
    lines: list[str] = []
    roots = [step for step in plan.steps if step.parent is None]
    for step in roots:
        _tree(plan, statement_of, step, 0, lines)
    codes = {entry.path: f": {entry.code}" for entry in plan.withheld}
    lines.extend(
        f"{one.outcome} {'.'.join(one.path)} ({one.coordinate}) by {one.policy}{codes.get(one.path, '')}"
        for one in plan.decided
    )
    databases = {step.database for step in plan.steps}
    lines.append(f"{len(plan.steps)} statements on {len(databases)} databases")
    return "\n".join(lines) + "\n"


def _tree(plan: BoundPlan, statement_of: StatementOf, step: Step, depth: int, lines: list[str]) -> None:
    indent = "  " * depth
    path = plan.slots[step.slot].path
    what = step.target.label if isinstance(step.target, Record) else "join table"
    lines.append(f"{indent}step {step.index}: {'.'.join(path)} ← {step.database} ({what}, {step.shape.value})")
    lines.extend(f"{indent}    {line}" for line in map(str.rstrip, statement_of(step).text.splitlines()))
    if step.third is not None:
        lines.append(f"{indent}  of third persons:")
        text = statement_of(step.third.step).text
        lines.extend(f"{indent}    {line}" for line in map(str.rstrip, text.splitlines()))
    for child in step.children:
        _tree(plan, statement_of, plan.steps[child], depth + 1, lines)
