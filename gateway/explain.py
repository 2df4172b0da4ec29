"""A bound plan as text: what is asked of which database, in which order, and what is withheld."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.plan import BoundPlan, Statement, Step
from resolvers.sources import Record


def explain(plan: BoundPlan, statements: Sequence[Statement]) -> str:
    """The steps as a tree with their statements, then the fields that are withheld or masked."""
    lines: list[str] = []
    roots = [step for step in plan.steps if step.parent is None]
    for step in roots:
        _tree(plan, statements, step, 0, lines)
    lines.extend(f"withheld {'.'.join(entry.path)} ({entry.coordinate}): {entry.code}" for entry in plan.withheld)
    lines.extend(f"masked {'.'.join(path)}" for path in plan.masked)
    databases = {step.database for step in plan.steps}
    lines.append(f"{len(plan.steps)} statements on {len(databases)} databases")
    return "\n".join(lines) + "\n"


def _tree(plan: BoundPlan, statements: Sequence[Statement], step: Step, depth: int, lines: list[str]) -> None:
    indent = "  " * depth
    path = plan.slots[step.slot].path
    what = step.target.label if isinstance(step.target, Record) else "join table"
    lines.append(f"{indent}step {step.index}: {'.'.join(path)} ← {step.database} ({what}, {step.shape.value})")
    lines.extend(f"{indent}    {line}" for line in statements[step.index].text.splitlines())
    for child in step.children:
        _tree(plan, statements, plan.steps[child], depth + 1, lines)
