from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from auth.purpose import PROOFS, PURPOSE_DENIED, PURPOSE_REQUIRED, Standing, establish
from auth.terms import Detail, Terms
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer

TASK, CASE, CLOSED = "ZHJT-2026-JC-0004127", "ZHXZ-CX-2026-CF-0003071", "ZHJT-2020-JC-0000001"
ELSEWHERE = "ZHDM-CX-2026-CF-0000007"
OFFICER = Viewer(subject="u", client="app", kind=CallerKind.OFFICER, cert_no="1")
SUPERVISOR = Viewer(subject="s", client="app", kind=CallerKind.SUPERVISOR, cert_no="7")
FINANCE = Viewer(subject="f", client="partner-finance", kind=CallerKind.PARTNER)


class World:
    """Open tasks and agreements in force, by what they name."""

    tasks = frozenset({(TASK, "1"), (TASK, "2"), (CASE, "1"), (ELSEWHERE, "1"), ("PC-2026-04", "7")})
    elsewhere = frozenset({(ELSEWHERE, "1"), (TASK, "2")})
    """Tasks at a place where the officer may not act."""
    agreements: Mapping[tuple[str, str, str], Terms] = MappingProxyType(
        {
            ("GX-2026-0088", "partner-finance", "NON_TAX_PAYMENT"): Terms(),
            ("GX-2026-0301", "partner-finance", "NON_TAX_PAYMENT"): Terms(
                fields=frozenset({"NonTaxPayment", "Receipt.amount"}), cases=frozenset({"1", "2", "3"})
            ),
        }
    )

    async def open_task(self, task_no: str, cert_no: str) -> bool:
        return (task_no, cert_no) in self.tasks

    async def in_jurisdiction(self, task_no: str, cert_no: str) -> bool:
        return (task_no, cert_no) in self.tasks - self.elsewhere and cert_no != "7"

    async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> Terms | None:
        return self.agreements.get((agreement_no, client, purpose))


def inspection(**numbers: Any) -> AccessRequest:
    return AccessRequest(purpose=Purpose.INSPECTION, **numbers)


def payment(**numbers: Any) -> AccessRequest:
    return AccessRequest(purpose=Purpose.NON_TAX_PAYMENT, **numbers)


@pytest.mark.parametrize(
    ("viewer", "access"),
    [
        (OFFICER, inspection(task_no=TASK)),
        (OFFICER, inspection(task_no=TASK, co_officer_cert_no="2")),
        (OFFICER, inspection(case_no=CASE)),
        (SUPERVISOR, AccessRequest(purpose=Purpose.SUPERVISION, task_no="PC-2026-04")),
        (FINANCE, payment(agreement_no="GX-2026-0088")),
        (FINANCE, AccessRequest(purpose=Purpose.PUBLIC_DISCLOSURE)),
    ],
)
async def test_a_purpose_that_holds_is_granted(viewer: Viewer, access: AccessRequest) -> None:
    assert await establish(viewer, access, World()) == Standing(kind=viewer.kind, purpose=access.purpose, granted=True)


async def test_supervision_for_a_reason_alone_is_a_question_for_figures() -> None:
    access = AccessRequest(purpose=Purpose.SUPERVISION, reason="三季度通报")
    figures = Standing(kind=SUPERVISOR.kind, purpose=Purpose.STATISTICS, granted=True)
    assert await establish(SUPERVISOR, access, World()) == figures


@pytest.mark.parametrize(
    ("viewer", "access", "needs"),
    [
        (OFFICER, None, "purpose"),
        (OFFICER, inspection(), "taskNo"),
        (OFFICER, inspection(agreement_no="GX-2026-0088"), "taskNo"),
        (SUPERVISOR, AccessRequest(purpose=Purpose.SUPERVISION), "taskNo"),
        (SUPERVISOR, AccessRequest(purpose=Purpose.STATISTICS), "reason"),
        (FINANCE, payment(), "agreementNo"),
        (FINANCE, payment(task_no=TASK), "agreementNo"),
    ],
)
async def test_what_is_missing_is_said(viewer: Viewer, access: AccessRequest | None, needs: str) -> None:
    standing = await establish(viewer, access, World())
    assert (standing.granted, standing.code, standing.needs) == (False, PURPOSE_REQUIRED, (needs,))


@pytest.mark.parametrize(
    ("viewer", "access"),
    [
        pytest.param(OFFICER, inspection(task_no="ZHJT-0000-JC-0000000"), id="no-such-task"),
        pytest.param(OFFICER, inspection(task_no=CLOSED), id="closed-task"),
        pytest.param(OFFICER, inspection(task_no="PC-2026-04"), id="task-of-someone-else"),
        pytest.param(OFFICER, inspection(task_no=ELSEWHERE), id="task-outside-the-jurisdiction"),
        pytest.param(OFFICER, inspection(task_no=TASK, co_officer_cert_no="1"), id="own-second-officer"),
        pytest.param(OFFICER, inspection(task_no=TASK, co_officer_cert_no="3"), id="second-officer-not-on-the-task"),
        pytest.param(OFFICER, inspection(task_no=CASE, co_officer_cert_no="2"), id="second-officer-of-another-task"),
        pytest.param(OFFICER, AccessRequest(purpose=Purpose.SUPERVISION, task_no=TASK), id="officer-supervises"),
        pytest.param(SUPERVISOR, inspection(task_no="PC-2026-04"), id="supervisor-inspects"),
        pytest.param(FINANCE, payment(agreement_no="GX-2026-0131"), id="agreement-of-another-client"),
        pytest.param(
            FINANCE,
            AccessRequest(purpose=Purpose.PARTNER_DISCLOSURE, agreement_no="GX-2026-0088"),
            id="agreement-for-another-purpose",
        ),
        pytest.param(FINANCE, inspection(task_no=TASK), id="partner-inspects"),
    ],
)
async def test_what_does_not_hold_gets_one_and_the_same_refusal(viewer: Viewer, access: AccessRequest) -> None:
    assert await establish(viewer, access, World()) == Standing(
        kind=viewer.kind, purpose=access.purpose, granted=False, code=PURPOSE_DENIED
    )


