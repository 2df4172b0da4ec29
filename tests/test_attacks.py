"""The table of attacks names tests that exist, and a test for every attack."""

from __future__ import annotations

import re

import pytest

from tests.documents import ROOT

PAGE = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z]\d+) \| (.*)$", PAGE, re.MULTILINE)
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_the_rows_are_those_of_the_catalogue() -> None:
    wanted = "E1 E2 E3 E4 E5 E7 E8 E9 E10 F1 F2 F4 G1 G3 G4 H2 H3 H4 J1 J2 J4 J5 J6"
    assert [number for number, _ in ROWS] == wanted.split()


@pytest.mark.parametrize(("number", "row"), ROWS, ids=[number for number, _ in ROWS])
def test_every_attack_has_tests_that_exist(number: str, row: str) -> None:
    named = re.findall(r"`(test_\w+)`", row)
    assert named, number
    assert set(named) <= TESTS


def test_what_is_named_after_an_attack_of_these_groups_is_in_the_table() -> None:
    grouped = {name for name in TESTS if re.match(r"test_[EGHJegj]\d+_|test_E_", name)}
    assert grouped <= set(re.findall(r"test_\w+", PAGE))
