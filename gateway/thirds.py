"""Third persons (第三人) in a step: what is read of subjects that the task does not name.

A step about subjects has two texts, alike for every officer: the ordinary one, and one that has masks and nulls in the
places of what is guarded. Whom a task names is in neither: keys are sent to the one or the other. Only where a caller asks
for persons directly, those named are a condition of the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, Table, any_, bindparam, cast, null
from sqlalchemy.types import NullType

from auth.naming import Naming
from auth.policy import Outcome
from gateway.masking import masked_column
from gateway.plan import Step, Third
from resolvers.catalog import column_name
from resolvers.sources import Branch, Column, Hop, Record

NamingOf = Callable[[FromClause], Naming | None]
"""What this caller sees of the subjects of a table that the task does not name."""
NamedSubjects = Mapping[str, frozenset[Any]]
"""The subjects that a task names: values by the name of the column that they stand in."""

PARAMETER = "scope_named_"


def nothing(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """Null, of the type of an expression."""
    return null() if isinstance(expression.type, NullType) else cast(null(), expression.type)


def of_third(column: Column, outcome: Outcome) -> ColumnElement[Any]:
    """What stands in a third person's row in the place of a column."""
    if outcome is Outcome.CLEAR:
        return column.value
    hidden = masked_column(column) if outcome is Outcome.MASKED else None
    return nothing(column.expression) if hidden is None else hidden


def of_thirds(inputs: Sequence[Column], naming: Naming | None) -> Outcome:
    """What becomes of what is shown in clear, in a third person's row; a value that is derived from several is not masked."""
    if naming is None or not any(naming.guards(column.data_class) for column in inputs):
        return Outcome.CLEAR
    return Outcome.MASKED if len(inputs) == 1 and masked_column(inputs[0]) is not None else Outcome.WITHHELD


def named_only(record: Record) -> ColumnElement[bool]:
    """The condition that leaves the subjects whom the task names."""
    (column, *_) = record.named_by
    return column == any_(bindparam(f"{PARAMETER}{column.name}", type_=ARRAY(column.type)))


def parameters_of(named: NamedSubjects) -> Mapping[str, Any]:
    """The bound parameters of such conditions, by name."""
    return {f"{PARAMETER}{name.rpartition('.')[2]}": sorted(values) for name, values in named.items()}


def naming_of_record(naming_of: NamingOf, target: Record | Hop) -> Naming | None:
    """The rule for a target's rows; None where they are about no subject that a task names."""
    if isinstance(target, Hop) or not target.named_by or not isinstance(target.table, Table):
        return None
    return naming_of(target.table)


def absent_unless_named(naming: Naming | None, *, direct: bool) -> bool:
    """Whether unnamed subjects are cut from the statement of a step; `direct`: no link leads there, the caller asks."""
    return naming is not None and naming.absent and direct


def with_third(
    step: Step, link: str, columns: Sequence[Any], place: int, own: int, told: Sequence[tuple[str, Outcome]]
) -> Step:
    """The step with what becomes of third persons: `columns` as they are read of them, at `place` the subject's key, at `own`
    the row's.

    `link` tells for the log by which way they were reached, `told` what of a record arrives masked or as null.
    """
    assert isinstance(step.target, Record)
    assert step.branch is not None
    match = step.branch.match
    alone = step.keyed and len(match) == 1 and step.branch.condition is None
    keys = next((column_name(column) for column in step.target.named_by if alone and match[0] is column), None)
    again = _again(step, step.target.key[0]) if step.keyed and keys is None else None
    third = Third(
        step=replace(step, columns=tuple(columns)),
        link=link,
        keys=keys,
        subject=column_name(step.target.named_by[0]),
        place=place,
        own=own,
        again=again,
        masked=tuple(coordinate for coordinate, outcome in told if outcome is Outcome.MASKED),
        nulled=tuple(coordinate for coordinate, outcome in told if outcome is Outcome.WITHHELD),
    )
    return replace(step, third=third)


def _again(step: Step, key: ColumnElement[Any]) -> Step:
    """The same columns by the row's own key."""
    assert step.branch is not None
    branch = Branch(target=step.branch.target, match=(key,), order=step.branch.order)
    return replace(step, branch=branch, key_positions=(0,), by=(), arguments=(), rows_wanted=True, total_wanted=False)


def split(third: Third, keys: Sequence[Any] | None, named: NamedSubjects) -> tuple[list[Any], list[Any] | None]:
    """The keys that the ordinary statement is asked for, and those of third persons; a list has no keys and none named."""
    if keys is None:
        return [], None
    known: Collection[Any] = named.get(third.keys, frozenset()) if third.keys is not None else ()
    return [key for key in keys if key in known], [key for key in keys if key not in known]


def named_among(third: Third, subjects: Sequence[Any], named: NamedSubjects) -> list[Any]:
    """Of subjects that were read as third persons, those whom the task names after all."""
    known = named.get(third.subject, frozenset()) if third.again is not None else frozenset()
    return list(dict.fromkeys(subject for subject in subjects if subject in known))
