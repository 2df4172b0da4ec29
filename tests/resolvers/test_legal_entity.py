"""Organisations: their registers, their places, and the matters that apply to them."""

from __future__ import annotations

import pytest

from tests.resolvers import town
from tests.resolvers.conftest import Ask


async def test_registers(ask: Ask) -> None:
    payload = await ask(
        """query($uscc: String!) { legalEntity(uscc: $uscc) {
          __typename subjectRef subjectType legalRepresentative { name idNo person { name } }
          operatingAddresses { divisionName fullText geoPoint { longitude latitude } unit { unitNo } }
          licences { licenceNo } all: licences(validOnly: false) { licenceNo }
          certificates(typeCode: "11440499007000011Q001") { certNo issuingOrg holder { displayName } }
          inspectionQuota(year: 2026) { year done } legacyCodes { code }
          positions { personName person { name } } realEstateRights { seized mortgaged unit { unitNo } }
        } }""",
        uscc=" 92440499ma7x0a12x1",
    )
    assert payload["data"]["legalEntity"] == {
        "__typename": "LegalEntity",
        "subjectRef": "e_1",
        "subjectType": "SOLE_TRADER",
        "legalRepresentative": {"name": "张伟", "idNo": town.WEI_NO, "person": {"name": "张伟"}},
        "operatingAddresses": [
            {
                "divisionName": "拱北街道",
                "fullText": "珠海市香洲区拱北街道情侣路1号",
                "geoPoint": {"longitude": 113.55, "latitude": 22.22},
                "unit": {"unitNo": town.UNIT},
            }
        ],
        "licences": [{"licenceNo": "L1"}],
        "all": [{"licenceNo": "L1"}, {"licenceNo": "L2"}, {"licenceNo": "L3"}],
        "certificates": [{"certNo": "N1", "issuingOrg": "香洲局", "holder": {"displayName": "张三小吃店"}}],
        "inspectionQuota": {"year": 2026, "done": 1},
        "legacyCodes": [{"code": "440400600012345"}],
        "positions": [{"personName": "张伟", "person": {"name": "张伟"}}],
        "realEstateRights": [{"seized": True, "mortgaged": False, "unit": {"unitNo": town.SEIZED_UNIT}}],
    }


@pytest.mark.parametrize(
    ("kind", "codes"), [("null", ["M1", "M3"]), ("PENALTY", ["M1"]), ("INSPECTION", ["M3"]), ("COERCION", [])]
)
async def test_applicable_matters(ask: Ask, kind: str, codes: list[str]) -> None:
    """In force, of an authority over the place or what it lies in, of a type that the authority may carry out there."""
    payload = await ask(
        f"""query($uscc: String!) {{ legalEntity(uscc: $uscc) {{
          applicableMatters(kind: {kind}) {{ totalCount nodes {{ implementationCode }} }} }} }}""",
        uscc=town.SHOP_USCC,
    )
    assert payload["data"]["legalEntity"]["applicableMatters"] == {
        "totalCount": len(codes),
        "nodes": [{"implementationCode": code} for code in codes],
    }


async def test_the_first_of_the_applicable_matters_are_those_of_all_authorities(ask: Ask) -> None:
    payload = await ask(
        """query($uscc: String!) { legalEntity(uscc: $uscc) {
          applicableMatters(first: 1) { totalCount nodes { implementationCode } pageInfo { hasNextPage } } } }""",
        uscc=town.SHOP_USCC,
    )
    assert payload["data"]["legalEntity"]["applicableMatters"] == {
        "totalCount": 2,
        "nodes": [{"implementationCode": "M1"}],
        "pageInfo": {"hasNextPage": True},
    }


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"name": "%果"}, ["100%果汁店"]),
        ({"legacyCode": "440400600012345"}, ["张三小吃店"]),
        ({"divisionPrefix": "440403"}, ["珠海俊杰运输有限公司"]),
        ({"statuses": []}, []),
    ],
)
async def test_a_list_by_filter(ask: Ask, given: dict[str, object], found: list[str]) -> None:
    payload = await ask(
        "query($filter: LegalEntityFilter) { legalEntities(filter: $filter) { nodes { name } } }", filter=given
    )
    assert [node["name"] for node in payload["data"]["legalEntities"]["nodes"]] == found


@pytest.mark.parametrize("uscc", ["92440499MA7X0A12X", "92440499MA7X0A12X1Z", "92440499MA7X0A12%1", ""])
async def test_what_is_no_code_is_refused(ask: Ask, uscc: str) -> None:
    payload = await ask("query($uscc: String!) { legalEntity(uscc: $uscc) { name } }", uscc=uscc)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]
