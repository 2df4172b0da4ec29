"""The masked form of a column: masked in SQL, so that the clear value never leaves the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Cast, ColumnElement, case, cast, not_

from auth.masks import UnknownMask, masked
from gateway.store import Bounded
from resolvers.sources import Column

KEPT = 10_000
"""Columns whose masked form is kept: it is the same in every plan, and made of more parts than all the rest of a leaf."""

_KEPT: Bounded[int, tuple[Column, ColumnElement[Any] | None]] = Bounded(KEPT)
"""By the identity of the column, which is kept beside so that nothing else gets it."""


def masked_column(column: Column) -> ColumnElement[Any] | None:
    """The column's masked expression; None when its rule cannot mask it: then it is withheld."""
    found = _KEPT.get(id(column))
    return (_KEPT.put(id(column), (column, _masked(column))) if found is None else found)[1]


def _masked(column: Column) -> ColumnElement[Any] | None:
    """The same made.

    A decimal is shown as text and masked as a number. Where the column says when its mask applies
    (`mask_where`), other rows keep their value: a company's name as an owner is public, a person's is not.
    Where it cannot be told (null), the value is masked.
    """
    shown = column.expression
    inner = shown.clause if isinstance(shown, Cast) else shown
    try:
        made = masked(column.mask or "", inner)
    except UnknownMask:
        return None
    if column.mask_where is not None:
        made = case((not_(column.mask_where), inner), else_=made)
    return column.where_shown(cast(made, shown.type) if isinstance(shown, Cast) else made)
