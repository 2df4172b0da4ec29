from __future__ import annotations

import pytest

from auth.classes import Action
from auth.decision import Outcome
from auth.differences import Difference, differences
from auth.facts import Profile
from auth.policy import PolicySet
from tests.auth.rulebook_facts import SHOP

KNOWN = '@id("known") permit (principal, action == Action::"know", resource);\n'
NAMES = KNOWN + '@id("names") permit (principal, action == Action::"read", resource in Class::"PUBLIC");\n'
MASKED = (
    NAMES
    + '@id("masked") permit (principal in Kind::"partner", action == Action::"readMasked", resource) when { resource has mask };\n'
)


def loaded(text: str) -> PolicySet:
    return PolicySet.load({"shop.cedar": text}, SHOP)


def test_a_set_does_not_differ_from_itself_in_other_words() -> None:
    assert list(differences(loaded(NAMES), loaded(NAMES + "// said again\n"))) == []


def test_what_some_gain_others_do_not() -> None:
    (found,) = differences(loaded(NAMES), loaded(MASKED))
    assert (found.coordinate, found.action, found.before, found.after) == (
        "Shop.owner",
        Action.READ,
        Outcome.WITHHELD,
        Outcome.MASKED,
    )
    assert found.gains
    assert {profile.kind for profile in found.profiles} == {"partner"}
    assert Profile(kind="partner", purpose="NON_TAX_PAYMENT", assurance=2) in found.profiles


def test_what_is_lost_is_no_gain() -> None:
    lost = list(differences(loaded(NAMES), loaded(KNOWN)))
    assert [(one.coordinate, one.gains) for one in lost] == [("Shop.name", False)]
    assert len(lost[0].profiles) == 54
    (closed,) = differences(loaded(MASKED), loaded(NAMES))
    assert not closed.gains


def test_to_be_told_that_it_is_withheld_is_more_than_not_to_know_it() -> None:
    hidden = NAMES + '@id("hidden") forbid (principal, action == Action::"know", resource in Class::"RESTRICTED");\n'
    found: list[Difference] = list(differences(loaded(NAMES), loaded(hidden)))
    assert {(one.coordinate, one.before, one.after) for one in found} == {
        ("Shop.safe", Outcome.WITHHELD, Outcome.ABSENT)
    }


def test_sets_over_different_facts_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different facts"):
        list(differences(loaded(NAMES), PolicySet.load({"shop.cedar": NAMES}, SHOP[1:])))
