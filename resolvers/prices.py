"""What a field costs, in rows, from its declaration: the schema prints it, and the gateway counts by it.

After IBM's GraphQL Cost Directives: ``@cost(weight:)`` says how many rows are read for each record that the field gives, and
``@listSize`` how many records it gives.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from resolvers.directives import Cost, ListSize
from resolvers.hand_pages import MAX_FIRST
from resolvers.sources import Link, Price, Role

FIRST = "first"
"""The argument that says how many records a field gives."""
ASSUMED = 10
"""Records of a list that nothing is said of."""
PASS = 1_000
"""Rows that it costs to go through a register for figures of it, or for what is compared with it, however few are given."""
WHOLE = 4_000
"""Rows that it costs to read registers as a whole, up to 20,000 objects. An operation may do so twice."""


def price_of(link: Link) -> Price:
    """One row of each record, and one of the table between, where that is asked by itself."""
    weight = 1 if link.through is None or link.through.one else 2
    first = next((argument for argument in link.arguments if argument.role is Role.FIRST), None)
    return Price(weight=weight) if first is None else Price(weight=weight, page=first.default, most=first.most)


def price_by_hand(resolver: Callable[..., Any], databases: int) -> Price:
    """A resolver of one's own reads a row of each of its databases; how many records it gives its signature says."""
    first = inspect.signature(resolver).parameters.get(FIRST)
    if first is None or not isinstance(first.default, int):
        return Price(weight=databases, page=ASSUMED)
    return Price(weight=databases, page=first.default, most=MAX_FIRST)


def directives_of_price(price: Price) -> list[object]:
    """What the schema prints of it."""
    told: list[object] = [Cost(weight=str(price.weight))]
    if price.page is not None:
        arguments = [] if price.most is None else [FIRST]
        told.append(ListSize(assumed_size=price.page, slicing_arguments=arguments))
    return told
