"""Transfers of suspected crimes to the police."""

from __future__ import annotations

import pytest

from tests.resolvers.conftest import Ask


async def test_a_transfer(ask: Ask) -> None:
    payload = await ask(
        """{ case(caseNo: "AN-10") { criminalTransfer { caseNo status suspectedCrime { code } suspects { nameAtDecision }
        transferringOrg { name } receivingOrg receivingOrgUscc decidedOn sentAt policeReplyDue
        copiedToProcuratorate documents { documentNo } } } }"""
    )
    assert payload["data"]["case"]["criminalTransfer"] == {
        "caseNo": "AN-10",
        "status": "SENT",
        "suspectedCrime": {"code": "140"},
        "suspects": [{"nameAtDecision": "百分百果汁店"}],
        "transferringOrg": {"name": "香洲局"},
        "receivingOrg": "市局",
        "receivingOrgUscc": "11440400007000011B",
        "decidedOn": "2026-10-29",
        "sentAt": "2026-10-30T15:00:00+00:00",
        "policeReplyDue": "2026-11-02",
        "copiedToProcuratorate": True,
        "documents": [{"documentNo": "文3"}],
    }


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("", {"AN-10", "AN-12", "AN-13"}),
        ("(status: [SENT, DRAFT])", {"AN-10", "AN-13"}),
        ("(status: [NOT_FILED])", {"AN-12"}),
        ("(status: [FILED])", set()),
        ('(updatedAfter: "2026-11-05T01:00:00Z")', set()),
        ('(updatedAfter: "2026-11-05T00:59:59Z")', {"AN-10", "AN-12", "AN-13"}),
    ],
)
async def test_lists(ask: Ask, arguments: str, found: set[str]) -> None:
    payload = await ask(f"{{ criminalTransfers{arguments} {{ caseNo }} }}")
    assert {transfer["caseNo"] for transfer in payload["data"]["criminalTransfers"]} == found
