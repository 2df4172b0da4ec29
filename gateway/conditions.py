"""Which conditions and orders of a link a caller may not use: a predicate is a read of the columns it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from auth.classes import DataClass
from auth.policy import Action, Decision, Outcome
from resolvers.catalog import Catalog
from resolvers.sources import Link

Decide = Callable[[str, DataClass, Action], Decision]
Guarded = Callable[[Any], Any]


def forbidden_conditions(catalog: Catalog, decide: Decide, link: Link, guarded: Guarded) -> frozenset[str]:
    """The names of the conditions, and of the orders as ``orderBy.NAME``, that read what the caller may not see.

    A public link may lead to rows in which nothing above PUBLIC is read (`guarded`): then nothing above it is asked about.
    """
    half_open = link.data_class is DataClass.PUBLIC and any(
        guarded(catalog.records[branch.target].table) is not None for branch in link.branches
    )
    return frozenset(
        name
        for name, reads, action in _predicates(link)
        if any(
            decide(reader.coordinate, reader.data_class, action).outcome is not Outcome.CLEAR
            or (half_open and reader.data_class is not DataClass.PUBLIC)
            for reader in catalog.readers(reads)
        )
    )


def _predicates(link: Link) -> Iterator[tuple[str, Any, Action]]:
    for argument in (*(link.through.arguments if link.through else ()), *link.arguments):
        for member in (argument, *argument.members):
            if member.where is not None and not member.where.open_to_all:
                yield member.name, member.where, Action.FILTER
        for name, order in (argument.orders or {}).items():
            yield f"orderBy.{name}", order, Action.ORDER
