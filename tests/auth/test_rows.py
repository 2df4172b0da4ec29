"""The row rules as data: who is hidden by which mark, and that no table names a person without a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from auth.purpose import Standing
from auth.rows import CASE_TABLE, OF_A_PERSON, ORDINARY, PERSON_TABLE, RAISED, SUBJECT_MARK, marks_against
from auth.viewer import CallerKind, Purpose
from datasources.tables import DATABASES
from resolvers import marks
from resolvers.schema import catalog

TABLES = {table.fullname: table for metadata in DATABASES.values() for table in metadata.sorted_tables}

NAMES_A_PERSON = re.compile(
    r"(?:^|_)(?:person|holder|owner|payer|subject|landlord|informant|legal_rep|contact)(?:_person)?_(?:name|id_no|id|ref)$"
    r"|^name_at_decision$|^id_no$"
)
"""Columns by which a row names a natural person."""

OTHERWISE: Mapping[str, str] = {
    "pop.household.head_person_id": "leads to the person, who is cut, and is shown in no other way",
    "pop.floating_population.landlord_ref": "leads to the person, who is cut, and is shown in no other way",
    "cas.case.informant_ref": "nobody sees the column",
    "off.officer.id_no": "an officer in office, whose certificate is public",
    "off.assignment.subject_ref": "whom a task is about: read to see whether it holds, and shown nowhere",
    "ent.entity.legal_rep_name": "shown where legal_rep_mark allows it",
    "ent.entity.legal_rep_id_no": "shown where legal_rep_mark allows it",
    "ent.entity.contact_name": "shown where legal_rep_mark allows it",
    "cas.party.legal_rep_name": "shown where legal_rep_mark allows it",
    "cas.party.legal_rep_id_no": "shown where legal_rep_mark allows it",
    "cas.payment.payer_name": "shown where payer_mark allows it",
}
"""Columns that name a person in rows that are not hidden with the person, and what becomes of them instead."""


def hidden_with_the_person(table: str) -> bool:
    return table == PERSON_TABLE or table in OF_A_PERSON or SUBJECT_MARK in TABLES[table].c


def test_no_table_names_a_person_without_a_rule() -> None:
    found = {
        f"{name}.{column.name}"
        for name, table in TABLES.items()
        if not name.startswith("gw.")
        for column in table.columns
        if NAMES_A_PERSON.search(column.name)
    }
    assert {name for name in found if not hidden_with_the_person(name.rpartition(".")[0])} <= OTHERWISE.keys()
    assert OTHERWISE.keys() <= found
    assert {name.rpartition(".")[0] for name in found} >= {"cas.party", "rea.right", "lic.certificate", "veh.ownership"}


def test_whoever_is_named_in_passing_is_shown_by_a_mark_only() -> None:
    wanted = {name for name, why in OTHERWISE.items() if why.startswith("shown where")}
    found = set()
    for _, column in catalog.columns():
        name = f"{getattr(column.expression, 'table', '')}.{getattr(column.expression, 'name', '')}"
        if name in wanted:
            assert column.shown_where is not None, name
            found.add(name)
    assert found == wanted


def test_the_values_of_a_mark_are_one_list() -> None:
    assert (marks.ORDINARY, marks.RAISED) == (ORDINARY, RAISED)


def standing(kind: CallerKind, purpose: Purpose, assurance: int = 1, *, granted: bool = True) -> Standing:
    return Standing(kind=kind, purpose=purpose, granted=granted, assurance=assurance)


WEAK = standing(CallerKind.OFFICER, Purpose.CASE_HANDLING)
STRONG = standing(CallerKind.OFFICER, Purpose.CASE_HANDLING, 2)
WITHOUT_TASK = standing(CallerKind.OFFICER, Purpose.CASE_HANDLING, 2, granted=False)
SUPERVISOR = standing(CallerKind.SUPERVISOR, Purpose.SUPERVISION, 2)
PARTNER = standing(CallerKind.PARTNER, Purpose.PARTNER_DISCLOSURE, 2)


@pytest.mark.parametrize(
    ("caller", "table", "hides"),
    [
        (WEAK, PERSON_TABLE, {"sealed", "is_minor_14", "protection_flag", SUBJECT_MARK}),
        (STRONG, PERSON_TABLE, {"protection_flag", SUBJECT_MARK}),
        (WITHOUT_TASK, PERSON_TABLE, {"sealed", "is_minor_14", "protection_flag", SUBJECT_MARK}),
        (SUPERVISOR, CASE_TABLE, {"secret_flag", SUBJECT_MARK}),
        (PARTNER, CASE_TABLE, {"sealed", "secret_flag", SUBJECT_MARK}),
    ],
)
def test_a_strong_login_lifts_what_is_raised_and_never_what_is_protected(
    caller: Standing, table: str, hides: set[str]
) -> None:
    assert {mark.column for mark in marks_against(caller, table)} == hides


@pytest.mark.parametrize(
    ("caller", "shown"), [(WEAK, 0), (STRONG, 1), (WITHOUT_TASK, 0), (SUPERVISOR, 1), (PARTNER, 0)]
)
def test_the_mark_of_a_person_elsewhere_is_lifted_as_that_of_the_person(caller: Standing, shown: int) -> None:
    assert [mark.shown for mark in marks_against(caller, "cas.party") if mark.column == SUBJECT_MARK] == [shown]


@pytest.mark.parametrize(
    ("caller", "at_hand"), [(WEAK, False), (STRONG, True), (WITHOUT_TASK, False), (SUPERVISOR, False)]
)
def test_a_secret_case_is_shown_to_the_officer_who_works_on_it(caller: Standing, at_hand: bool) -> None:
    assert [mark.at_hand for mark in marks_against(caller, CASE_TABLE) if mark.column == "secret_flag"] == [at_hand]