async def test_a_failed_look_up_is_not_an_answer() -> None:
    class Down(World):
        async def open_task(self, task_no: str, cert_no: str) -> bool:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await establish(OFFICER, inspection(task_no=TASK), Down())


@pytest.mark.parametrize("kind", CallerKind)
@pytest.mark.parametrize("purpose", Purpose)
async def test_nobody_is_granted_what_the_table_does_not_list(kind: CallerKind, purpose: Purpose) -> None:
    class Generous:
        async def open_task(self, task_no: str, cert_no: str) -> bool:
            return True

        async def in_jurisdiction(self, task_no: str, cert_no: str) -> bool:
            return True

        async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> Terms:
            return Terms()

    viewer = Viewer(subject="u", client="c", kind=kind, cert_no="1")
    asks = [
        AccessRequest(purpose=purpose, task_no=TASK),
        AccessRequest(purpose=purpose, agreement_no="GX-2026-0088"),
        AccessRequest(purpose=purpose, reason="通报"),
    ]
    granted = [(await establish(viewer, access, Generous())).granted for access in asks]
    assert any(granted) == ((kind, purpose) in PROOFS)


def test_standings_are_few_and_comparable() -> None:
    assert len({Standing(kind=CallerKind.OFFICER, purpose=Purpose.INSPECTION, granted=True) for _ in range(3)}) == 1


# --- terms ---------------------------------------------------------------------------------------


def bearing(viewer: Viewer, *details: Detail) -> Viewer:
    return replace(viewer, details=details)


FIVE = Terms(cases=frozenset("12345"))


async def test_I5_the_agreement_and_the_token_both_hold() -> None:
    """The token says five cases, the agreement three; the token says some fields, the agreement others."""
    fields = frozenset({"NonTaxPayment.amountDue", "Receipt", "Query.nonTaxPayments"})
    token = Detail(purpose="NON_TAX_PAYMENT", agreement="GX-2026-0301", terms=replace(FIVE, fields=fields))
    found = await establish(bearing(FINANCE, token), payment(agreement_no="GX-2026-0301"), World())
    assert found.granted
    assert found.cases == ("1", "2", "3")
    assert found.covers == frozenset({"NonTaxPayment.amountDue", "Receipt.amount"})


async def test_I5_a_token_without_details_leaves_the_agreement_as_it_is() -> None:
    found = await establish(FINANCE, payment(agreement_no="GX-2026-0301"), World())
    assert (found.named, found.cases) == (True, ("1", "2", "3"))
    assert found.covers == frozenset({"NonTaxPayment", "Receipt.amount"})


async def test_I5_a_token_with_details_narrows_an_agreement_without_any() -> None:
    found = await establish(bearing(FINANCE, Detail(terms=FIVE)), payment(agreement_no="GX-2026-0088"), World())
    assert (found.named, found.cases, found.covers) == (True, ("1", "2", "3", "4", "5"), None)


@pytest.mark.parametrize(
    ("viewer", "access"),
    [
        pytest.param(bearing(FINANCE, Detail(purpose="CRIMINAL_LINKAGE")), payment(agreement_no="GX-2026-0088"), id="I5-purpose"),
        pytest.param(bearing(FINANCE, Detail(agreement="GX-2026-0131")), payment(agreement_no="GX-2026-0088"), id="I5-agreement"),
        pytest.param(bearing(FINANCE), payment(agreement_no="GX-2026-0088"), id="I5-nothing"),
        pytest.param(bearing(FINANCE, Detail(), Detail()), payment(agreement_no="GX-2026-0088"), id="I5-two-at-once"),
        pytest.param(bearing(OFFICER, Detail(tasks=frozenset({CLOSED}))), inspection(task_no=TASK), id="I5-task"),
        pytest.param(bearing(OFFICER, Detail(terms=FIVE)), inspection(case_no=CASE), id="I5-case"),
    ],
)  # fmt: skip
async def test_I5_what_the_token_is_not_for_is_denied(viewer: Viewer, access: AccessRequest) -> None:
    found = await establish(viewer, access, World())
    assert (found.granted, found.code) == (False, PURPOSE_DENIED)


async def test_I5_an_officer_states_a_task_that_the_token_names() -> None:
    """The case at hand is the case: the token names which it may be, and cuts no rows of its own."""
    token = Detail(purpose="INSPECTION", tasks=frozenset({TASK}), terms=Terms(cases=frozenset({CASE})))
    for access in (inspection(task_no=TASK), inspection(case_no=CASE)):
        found = await establish(bearing(OFFICER, token), access, World())
        assert (found.granted, found.named) == (True, False)
