"""The city looks like a city: shares, skew, calendars, money, names."""

from __future__ import annotations

import hashlib
import json
import statistics
from collections import Counter
from datetime import date

import pytest

from datasources.city import workdays
from datasources.city.ages import DWELLER_SLOTS, DWELLERS, PERIOD, dweller_ages, family_ages
from datasources.city.casting import ENTITIES_OF_PERSONAS
from datasources.city.names import alphabet, pinyin
from datasources.city.pinyin import syllables
from datasources.city.sampling import ranked
from datasources.city.sizes import SEED, L, M, S, Size
from datasources.tables.holidays import exceptions
from tests.datasources.city.rows import City


def share(found: int, total: int) -> float:
    return found / total


@pytest.mark.parametrize("size", [S, M, L])
def test_no_two_slots_of_an_identity_number_meet(size: Size) -> None:
    assert size.families // PERIOD * family_ages(SEED)[1] + family_ages(SEED)[1] < DWELLER_SLOTS
    dwellers = (size.persons - size.families) // DWELLERS + 1
    assert DWELLER_SLOTS + dwellers * dweller_ages(SEED)[1] < 365 * 490


@pytest.mark.parametrize(("size", "persons"), [(S, 25_000), (M, 250_000), (L, 2_800_000)])
def test_sizes(size: Size, persons: int) -> None:
    assert size.persons == persons


def test_ages(city: City) -> None:
    born = [row["birth_date"].year for row in city["pop.person"].dicts]
    assert 0.11 < share(sum(year > 2011 for year in born), len(born)) < 0.19
    assert 0.07 < share(sum(year < 1966 for year in born), len(born)) < 0.14


def test_households(city: City) -> None:
    members = Counter(city["pop.household_member"].column("household_no"))
    families = [members[row["household_no"]] for row in city["pop.household"].where(household_type="1")]
    assert set(families) == {1, 2, 3, 4, 5, 6}
    assert statistics.mean(families) == pytest.approx(2.6)


def test_names(city: City) -> None:
    names = [row["name"] for row in city["pop.person"].where(nationality_code="CHN") if "·" not in row["name"]]
    lengths = Counter(map(len, names))
    assert 0.84 < share(lengths[3], len(names)) < 0.92
    assert 0.08 < share(lengths[2], len(names)) < 0.14
    surnames = Counter(name[0] for name in names)
    assert "陈" in [surname for surname, _ in surnames.most_common(2)]
    assert any("·" in name for name in city["pop.person"].column("name"))
    assert any(character in name for name in names for character in "𬭛㛃䶮")
    assert any(name[:2] in ("欧阳", "司徒", "上官") for name in names)
    assert any(name.isascii() for name in city["pop.person"].column("name"))
    assert max(Counter(names).values()) > 5


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("陈俊杰", "chen junjie cjj"),
        ("区志强", "ou zhiqiang ozq"), ("曾国华", "zeng guohua zgh"), ("单美玲", "shan meiling sml"),
        ("仇英", "qiu ying qy"), ("查良", "zha liang zl"), ("翟静", "zhai jing zj"),
        ("缪小红", "miao xiaohong mxh"), ("解敏", "xie min xm"),
        ("盖伟", "ge wei gw"), ("欧阳明丽", "ouyang mingli oyml"), ("尉迟敏", "yuchi min ycm"), ("João Xavier", "joao xavier jx"),
        ("阿依古丽·买买提", "ayiguli maimaiti ayglmmt"),
    ],
)  # fmt: skip
def test_pinyin(name: str, form: str) -> None:
    assert pinyin(name) == form


def test_the_pinyin_table_covers_every_character_of_a_name() -> None:
    assert all(syllables(character, surname=False)[0].isalpha() for character in alphabet())


def test_every_name_has_its_search_form(city: City) -> None:
    for form in city["pop.person"].column("name_pinyin"):
        assert form.isascii()
        assert len(form.split()) >= 2


