"""Every row fits its table: width, types, lengths, codes, keys."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from datasources.tables import DATABASES
from datasources.tables.codes import CODE_LISTS, COLUMN_LISTS
from tests.datasources.city.rows import City

WRITTEN_BY_THE_GATEWAY = {
    "gw.access_record", "gw.access_subject", "gw.access_shipped", "gw.temporary_task", "gw.feed_delivery", "gw.sampling_draw",
    "gw.transfer", "gw.transfer_report", "gw.payment_report", "gw.outbox", "gw.idempotency",
}  # fmt: skip
"""Tables that the running gateway fills, not the city."""

TABLES = {
    name: table
    for metadata in DATABASES.values()
    for name, table in metadata.tables.items()
    if name not in WRITTEN_BY_THE_GATEWAY
}


def python_type(column: sa.Column[Any]) -> tuple[type, ...]:
    for kind, found in (
        (sa.String, (str,)), (JSONB, (str,)), (sa.DateTime, (datetime,)), (sa.Date, (date,)), (sa.Boolean, (bool,)),
        (sa.Numeric, (Decimal,)), (sa.Integer, (int,)), (sa.Uuid, (UUID,)), (sa.ARRAY, (list,)),
    ):  # fmt: skip
        if isinstance(column.type, kind):
            return found
    return (tuple,)


def test_every_table_is_filled(city: City) -> None:
    assert set(city) == set(TABLES)
    assert not [name for name, rows in city.items() if not rows.tuples]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_values_have_the_type_of_their_column(city: City, name: str) -> None:
    for column in TABLES[name].columns:
        kinds, length = python_type(column), getattr(column.type, "length", None)
        for value in city[name].column(column.name):
            if value is None:
                assert column.nullable, column.name
            else:
                assert type(value) in kinds, (column.name, value)
                assert not length or len(value) <= length, (column.name, value)


@pytest.mark.parametrize("coded", sorted(set(COLUMN_LISTS) - {"cas.decision.penalty_kinds"}))
def test_codes_are_in_their_list(city: City, coded: str) -> None:
    table, column = coded.rsplit(".", 1)
    labels = CODE_LISTS[COLUMN_LISTS[coded]].labels
    used = {value for value in city[table].column(column) if value is not None}
    if coded == "veh.vehicle.status_code":
        used = {letter for status in used for letter in status}
    assert not {code for code in used if str(code) not in labels}


def test_penalty_kinds_are_in_their_list(city: City) -> None:
    used = {kind for kinds in city["cas.decision"].column("penalty_kinds") for kind in kinds}
    assert used <= set(CODE_LISTS["行政处罚法第九条"].labels)
    assert {"01", "03", "04"} <= used


@pytest.mark.parametrize("name", sorted(TABLES))
def test_keys_are_unique(city: City, name: str) -> None:
    table = TABLES[name]
    unique = [tuple(column.name for column in table.primary_key)]
    unique += [(column.name,) for column in table.columns if column.unique]
    unique += [tuple(column.name for column in index.columns) for index in table.indexes if index.unique]
    for columns in unique:
        places = [city[name].columns.index(column) for column in columns]
        counted = Counter(tuple(row[place] for place in places) for row in city[name].tuples)
        assert not [key for key, count in counted.items() if count > 1][:5], columns


def test_everything_says_that_it_is_synthetic(city: City) -> None:
    for rows in city.values():
        if "is_synthetic" in rows.columns:
            assert set(rows.column("is_synthetic")) == {True}
