"""Persons: which record a number leads to, and what hangs on it."""

from __future__ import annotations

import pytest

from tests.resolvers import town
from tests.resolvers.conftest import Ask


@pytest.mark.parametrize("number", [town.WEI_NO, f" {town.WEI_NO} ", "４４０４９９１９８６０３１２０１７８"])
async def test_a_number_leads_to_the_current_record(ask: Ask, number: str) -> None:
    payload = await ask("query($no: String!) { person(idNo: $no) { name subjectRef } }", no=number)
    assert payload["data"]["person"] == {"name": "张伟", "subjectRef": "p_1"}


async def test_the_type_of_the_document_is_part_of_the_key(ask: Ask) -> None:
    payload = await ask('query($no: String!) { person(idNo: $no, idType: "113") { name } }', no=town.WEI_NO)
    assert payload["data"]["person"]["name"] == "张维"


@pytest.mark.parametrize(
    "number", ["4404991986031201", "44049919860312017", "1234", "", "44049919860312017%", "1' OR '1"]
)
async def test_what_is_no_number_is_refused(ask: Ask, number: str) -> None:
    payload = await ask("query($no: String!) { person(idNo: $no) { name } }", no=number)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]


async def test_relations(ask: Ask) -> None:
    payload = await ask(
        """query($no: String!) { person(idNo: $no) {
          age birthYear isMinor mobile registeredAddress { fullText } residenceAddress { divisionName }
          household { householdNo head { name } members { relation { code } person { name isMinor } } }
          positions { role { label } entity { name } }
          now: positions(currentOnly: true) { entity { name } }
          vehicles { plateNo } realEstateRights { rightType { code } unit { unitNo } }
          certificates { certNo holder { __typename displayName } }
          all: certificates(validOnly: false) { certNo }
          cases(kinds: [PENALTY]) { totalCount nodes { caseNo } }
          every: cases { totalCount nodes { caseNo } }
        } }""",
        no=town.WEI_NO,
    )
    assert payload["data"]["person"] == {
        "age": 40,
        "birthYear": 1986,
        "isMinor": False,
        "mobile": "13812341234",
        "registeredAddress": {"fullText": "珠海市香洲区拱北街道莲花路88号"},
        "residenceAddress": {"divisionName": "拱北街道"},
        "household": {
            "householdNo": "H1",
            "head": {"name": "张伟"},
            "members": [
                {"relation": {"code": "02"}, "person": {"name": "张伟", "isMinor": False}},
                {"relation": {"code": "20"}, "person": {"name": "张小伟", "isMinor": True}},
            ],
        },
        "positions": [
            {"role": {"label": "经营者"}, "entity": {"name": "张三小吃店"}},
            {"role": {"label": "股东"}, "entity": {"name": "珠海俊杰运输有限公司"}},
        ],
        "now": [{"entity": {"name": "张三小吃店"}}],
        "vehicles": [],
        "realEstateRights": [{"rightType": {"code": "4"}, "unit": {"unitNo": town.UNIT}}],
        "certificates": [{"certNo": "N2", "holder": {"__typename": "Person", "displayName": "张伟"}}],
        "all": [{"certNo": "N2"}, {"certNo": "N3"}],
        "cases": {"totalCount": 1, "nodes": [{"caseNo": "CF-1"}]},
        "every": {"totalCount": 2, "nodes": [{"caseNo": "CF-2"}, {"caseNo": "CF-1"}]},
    }


async def test_a_second_holder_of_the_number_has_nothing_of_the_first(ask: Ask) -> None:
    payload = await ask(
        """query($no: String!) { person(idNo: $no, idType: "113") {
          certificates { certNo } realEstateRights { holderIdType { code } } cases { totalCount } } }""",
        no=town.WEI_NO,
    )
    assert payload["data"]["person"] == {
        "certificates": [],
        "realEstateRights": [{"holderIdType": {"code": "99"}}],
        "cases": {"totalCount": 0},
    }


async def test_a_list_by_filter(ask: Ask) -> None:
    payload = await ask(
        """query($filter: PersonFilter) { persons(filter: $filter) { totalCount nodes { name } } }""",
        filter={"residencePrefix": "440402", "bornFrom": "1986-01-01", "name": "张小伟"},
    )
    assert payload["data"]["persons"] == {"totalCount": 1, "nodes": [{"name": "张小伟"}]}
