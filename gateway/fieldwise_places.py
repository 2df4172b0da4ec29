"""What the field-by-field engine reads of a record: all that the caller may see of it, and the keys of its links."""

from __future__ import annotations

from typing import Any

from auth.policy import Action, Outcome
from gateway.fieldwise_values import Context, key_place
from gateway.masking import masked_column
from gateway.thirds import nothing, of_third, of_thirds
from resolvers.sources import Column, Computed, Embed, Link, Lookup, Source

Places = dict[Any, tuple[Any, Any]]
"""Where a value is found in an item → its expression, and what stands there in the row of a third person."""


def selected_of(context: Context, type_name: str) -> Places:
    """Everything of a record that the caller may see, and the keys of the links they may follow."""
    selected: Places = {}
    for (owner, name), source in context.catalog.sources.items():
        if owner == type_name:
            _select(context, f"{owner}.{name}", source, selected)
    return selected


def _select(context: Context, coordinate: str, source: Source, selected: Places) -> None:
    type_name = coordinate.partition(".")[0]
    naming = context.naming(type_name)
    if isinstance(source, Embed):
        for name, part in source.parts.items():
            _select(context, f"{coordinate}.{name}", part, selected)
    elif isinstance(source, Link | Lookup):
        link = source if isinstance(source, Link) else source.link
        if may_follow(link, coordinate, context):
            severed = naming is not None and naming.cuts(link.data_class)
            for key in link.key:
                shown = context.own_only(type_name, key, link.data_class)
                selected[key_place(key, link, severed)] = (shown, nothing(key) if severed else shown)
    elif isinstance(source, Column | Computed):
        outcome = context.decide(coordinate, source.data_class, Action.READ).outcome
        inputs = (source,) if isinstance(source, Column) else source.inputs
        for column in inputs:
            if outcome is Outcome.CLEAR:
                place = (id(column.expression), Outcome.CLEAR, coordinate)
                outcome_of_thirds = of_thirds(inputs, naming)
                shown = context.own_only(type_name, column.value, source.data_class)
                third = shown if outcome_of_thirds is Outcome.CLEAR else of_third(column, outcome_of_thirds)
                selected[place] = (shown, third)
            elif outcome is Outcome.MASKED and isinstance(source, Column):
                hidden = masked_column(column)
                if hidden is not None:
                    hidden = context.own_only(type_name, hidden, source.data_class)
                    selected[id(column.expression), Outcome.MASKED, coordinate] = (hidden, hidden)


def may_follow(link: Link, coordinate: str, context: Context) -> bool:
    """Whether the caller may follow a link."""
    return context.decide(coordinate, link.data_class, Action.READ).outcome is Outcome.CLEAR
