"""From the catalog to what the policies may know of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from auth.facts import FactKind, Facts
from auth.policy import SHIPPED, PolicySet, read_texts
from gateway.masking import masked_column
from resolvers.catalog import Catalog, column_names
from resolvers.sources import Branch, Column, Computed, Embed, Link, Lookup, Record, Source


def facts_of(catalog: Catalog) -> list[Facts]:
    """The facts of every field, hidden column and link of a catalog, in the order of the schema."""
    return [*_declared(catalog), *_hidden(catalog), *_hand_written(catalog)]


@lru_cache(maxsize=8)
def shipped(facts: tuple[Facts, ...]) -> PolicySet:
    """The policies that come with the gateway, over these facts. Raises PolicyRefused."""
    return PolicySet.load(read_texts(SHIPPED), facts)


def _declared(catalog: Catalog) -> Iterator[Facts]:
    for (type_name, field_name), source in catalog.sources.items():
        record = catalog.records.get(type_name)
        yield from _of_source(catalog, record, f"{type_name}.{field_name}", source)


def _of_source(catalog: Catalog, record: Record | None, coordinate: str, source: Source) -> Iterator[Facts]:
    if isinstance(source, Embed):
        for name, part in source.parts.items():
            yield from _of_source(catalog, record, f"{coordinate}.{name}", part)
    elif isinstance(source, Column | Computed):
        assert record is not None
        yield _of_value(coordinate, source, catalog.database_of(record.table), FactKind.COLUMN)
    elif isinstance(source, Link):
        yield from _of_link(catalog, coordinate, source)
    elif isinstance(source, Lookup):
        yield from _of_link(catalog, coordinate, source.link)
        target = catalog.records[source.link.branches[0].target]
        yield _of_value(coordinate, source.column, catalog.database_of(target.table), FactKind.COLUMN)


def _hidden(catalog: Catalog) -> Iterator[Facts]:
    for coordinate, column in catalog.hidden_columns():
        record = catalog.records[coordinate.partition(".")[0]]
        yield _of_value(coordinate, column, catalog.database_of(record.table), FactKind.HIDDEN)


def _hand_written(catalog: Catalog) -> Iterator[Facts]:
    for (type_name, field_name), decided in catalog.by_hand.items():
        yield Facts(
            coordinate=f"{type_name}.{field_name}",
            data_class=decided.data_class,
            database=decided.database,
            columns=decided.columns,
        )


def _of_value(coordinate: str, source: Column | Computed, database: str, kind: FactKind) -> Facts:
    """A pseudonym reads no column that it shows; a mask that cannot be applied is none."""
    inputs = (source,) if isinstance(source, Column) else source.inputs
    maskable = isinstance(source, Column) and source.mask is not None and masked_column(source) is not None
    return Facts(
        coordinate=coordinate,
        data_class=source.data_class,
        database=database,
        columns=column_names(column.expression for column in inputs if not column.opaque),
        mask=source.mask if isinstance(source, Column) and maskable else None,
        kind=kind,
    )


def _of_link(catalog: Catalog, coordinate: str, link: Link) -> Iterator[Facts]:
    """What a link goes by: the key of the parent's row, a table in between, and what the other record is found by.

    A link that is asked for without a key is a list of the whole table. Where the caller names the key, and not by a
    global id, each column of it is asked about as a filter.
    """
    ends = column_names(link.key) | (column_names(link.through.match) if link.through is not None else frozenset())
    for branch in link.branches:
        database = catalog.database_of(catalog.records[branch.target].table)
        yield Facts(
            coordinate=coordinate,
            data_class=link.data_class,
            database=database,
            columns=ends | _target(catalog, link, branch),
            kind=FactKind.LINK,
        )
        if link.by and not link.sealed:
            for column in branch.match:
                yield Facts(
                    coordinate=coordinate,
                    data_class=link.data_class,
                    database=database,
                    columns=column_names([column]),
                    kind=FactKind.KEY,
                )


def _target(catalog: Catalog, link: Link, branch: Branch) -> frozenset[str]:
    if branch.match or link.key:
        return column_names(branch.match)
    return frozenset(f"{name.rpartition('.')[0]}.*" for name in column_names(catalog.records[branch.target].key))
