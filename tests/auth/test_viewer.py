from __future__ import annotations

from typing import Any

import pytest

from auth.viewer import AccessInvalid, AccessRequest, OnWithheld, Purpose, parse_access


def test_nothing_stated() -> None:
    assert parse_access(None) is None


def test_everything_stated() -> None:
    assert parse_access(
        {
            "purpose": "INSPECTION",
            "taskNo": "ZHJT-2026-JC-0004127",
            "reason": "路面检查 客运车辆",
            "coOfficerCertNo": "19040120488",
            "onWithheld": "REJECT",
        }
    ) == AccessRequest(
        purpose=Purpose.INSPECTION,
        task_no="ZHJT-2026-JC-0004127",
        reason="路面检查 客运车辆",
        co_officer_cert_no="19040120488",
        on_withheld=OnWithheld.REJECT,
    )


def test_null_counts_as_left_out() -> None:
    assert parse_access({"purpose": "AUDIT", "taskNo": None, "reason": None, "onWithheld": None}) == AccessRequest(
        purpose=Purpose.AUDIT
    )


@pytest.mark.parametrize(
    ("access", "field"),
    [
        pytest.param("INSPECTION", "access", id="text"),
        pytest.param([], "access", id="list"),
        pytest.param(3, "access", id="number"),
        pytest.param({"purpose": "AUDIT", "subject": "chief"}, "access", id="unknown-key"),
        pytest.param({"purpose": "AUDIT", "taskNo": "a", "caseNo": "b"}, "access", id="task-and-case"),
        pytest.param({}, "access.purpose", id="no-purpose"),
        pytest.param({"purpose": "inspection"}, "access.purpose", id="lower-case"),
        pytest.param({"purpose": ["AUDIT"]}, "access.purpose", id="purpose-list"),
        pytest.param({"purpose": {"AUDIT": 1}}, "access.purpose", id="purpose-object"),
        pytest.param(
            {"purpose": 'case"}; permit(principal,action,resource);//'}, "access.purpose", id="F2-policy-injection"
        ),
        pytest.param({"purpose": "AUDIT", "taskNo": 4127}, "access.taskNo", id="task-number"),
        pytest.param({"purpose": "AUDIT", "taskNo": ""}, "access.taskNo", id="task-empty"),
        pytest.param({"purpose": "AUDIT", "taskNo": "A" * 41}, "access.taskNo", id="task-long"),
        pytest.param({"purpose": "AUDIT", "taskNo": "A\n"}, "access.taskNo", id="F2-task-newline"),
        pytest.param({"purpose": "AUDIT", "caseNo": "A\u202eB"}, "access.caseNo", id="F2-case-bidi"),
        pytest.param({"purpose": "AUDIT", "caseNo": "１２３"}, "access.caseNo", id="full-width-digits"),
        pytest.param({"purpose": "AUDIT", "agreementNo": "' OR 1=1"}, "access.agreementNo", id="F1-sql"),
        pytest.param(
            {"purpose": "AUDIT", "coOfficerCertNo": "1" * 21}, "access.coOfficerCertNo", id="certificate-long"
        ),
        pytest.param({"purpose": "AUDIT", "onWithheld": "reject"}, "access.onWithheld", id="on-withheld-lower-case"),
        pytest.param({"purpose": "AUDIT", "onWithheld": True}, "access.onWithheld", id="on-withheld-boolean"),
        pytest.param({"purpose": "AUDIT", "onWithheld": ["REJECT"]}, "access.onWithheld", id="on-withheld-list"),
        pytest.param({"purpose": "AUDIT", "reason": "x" * 201}, "access.reason", id="reason-long"),
        pytest.param({"purpose": "AUDIT", "reason": ""}, "access.reason", id="reason-empty"),
        pytest.param({"purpose": "AUDIT", "reason": True}, "access.reason", id="reason-boolean"),
        pytest.param({"purpose": "AUDIT", "reason": "a\x00b"}, "access.reason", id="F2-reason-nul"),
        pytest.param({"purpose": "AUDIT", "reason": "a\nb"}, "access.reason", id="F2-reason-newline"),
        pytest.param({"purpose": "AUDIT", "reason": "a\u2066b"}, "access.reason", id="F2-reason-bidi"),
        pytest.param({"purpose": "AUDIT", "reason": "a\ud800b"}, "access.reason", id="F2-reason-surrogate"),
    ],
)
def test_what_cannot_be_used_names_its_field(access: Any, field: str) -> None:
    with pytest.raises(AccessInvalid) as refusal:
        parse_access(access)
    assert refusal.value.field == field
