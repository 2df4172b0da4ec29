"""No answer rather than half of one (``"onWithheld": "REJECT"``): said before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auth.policy import Outcome
from auth.viewer import AccessRequest, OnWithheld
from gateway.asking import Asking
from gateway.executed import rejected
from gateway.facts import ASKED_BY_HAND, HAND_WRITTEN
from gateway.operation import Operation
from gateway.plan import BoundPlan, Withheld
from gateway.request import Answer
from gateway.trace import Coordinates, Trace


def rejection(
    access: AccessRequest | None,
    operation: Operation,
    asking: Asking,
    plan: BoundPlan | None,
    others: Iterable[tuple[str, str]] = (),
) -> Answer | None:
    """The refusal, where the caller wants one and the plan withholds a field.

    `others` are root fields that no plan decides on: the key in the answer, and the coordinate.
    """
    if access is None or access.on_withheld is not OnWithheld.REJECT:
        return None
    planned = plan.withheld if plan is not None else ()
    withheld = sorted((*planned, *_by_hand(asking, others)), key=lambda entry: entry.path)
    if not withheld:
        return None
    trace = Trace(
        operation_name=operation.name,
        operation_digest=operation.digest,
        policy_epoch=asking.policies.epoch,
        coordinates=Coordinates(withheld=tuple(sorted({entry.coordinate for entry in withheld}))),
        guarded=True,
    )
    return rejected(withheld, plan.masked if plan is not None else (), trace)


def _by_hand(asking: Asking, others: Iterable[tuple[str, str]]) -> Iterator[Withheld]:
    asked = {fact.coordinate: fact.data_class for fact in HAND_WRITTEN}
    for key, coordinate in others:
        if coordinate in asked:
            decision = asking.decide(coordinate, asked[coordinate], ASKED_BY_HAND)
            if decision.outcome is not Outcome.CLEAR:
                code = decision.code or "FORBIDDEN"
                yield Withheld(coordinate=coordinate, path=(key,), code=code, needs=tuple(decision.needs or ()))
