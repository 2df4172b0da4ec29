"""Which answers may be shared by all callers of one standing: those made of public records and of nothing of the caller's.

Two things must hold. The bound plan follows no link but the few below, withholds nothing, reads nothing above PUBLIC and
shows nothing that is made for one caller (cursors, global ids, references). And no statement takes anything of the caller as
a parameter: not the organisation, not the task, not whom they represent. The second is looked at for every request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from auth.classes import DataClass
from auth.mask_rules import NAMES
from gateway.completeness import lacking
from gateway.errors import TransportError
from gateway.plan import BoundPlan, Cell, EmbedCell, LeafCell, LinkCell, PageNode
from gateway.request import Answer
from gateway.run import Run
from resolvers.sources import Column, PageRole, Referred, Sealed

LINKS = frozenset(
    {
        "Query.disclosure",
        "Query.disclosures",
        "Disclosure.causeName",
        "Disclosure.org",
        "Disclosure.division",
    }
)
"""What is published (公示信息), and the names of causes, authorities and divisions beside it, which next to never change. The feed of
changes tells when the first of them does."""

OF_ONE_CALLER = frozenset({PageRole.END_CURSOR, PageRole.EDGE_CURSOR, PageRole.NEXT_CURSOR})
OF_ONE_MOMENT = frozenset({PageRole.MOMENT})
OF_ALL = frozenset({"today", "scope_kinds", NAMES})
"""Parameters that are the same for everybody, or for everybody with the same profile of disclosure: they are part of the question."""

Question = tuple[Any, ...]
"""What is asked of the databases, to the last parameter."""


def may_be_shared(plan: BoundPlan) -> bool:
    """Whether nothing in the plan speaks against it."""
    if plan.withheld or any(slot.node.coordinate not in LINKS for slot in plan.slots):
        return False
    if any(step.third is not None or step.subject is not None or step.cursor_wanted for step in plan.steps):
        return False
    return bool(plan.steps) and all(_is_of_all(cell) for cell in _cells(plan.cells))


def question_of(run: Run) -> Question | None:
    """What a run of such a plan would ask; None when it would take something of the caller."""
    asked = []
    for text, names, parameters, keys in run.asked():
        if any(name in run.parameters and name not in OF_ALL for name in names):
            return None
        asked.append((text, tuple(map(_frozen, parameters)), keys))
    given = tuple((values.signature, values.first, values.after) for values in run.values)
    return (run.today, tuple(asked), given)


def is_whole(answer: Answer) -> bool:
    """Whether nothing is missing in it and nothing old: what a database could not tell is nothing to keep."""
    if answer.status_hint != "executed" or "errors" in answer.payload:
        return False
    return not lacking(answer.payload["extensions"]["sources"])


def not_by_get() -> TransportError:
    """What is not for everybody of a standing, or is no query, is asked for by POST."""
    return TransportError(405, (b"allow", b"POST"))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _is_of_all(cell: Cell) -> bool:
    if isinstance(cell, LinkCell):
        return not any(node.role in OF_ONE_CALLER | OF_ONE_MOMENT for node in _members(cell.node.page))
    if isinstance(cell, LeafCell):
        source = cell.node.source
        columns = (source,) if isinstance(source, Column) else source.inputs
        return source.data_class is DataClass.PUBLIC and not any(
            isinstance(column.form, Sealed | Referred) or column.opaque for column in columns
        )
    return True


def _cells(cells: Iterable[Cell]) -> Iterator[Cell]:
    for cell in cells:
        yield cell
        if isinstance(cell, EmbedCell):
            yield from _cells(cell.cells)
        elif isinstance(cell, LinkCell):
            for branch in cell.branches:
                for view in branch.views:
                    yield from _cells(view)
            if cell.shown is not None:
                yield cell.shown


def _members(page: Iterable[PageNode]) -> Iterator[PageNode]:
    for node in page:
        yield node
        yield from _members(node.members)
