"""Real property: who holds a unit, and what lies on it today."""

from __future__ import annotations

from tests.resolvers import town
from tests.resolvers.conftest import Ask


async def test_rights_and_encumbrances(ask: Ask) -> None:
    payload = await ask(
        """query($no: String!) { realEstateUnit(unitNo: $no) {
          location { divisionCode divisionName fullText }
          rights { mortgaged seized holderIdType { code } holder { __typename displayName } }
          encumbrances { kind { label } } now: encumbrances(currentOnly: true) { kind { label } }
        } }""",
        no=town.UNIT,
    )
    wei = {"__typename": "Person", "displayName": "张伟"}
    assert payload["data"]["realEstateUnit"] == {
        "location": {
            "divisionCode": town.TOWN,
            "divisionName": "拱北街道",
            "fullText": "珠海市香洲区拱北街道莲花路88号",
        },
        "rights": [
            {"mortgaged": True, "seized": False, "holderIdType": {"code": "1"}, "holder": wei},
            {"mortgaged": True, "seized": False, "holderIdType": {"code": "99"}, "holder": wei},
            {"mortgaged": True, "seized": False, "holderIdType": {"code": "6"}, "holder": None},
        ],
        "encumbrances": [{"kind": {"label": "抵押"}}, {"kind": {"label": "查封"}}],
        "now": [{"kind": {"label": "抵押"}}],
    }


async def test_an_organisation_holds_by_its_credit_code(ask: Ask) -> None:
    payload = await ask(
        "query($no: String!) { realEstateUnit(unitNo: $no) { rights { seized holder { displayName } } } }",
        no=town.SEIZED_UNIT,
    )
    assert payload["data"]["realEstateUnit"]["rights"] == [{"seized": True, "holder": {"displayName": "张三小吃店"}}]
