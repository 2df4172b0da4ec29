"""The compiled engine's end: a run, its shape, and what is told of it to the log. An answer that is kept is not run again."""

from __future__ import annotations

from typing import Any

from gateway.answers import Answers
from gateway.asking import Asking
from gateway.bound import Bound
from gateway.completeness import Completeness, lacking
from gateway.executed import executed
from gateway.operation import Operation
from gateway.pace import Pace
from gateway.passage import passed
from gateway.request import Answer
from gateway.run import Run
from gateway.shareable import Question, is_whole
from gateway.trace import Trace, distinct, fed_of, rows_of, subjects_of


async def run_compiled(
    operation: Operation,
    asking: Asking,
    bound: Bound,
    run: Run,
    pace: Pace,
    question: Question | None,
    answers: Answers | None,
    completeness: Completeness,
) -> Answer:
    """The answer of a run. `question` is what it asks where the answer may be shared; `answers` are those that are kept."""
    told: dict[str, Any] = {
        "operation_name": operation.name,
        "operation_digest": operation.digest,
        "policy_epoch": asking.policies.epoch,
    }
    place = None
    if question is not None and answers is not None:
        place = answers.place_of(bound.identity, question)
    if place is not None and answers is not None and (kept := await answers.find(place)) is not None:
        passed("run")
        trace = Trace(**told, coordinates=bound.coordinates, guarded=bound.guarded, rows=kept.rows)
        return Answer(status_hint="executed", http_status=200, payload=kept.payload, trace=trace)
    await run.execute()
    passed("run")
    rows = rows_of(bound.plan, run.results)
    size = sum(rows.values())
    await pace.turn(size)
    data, errors = bound.shape(run)
    await pace.turn(size)
    unshown = completeness.count(bound.plan, errors, {}) if errors else ()
    sources = completeness.of(bound.databases, run.gave, run.failed, run.now, unshown)
    trace = Trace(
        **told,
        coordinates=bound.read_by(run.reached),
        guarded=bound.guarded,
        subjects=distinct(subjects_of(bound.plan, run.results)),
        rows=rows,
        failed=dict(sorted(run.failed.items())),
        statuses=lacking(sources),
        fed=tuple(fed_of(bound.feeds, run.results, run.values)) if bound.feeds else (),
    )
    await pace.turn(size)
    answer = executed(data, errors, bound.plan, sources, trace)
    if place is not None and answers is not None and is_whole(answer):
        answers.keep(place, answer)
    passed("shape")
    return answer
