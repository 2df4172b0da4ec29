"""What makes a stated purpose true: an open task that names the officer, or an agreement in force for the client."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Protocol

from auth.terms import Terms, both
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer

PURPOSE_REQUIRED = "PURPOSE_REQUIRED"
PURPOSE_DENIED = "PURPOSE_DENIED"


class Lookup(Protocol):
    """What the check must ask of the databases. A failure is raised, never answered with False."""

    async def open_task(self, task_no: str, cert_no: str) -> bool:
        """Whether an open task or case of this number (任务编号, 案号) names this certificate holder (执法证号)."""
        ...

    async def in_jurisdiction(self, task_no: str, cert_no: str) -> bool:
        """Whether the place and the matter of this officer's open task are the officer's to act in (管辖)."""
        ...

    async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> Terms | None:
        """The terms of this agreement (共享协议) when it is in force today and covers this client and purpose."""
        ...


class Proof(Enum):
    """What a purpose must be shown by."""

    NOTHING = "nothing"
    TASK = "task"
    AGREEMENT = "agreement"
    REASON = "reason"


PROOFS: Mapping[tuple[CallerKind, Purpose], Proof] = MappingProxyType(
    {
        (CallerKind.OFFICER, Purpose.INSPECTION): Proof.TASK,
        (CallerKind.OFFICER, Purpose.CASE_HANDLING): Proof.TASK,
        (CallerKind.OFFICER, Purpose.CRIMINAL_LINKAGE): Proof.TASK,
        (CallerKind.OFFICER, Purpose.PUBLIC_DISCLOSURE): Proof.NOTHING,
        (CallerKind.SUPERVISOR, Purpose.SUPERVISION): Proof.TASK,
        (CallerKind.SUPERVISOR, Purpose.STATISTICS): Proof.REASON,
        (CallerKind.SUPERVISOR, Purpose.PUBLIC_DISCLOSURE): Proof.NOTHING,
        (CallerKind.PARTNER, Purpose.PUBLIC_DISCLOSURE): Proof.NOTHING,
        (CallerKind.PARTNER, Purpose.PARTNER_DISCLOSURE): Proof.AGREEMENT,
        (CallerKind.PARTNER, Purpose.NON_TAX_PAYMENT): Proof.AGREEMENT,
        (CallerKind.PARTNER, Purpose.CRIMINAL_LINKAGE): Proof.AGREEMENT,
        (CallerKind.PARTNER, Purpose.STATISTICS): Proof.AGREEMENT,
        (CallerKind.PARTNER, Purpose.DOUBLE_RANDOM): Proof.AGREEMENT,
        (CallerKind.PARTNER, Purpose.INTERNET_SUPERVISION): Proof.AGREEMENT,
        (CallerKind.CITIZEN, Purpose.SELF_SERVICE): Proof.NOTHING,
        (CallerKind.CITIZEN, Purpose.PUBLIC_DISCLOSURE): Proof.NOTHING,
        (CallerKind.PUBLIC, Purpose.PUBLIC_DISCLOSURE): Proof.NOTHING,
        (CallerKind.AUDITOR, Purpose.AUDIT): Proof.NOTHING,
        (CallerKind.AUDITOR, Purpose.PUBLIC_DISCLOSURE): Proof.NOTHING,
    }
)
"""The purposes that fit a kind of caller, and what each must be shown by. What is not here is denied."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the policy decides on: small and comparable, so that plans can be kept per standing.

    `granted` says that the purpose was shown to be true. When it is not, `code` says why and `needs` which parts of
    ``extensions.access`` are missing. `assurance` is how surely the caller is who they say: 1 an ordinary login, 2 one
    with a second factor. `own` says that every statement is cut to the records of the caller (本人数据): whoever does
    the cutting sets it, and without it a citizen sees what the public sees. `full_names` says that the profile of the
    agreement (公示共享方案) has the punished natural person by name.

    `covers` are the fields that the purpose opens, where an agreement or the token names some: for others the caller
    stands as without a purpose. `named` says that they name cases too; which is for the rows and not for a plan. `quota` and
    `rows` are of the agreement, and not for a plan either.
    """

    kind: CallerKind
    purpose: Purpose | None
    granted: bool
    code: str | None = None
    needs: tuple[str, ...] = ()
    assurance: int = 1
    own: bool = False
    full_names: bool = False
    covers: frozenset[str] | None = None
    named: bool = False
    cases: tuple[str, ...] = field(default=(), compare=False)
    quota: int | None = field(default=None, compare=False)
    rows: int | None = field(default=None, compare=False)


async def establish(viewer: Viewer, access: AccessRequest | None, lookup: Lookup) -> Standing:
    """Check the stated purpose. A task that is closed, someone else's or not there gets one and the same refusal."""
    if access is None:
        return Standing(kind=viewer.kind, purpose=None, granted=False, code=PURPOSE_REQUIRED, needs=("purpose",))
    access = _figures_only(viewer, access)
    proof = PROOFS.get((viewer.kind, access.purpose))
    allowed = _allowed(viewer, access)
    if proof is None or allowed is None:
        return _denied(viewer, access)
    agreed: Terms | None = Terms()
    match proof:
        case Proof.NOTHING:
            shown = True
        case Proof.TASK:
            number = access.task_no or access.case_no
            if number is None:
                return _incomplete(viewer, access, "taskNo")
            shown = await _names_officers(number, viewer, access, lookup)
        case Proof.REASON:
            if access.reason is None:
                return _incomplete(viewer, access, "reason")
            shown = True
        case Proof.AGREEMENT:
            if access.agreement_no is None:
                return _incomplete(viewer, access, "agreementNo")
            agreed = await lookup.agreement_in_force(access.agreement_no, viewer.client, access.purpose.value)
            shown = agreed is not None
    if not shown or agreed is None:
        return _denied(viewer, access)
    terms = both(agreed, allowed)
    return Standing(
        kind=viewer.kind,
        purpose=access.purpose,
        granted=True,
        assurance=viewer.assurance,
        covers=terms.fields,
        named=terms.cases is not None,
        cases=tuple(sorted(terms.cases or ())),
        quota=agreed.quota,
        rows=agreed.rows,
    )


