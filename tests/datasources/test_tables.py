"""The tables are the data model: ``docs/data_model.csv`` column by column, and nothing else that is not named here."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from datasources.tables import DATABASES
from datasources.tables.codes import CODE_LISTS, COLUMN_LISTS
from datasources.tables.record import RECORD_COLUMNS, record_columns

if TYPE_CHECKING:
    from sqlalchemy import Column, Dialect, Table

MODEL = Path(__file__).parents[2] / "docs" / "data_model.csv"
POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

SCHEMAS = {
    "population": {"pop"},
    "legal_entity": {"ent"},
    "matter": {"mat"},
    "regulation": {"reg"},
    "personnel": {"off", "div"},
    "property": {"rea"},
    "vehicle": {"veh"},
    "certificate": {"lic"},
    "enforcement": {"cas"},
    "gateway": {"gw"},
}

RECORDS = {
    "pop.person",
    "ent.entity",
    "mat.matter",
    "reg.regulation",
    "off.org",
    "off.officer",
    "rea.unit",
    "veh.vehicle",
    "lic.certificate",
    "cas.case",
    "cas.disclosure",
    "cas.payment",
}

EXTRA = {
    "cas.evidence.case_id": "uuid",
    "cas.evidence.collected_by_cert_nos": "varchar[]",
    "cas.recording.case_id": "uuid",
    "cas.payment.document_no": "varchar(100)",
    "cas.payment.payer_name": "varchar(300)",
    "ent.abnormal_listing.listed_by": "varchar(100)",
    "mat.matter_supervision.supervision_name": "varchar(300)",
    "cas.payment_instalment.payment_code": "varchar(24)",
    "cas.payment_instalment.no": "int",
    "cas.payment_instalment.due_on": "date",
    "cas.payment_instalment.amount": "decimal(18,2)",
    "cas.payment_instalment.paid": "boolean",
    "cas.payment_receipt.bill_code": "varchar(8)",
    "cas.payment_receipt.bill_no": "varchar(10)",
    "cas.payment_receipt.payment_code": "varchar(24)",
    "cas.payment_receipt.amount": "decimal(18,2)",
    "cas.payment_receipt.paid_at": "timestamptz",
    "cas.payment_receipt.channel_code": "varchar(4)",
    "cas.party.legal_rep_mark": "smallint",
    "ent.entity.legal_rep_mark": "smallint",
    "cas.payment.payer_mark": "smallint",
    "cas.party.subject_mark": "smallint",
    "cas.disclosure.subject_mark": "smallint",
    "ent.entity_person.subject_mark": "smallint",
    "lic.certificate.subject_mark": "smallint",
    "rea.right.subject_mark": "smallint",
    "veh.ownership.subject_mark": "smallint",
}
"""Columns the operations need and the model lacks; ``docs/decisions`` has the reasons."""

FREE_TEXT = {
    "GB 11643-1999": "an identity number",
    "GB 32100": "a unified social credit code",
    "GB 32100-2015": "a unified social credit code",
    "GB 16735": "a vehicle identification number",
    "GA 36-2018": "a plate number",
    "GB/T 37346": "a real-property unit number",
    "GB/T 37346-2019": "a real-property unit number",
    "GB/T 36904": "a certificate identifier",
    "GB/T 39554.1": "a matter code, of another form in other provinces",
    "国家互联网+监管": "a supervision matter code of the national system",
    "财政电子票据": "the number of a bill form, allotted by the finance ministry",
    "GB/T 2260": "a division code: its name is a row of div.division",
    "GB/T 2260+10114": "a division code: its name is a row of div.division",
    "GB/T 2260, 10114": "a division code: its name is a row of div.division",
}
"""Code lists of the model that are forms of an identifier or rows of a table, not lists."""


def model() -> list[dict[str, str]]:
    with MODEL.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def declared() -> dict[str, Column[object]]:
    return {f"{table.fullname}.{column.name}": column for table in tables() for column in table.columns}


def tables() -> list[Table]:
    return [table for metadata in DATABASES.values() for table in metadata.sorted_tables]


def expected_type(model_type: str) -> str:
    """The PostgreSQL type of a type of the model: text without blank padding, a point for a geometry."""
    named = {
        "uuid": "UUID",
        "date": "DATE",
        "timestamptz": "TIMESTAMP WITH TIME ZONE",
        "int": "INTEGER",
        "smallint": "SMALLINT",
        "bigint": "BIGINT",
        "boolean": "BOOLEAN",
        "text": "TEXT",
        "jsonb": "JSONB",
        "varchar[]": "VARCHAR[]",
        "geometry": "point",
    }
    if model_type in named:
        return named[model_type]
    kind, length = re.fullmatch(r"(char|varchar|decimal)(\(.+\))", model_type).groups()  # type: ignore[union-attr]
    return {"char": "VARCHAR", "varchar": "VARCHAR", "decimal": "NUMERIC"}[kind] + length.replace(",", ", ")


def test_every_database_has_its_schemas() -> None:
    found = {name: {table.schema for table in metadata.sorted_tables} for name, metadata in DATABASES.items()}
    assert found == SCHEMAS


def test_every_column_of_the_model_has_its_type() -> None:
    columns = declared()
    wanted = {f"{row['table']}.{row['column']}": expected_type(row["type"]) for row in model()}
    wanted |= {name: expected_type(model_type) for name, model_type in EXTRA.items()}
    assert {name: columns[name].type.compile(POSTGRESQL) for name in wanted} == wanted


def test_keys_are_those_of_the_model() -> None:
    wanted: dict[str, set[str]] = {}
    for row in model():
        keys = wanted.setdefault(row["table"], set())
        if "PK" in row["key"].split(","):
            keys.add(row["column"])
    found = {table.fullname: set(table.primary_key.columns.keys()) for table in tables()}
    assert {name: found[name] for name in wanted} == wanted


def test_every_unique_key_of_the_model_leads_a_unique_index() -> None:
    found = {table.fullname: [index for index in table.indexes if index.unique] for table in tables()}
    for row in model():
        if "UK" in row["key"]:
            assert any(row["column"] in index.columns for index in found[row["table"]]), row


def test_every_foreign_key_and_index_of_the_model_has_an_index() -> None:
    led = {f"{table.fullname}.{table.primary_key.columns[0].name}" for table in tables() if table.primary_key.columns}
    led |= {f"{table.fullname}.{index.columns[0].name}" for table in tables() for index in table.indexes}
    # Read from their own row only: nothing leads from a division or a delegating body back to these.
    read_forward = {
        "pop.person.reg_division_code",
        "pop.person.res_division_code",
        "pop.household.division_code",
        "ent.operating_site.division_code",
        "mat.matter.delegated_from",
        "mat.change_request.applicant_org",
        "cas.case.matter_version",  # never without the implementation code, which leads their index
    }
    missing = {
        f"{row['table']}.{row['column']}"
        for row in model()
        if {"FK", "IX"} & set(re.findall(r"[A-Z]+", row["key"])) and "PK" not in row["key"]
    }
    assert missing - led == read_forward


def test_nothing_is_undeclared() -> None:
    known = {f"{row['table']}.{row['column']}" for row in model()} | EXTRA.keys()
    known |= {f"{table}.{column}" for table in RECORDS for column in RECORD_COLUMNS}
    assert {name for name in declared() if not name.startswith("gw.")} == known


@pytest.mark.parametrize("table", sorted(RECORDS))
def test_a_record_carries_where_it_came_from(table: str) -> None:
    columns = declared()
    given = {f"{row['table']}.{row['column']}" for row in model()}
    for expected in record_columns():
        found = columns[f"{table}.{expected.name}"]
        assert found.type.compile(POSTGRESQL) == expected.type.compile(POSTGRESQL)
        assert found.nullable == expected.nullable or f"{table}.{expected.name}" in given


def test_a_code_list_of_the_model_is_a_list_or_free_text() -> None:
    coded = {f"{row['table']}.{row['column']}": row["code_list"] for row in model() if row["code_list"]}
    assert {name for name, codes in coded.items() if name not in COLUMN_LISTS} == {
        name for name, codes in coded.items() if codes in FREE_TEXT
    }


def test_the_words_of_the_model_are_the_labels_in_order() -> None:
    for row in model():
        name, words = f"{row['table']}.{row['column']}", row["code_list"].split()
        if name not in COLUMN_LISTS or len(words) < 2 or words[0] in {"GB/T", "GA/T", "GA", "TD/T", "A", "0"}:
            continue
        labels = list(CODE_LISTS[COLUMN_LISTS[name]].labels.items())
        if re.match(r"\d", words[0]) is None:
            assert len(labels) == len(words), name
            assert all(word in label + code for word, (code, label) in zip(words, labels, strict=True)), name


def test_every_code_fits_its_column_and_has_a_label() -> None:
    columns = declared()
    for name, codes in COLUMN_LISTS.items():
        length = getattr(columns[name].type, "length", None) or getattr(columns[name].type, "item_type", None)
        for code, label in CODE_LISTS[codes].labels.items():
            assert label
            assert not isinstance(length, int) or len(code) <= length, (name, code)


@pytest.mark.parametrize(
    ("codes", "size"), [("GB/T 3304", 56), ("行政处罚法第九条", 14), ("inspection.result_code", 8), ("GB/T 2261.1", 4)]
)
def test_a_closed_list_is_complete(codes: str, size: int) -> None:
    assert len(CODE_LISTS[codes].labels) == size


def test_an_unknown_code_is_its_own_label() -> None:
    assert CODE_LISTS["GB/T 2261.1"].label("1") == "男性"
    assert CODE_LISTS["GB/T 2261.1"].label("7") == "7"


def test_every_statement_compiles_for_postgresql() -> None:
    for table in tables():
        statement = str(CreateTable(table).compile(dialect=POSTGRESQL))
        assert " CHAR(" not in statement
        for index in table.indexes:
            assert len(str(index.name)) <= 63
            CreateIndex(index).compile(dialect=POSTGRESQL)


def test_keys_that_travel_between_databases_are_uuids() -> None:
    columns = declared()
    for name in ("ent.entity_person.person_ref", "veh.ownership.owner_ref", "cas.case.org_id"):
        assert isinstance(columns[name].type, Uuid)
