"""The answer to an operation that was run, or that its caller would rather not have half: data, errors, extensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.completeness import Told
from gateway.errors import ErrorCode, GatewayError
from gateway.plan import BoundPlan, Withheld
from gateway.request import Answer
from gateway.trace import Trace


def executed(
    data: Any,
    errors: list[GatewayError],
    plan: BoundPlan | None,
    sources: Sequence[Told],
    trace: Trace | None = None,
) -> Answer:
    """`sources` tell of all databases that the plan may ask.

    Which of them were asked is not told: that follows from the rows found, also from those that the caller may not see.
    """
    payload: dict[str, Any] = {"data": data}
    if errors:
        payload["errors"] = [error.render() for error in errors]
    payload["extensions"] = _extensions(plan, sources)
    return Answer(status_hint="executed", http_status=200, payload=payload, trace=trace)


def rejected(code: ErrorCode, withheld: Sequence[Withheld], masked: Sequence[Sequence[str]], trace: Trace) -> Answer:
    """The answer to a caller who gets none where something is withheld: the same lists, and no data, for none was read."""
    payload = {
        "errors": [GatewayError(code).render()],
        "extensions": {"access": _access(withheld, masked)},
    }
    return Answer(status_hint="refused", http_status=code.http_status, payload=payload, trace=trace)


def _access(withheld: Sequence[Withheld], masked: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {
        "withheld": [
            {"coordinate": entry.coordinate, "path": list(entry.path), "code": entry.code, "needs": list(entry.needs)}
            for entry in withheld
        ],
        "masked": [list(path) for path in masked],
    }


def _extensions(plan: BoundPlan | None, sources: Sequence[Told]) -> dict[str, Any]:
    extensions: dict[str, Any] = {}
    if plan is not None and (plan.withheld or plan.masked):
        extensions["access"] = _access(plan.withheld, plan.masked)
    extensions["sources"] = list(sources)
    return extensions
