"""Figures for partners over the city: rounded by the keys of their records, and of all cases, none of which they see."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from auth.terms import Detail
from auth.viewer import AccessRequest, Purpose
from gateway.asking import Asking
from gateway.profiles import read
from resolvers.cells import MODULUS
from tests.gateway.asking import Asker, told
from tests.world import CALLERS, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
PARTNER: Asker = CALLERS["partner-statistics"]
FIGURES = """query($by: [StatDimension!]!, $from: Date!, $to: Date!, $prefix: String, $kinds: [CaseKind!]) {
  enforcementStats(groupBy: $by, from: $from, to: $to, divisionPrefix: $prefix, kinds: $kinds) {
    rows { district { code } town { code } org { orgId } month caseKind filed decided closed onTimeClosed inspected issueFound
      reviewedReversed disclosedOnTime disclosureDue fineAmount collectedAmount suppressed } } }"""
YEAR: dict[str, Any] = {"by": [], "from": "2025-01-01", "to": "2025-12-31"}
COUNTS = (
    "filed",
    "decided",
    "closed",
    "onTimeClosed",
    "inspected",
    "issueFound",
    "reviewedReversed",
    "disclosedOnTime",
)
GROUPS = ("district", "town", "org", "month", "caseKind")
NUMBERS = """SELECT case_id::text FROM cas.case WHERE filed_on BETWEEN '2025-01-01' AND '2025-12-31' AND NOT sealed
  AND secret_flag IS NOT TRUE AND kind = '2'"""


async def rows(world: World, engine: str, caller: Asker, **asked: Any) -> list[Mapping[str, Any]]:
    body = await told(world.pipeline(engine), FIGURES, caller, YEAR | asked)
    found: list[Mapping[str, Any]] = body["data"]["enforcementStats"]["rows"]
    return found


def group(row: Mapping[str, Any]) -> str:
    return str([row[name] for name in GROUPS])


@pytest.mark.parametrize("by", [[], ["MONTH"], ["TOWN", "CASE_KIND"], ["ORG"], ["DISTRICT", "MONTH", "CASE_KIND"]])
@pytest.mark.parametrize("engine", ENGINES)
async def test_D6_partners_are_told_what_supervisors_are_hidden_or_rounded(
    world: World, engine: str, by: list[str]
) -> None:
    exact = {group(row): row for row in await rows(world, engine, CALLERS["supervisor"], by=by)}
    shown = {group(row): row for row in await rows(world, engine, PARTNER, by=by)}
    assert shown
    assert shown.keys() <= exact.keys()
    for name, row in exact.items():
        counts = [row[count] for count in COUNTS]
        if name not in shown:
            assert max(counts) < 15
            continue
        for count in COUNTS:
            assert told_as(row[count], shown[name][count])
        assert (shown[name]["fineAmount"] is None) is (shown[name]["decided"] is None)
        assert shown[name]["suppressed"] is any(shown[name][count] is None for count in (*COUNTS, "disclosureDue"))


def told_as(exact: int, shown: int | None) -> bool:
    """Whether a count may be told like this."""
    if shown is None:
        return exact < 15
    return exact >= 10 and shown % 5 == 0 and abs(shown - exact) < 5


@pytest.mark.parametrize("engine", ENGINES)
async def test_D6_the_same_set_is_the_same_figure_by_whatever_question(world: World, engine: str) -> None:
    of_a_kind = await rows(world, engine, PARTNER, kinds=["PENALTY"])
    grouped = [row for row in await rows(world, engine, PARTNER, by=["CASE_KIND"]) if row["caseKind"] == "PENALTY"]
    prefixed = await rows(world, engine, PARTNER, kinds=["PENALTY"], prefix="4404")
    assert {str([row[count] for count in COUNTS]) for row in (*of_a_kind, *grouped, *prefixed)} == {
        str([of_a_kind[0][count] for count in COUNTS])
    }
    by_month = await rows(world, engine, PARTNER, by=["MONTH"])
    march = await rows(world, engine, PARTNER, by=["MONTH"], **{"from": "2025-03-01", "to": "2025-03-31"})
    assert march == [row for row in by_month if row["month"] == "2025-03"]


async def test_the_key_of_a_figure_is_made_of_its_records(world: World) -> None:
    """As a stranger with the secret would add it up, from the numbers of the cases."""
    import hashlib  # noqa: PLC0415

    asking: Asking = await world.pipeline().reception.asking(*PARTNER)
    assert asking.protection is not None
    ids = [row[0] for row in await world.databases["enforcement"].rows(NUMBERS, ())]
    numbers = [int(hashlib.sha256((asking.cell_key + one).encode()).hexdigest()[:16], 16) for one in ids]
    (row,) = await rows(world, "compiled", PARTNER, kinds=["PENALTY"])
    assert row["filed"] == asking.protection.count(len(ids), sum(numbers) % MODULUS)


async def test_all_partners_have_one_secret_and_it_is_not_that_of_the_seals(world: World) -> None:
    one, other = [
        (await world.pipeline().reception.asking(*caller)).cell_key for caller in (PARTNER, CALLERS["partner"])
    ]
    assert one == other
    assert SEAL_KEY.hex() not in one


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2025-01-02"},
        {"to": "2025-12-30"},
        {"from": "2026-01-01", "to": "2026-12-31"},
        {"from": "2026-11-01", "to": "2026-11-30"},
        {"prefix": "44040200"},
        {"prefix": "440"},
        {"kinds": ["PENALTY", "COERCION"]},
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
async def test_D6_overlapping_windows_are_no_questions_for_partners(
    world: World, engine: str, asked: Mapping[str, Any]
) -> None:
    body = await told(world.pipeline(engine), FIGURES, PARTNER, {**YEAR, **asked})
    assert body["data"] == {"enforcementStats": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_D6_a_list_of_cases_of_ones_own_choosing_has_no_figures(world: World, engine: str) -> None:
    """A token that names cases (RFC 9396) would make any set of them a question."""
    viewer, access = PARTNER
    narrowed = replace(
        viewer, details=(Detail(purpose="STATISTICS", terms=replace(Detail().terms, cases=frozenset({"1"}))),)
    )
    assert await rows(world, engine, (narrowed, access)) == []


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_agreement_about_figures_opens_no_case(world: World, engine: str) -> None:
    """Not even those whose figures are told: what is not covered is refused as a whole, or is what the public sees."""
    unpublished = """SELECT case_no FROM cas.case WHERE NOT EXISTS (SELECT FROM cas.disclosure d WHERE d.case_id = cas.case.case_id)
        AND NOT sealed ORDER BY case_no LIMIT 1"""
    ((number,),) = await world.databases["enforcement"].rows(unpublished, ())
    body = await told(
        world.pipeline(engine),
        "query($no: String!) { case(caseNo: $no) { causeName decision { fineAmount } } }",
        PARTNER,
        {"no": number},
    )
    public = await told(
        world.pipeline(engine),
        "query($no: String!) { case(caseNo: $no) { causeName decision { fineAmount } } }",
        CALLERS["public"],
        {"no": number},
    )
    assert body.get("data") == public.get("data")


@pytest.mark.parametrize("agreement", ["GX-2026-0131", "GX-2026-0088", None])
async def test_another_agreement_has_no_figures_in_its_scope(world: World, agreement: str | None) -> None:
    access = AccessRequest(purpose=Purpose.STATISTICS, agreement_no=agreement)
    body = await told(world.pipeline(), FIGURES, (PARTNER[0], access), YEAR)
    assert body["data"] == {"enforcementStats": None}


@pytest.mark.parametrize(
    ("numbers", "told_by"),
    [
        pytest.param(["GX-2026-0142", "PUBLIC"], (30, 10), id="of-its-own"),
        pytest.param(["PUBLIC"], (30, 10), id="the-public's"),
        pytest.param([], (sys.maxsize, 5), id="none"),
    ],
)
async def test_how_figures_are_told_stands_in_the_profile(
    world: World, numbers: list[str], told_by: tuple[int, int]
) -> None:
    row = {"kinds": ["2"], "name_rule": "MASKED", "fields": None, "suppress_below": 30, "round_to": 10}
    profile = read([{"profile_no": number, **row} for number in numbers], "GX-2026-0142")
    asking = await world.pipeline().reception.asking(*PARTNER)
    _, scope = profile.applied(asking.standing, asking.scope)
    protection = replace(asking, scope=scope).protection
    assert protection is not None
    assert (protection.suppress_below, protection.round_to) == told_by
