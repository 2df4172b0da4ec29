from __future__ import annotations

import csv
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from decimal import Decimal
from functools import reduce
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest
from sqlalchemy import ARRAY, Date, Dialect, Integer, LargeBinary, Numeric, Text, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.types import TypeEngine

from auth import patterns
from auth.mask_rules import NAMES
from auth.masks import MASK_KEY, REFUSED, RULES, UnknownMask, masked
from datasources.tables import DATABASES
from tests.auth import masks_reference, masks_values
from tests.auth.masks_examples import EXAMPLES
from tests.auth.masks_signs import words

MODEL = Path(__file__).parents[2] / "docs" / "data_model.csv"
KEY = masks_reference.KEY
TEXT_RULES = sorted(masks_reference.TEXT_RULES)
COUNT = 2500
POSTGRESQL: Dialect = dialect()  # type: ignore[no-untyped-call]

Ask = Callable[..., Awaitable[list[Any]]]


@pytest.fixture(scope="module")
async def ask(admin_dsn: str) -> AsyncIterator[Ask]:
    """The masked values, in one statement; the masks use no table."""
    connection = await asyncpg.connect(admin_dsn)

    async def answer(
        rule: str, values: Sequence[Any], type_: TypeEngine[Any] | None = None, key: str | None = KEY
    ) -> list[Any]:
        kind = type_ or Text()
        given = func.unnest(bindparam("given", type_=ARRAY(kind))).table_valued(
            column("given", kind), with_ordinality="place"
        )
        rows = given.render_derived(name="input")
        query = select(masked(rule, rows.c.given)).select_from(rows).order_by(rows.c.place).compile(dialect=POSTGRESQL)
        parameters = {"given": values, MASK_KEY: key, NAMES: "SURNAME"}
        found = await connection.fetch(str(query), *(parameters[name] for name in query.positiontup or ()))
        return [row[0] for row in found]

    yield answer
    await connection.close()


# --- the whole of it against the reference ---------------------------------------------------------------------------


@pytest.mark.parametrize("rule", TEXT_RULES)
async def test_agrees_with_the_reference(ask: Ask, rule: str) -> None:
    values = masks_values.values(rule, COUNT)
    reference = masks_reference.TEXT_RULES[rule]
    found = await ask(rule, values)
    wrong = [
        (value, got, reference(value) if value else value)
        for value, got in zip(values, found, strict=True)
        if got != (reference(value) if value else value)
    ]
    assert not wrong


async def test_band_agrees_with_the_reference(ask: Ask) -> None:
    dice = Random("band")
    values = [masks_values.number(dice) for _ in range(COUNT)] + [Decimal(10) ** power for power in range(16)]
    assert await ask("band", values, Numeric(20, 2)) == [masks_reference.band(value) for value in values]


# --- examples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", EXAMPLES)
async def test_examples(ask: Ask, rule: str) -> None:
    assert dict(zip(EXAMPLES[rule], await ask(rule, list(EXAMPLES[rule])), strict=True)) == EXAMPLES[rule]


async def test_bands(ask: Ask) -> None:
    counts = [None, 0, 1, 2, 4, 5, 9, 10, 19, 20, 734, 999, 1000, -734, 2**31 - 1, -(2**31)]
    bands = [None, 0, 0, 2, 2, 5, 5, 10, 10, 20, 500, 500, 1000, -500, 2_000_000_000, -2_000_000_000]
    assert await ask("band", counts, Integer()) == bands
    amounts = [Decimal("1.99"), Decimal("734000.55"), Decimal("999999999999999999.99"), Decimal("NaN")]
    assert await ask("band", amounts, Numeric(20, 2)) == [0, 500_000, 500_000_000_000_000_000, None]


async def test_a_year_is_no_date(ask: Ask) -> None:
    assert await ask("date_to_year", [datetime.date(1986, 3, 12), None], Date()) == [None, None]


# --- what holds for every rule ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", TEXT_RULES)
async def test_nothing_stays_nothing(ask: Ask, rule: str) -> None:
    assert await ask(rule, [None, ""]) == [None, ""]


SHOWN = {
    "id_6_4": 10,
    "id_1_1": 2,
    "name_surname": 2,
    "mobile_3_4": 8,
    "vin_3_4": 7,
    "keep_last_4": 4,
    "account_last_4": 4,
    "unit_keep_12": 12,
    "plate_keep_5": 5,
}


