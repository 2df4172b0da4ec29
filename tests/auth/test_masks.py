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
from auth.masks import MASK_KEY, REFUSED, RULES, UnknownMask, masked
from datasources.tables import DATABASES
from tests.auth import masks_reference, masks_values

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
        parameters = {"given": values, MASK_KEY: key}
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

EXAMPLES = {
    "id_6_4": {
        "440499198603120178": "440499********0178",
        "44049919860312017x": "440499********017X",
        "４４０４９９１９８６０３１２０１７８": "440499********0178",
        "440499 19860312 0178": "440499********0178",
        "440499860312017": "440499******017",
        "820000199001010012": "820000********0012",
        "E12345678": "E******78",
        "H1234567890": "H********90",
        "1234567": "***",
        "军字第1234567号": "***",
        "4404991986031201781": "4****************81",
    },
    "id_1_1": {"440499198603120178": "4****************8", "E12345678": "E*******8", "12": "***"},
    "name_surname": {
        "张伟": "张*",
        "欧阳明月": "欧阳**",
        "欧阳修": "欧阳*",
        "欧阳": "欧*",
        "歐陽修": "歐陽*",
        "张": "***",
        "陈李美玲": "陈***",
        "阿依古丽·买买提": "阿***",
        "阿依古丽": "阿***",
        "阿不都热合曼": "阿***",
        "John Smith": "J***",
        "João": "J***",
        "𬭛明": "𬭛*",
        "张𬭛㛃": "张**",
        "𠮷": "***",
        " 张 伟 ": "张*",
        "　": "***",
        "张伟（曾用名李四）": "张***",
    },
    "disclosure_name": {
        "张伟": "张某",
        "欧阳明月": "欧阳某",
        "阿依古丽·买买提": "阿某",
        "John Smith": "J***",
        "张三小吃店": "张三小吃店",
        "珠海市好运贸易有限公司": "珠海市好运贸易有限公司",
        "珠海好运企业管理合伙企业（有限合伙）": "珠海好运企业管理合伙企业（有限合伙）",
        "拱北街道综合行政执法队": "拱北街道综合行政执法队",
        "Macau Trading Ltd.": "Macau Trading Ltd.",
        "何记": "何某",
        "李德行": "李某",
        "张伟（珠海市好运公司）": "张某",
        "张伟、李四公司": "张某",
        "张伟 好运公司": "张某",
        "张": "***",
    },
    "mobile_3_4": {
        "13812341234": "138****1234",
        "+86 138-1234-1234": "138****1234",
        "0756-8123123": "0756-****123",
        "（0756）8123123": "0756-****123",
        "020-81234567": "020-*****567",
        "+853 6612 3456": "+853-*****456",
        "12812341234": "***",
        "8123123": "***",
        "110": "***",
    },
    "addr_to_town": {
        "广东省珠海市香洲区拱北街道莲花路 88 号 3 栋 1201": "广东省珠海市香洲区拱北街道***",
        "广东省珠海市香洲区莲花路88号": "广东省珠海市香洲区***",
        "广东省珠海市明珠花城东区3栋": "广东省珠海市***",
        "广东省珠海市香洲区镇海路1号": "广东省珠海市香洲区***",
        "珠海市金湾区红旗镇藤山一路2号": "珠海市金湾区红旗镇***",
        "珠海市红旗镇藤山一路2号": "珠海市红旗镇***",
        "珠海市横琴粤澳深度合作区横琴镇琴海东路3号": "珠海市横琴粤澳深度合作区横琴镇***",
        "香洲区人民路步行街道口12号": "香洲区***",
        "广东省珠海市香洲区拱北街道": "广东省珠海市香洲区拱北街道***",
        "湖南省衡阳市雁峰区先锋街道湘江南路9号": "湖南省衡阳市雁峰区先锋街道***",
        "湖南省衡阳市雁峰区人民路乡村花园3栋": "湖南省衡阳市雁峰区***",
        "浙江省宁波市镇海区招宝山街道胜利路1号": "浙江省宁波市镇海区招宝山街道***",
        "广东省东莞市虎门镇长堤路5号": "广东省东莞市虎门镇***",
        "广西壮族自治区梧州市安和小区2栋": "广西壮族自治区梧州市***",
        "北京市朝阳区建外街道永安里8号": "北京市朝阳区建外街道***",
        "江西省景德镇市珠山区瓷都大道1号": "江西省景德镇市珠山区***",
        "莲花路88号3栋1201": "***",
        "长沙市岳麓区麓山路1号": "***",
        "88号": "***",
    },
    "cut_6": {"440402005001": "440402000000", "4404Z1000000": "4404Z1000000", "440402": "440402", "4404": "0000", "香洲": "00"},
    "vin_3_4": {"LZZABCDE7RA000123": "LZZ**********0123", "LZZABCDE7RA00012": "***", "LZZABCDE7RA0O0123": "***"},
    "keep_last_4": {
        "粤(2020)珠海市不动产权第0012345号": "****345号",
        "AB123456": "****3456",
        "1234567": "***",
        "----     1234": "***",
    },
    "account_last_4": {"6222 0210 1111 2222 333": "****2333", "1234567": "***", "账号12345678": "***"},
    "unit_keep_12": {"440499001002GB00123F00010023": "440499001002****************", "440499001002GB00123F": "***"},
    "plate_keep_5": {
        "粤C12A34": "粤C12A**",
        "粤CD12345": "粤CD12***",
        "粤C·1234挂": "粤C123**",
        "粤Z1234港": "粤Z123**",
        "粤c１２ａ34": "粤C12A**",
        "粤C12": "***",
        "12345678": "***",
    },
    "free_text_scan": {
        "张三（440499198603120178）驾驶粤C12A34，电话138 1234 1234": "张三（***）驾驶***，电话***",
        "卡号6222 0210 1111 2222 333，罚款5000.00元": "卡号***，罚款5000.00元",
        "2026年3月12日，依据《食品安全法》第一百二十四条": "2026年3月12日，依据《食品安全法》第一百二十四条",
        "珠香市监处罚〔2026〕123号，2026-03-12": "珠香市监处罚〔2026〕123号，2026-03-12",
        "护照E12345678，旧证440499860312017": "护照***，旧证***",
        "电话一三八一二三四一二三四": "电话***",
        "０７５６－８１２３１２３": "***",
    },
}  # fmt: skip


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
        assert len(set(masks_reference.words(alternatives))) == len(masks_reference.words(alternatives))
    assert all(len(surname) == 2 for surname in masks_reference.words(patterns.COMPOUND_SURNAMES))
    assert len(patterns.FOLDED) == len(patterns.FOLDED_TO)
