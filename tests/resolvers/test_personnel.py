"""Organisations, officers and divisions."""

from __future__ import annotations

import pytest

from tests.resolvers.conftest import Ask
from tests.resolvers.town import DISTRICT_ORG


async def test_an_organisation(ask: Ask) -> None:
    payload = await ask(
        """query($uscc: String!) { enforcementOrg(uscc: $uscc) { name isDelegated level { label } orgKind { label }
          division { name level isFunctionalZone } jurisdictions { matterType { code } validTo division { name } }
          officers(first: 2) { totalCount nodes { name } } } }""",
        uscc=DISTRICT_ORG,
    )
    assert payload["data"]["enforcementOrg"] == {
        "name": "香洲局",
        "isDelegated": False,
        "level": {"label": "区/功能区"},
        "orgKind": {"label": "行政机关"},
        "division": {"name": "香洲区", "level": 3, "isFunctionalZone": False},
        "jurisdictions": [
            {"matterType": {"code": "02"}, "validTo": None, "division": {"name": "香洲区"}},
            {"matterType": {"code": "06"}, "validTo": "2025-12-31", "division": {"name": "香洲区"}},
        ],
        "officers": {"totalCount": 4, "nodes": [{"name": "李明"}, {"name": "何丽"}]},
    }


@pytest.mark.parametrize(("number", "name"), [("19040130001", "李明"), ("19040130003", "新持证人")])
async def test_a_certificate_number_names_its_present_holder(ask: Ask, number: str, name: str) -> None:
    payload = await ask("query($no: String!) { officer(certNo: $no) { name fields certStatus { label } } }", no=number)
    assert payload["data"]["officer"] == {"name": name, "fields": ["市场监管"], "certStatus": {"label": "有效"}}


async def test_an_officers_trainings_and_tasks(ask: Ask) -> None:
    payload = await ask(
        """{ officer(certNo: "19040130001") { trainings { hours examScore }
          assignments { totalCount nodes { taskNo role { label } subject { __typename displayName } } } } }"""
    )
    assert payload["data"]["officer"] == {
        "trainings": [{"hours": "40.0", "examScore": "92.5"}],
        "assignments": {
            "totalCount": 2,
            "nodes": [
                {
                    "taskNo": "AN-10",
                    "role": {"label": "主办"},
                    "subject": {"__typename": "Person", "displayName": "陈俊杰"},
                },
                {
                    "taskNo": "AN-10",
                    "role": {"label": "主办"},
                    "subject": {"__typename": "LegalEntity", "displayName": "100%果汁店"},
                },
            ],
        },
    }


async def test_lists(ask: Ask) -> None:
    payload = await ask(
        """{ divisions(filter: {codePrefix: "440402", levels: [4]}) { nodes { name } }
        division(code: "440402000000") { name parent { name } }
        enforcementOrgs(filter: {keyword: "市局"}) { nodes { name } }
        officers(filter: {certNos: ["19040130002", "19040130003"]}) { nodes { name } } }"""
    )
    assert payload["data"] == {
        "divisions": {"nodes": [{"name": "拱北街道"}]},
        "division": {"name": "香洲区", "parent": None},
        "enforcementOrgs": {"nodes": [{"name": "市局"}]},
        "officers": {"nodes": [{"name": "何丽"}, {"name": "旧持证人"}, {"name": "新持证人"}]},
    }
