from __future__ import annotations

import json

import cedarpy
import pytest

from auth.cedar import ACTIONS, Atom, Oracle, PolicyRefused, Rules, answer_of
from auth.classes import DataClass
from auth.facts import Profile
from auth.groups import Groups, parse_groups
from auth.policy import PolicySet
from tests.auth.rulebook_facts import SHOP

GROUPS = '[columns.owners]\nlabel = "业主"\nwhy = "test"\nmembers = ["shop.shop.owner"]\n'
OPEN = '@id("open") permit (principal, action, resource);\n'
OFFICER = Profile(kind="officer", purpose="INSPECTION", assurance=1)
PUBLIC = Profile(kind="public", purpose=None, assurance=1)
NAME = Atom(data_class=DataClass.PUBLIC, database="shop", groups=frozenset())
OWNER = Atom(data_class=DataClass.PERSONAL, database="shop", groups=frozenset({"owners"}), mask="name_surname")
GUESTS = Atom(data_class=DataClass.PERSONAL, database="shop", groups=frozenset(), link=True)


def refusal(policies: str, groups: str = GROUPS) -> str:
    """Why a set with these policies is refused."""
    with pytest.raises(PolicyRefused) as caught:
        PolicySet.load({"shop.cedar": policies, "groups.toml": groups}, SHOP)
    return str(caught.value)


def allowed(policies: str, profile: Profile, action: str, atom: Atom) -> tuple[bool, tuple[str, ...]]:
    rules = Rules({"shop.cedar": policies}, parse_groups(GROUPS))
    (answer,) = Oracle(rules, [OFFICER, PUBLIC], [NAME, OWNER, GUESTS]).ask(profile, action, [atom])
    return answer.allowed, answer.policies


# --- what is refused -----------------------------------------------------------------------------


def test_a_forbid_that_errors_refuses_the_set() -> None:
    """Cedar by itself skips it, and allows."""
    overflow = '@id("bad") forbid (principal, action, resource) when { principal.assurance * 9223372036854775807 > 9 };'
    assert "bad" in refusal(OPEN + overflow)
    text = OPEN + overflow
    schema = Rules({"shop.cedar": OPEN}, Groups(columns={}, links={})).schema
    caller = {
        "uid": {"type": "Caller", "id": "c"},
        "attrs": {"assurance": 2, "own": False, "fullNames": False},
        "parents": [],
    }
    field = {"uid": {"type": "Field", "id": "f"}, "attrs": {"database": "shop"}, "parents": []}
    request = {"principal": 'Caller::"c"', "action": 'Action::"read"', "resource": 'Field::"f"'}
    result = cedarpy.is_authorized(request, text, json.dumps([caller, field]), schema)
    assert result.allowed
    with pytest.raises(PolicyRefused):
        answer_of(result)


def test_a_permit_that_errors_refuses_the_set_too() -> None:
    overflow = '@id("bad") permit (principal, action, resource) when { principal.assurance * 9223372036854775807 > 9 };'
    assert "bad" in refusal(OPEN + overflow)


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ('@id("a") permit (principal, action, resource) when { principal.clearance > 1 };', "clearance"),
        ('@id("a") permit (principal, action, resource in Group::"onwers");', "onwers"),
        ('@id("a") permit (principal in Kind::"oficer", action, resource);', "oficer"),
        ('@id("a") permit (principal in Purpose::"FUN", action, resource);', "FUN"),
        ('@id("a") permit (principal, action == Action::"look", resource);', "look"),
        ('@id("a") permit (principal, action == Action::"read", resource) when { resource.mask == "x" };', "mask"),
        ('@id("a") permit (principal, action, resource) when { context.hour > 8 };', "hour"),
        ('@id("a") permit (principal == Caller::"0", action, resource);', "names a single caller"),
        ('@id("a") permit (principal, action, resource) when { resource == Field::"3" };', "names a single caller"),
        ("permit (principal, action, resource);", "no proper @id"),
        ('@id("No Good") permit (principal, action, resource);', "no proper @id"),
        (OPEN + OPEN, "@id open is there twice"),
        ('@id("a") permit (principal == ?principal, action, resource);', "templates"),
        ("// nothing", "there are no policies"),
        ("permit (principal", "shop.cedar: "),
    ],
)
def test_a_set_is_refused_with_the_reason(policy: str, why: str) -> None:
    assert why in refusal(policy)


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ("[columns", "groups.toml: "),
        ("[tables.a]\n", "unknown part tables"),
        ('[columns.a]\nlabel = "甲"\n', "columns.a needs label, why and members"),
        ('[columns.a]\nlabel = ""\nwhy = "w"\nmembers = ["a.b.c"]\n', "columns.a needs a label"),
        ('[columns.a]\nlabel = "甲"\nwhy = "w"\nmembers = []\n', "members of columns.a"),
        ('[columns.a]\nlabel = "甲"\nwhy = "w"\nmembers = ["Person.name"]\n', "members of columns.a"),
        ('[columns.a]\nlabel = "甲"\nwhy = "w"\nmembers = ["a.b.c", "a.b.c"]\n', "columns.a names a column twice"),
        ('[columns.A]\nlabel = "甲"\nwhy = "w"\nmembers = ["a.b.c"]\n', "columns.A is no name"),
        ('columns = "all"\n', "columns is not a table"),
        ('[links]\na = "all"\n', "links.a needs label"),
    ],
)
def test_groups_that_cannot_be_read_refuse_the_set(groups: str, why: str) -> None:
    assert why in refusal(OPEN, groups)


