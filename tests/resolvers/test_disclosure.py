"""What the public sees: which records, in which words, and by which searches."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import bindparam

from resolvers.disclosure import VISIBLE, Disclosure, mentions
from resolvers.keys import bracketings
from resolvers.schema import catalog
from tests.resolvers.conftest import DIALECT, Ask

LISTED = """query($f: DisclosureFilter, $o: DisclosureOrder) {
  disclosures(filter: $f, orderBy: $o) { totalCount nodes { disclosureId } } }"""


async def found(ask: Ask, order: dict[str, str] | None = None, **conditions: Any) -> list[str]:
    """The ids of the records that fit the filter; their number is the total."""
    payload = await ask(LISTED, f=conditions, o=order)
    page = payload["data"]["disclosures"]
    assert page["totalCount"] == len(page["nodes"])
    return [node["disclosureId"] for node in page["nodes"]]


async def test_only_what_is_published_and_not_over_is_listed(ask: Ask) -> None:
    assert await found(ask) == ["GS16", "GS12", "GS10", "GS11"]


@pytest.mark.parametrize("gone", ["GS13", "GS14", "GS15", "GS99"])
async def test_what_is_over_sealed_or_withdrawn_is_as_if_it_never_was(ask: Ask, gone: str) -> None:
    payload = await ask("query($id: ID!) { disclosure(disclosureId: $id) { disclosureId } }", id=gone)
    assert payload["data"] == {"disclosure": None}
    assert "errors" not in payload


async def test_a_record_has_what_the_double_publicity_record_has(ask: Ask) -> None:
    payload = await ask(
        """{ disclosure(disclosureId: "GS10") { kind documentNo subjectName subjectType subjectUscc causeName illegalActType
        basis penaltyKinds { code } fineAmount10k confiscatedAmount10k result decidedOn matterCode version
        org { name uscc } division { code name } } }"""
    )
    assert payload["data"]["disclosure"] == {
        "kind": "PENALTY",
        "documentNo": "珠香市监罚〔2026〕10号",
        "subjectName": "100%果汁店",
        "subjectType": "SOLE_TRADER",
        "subjectUscc": "92440499MA7X0A12X3",
        "causeName": "经营标签不符的食品案",
        "illegalActType": "经营标签不符的食品",
        "basis": "《食品安全法》第一百二十五条",
        "penaltyKinds": [{"code": "03"}, {"code": "04"}],
        "fineAmount10k": "0.600000",
        "confiscatedAmount10k": "0.012345",
        "result": None,
        "decidedOn": "2026-09-30",
        "matterCode": "M1",
        "version": 1,
        "org": {"name": "香洲局", "uscc": "11440402007000011A"},
        "division": {"code": "440402005000", "name": "拱北街道"},
    }


async def test_the_result_of_an_inspection_is_published_in_words(ask: Ask) -> None:
    payload = await ask(
        '{ disclosure(disclosureId: "GS11") { kind subjectType documentNo penaltyKinds { code } result } }'
    )
    assert payload["data"]["disclosure"] == {
        "kind": "INSPECTION",
        "subjectType": "LEGAL_ENTITY",
        "documentNo": None,
        "penaltyKinds": None,
        "result": "发现问题已责令改正",
    }


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({"kinds": ["PENALTY"], "divisionPrefix": "440402"}, ["GS12", "GS10"]),
        ({"kinds": []}, []),
        ({"decidedFrom": "2026-09-30", "decidedTo": "2026-10-20"}, ["GS12", "GS10"]),
        ({"minFine10k": "0.5"}, ["GS16", "GS10"]),
        ({"minFine10k": "0.499999"}, ["GS16", "GS12", "GS10"]),
        ({"uscc": "91440499ma7x0a12x4"}, ["GS11"]),
        ({"documentNo": "珠香市监罚[2026]10号"}, ["GS10"]),
        ({"documentNo": "珠香市监罚（2026）10号"}, ["GS10"]),
        ({"matterCode": "M1", "penaltyKinds": ["04", "13"]}, ["GS16", "GS12", "GS10"]),
        ({"orgIds": ["00000000-0000-0000-0000-000000000001"]}, ["GS16", "GS12", "GS10", "GS11"]),
    ],
)
async def test_filters(ask: Ask, conditions: dict[str, Any], ids: list[str]) -> None:
    assert await found(ask, **conditions) == ids


@pytest.mark.parametrize(
    ("keyword", "ids"),
    [
        ("标签不符", ["GS10"]),
        ("食品", ["GS16", "GS10", "GS11"]),  # the act, and names of organisations: not 王食品, who is a person
        ("占道", ["GS16", "GS12"]),
        ("王食品", []),
        ("100%", ["GS10"]),
        ("0_%", []),
        ("440499199001010011", []),  # identifiers in the facts are not searched
        ("13800138000", []),
        ("当事人身份证号", ["GS10"]),  # the rest of the facts is
    ],
)
async def test_a_keyword_finds_acts_and_organisations_and_never_a_person(
    ask: Ask, keyword: str, ids: list[str]
) -> None:
    assert await found(ask, keyword=keyword) == ids


@pytest.mark.parametrize(
    ("field", "direction", "ids"),
    [
        ("FINE", "DESC", ["GS16", "GS10", "GS12", "GS11"]),
        ("FINE", "ASC", ["GS11", "GS12", "GS10", "GS16"]),
        ("DECIDED_ON", "ASC", ["GS11", "GS10", "GS12", "GS16"]),
        ("PUBLISHED_AT", "ASC", ["GS10", "GS11", "GS16", "GS12"]),
    ],
)
async def test_orders(ask: Ask, field: str, direction: str, ids: list[str]) -> None:
    assert await found(ask, {"field": field, "direction": direction}) == ids


@pytest.mark.parametrize("field", ["FINE", "DECIDED_ON", "PUBLISHED_AT"])
async def test_pages_in_any_order_have_every_record_once(ask: Ask, field: str) -> None:
    query = """query($o: DisclosureOrder, $after: Cursor) { disclosures(orderBy: $o, first: 1, after: $after) {
      nodes { disclosureId } pageInfo { hasNextPage endCursor } } }"""
    order, after, more = {"field": field, "direction": "DESC"}, None, True
    seen: list[str] = []
    while more:
        page = (await ask(query, o=order, after=after))["data"]["disclosures"]
        seen.extend(node["disclosureId"] for node in page["nodes"])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == await found(ask, order)


@pytest.mark.parametrize(
    "conditions", [{"keyword": "食"}, {"orgIds": ["x"]}, {"uscc": "1"}, {"divisionPrefix": "%"}, {"documentNo": ""}]
)
async def test_bad_input_is_refused(ask: Ask, conditions: dict[str, Any]) -> None:
    payload = await ask(LISTED, f=conditions)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]


def test_every_record_is_under_the_conditions_of_publication() -> None:
    record = catalog.records["Disclosure"]
    assert record is Disclosure.__record__  # type: ignore[attr-defined]
    assert record.where == VISIBLE
    text = " AND ".join(str(condition.compile(dialect=DIALECT)) for condition in record.where)
    assert "gw.disclosure.state = '2'" in text
    assert "gw.disclosure.publish_until IS NULL OR gw.disclosure.publish_until >= " in text


def test_the_keyword_reads_the_name_only_where_it_is_an_organisations() -> None:
    text = str(mentions().build(bindparam("text")).compile(dialect=DIALECT))
    assert "gw.disclosure.subject_uscc IS NOT NULL AND gw.disclosure.subject_name ILIKE" in text


def test_a_document_number_is_looked_for_with_every_kind_of_bracket() -> None:
    assert bracketings("罚(2026)1号") == [
        "罚〔2026〕1号",
        "罚[2026]1号",
        "罚(2026)1号",
        "罚（2026）1号",
        "罚【2026】1号",
    ]
