"""The three kinds of index the tables use, named by one rule so that no name is written by hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


def index(*columns: Column[Any]) -> Index:
    """A B-tree: the columns of a link, a filter or a keyset order."""
    return Index(None, *columns)


def unique(*columns: Column[Any], nulls_equal: bool = False) -> Index:
    """A unique B-tree.

    With ``nulls_equal`` a NULL counts as a value: a key that ends in ``valid_to`` allows one current row and past ones.
    """
    return Index(None, *columns, unique=True, postgresql_nulls_not_distinct=nulls_equal or None)


def trigram(column: Column[Any]) -> Index:
    """A GIN index of ``pg_trgm``: substring search in names. A search of fewer than three characters cannot use it."""
    name = f"tg_{column.table.description}_{column.name}"
    return Index(name, column, postgresql_using="gin", postgresql_ops={column.name: "gin_trgm_ops"})
