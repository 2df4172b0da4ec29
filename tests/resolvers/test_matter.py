"""Enforcement matters: versions, basis, discretion."""

from __future__ import annotations

from typing import Any

import pytest

from tests.resolvers.conftest import Ask
from tests.resolvers.town import DISTRICT_ORG


async def test_a_matter_with_everything_it_rests_on(ask: Ask) -> None:
    payload = await ask(
        """{ matter(implementationCode: "M1", version: 1) { basicCode kind matterType { label } org { name } version
        causes { causeCode causeName discretionStandards { grade } }
        legalBasis { role { label } article { text effectiveTo replaces { text } } }
        discretionStandards { grade amountMin amountMax } supervisionMatters { supervisionCode checklistCode name }
        changeRequests { changeKind { label } state { label } applicant { name } } } }"""
    )
    assert payload["data"]["matter"] == {
        "basicCode": "B1",
        "kind": "PENALTY",
        "matterType": {"label": "行政处罚"},
        "org": {"name": "香洲局"},
        "version": 1,
        "causes": [
            {"causeCode": "C1", "causeName": "经营标签不符的食品案", "discretionStandards": [{"grade": "从轻"}]}
        ],
        "legalBasis": [
            {
                "role": {"label": "违则"},
                "article": {"text": "旧条文", "effectiveTo": "2021-04-28", "replaces": None},
            },
            {
                "role": {"label": "罚则"},
                "article": {"text": "新条文", "effectiveTo": None, "replaces": {"text": "旧条文"}},
            },
        ],
        "discretionStandards": [{"grade": "从轻", "amountMin": "5000.00", "amountMax": "9999.50"}],
        "supervisionMatters": [{"supervisionCode": "S1", "checklistCode": "L1", "name": "食品监管"}],
        "changeRequests": [
            {"changeKind": {"label": "变更"}, "state": {"label": "司法局审核"}, "applicant": {"name": "香洲局"}}
        ],
    }


async def test_without_a_version_the_newest_is_meant(ask: Ask) -> None:
    payload = await ask('{ matter(implementationCode: "m1 ") { version name } }')
    assert payload["data"]["matter"] == {"version": 2, "name": "事项1新版"}


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ({"org": DISTRICT_ORG}, ["M1/1", "M1/2", "M2/1", "M5/1"]),
        ({"org": DISTRICT_ORG, "kind": "INSPECTION"}, ["M2/1"]),
        ({"org": DISTRICT_ORG, "on": "2026-10-31", "kind": "PENALTY"}, ["M1/1", "M5/1"]),
        ({"keyword": "新版"}, ["M1/2"]),
        ({"on": "2023-12-31"}, []),
    ],
)
async def test_lists(ask: Ask, arguments: dict[str, Any], codes: list[str]) -> None:
    payload = await ask(
        """query($org: String, $kind: CaseKind, $keyword: String, $on: Date) {
          matters(orgUscc: $org, kind: $kind, keyword: $keyword, inForceOn: $on) {
            totalCount nodes { implementationCode version } } }""",
        **arguments,
    )
    page = payload["data"]["matters"]
    assert [f"{node['implementationCode']}/{node['version']}" for node in page["nodes"]] == codes
    assert page["totalCount"] == len(codes)


async def test_the_text_of_an_article_on_a_day(ask: Ask) -> None:
    payload = await ask(
        """query($old: Date, $id: ID!) { regulation(regulationId: $id) { title level { label }
          then: articles(inForceOn: $old) { nodes { text } } all: articles { totalCount } } }""",
        old="2020-01-01",
        id="00000000-0000-0000-0000-000000000001",
    )
    assert payload["data"]["regulation"] == {
        "title": "食品安全法",
        "level": {"label": "法律"},
        "then": {"nodes": [{"text": "旧条文"}]},
        "all": {"totalCount": 2},
    }


async def test_regulations_are_found_by_their_title(ask: Ask) -> None:
    payload = await ask('{ regulations(filter: {keyword: "食品", levels: ["1"]}) { nodes { title regulationId } } }')
    (found,) = payload["data"]["regulations"]["nodes"]
    assert found == {"title": "食品安全法", "regulationId": "00000000-0000-0000-0000-000000000001"}


async def test_an_id_that_is_none_is_refused(ask: Ask) -> None:
    payload = await ask('{ article(articleId: "1") { text } }')
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]
