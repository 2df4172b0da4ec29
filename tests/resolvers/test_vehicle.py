"""Vehicles: who carried a plate when, and whose the vehicle is today."""

from __future__ import annotations

import pytest

from tests.resolvers.conftest import Ask

BY_PLATE = """query($plate: String!, $at: Date) {
  vehicle(plateNo: $plate, plateType: "02", at: $at) { vin status { code } } }"""


@pytest.mark.parametrize(
    ("at", "vin"),
    [
        (None, "LSVAA4182E2000002"),
        ("2026-11-05", "LSVAA4182E2000002"),
        ("2025-07-01", "LSVAA4182E2000002"),
        ("2025-06-30", "LSVAA4182E2000001"),
    ],
)
@pytest.mark.parametrize("plate", ["粤C12A34", "粤C·12a34", " 粤C１２A３４"])
async def test_a_plate_on_a_day(ask: Ask, plate: str, at: str | None, vin: str) -> None:
    payload = await ask(BY_PLATE, plate=plate, at=at)
    assert payload["data"]["vehicle"]["vin"] == vin


async def test_every_letter_of_the_status_is_a_code(ask: Ask) -> None:
    payload = await ask(BY_PLATE, plate="粤C12A34", at="2020-01-01")
    assert payload["data"]["vehicle"]["status"] == [{"code": "E"}, {"code": "G"}]


async def test_the_owner_and_what_follows_from_him(ask: Ask) -> None:
    payload = await ask(
        """{ vehicle(plateNo: "粤C12A34", plateType: "02") {
          vehicleRef owner { __typename subjectRef displayName }
          ownerships { owner { displayName } validFrom validTo }
          transportPermits { permitNo operator { name } }
          roadTransportPermit { certNo }
          openCases(first: 1) { totalCount nodes { caseNo } pageInfo { hasNextPage } }
        } }"""
    )
    assert payload["data"]["vehicle"] == {
        "vehicleRef": "v_2",
        "owner": {"__typename": "LegalEntity", "subjectRef": "e_2", "displayName": "珠海俊杰运输有限公司"},
        "ownerships": [
            {"owner": {"displayName": "珠海俊杰运输有限公司"}, "validFrom": "2026-02-01", "validTo": None},
            {"owner": {"displayName": "张伟"}, "validFrom": "2025-07-01", "validTo": "2026-01-31"},
        ],
        "transportPermits": [
            {"permitNo": "P-NEW", "operator": {"name": "珠海俊杰运输有限公司"}},
            {"permitNo": "P-OLD", "operator": {"name": "珠海俊杰运输有限公司"}},
        ],
        "roadTransportPermit": {"certNo": "P-NEW"},
        "openCases": {"totalCount": 2, "nodes": [{"caseNo": "CF-4"}], "pageInfo": {"hasNextPage": True}},
    }


@pytest.mark.parametrize("plate", ["", "粤", "粤C12A34" * 3, "粤C%"])
async def test_what_is_no_plate_is_refused(ask: Ask, plate: str) -> None:
    payload = await ask(BY_PLATE, plate=plate)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]
