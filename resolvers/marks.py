"""What the mark of a person leaves of a row that names the person beside its own subject: a payer, a representative.

The row of another database carries the mark as its owner delivers it (`auth.rows`): 0 nothing, 1 under fourteen or sealed,
2 protected. Where none is delivered, nobody is named.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, literal_column

ORDINARY, RAISED = 0, 1
"""The values of a mark that is no reason to hide anything, and of one that a strong login sees."""


def unmarked(mark: ColumnElement[Any]) -> ColumnElement[bool]:
    """The person is neither protected, nor sealed, nor under fourteen."""
    return mark <= literal_column(str(ORDINARY))


def unmarked_person(person: FromClause) -> ColumnElement[bool]:
    """The same of a record of the population itself (`pop.person`, or an alias of it)."""
    marks = person.c
    return and_(marks.is_minor_14.is_not(True), marks.protection_flag == 0, marks.sealed.is_(False))


def not_protected(mark: ColumnElement[Any]) -> ColumnElement[bool]:
    """The person is not protected (证人、举报人); of a representative the rest is in the public register."""
    return mark <= literal_column(str(RAISED))