def test_inspections_are_skewed(city: City) -> None:
    kinds = {row["case_id"]: row["kind"] for row in city["cas.case"].dicts}
    counted = Counter(row["subject_ref"] for row in city["cas.party"].dicts if kinds[row["case_id"]] == "1")
    top = sum(count for _, count in counted.most_common(S.entities // 100))
    assert 0.2 < share(top, counted.total()) < 0.35


def test_work_falls_on_working_days(city: City) -> None:
    filed = Counter(row["filed_on"] for row in city["cas.case"].dicts if row["filed_on"])
    total = filed.total()
    assert share(sum(count for day, count in filed.items() if not workdays.is_working(day)), total) < 0.03
    assert not any(date(2025, 10, 1) <= day <= date(2025, 10, 8) for day in filed)
    weekdays = Counter[int]()
    for day, count in filed.items():
        weekdays[day.weekday()] += count
    assert min(weekdays[0], weekdays[3]) > max(weekdays[1], weekdays[2], weekdays[4])
    assert any(workdays.is_working(day) and day.weekday() > 4 for day in filed)


def test_year_end_rush(city: City) -> None:
    months = Counter(
        row["filed_on"].month for row in city["cas.case"].dicts if row["filed_on"] and row["filed_on"].year == 2025
    )
    assert months.most_common(1)[0][0] == 12


def test_penalties(city: City) -> None:
    penalties = [row for row in city["cas.case"].where(kind="2") if row["decided_on"]]
    assert 0.48 < share(sum(row["procedure_code"] == "1" for row in penalties), len(penalties)) < 0.62
    ordinary = [row for row in penalties if row["procedure_code"] == "2"]
    in_time = sum((row["decided_on"] - row["filed_on"]).days - row["excluded_days"] <= 90 for row in ordinary)
    assert 0.93 < share(in_time, len(ordinary)) < 1.0
    assert all(row["legally_reviewed"] for row in penalties if row["is_major"])


def test_fines(city: City) -> None:
    fines = [float(row["fine_amount"]) for row in city["cas.decision"].dicts if row["fine_amount"]]
    assert 1_000 <= statistics.median(fines) <= 3_000
    assert max(fines) > 100_000
    grades = Counter(row["discretion_grade"] for row in city["cas.decision"].dicts)
    total = grades.total()
    assert 0.18 < share(grades["从轻"] + grades["减轻"], total) < 0.32
    assert 0.5 < share(grades["一般"], total) < 0.68
    assert 0.1 < share(grades["从重"], total) < 0.25


def test_disclosure_in_time(city: City) -> None:
    cases = {row["case_id"]: row for row in city["cas.case"].where(kind="2")}
    lags = [
        (workdays.working_days_between(cases[row["case_id"]]["decided_on"], row["published_at"].date()))
        for row in city["cas.disclosure"].dicts if row["published_at"] and row["case_id"] in cases
    ]  # fmt: skip
    assert 0.9 < share(sum(lag <= 7 for lag in lags), len(lags)) < 0.97
    assert 20 < max(lags) <= 40


def test_payments(city: City) -> None:
    payments = city["cas.payment"].dicts
    by_status = Counter(row["status"] for row in payments)
    assert set(by_status) >= {"PAID", "PARTIALLY_PAID", "ISSUED", "REFUNDED", "SURCHARGE_RUNNING"}
    instalments = {row["payment_code"] for row in city["cas.payment_instalment"].dicts}
    assert 0.015 < share(len(instalments), len(payments)) < 0.06


def test_transfers(city: City) -> None:
    sent = [row for row in city["cas.criminal_transfer"].dicts if row["sent_at"]]
    assert len(sent) == S.transfers
    assert all(row["copied_to_procuratorate"] for row in sent)


def test_a_draw_can_be_repeated(city: City) -> None:
    directory: dict[str, list[str]] = {}
    for row in city["ent.entity"].dicts[ENTITIES_OF_PERSONAS:]:
        if row["risk_class"] == "D" and row["status_code"] == "1":
            # A record without its town still has its district.
            directory.setdefault(row["division_code"][:6], []).append(row["uscc"])
    for row in city["cas.sampling_draw"].dicts:
        result, members = json.loads(row["result"]), sorted(directory[row["plan_no"][-6:]])
        assert hashlib.sha256("\n".join(members).encode()).hexdigest() == row["population_digest"]
        assert ranked(row["seed"], members, len(result["对象"])) == result["对象"]
    plans = set(city["cas.sampling_draw"].column("plan_no"))
    assert {plan for plan in city["cas.inspection"].column("plan_no") if plan and "2026" in plan} <= plans


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 14), True), (date(2026, 2, 17), False), (date(2026, 10, 10), True), (date(2026, 10, 7), False),
        (date(2026, 11, 5), True), (date(2026, 11, 7), False), (date(2027, 1, 4), True),
    ],
)  # fmt: skip
def test_working_days(day: date, working: bool) -> None:
    assert workdays.is_working(day) is working


def test_six_make_up_days_in_2026() -> None:
    assert sum(worked and day.year == 2026 for day, (worked, _) in exceptions().items()) == 6


def test_counting_working_days_over_a_holiday() -> None:
    before = date(2026, 9, 30)
    assert date.fromordinal(workdays.working_days_after(before.toordinal(), 1)) == date(2026, 10, 8)
    assert date.fromordinal(workdays.working_days_after(date(2026, 10, 3).toordinal(), 1)) == date(2026, 10, 8)
    assert workdays.working_days_between(before, date(2026, 10, 10)) == 3
