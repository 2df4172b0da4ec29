"""No answer rather than half of one: because the caller wants it so (``"onWithheld": "REJECT"``), or because a system asks
for more than its agreement covers. Said before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auth.policy import Outcome
from auth.purpose import PURPOSE_DENIED, Standing
from auth.viewer import AccessRequest, CallerKind, OnWithheld
from gateway.asking import Asking
from gateway.errors import ErrorCode
from gateway.executed import rejected
from gateway.operation import Operation
from gateway.plan import BoundPlan, Withheld
from gateway.request import Answer
from gateway.trace import Coordinates, Trace
from resolvers.sources import ByHand


def rejection(
    access: AccessRequest | None,
    operation: Operation,
    asking: Asking,
    plan: BoundPlan | None,
    others: Iterable[tuple[str, str, ByHand]] = (),
) -> Answer | None:
    """The refusal, where the plan withholds a field and the caller wants one, or has gone beyond an agreement.

    A person is told what is left out; a system that asks for more than was agreed is to be corrected, not trimmed
    (个人信息保护法 art. 6, 34; 政务数据共享条例).

    `others` are root fields that no plan decides on: the key in the answer, the coordinate, what decides.
    """
    wanted = access is not None and access.on_withheld is OnWithheld.REJECT
    if not wanted and not _is_bound(asking.standing):
        return None
    planned = plan.withheld if plan is not None else ()
    withheld = sorted((*planned, *_by_hand(asking, others)), key=lambda entry: entry.path)
    beyond = _is_bound(asking.standing) and any(entry.code == PURPOSE_DENIED for entry in withheld)
    if not beyond and not (wanted and withheld):
        return None
    trace = Trace(
        operation_name=operation.name,
        operation_digest=operation.digest,
        policy_epoch=asking.policies.epoch,
        coordinates=Coordinates(withheld=tuple(sorted({entry.coordinate for entry in withheld}))),
        guarded=True,
    )
    code = ErrorCode.PURPOSE_DENIED if beyond else ErrorCode.FORBIDDEN
    return rejected(code, withheld, plan.masked if plan is not None else (), trace)


def _is_bound(standing: Standing) -> bool:
    """Whether it is a system whose purpose covers some fields and no others."""
    return standing.kind is CallerKind.PARTNER and standing.granted and standing.covers is not None


def _by_hand(asking: Asking, others: Iterable[tuple[str, str, ByHand]]) -> Iterator[Withheld]:
    for key, coordinate, decided in others:
        decision = asking.decide(coordinate, decided.data_class, decided.action)
        if decision.outcome is not Outcome.CLEAR:
            code = decision.code or "FORBIDDEN"
            yield Withheld(coordinate=coordinate, path=(key,), code=code, needs=tuple(decision.needs or ()))


def granted(asking: Asking, others: Iterable[tuple[str, str, ByHand]]) -> Iterator[str]:
    """The databases of the root fields that no plan decides on and that this caller may have."""
    for _, coordinate, decided in others:
        if asking.decide(coordinate, decided.data_class, decided.action).outcome is Outcome.CLEAR:
            yield from decided.databases