@pytest.mark.parametrize("rule", SHOWN)
async def test_shows_no_more_than_its_name_says(ask: Ask, rule: str) -> None:
    values = [value for value in masks_values.values(rule, COUNT) if value.strip("*")]
    for value, found in zip(values, await ask(rule, values), strict=True):
        assert len(found.replace("*", "").replace("-", "").replace("+", "")) <= SHOWN[rule], value
        assert found != value


async def test_an_address_in_the_city_ends_with_its_last_division(ask: Ask) -> None:
    dice = Random("addresses")
    addresses = [masks_values.home_address(dice) for _ in range(COUNT)]
    found = await ask("addr_to_town", [address for address, _ in addresses])
    assert found == [f"{divisions}***" for _, divisions in addresses]


async def test_nothing_of_a_secret_is_left_in_a_text(ask: Ask) -> None:
    dice = Random("secrets")
    secrets = [[masks_values.secret(dice) for _ in range(dice.randint(1, 3))] for _ in range(COUNT)]
    found = await ask("free_text_scan", [masks_values.sentence(dice, each) for each in secrets])
    for each, text in zip(secrets, found, strict=True):
        left = reduce(lambda rest, said: rest.replace(said, ""), masks_values.SAID, text)
        for secret in each:
            assert not any(secret[at : at + 3] in left for at in range(len(secret) - 2)), (secret, text)


# --- pseudonyms ------------------------------------------------------------------------------------------------------


async def test_a_token_joins_for_one_caller_and_not_for_two(ask: Ask) -> None:
    mine, yours = (
        await ask("token", ["p_7QK2M9", "p_7QK2M9", "e_2HV0TC"]),
        await ask("token", ["p_7QK2M9"], key="another"),
    )
    assert mine[0] == mine[1]
    assert len({mine[0], mine[2], yours[0]}) == 3
    assert all(len(pseudonym) == 16 for pseudonym in mine)


@pytest.mark.parametrize("key", [None, ""])
async def test_without_a_key_there_is_no_token(ask: Ask, key: str | None) -> None:
    assert await ask("token", ["p_7QK2M9"], key=key) == [None]


# --- the rules and the data model ------------------------------------------------------------------------------------


def model() -> list[tuple[str, str, str]]:
    with MODEL.open(encoding="utf-8-sig", newline="") as file:
        return [(row["table"], row["column"], row["mask_rule"]) for row in csv.DictReader(file) if row["mask_rule"]]


@pytest.mark.parametrize(("table", "name", "rule"), model())
def test_the_data_model_asks_for_nothing_else(table: str, name: str, rule: str) -> None:
    tables = {full: found for metadata in DATABASES.values() for full, found in metadata.tables.items()}
    mask = tables[table].c[name]
    if rule in REFUSED:
        with pytest.raises(UnknownMask):
            masked(rule, mask)
    else:
        assert rule in RULES
        assert masked(rule, mask) is not mask


def test_every_rule_has_a_reference() -> None:
    assert set(masks_reference.TEXT_RULES) | {"band", "date_to_year"} == RULES
    assert not RULES & REFUSED.keys()


@pytest.mark.parametrize("rule", ["", "clear", "ID_6_4", "per type", "one-time link"])
def test_unknown_rules(rule: str) -> None:
    with pytest.raises(UnknownMask):
        masked(rule, column("name", Text()))


@pytest.mark.parametrize(
    ("rule", "type_"),
    [
        ("id_6_4", Date()),
        ("band", Text()),
        ("date_to_year", Text()),
        ("token", JSONB()),
        ("keep_last_4", LargeBinary()),
    ],
)
def test_a_rule_is_for_its_types(rule: str, type_: TypeEngine[Any]) -> None:
    with pytest.raises(UnknownMask):
        masked(rule, column("name", type_))


def test_the_words_are_written_once() -> None:
    for alternatives in (patterns.COMPOUND_SURNAMES, patterns.ORGANISATION_ENDINGS, patterns.PROVINCES, patterns.TOWNS):
        assert len(set(words(alternatives))) == len(words(alternatives))
    assert all(len(surname) == 2 for surname in words(patterns.COMPOUND_SURNAMES))
    assert len(patterns.FOLDED) == len(patterns.FOLDED_TO)
