"""Column × caller is as the data model says: every column of ``docs/data_model.csv`` for each of its six callers.

What differs is in `DEVIATIONS` with its reason; an entry that no longer differs fails as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from auth.classes import Action
from auth.facts import FactKind, Facts
from auth.policy import PolicySet
from gateway.facts import facts_of, shipped
from resolvers.schema import catalog
from tests.auth.rulebook import LETTERS, model
from tests.auth.rulebook_standings import CANONICAL

FACTS = tuple(facts_of(catalog))

MEANING = {"clear": "F", "masked": "M", "withheld": "N", "absent": "-"}

NO_MASK = "the model says masked and names no mask: nothing can be shown"

DEVIATIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("cas.disclosure.subject_name", "C"): (
        "M",
        "the public list is of everybody, not of the caller: a citizen finds the full name in their own case",
    ),
    ("veh.vehicle.status_code", "X"): ("N", NO_MASK),
    **{
        (f"cas.case.{name}", "X"): ("N", NO_MASK)
        for name in (
            "case_no", "cause_code", "implementation_code", "status", "stage", "filed_on", "decided_on", "closed_on",
        )
    },
    **{
        (f"cas.decision.{name}", "X"): ("N", NO_MASK)
        for name in (
            "document_no", "decided_on", "illegal_act_type", "basis", "penalty_kinds", "fine_amount",
            "confiscated_amount", "revoked_licence", "valid_until",
        )
    },
    **{(f"cas.event.{name}", "C"): ("N", NO_MASK) for name in ("seq", "at", "stage", "action_code")},
    ("lic.use_log.used_by_cert_no", "C"): ("N", NO_MASK),
    ("lic.use_log.cert_id", "S"): ("N", "no field shows it: a use is reached from its certificate"),
}  # fmt: skip
"""(column, caller) → what is done, and why it is not what the model says."""


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    return shipped(FACTS)


def showing(column: str) -> Iterator[Facts]:
    """What shows or reads this column and nothing else, as the model has it: with its mask, where it has one."""
    mask = model()[column]["mask_rule"]
    found = [
        fact
        for fact in FACTS
        if fact.kind in (FactKind.COLUMN, FactKind.HIDDEN) and fact.columns == frozenset({column})
    ]
    with_mask = [fact for fact in found if fact.mask == mask]
    yield from with_mask if mask and with_mask else found


def said(column: str, caller: str) -> str:
    return DEVIATIONS[column, caller][0] if (column, caller) in DEVIATIONS else model()[column][caller]


@pytest.mark.parametrize("column", model())
def test_a_column_is_decided_as_the_model_says(policies: PolicySet, column: str) -> None:
    facts = list(showing(column))
    assert facts, "no field and no hidden column declares it"
    for fact in facts:
        decided = {
            caller: MEANING[policies.decide(standing, fact.coordinate, fact.data_class, Action.READ).outcome.value]
            for caller, standing in CANONICAL.items()
        }
        assert decided == {caller: said(column, caller) for caller in LETTERS}, fact.coordinate


def test_every_deviation_is_one() -> None:
    for (column, caller), (decided, why) in DEVIATIONS.items():
        assert why
        assert model()[column][caller] != decided


def test_what_is_derived_is_never_more_open_than_what_it_is_derived_from(policies: PolicySet) -> None:
    order = "FMN-"
    for fact in FACTS:
        if fact.kind in (FactKind.LINK, FactKind.KEY):
            continue
        for caller, standing in CANONICAL.items():
            outcome = policies.decide(standing, fact.coordinate, fact.data_class, Action.READ).outcome
            strictest = max(
                (order.index(said(column, caller)) for column in fact.columns if column in model()), default=0
            )
            assert order.index(MEANING[outcome.value]) >= strictest, (fact.coordinate, caller)
