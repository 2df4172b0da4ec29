"""What the field-by-field engine reads of a record: all that the caller may see of it, and the keys of its links."""

from __future__ import annotations

from typing import Any

from auth.policy import Action, Outcome
from gateway.fieldwise_values import Context
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
    naming = context.naming(coordinate.partition(".")[0])
    if isinstance(source, Embed):
        for name, part in source.parts.items():
            _select(context, f"{coordinate}.{name}", part, selected)
    elif isinstance(source, Link | Lookup):
        link = source if isinstance(source, Link) else source.link
        if may_follow(link, coordinate, context):
            severed = naming is not None and naming.cuts(link.data_class)
            selected.update({key_place(key, severed): (key, nothing(key) if severed else key) for key in link.key})
    elif isinstance(source, Column | Computed):
        outcome = context.decide(coordinate, source.data_class, Action.READ).outcome
        inputs = (source,) if isinstance(source, Column) else source.inputs
        for column in inputs:
            if outcome is Outcome.CLEAR:
                place = (id(column.expression), Outcome.CLEAR, coordinate)
                selected[place] = (column.value, of_third(column, of_thirds(inputs, naming)))
            elif outcome is Outcome.MASKED and isinstance(source, Column):
                hidden = masked_column(column)
                if hidden is not None:
                    selected[id(column.expression), Outcome.MASKED, coordinate] = (hidden, hidden)


def key_place(key: Any, severed: bool) -> Any:
    """Where a link's key is found; that of a link which leads nowhere from third persons stands apart."""
    return (id(key), "severed" if severed else "key")


def may_follow(link: Link, coordinate: str, context: Context) -> bool:
    """Whether the caller may follow a link."""
    return context.decide(coordinate, link.data_class, Action.READ).outcome is Outcome.CLEAR
