"""Whether a budget is met follows from the figures of one run."""

from __future__ import annotations

import pytest

from bench.budgets import Verdict, verdicts
from bench.measure import Sample
from tests.bench.figures import results, sample


def only(samples: list[Sample], what: str) -> Verdict:
    """The one verdict whose name begins so."""
    found = [one for one in verdicts(samples, {}) if one.what.startswith(what)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(("cpu", "met"), [(0.1, True), (0.14, False)])
def test_ours_is_held_against_the_best_of_the_peers(cpu: float, met: bool) -> None:
    peers = [sample("mercurius", cpu=0.2), sample("yoga", cpu=0.9)]
    assert only([sample(cpu=cpu), *peers], "lookup: CPU against the best peer").met is met


@pytest.mark.parametrize(("without", "met"), [(0.8, True), (0.7, False), (1.1, True)])
def test_what_access_and_audit_cost_is_a_share_of_the_whole(without: float, met: bool) -> None:
    verdict = only(
        [sample(cpu=1.0), sample("neither", cpu=without)], "lookup: share of token check, decision and audit"
    )
    assert verdict.met is met
    assert verdict.figure == pytest.approx(1 - without)


@pytest.mark.parametrize(("statements", "met"), [(2.5, True), (2.6, False)])
def test_statements_are_counted_by_the_steps_of_the_operation(statements: float, met: bool) -> None:
    assert only([sample(statements=statements)], "lookup: statements").met is met


def test_other_connections_are_not_judged() -> None:
    assert verdicts([sample(connections=8)], {}) == []


@pytest.mark.parametrize(
    ("part", "count"),
    [("added", 1), ("fair", 1), ("growth", 3), ("soak", 2), ("endurance", 4)],
    ids=("added by audit", "beside a hog", "with the city", "over time", "with faults"),
)
def test_each_trial_is_judged_by_its_own_figures(part: str, count: int) -> None:
    assert len(verdicts([], {part: results()[part]})) == count
