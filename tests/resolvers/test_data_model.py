"""The schema is the data model: every column of ``docs/data_model.csv`` has its class, its term and its mask.

What differs is named here with its reason; an entry that no longer differs fails the test as well.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy.sql import visitors

from auth.classes import DataClass
from auth.masks import masked
from resolvers.schema import catalog
from resolvers.sources import Column, Link, Lookup

MODEL = Path(__file__).parents[2] / "docs" / "data_model.csv"
CALLERS = ("C", "P", "O", "X", "S", "A")
CLASSES = {
    "PUB": DataClass.PUBLIC,
    "INT": DataClass.INTERNAL,
    "PER": DataClass.PERSONAL,
    "SEN": DataClass.SENSITIVE,
    "RES": DataClass.RESTRICTED,
}

OTHER_LABEL: Mapping[str, str] = {
    "cas.case.sealed": "a yes or no, among what every record carries",
}
"""Columns whose term differs from the model's, and why."""

OTHER_MASK: Mapping[str, str] = {
    "lic.certificate.surface_data": "what is printed depends on the type: nobody sees it masked, so nothing masks it",
    "lic.certificate.file_ref": "a link for one use is a way to hand it out, not a mask",
}
"""Columns masked otherwise than the model says, and why."""

SHOWN_NEVERTHELESS: Mapping[str, str] = {
    "cas.case.sealed": "the origin of every record says whether it is sealed (2.0); for a case that is restricted",
}
"""Columns that the model opens to nobody and that a field shows, and why."""


@dataclass(frozen=True)
class Declared:
    """One place that declares a column."""

    coordinate: str
    column: Column
    hidden: bool


def model() -> dict[str, dict[str, str]]:
    """The rows of the model by ``schema.table.column``."""
    with MODEL.open(encoding="utf-8-sig", newline="") as file:
        return {f"{row['table']}.{row['column']}": row for row in csv.DictReader(file)}


def name_of(column: sqlalchemy.Column[Any]) -> str:
    """``schema.table.column``."""
    assert isinstance(column.table, sqlalchemy.Table)
    return f"{column.table.fullname}.{column.name}"


def plain(expression: Any) -> Any:
    """The column itself, where the expression is a column or a cast of one."""
    return expression.clause if isinstance(expression, sqlalchemy.Cast) else expression


def read_by(expression: Any) -> Iterator[str]:
    """The columns that an expression reads."""
    for element in visitors.iterate(expression):
        if isinstance(element, sqlalchemy.Column) and isinstance(element.table, sqlalchemy.Table):
            yield name_of(element)


def declarations() -> dict[str, list[Declared]]:
    """Every declaration of a column as it is."""
    found: dict[str, list[Declared]] = {}
    places = [Declared(coordinate, column, False) for coordinate, column in catalog.columns() if not column.opaque]
    places += [
        Declared(f"{name}.hidden", column, True) for name, record in catalog.records.items() for column in record.hidden
    ]
    for place in places:
        base = plain(place.column.expression)
        if isinstance(base, sqlalchemy.Column) and isinstance(base.table, sqlalchemy.Table):
            found.setdefault(name_of(base), []).append(place)
    return found


def shown_through() -> set[str]:
    """Columns that a derived field is made of, or that lead to other records."""
    found: set[str] = set()
    for _, column in catalog.columns():
        if not isinstance(plain(column.expression), sqlalchemy.Column):
            found.update(read_by(column.expression))
    for source in catalog.sources.values():
        link = source.link if isinstance(source, Lookup) else source
        if isinstance(link, Link):
            for expression in link.key:
                found.update(read_by(expression))
    return found


ROWS, DECLARED = model(), declarations()


def test_every_column_is_declared() -> None:
    assert [name for name in ROWS if name not in DECLARED] == []


def test_every_declaration_has_the_class_of_the_model() -> None:
    found = {
        name: {place.coordinate: place.column.data_class.name for place in DECLARED[name]}
        for name, row in ROWS.items()
        if {place.column.data_class for place in DECLARED[name]} != {CLASSES[row["class"]]}
    }
    assert found == {}


def test_every_column_has_the_term_of_the_model() -> None:
    found = {
        name: sorted({place.column.label for place in DECLARED[name]})
        for name, row in ROWS.items()
        if row["label_zh"] not in {place.column.label for place in DECLARED[name]}
    }
    assert found.keys() == OTHER_LABEL.keys(), found


def test_every_column_is_masked_as_the_model_says() -> None:
    found = {
        name: sorted({str(place.column.mask) for place in DECLARED[name] if not place.hidden})
        for name, row in ROWS.items()
        if {place.column.mask or "" for place in DECLARED[name] if not place.hidden} - {row["mask_rule"]}
    }
    assert found.keys() == OTHER_MASK.keys(), found


def test_every_mask_can_be_carried_out_on_its_column() -> None:
    for _, column in catalog.columns():
        if column.mask is not None:
            value = plain(column.expression)
            assert masked(column.mask, value).type.python_type == value.type.python_type


def test_what_nobody_may_see_is_hidden() -> None:
    found = {
        name: [place.coordinate for place in DECLARED[name] if not place.hidden]
        for name, row in ROWS.items()
        if all(row[caller] in {"N", "-"} for caller in CALLERS) and not all(place.hidden for place in DECLARED[name])
    }
    assert found.keys() == SHOWN_NEVERTHELESS.keys(), found


def test_what_somebody_may_see_is_shown_or_leads_somewhere() -> None:
    through = shown_through()
    found = [
        name
        for name, row in ROWS.items()
        if not all(row[caller] in {"N", "-"} for caller in CALLERS)
        and all(place.hidden for place in DECLARED[name])
        and name not in through
        and not {"PK", "FK"} & set(row["key"].replace(",", " ").split())
    ]
    assert found == []
