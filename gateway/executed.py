"""The answer to an operation that was run: data, errors, and what the extensions say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.errors import GatewayError
from gateway.plan import BoundPlan
from gateway.request import Answer
from gateway.trace import Trace


def executed(
    data: Any,
    errors: list[GatewayError],
    plan: BoundPlan | None,
    sources: Mapping[str, str | None],
    trace: Trace | None = None,
) -> Answer:
    """`sources` are the databases that were asked, each with the code of what became of it, None for an answer."""
    payload: dict[str, Any] = {"data": data}
    if errors:
        payload["errors"] = [error.render() for error in errors]
    payload["extensions"] = _extensions(plan, sources)
    return Answer(status_hint="executed", http_status=200, payload=payload, trace=trace)


def _extensions(plan: BoundPlan | None, sources: Mapping[str, str | None]) -> dict[str, Any]:
    extensions: dict[str, Any] = {}
    if plan is not None and (plan.withheld or plan.masked):
        extensions["access"] = {
            "withheld": [
                {
                    "coordinate": entry.coordinate,
                    "path": list(entry.path),
                    "code": entry.code,
                    "needs": list(entry.needs),
                }
                for entry in plan.withheld
            ],
            "masked": [list(path) for path in plan.masked],
        }
    extensions["sources"] = [
        {"source": name, "status": "COMPLETE"}
        if code is None
        else {"source": name, "status": "UNAVAILABLE", "code": code}
        for name, code in sorted(sources.items())
    ]
    return extensions
