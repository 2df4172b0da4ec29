from __future__ import annotations

from typing import Any

import pytest

from auth.purpose import PROOFS, PURPOSE_DENIED, PURPOSE_REQUIRED, Standing, establish
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
    agreements = frozenset({("GX-2026-0088", "partner-finance", "NON_TAX_PAYMENT")})

    async def open_task(self, task_no: str, cert_no: str) -> bool:
        return (task_no, cert_no) in self.tasks

    async def in_jurisdiction(self, task_no: str, cert_no: str) -> bool:
        return (task_no, cert_no) in self.tasks - self.elsewhere and cert_no != "7"

    async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> bool:
        return (agreement_no, client, purpose) in self.agreements


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

        async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> bool:
            return True

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