def _allowed(viewer: Viewer, access: AccessRequest) -> Terms | None:
    """What the token lets this purpose cover; None when it is not for this purpose, agreement, task or case.

    Exactly one of its details must be for it: two together would open the cases of the one by the fields of the other.
    A task or a case is stated by those who are sent to it, and then is the case at hand: nothing else is cut by it.
    """
    if viewer.details is None:
        return Terms()
    stated = access.task_no or access.case_no
    fitting = [
        detail
        for detail in viewer.details
        if detail.purpose in (None, access.purpose.value)
        and (detail.agreement is None or detail.agreement == access.agreement_no)
        and (stated is None or (numbers := detail.numbers()) is None or stated in numbers)
    ]
    if len(fitting) != 1:
        return None
    (terms,) = (detail.terms for detail in fitting)
    return terms if stated is None else replace(terms, cases=None)


def _figures_only(viewer: Viewer, access: AccessRequest) -> AccessRequest:
    """Supervision without a review batch, for a stated reason (季度通报), is a question for figures and opens nothing else."""
    batch = access.task_no or access.case_no
    if viewer.kind is CallerKind.SUPERVISOR and access.purpose is Purpose.SUPERVISION and access.reason and not batch:
        return replace(access, purpose=Purpose.STATISTICS)
    return access


async def _names_officers(number: str, viewer: Viewer, access: AccessRequest, lookup: Lookup) -> bool:
    """Whether the task names the officer and, when one is given, the second officer, who must be someone else.

    An officer acts only where the organisation may (行政处罚法 art. 22 to 25); the second one may be of another.
    """
    if viewer.cert_no is None or access.co_officer_cert_no == viewer.cert_no:
        return False
    asked = [lookup.open_task(number, viewer.cert_no)]
    if access.co_officer_cert_no:
        asked.append(lookup.open_task(number, access.co_officer_cert_no))
    if viewer.kind is CallerKind.OFFICER:  # a supervisor's batch has cases of many places
        asked.append(lookup.in_jurisdiction(number, viewer.cert_no))
    return all(await gather(*asked))


def _incomplete(viewer: Viewer, access: AccessRequest, need: str) -> Standing:
    return Standing(kind=viewer.kind, purpose=access.purpose, granted=False, code=PURPOSE_REQUIRED, needs=(need,))


def _denied(viewer: Viewer, access: AccessRequest) -> Standing:
    return Standing(kind=viewer.kind, purpose=access.purpose, granted=False, code=PURPOSE_DENIED)