def test_what_is_masked_must_not_be_a_filter() -> None:
    policies = """
        @id("masked") permit (principal, action == Action::"readMasked", resource) when { resource has mask };
        @id("leak") permit (principal in Kind::"partner", action == Action::"filter", resource in Class::"PERSONAL");
    """
    assert refusal(policies) == "masked masks for partner, no purpose what others let it filter"


def test_all_reasons_are_said() -> None:
    text = '@id("a") permit (principal in Kind::"x", action, resource);\n@id("b") permit (principal in Kind::"y", action, resource);'
    with pytest.raises(PolicyRefused) as caught:
        Rules({"shop.cedar": text}, Groups(columns={}, links={}))
    assert [reason.partition(":")[0] for reason in caught.value.reasons] == ["a", "b"]


def test_a_request_outside_the_schema_is_no_decision() -> None:
    rules = Rules({"shop.cedar": OPEN}, Groups(columns={}, links={}))
    caller = {
        "uid": {"type": "Caller", "id": "c"},
        "attrs": {"assurance": 1, "own": False, "fullNames": False},
        "parents": [],
    }
    request = {"principal": 'Caller::"c"', "action": 'Action::"erase"', "resource": 'Field::"f"'}
    unvalidated = cedarpy.is_authorized(request, OPEN, json.dumps([caller]))
    assert unvalidated.allowed
    validated = cedarpy.is_authorized(request, OPEN, json.dumps([caller]), rules.schema)
    assert not validated.allowed
    with pytest.raises(PolicyRefused, match="erase"):
        answer_of(validated)


def test_a_link_is_followed_and_nothing_else() -> None:
    with pytest.raises(PolicyRefused):
        allowed(OPEN, OFFICER, "read", GUESTS)


# --- what is answered ----------------------------------------------------------------------------


def test_the_answer_names_the_policies() -> None:
    text = OPEN + '@id("owners-stay") forbid (principal, action, resource in Group::"owners");'
    assert allowed(text, OFFICER, "read", NAME) == (True, ("open",))
    assert allowed(text, OFFICER, "read", OWNER) == (False, ("owners-stay",))
    assert allowed(
        '@id("none") permit (principal, action, resource in Class::"SENSITIVE");', OFFICER, "read", NAME
    ) == (
        False,
        (),
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_in_its_groups(action: str) -> None:
    atom = GUESTS if action == "follow" else OWNER
    for group in sorted(ACTIONS[action]):
        operator = "==" if group == action else "in"
        text = f'@id("one") permit (principal, action {operator} Action::"{group}", resource);'
        assert allowed(text, OFFICER, action, atom) == (True, ("one",))
    others = {group for groups in ACTIONS.values() for group in groups} - ACTIONS[action]
    for group in sorted(others):
        text = f'@id("one") permit (principal, action in Action::"{group}", resource);'
        assert allowed(text, OFFICER, action, atom) == (False, ())


def test_policies_of_other_kinds_of_caller_do_not_count() -> None:
    text = '@id("officers") permit (principal in Kind::"officer", action, resource);'
    assert allowed(text, OFFICER, "read", NAME) == (True, ("officers",))
    assert allowed(text, PUBLIC, "read", NAME) == (False, ())


def test_what_no_policy_mentions_is_not_told_apart() -> None:
    rules = Rules({"shop.cedar": OPEN}, Groups(columns={}, links={}))
    stepped = Profile(kind="citizen", purpose="SELF_SERVICE", assurance=2, own=True)
    assert rules.alike(stepped) == Profile(kind="citizen", purpose=None, assurance=1)
    assert rules.reduced(OWNER).mask == "any"
    assert rules.reduced(OWNER).database == ""


@pytest.mark.parametrize(
    ("condition", "profile"),
    [
        ('principal in Purpose::"SELF_SERVICE"', Profile(kind="citizen", purpose="SELF_SERVICE", assurance=1)),
        ("principal.assurance > 1", Profile(kind="citizen", purpose=None, assurance=2)),
        ("principal.own", Profile(kind="citizen", purpose=None, assurance=1, own=True)),
    ],
)
def test_what_a_policy_mentions_is_told_apart(condition: str, profile: Profile) -> None:
    text = f'@id("a") permit (principal, action, resource) when {{ {condition} }};'
    rules = Rules({"shop.cedar": text}, Groups(columns={}, links={}))
    assert rules.alike(Profile(kind="citizen", purpose="SELF_SERVICE", assurance=2, own=True)) == profile


def test_a_database_or_a_mask_that_a_policy_reads_is_told_apart() -> None:
    text = '@id("a") permit (principal, action == Action::"read", resource) when { resource.database == "shop" };'
    assert Rules({"shop.cedar": text}, Groups(columns={}, links={})).reduced(OWNER).database == "shop"
    text = '@id("a") permit (principal, action == Action::"read", resource) when { resource has mask && resource.mask == "x" };'
    assert Rules({"shop.cedar": text}, Groups(columns={}, links={})).reduced(OWNER).mask == "name_surname"
