from __future__ import annotations

import asyncio
import dataclasses
import re
from itertools import pairwise
from pathlib import Path

import pytest

from auth.classes import DataClass
from auth.facts import Profile, profile_of, profiles
from auth.groups import parse_groups
from auth.policy import SHIPPED, Action, Decision, Outcome, Policies, PolicyRefused, PolicySet, read_texts
from auth.purpose import Standing
from auth.viewer import CallerKind, Purpose
from datasources.tables import DATABASES
from gateway.facts import facts_of, shipped
from resolvers.schema import catalog
from tests.auth.rulebook_facts import SHOP
from tests.auth.rulebook_standings import CANONICAL, FINANCE, POLICE, every_standing
from tests.gateway.shelf import make_catalog

FACTS = tuple(facts_of(catalog))
OFFICER, WITHOUT_TASK, CITIZEN, AUDITOR = CANONICAL["O"], CANONICAL["X"], CANONICAL["C"], CANONICAL["A"]
SUPERVISOR, PUBLIC = CANONICAL["S"], CANONICAL["P"]
WRONG_TASK = Standing(kind=CallerKind.OFFICER, purpose=Purpose.INSPECTION, granted=False, code="PURPOSE_DENIED")

OWNER_TO_OFFICERS = {
    "shop.cedar": """
        @id("officers") permit (principal in Kind::"officer", action in Action::"clear", resource in Class::"PERSONAL")
        when { principal in Purpose::"INSPECTION" };
        @id("supervisors") permit (principal in Kind::"supervisor", action == Action::"readMasked", resource)
        unless { !(resource has mask) };
        @id("in-schema") permit (principal, action == Action::"know", resource);
    """
}


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    return shipped(FACTS)


def decided(
    policies: PolicySet, standing: Standing, coordinate: str, data_class: DataClass, action: Action = Action.READ
) -> Decision:
    return policies.decide(standing, coordinate, data_class, action)


# --- the shipped policies ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "coordinate", "data_class", "outcome", "policy"),
    [
        (PUBLIC, "Matter.name", DataClass.PUBLIC, Outcome.CLEAR, "public-data"),
        (OFFICER, "Person.idNo", DataClass.PERSONAL, Outcome.CLEAR, "officer-on-a-task"),
        (SUPERVISOR, "Person.idNo", DataClass.PERSONAL, Outcome.MASKED, "supervisor-masked"),
        (CITIZEN, "Person.ethnicity", DataClass.SENSITIVE, Outcome.CLEAR, "own-sensitive-data"),
        (PUBLIC, "Disclosure.subjectName", DataClass.PUBLIC, Outcome.MASKED, "published-names-masked"),
        (OFFICER, "Disclosure.facts", DataClass.PUBLIC, Outcome.CLEAR, "officer-on-a-task"),
        (WITHOUT_TASK, "Disclosure.facts", DataClass.PUBLIC, Outcome.MASKED, "published-texts-masked"),
        (WITHOUT_TASK, "Vehicle.plateNo", DataClass.PERSONAL, Outcome.CLEAR, "officer-general"),
        (OFFICER, "Person.ethnicity", DataClass.SENSITIVE, Outcome.WITHHELD, "default-deny"),
        (AUDITOR, "Matter.name", DataClass.PUBLIC, Outcome.WITHHELD, "auditors-see-no-business-data"),
        (CITIZEN, "MatterChangeRequest.state", DataClass.INTERNAL, Outcome.ABSENT, "default-deny"),
        (CITIZEN, "Matter.changeRequests", DataClass.INTERNAL, Outcome.ABSENT, "default-deny"),
        (FINANCE, "NonTaxPayment.payerName", DataClass.PERSONAL, Outcome.CLEAR, "payments-for-finance"),
        (FINANCE, "Query.nonTaxPayments", DataClass.INTERNAL, Outcome.CLEAR, "payments-for-finance-links"),
        (FINANCE, "Case.place", DataClass.INTERNAL, Outcome.WITHHELD, "default-deny"),
        (POLICE, "CaseSubject.idNo", DataClass.PERSONAL, Outcome.CLEAR, "transfers-for-criminal-justice"),
        (POLICE, "Query.case", DataClass.INTERNAL, Outcome.WITHHELD, "default-deny"),
        (POLICE, "CaseSubject.subject", DataClass.PERSONAL, Outcome.WITHHELD, "default-deny"),
    ],
)
def test_a_decision_names_its_policy(
    policies: PolicySet, standing: Standing, coordinate: str, data_class: DataClass, outcome: Outcome, policy: str
) -> None:
    decision = decided(policies, standing, coordinate, data_class)
    assert (decision.outcome, decision.policy) == (outcome, policy)


@pytest.mark.parametrize(
    ("standing", "coordinate", "data_class", "code", "needs"),
    [
        (WITHOUT_TASK, "Person.idNo", DataClass.PERSONAL, "PURPOSE_REQUIRED", ("purpose",)),
        (WRONG_TASK, "Person.idNo", DataClass.PERSONAL, "PURPOSE_DENIED", ()),
        (
            Standing(kind=CallerKind.OFFICER, purpose=Purpose.PUBLIC_DISCLOSURE, granted=True),
            "Person.idNo",
            DataClass.PERSONAL,
            "PURPOSE_REQUIRED",
            ("purpose",),
        ),
        (WRONG_TASK, "Evidence.digest", DataClass.RESTRICTED, "PURPOSE_DENIED", ()),
        (WITHOUT_TASK, "Person.ethnicity", DataClass.SENSITIVE, "FORBIDDEN", ()),
        (OFFICER, "Person.ethnicity", DataClass.SENSITIVE, "FORBIDDEN", ()),
        (PUBLIC, "Person.idNo", DataClass.PERSONAL, "FORBIDDEN", ()),
        (AUDITOR, "Person.idNo", DataClass.PERSONAL, "FORBIDDEN", ()),
        (CITIZEN, "Case.clueNo", DataClass.INTERNAL, "FORBIDDEN", ()),
        (FINANCE, "Person.idNo", DataClass.PERSONAL, "FORBIDDEN", ()),
        (PUBLIC, "Nobody.knows", DataClass.PUBLIC, "FORBIDDEN", ()),
        (OFFICER, "Person.idNo", DataClass.INTERNAL, "FORBIDDEN", ()),
    ],
)
def test_what_is_withheld_says_what_would_open_it(
    policies: PolicySet, standing: Standing, coordinate: str, data_class: DataClass, code: str, needs: tuple[str, ...]
) -> None:
    decision = decided(policies, standing, coordinate, data_class)
    assert (decision.outcome, decision.code, decision.needs) == (Outcome.WITHHELD, code, needs)


@pytest.mark.parametrize("standing", [OFFICER, SUPERVISOR])
def test_restricted_data_need_a_stronger_authentication(policies: PolicySet, standing: Standing) -> None:
    weak = dataclasses.replace(standing, assurance=1)
    assert decided(policies, standing, "Evidence.digest", DataClass.RESTRICTED).outcome is Outcome.CLEAR
    assert decided(policies, standing, "Case.evidence", DataClass.RESTRICTED).outcome is Outcome.CLEAR
    for coordinate in ("Evidence.digest", "Case.evidence"):
        decision = decided(policies, weak, coordinate, DataClass.RESTRICTED)
        assert (decision.outcome, decision.code) == (Outcome.WITHHELD, "STEP_UP_REQUIRED")
        assert decision.needs == ("acr_values", "max_age")


def test_a_citizen_whose_rows_are_not_cut_to_their_own_sees_what_the_public_sees(policies: PolicySet) -> None:
    everybody = dataclasses.replace(CITIZEN, own=False)
    for fact in FACTS:
        for action in Action:
            cut, public = (
                policies.decide(one, fact.coordinate, fact.data_class, action).outcome for one in (everybody, PUBLIC)
            )
            assert cut is public or (public, cut) == (Outcome.WITHHELD, Outcome.ABSENT)


def test_what_is_not_clear_is_in_no_predicate(policies: PolicySet) -> None:
    searched = {
        "Person.(name_pinyin)",
        "Query.enforcementStats",
        "Query.accessAnomalies",
        "Query.sampleVerification",
    }
    predicates = [action for action in Action if action not in (Action.READ, Action.CHANGE)]
    for profile in profiles():
        for fact in FACTS:
            if policies.outcome(profile, fact, Action.READ) is not Outcome.CLEAR and fact.coordinate not in searched:
                used = [action for action in predicates if policies.outcome(profile, fact, action) is Outcome.CLEAR]
                assert used == [], (profile, fact)


@pytest.mark.parametrize("standing", [one for one in every_standing() if not one.granted])
def test_nothing_guarded_about_a_person_opens_without_a_purpose_that_holds(
    policies: PolicySet, standing: Standing
) -> None:
    plates = {"Vehicle.plateNo", "Vehicle.plateType", "Query.vehicle"}
    published = {"CaseSubject.nameAtDecision", "CaseSubject.subjectType"}
    guarded = (DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.RESTRICTED)
    for fact in FACTS:
        if fact.data_class in guarded and fact.coordinate not in plates | published:
            assert not policies.decide(standing, fact.coordinate, fact.data_class, Action.READ).outcome.shown, fact


def test_a_record_is_found_by_what_may_be_filtered_by_only(policies: PolicySet) -> None:
    """A supervisor sees plates and identity numbers masked, and so finds nobody by them."""
    for coordinate in ("Query.person", "Query.vehicle", "Query.realEstateUnit", "Query.certificate"):
        assert decided(policies, SUPERVISOR, coordinate, DataClass.PERSONAL).outcome is Outcome.WITHHELD
    assert decided(policies, SUPERVISOR, "Query.case", DataClass.INTERNAL).outcome is Outcome.CLEAR
    assert decided(policies, WITHOUT_TASK, "Query.vehicle", DataClass.PERSONAL).outcome is Outcome.CLEAR


def test_the_division_of_a_masked_code_is_withheld_with_it(policies: PolicySet) -> None:
    """The code is cut to the district; its name would say the village."""
    place = "Person.residenceAddress.divisionName"
    assert decided(policies, SUPERVISOR, place, DataClass.PERSONAL).outcome is Outcome.WITHHELD
    assert decided(policies, OFFICER, place, DataClass.PERSONAL).outcome is Outcome.CLEAR


def test_figures_are_for_supervision(policies: PolicySet) -> None:
    figures = ("Query.enforcementStats", DataClass.INTERNAL, Action.AGGREGATE)
    assert policies.decide(SUPERVISOR, *figures).outcome is Outcome.CLEAR
    assert [policies.decide(one, *figures).outcome for one in (OFFICER, PUBLIC, FINANCE)] == [Outcome.WITHHELD] * 3


def test_the_shipped_policies_load_on_another_catalog() -> None:
    loaded = shipped(tuple(facts_of(make_catalog())))
    assert decided(loaded, PUBLIC, "Book.title", DataClass.PUBLIC).outcome is Outcome.CLEAR
    assert decided(loaded, PUBLIC, "Author.secret", DataClass.PERSONAL).outcome is Outcome.WITHHELD
    assert decided(loaded, OFFICER, "Author.card.secret", DataClass.PERSONAL).outcome is Outcome.CLEAR


# --- the files -----------------------------------------------------------------------------------


def test_every_name_in_the_groups_is_a_column() -> None:
    tables = {table.fullname: table for metadata in DATABASES.values() for table in metadata.sorted_tables}
    known = {f"{name}.{column.name}" for name, table in tables.items() for column in table.columns}
    known |= {f"{name}.*" for name in tables} | {column for fact in FACTS for column in fact.columns}
    assert parse_groups(read_texts(SHIPPED)["groups.toml"]).members() <= known


def test_every_group_is_used() -> None:
    texts = read_texts(SHIPPED)
    groups = parse_groups(texts.pop("groups.toml"))
    policies = "\n".join(texts.values())
    assert set(re.findall(r'Group::"([^"]+)"', policies)) == groups.columns.keys()
    assert set(re.findall(r'Door::"([^"]+)"', policies)) == groups.links.keys()


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.cedar")), ids=lambda path: path.stem)
def test_every_policy_says_in_words_what_it_does(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("// ")
    starts = [number for number, line in enumerate(lines) if line.startswith("@id(")]
    assert starts
    for before, number in pairwise([-1, *starts]):
        comments = [line for line in lines[before + 1 : number] if line.startswith("// ")]
        assert lines[number - 1].startswith("// ")
        assert sum(map(len, comments)) > 40


# --- loading -------------------------------------------------------------------------------------


def test_a_value_of_several_columns_is_as_closed_as_the_most_closed() -> None:
    loaded = PolicySet.load(
        {
            "shop.cedar": '@id("a") permit (principal, action, resource) unless { resource in Group::"owners" };',
            "groups.toml": '[columns.owners]\nlabel = "业主"\nwhy = "test"\nmembers = ["shop.shop.owner"]\n',
        },
        SHOP,
    )
    assert decided(loaded, PUBLIC, "Shop.phone", DataClass.PERSONAL).outcome is Outcome.CLEAR
    assert decided(loaded, PUBLIC, "Shop.card", DataClass.PERSONAL).outcome is Outcome.ABSENT


def test_what_nothing_permits_is_withheld() -> None:
    loaded = PolicySet.load(OWNER_TO_OFFICERS, SHOP)
    inspecting = Standing(kind=CallerKind.OFFICER, purpose=Purpose.INSPECTION, granted=True)
    assert decided(loaded, inspecting, "Shop.owner", DataClass.PERSONAL).policy == "officers"
    assert decided(loaded, inspecting, "Shop.name", DataClass.PUBLIC).outcome is Outcome.WITHHELD
    assert decided(loaded, inspecting, "Shop.guests", DataClass.PERSONAL).outcome is Outcome.WITHHELD
    assert decided(loaded, inspecting, "Query.shop", DataClass.PERSONAL).outcome is Outcome.WITHHELD
    assert decided(loaded, SUPERVISOR, "Shop.owner", DataClass.PERSONAL).outcome is Outcome.MASKED
    assert decided(loaded, SUPERVISOR, "Shop.phone", DataClass.PERSONAL).outcome is Outcome.WITHHELD


def test_the_epoch_is_of_policies_and_facts() -> None:
    loaded = PolicySet.load(OWNER_TO_OFFICERS, SHOP)
    assert re.fullmatch("[0-9a-f]{64}", loaded.epoch)
    assert PolicySet.load(dict(OWNER_TO_OFFICERS), list(SHOP)).epoch == loaded.epoch
    assert PolicySet.load(OWNER_TO_OFFICERS, SHOP[:-1]).epoch != loaded.epoch
    commented = {"shop.cedar": OWNER_TO_OFFICERS["shop.cedar"] + "// said again\n"}
    assert PolicySet.load(commented, SHOP).epoch != loaded.epoch


async def test_a_new_set_is_put_in_force_whole() -> None:
    policies = Policies(PolicySet.load(OWNER_TO_OFFICERS, SHOP))
    before = policies.current
    made = await policies.replace({"open.cedar": '@id("open") permit (principal, action, resource);'})
    assert policies.current is made
    assert made.epoch != before.epoch
    assert decided(made, PUBLIC, "Shop.safe", DataClass.RESTRICTED).outcome is Outcome.CLEAR
    assert decided(before, PUBLIC, "Shop.safe", DataClass.RESTRICTED).outcome is Outcome.WITHHELD


@pytest.mark.parametrize("text", ["permit (principal, action", "", '@id("a") permit (principal, action, nobody);'])
async def test_a_broken_file_leaves_the_old_set_in_force(text: str) -> None:
    policies = Policies(PolicySet.load(OWNER_TO_OFFICERS, SHOP))
    before = policies.current
    with pytest.raises(PolicyRefused):
        await policies.replace({"shop.cedar": text})
    assert policies.current is before


async def test_the_loop_runs_on_while_a_set_is_compiled() -> None:
    policies = Policies(shipped(FACTS))
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.002)
            turns += 1

    turning = asyncio.create_task(turn())
    await policies.replace(read_texts(SHIPPED))
    turning.cancel()
    assert turns > 10


def test_a_directory_without_policies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused, match="there are no policies"):
        PolicySet.load(read_texts(tmp_path), SHOP)
    with pytest.raises(PolicyRefused, match="missing"):
        read_texts(tmp_path / "missing")


# --- profiles ------------------------------------------------------------------------------------


def test_every_standing_has_a_profile_in_the_table() -> None:
    assert {profile_of(standing) for standing in every_standing((0, 1, 2, 3))} == set(profiles())


@pytest.mark.parametrize(
    ("standing", "profile"),
    [
        (OFFICER, Profile(kind="officer", purpose="CASE_HANDLING", assurance=2)),
        (WRONG_TASK, Profile(kind="officer", purpose=None, assurance=1)),
        (
            Standing(kind=CallerKind.PUBLIC, purpose=Purpose.INSPECTION, granted=True, own=True),
            Profile(kind="public", purpose=None, assurance=1),
        ),
        (CITIZEN, Profile(kind="citizen", purpose="SELF_SERVICE", assurance=2, own=True)),
        (dataclasses.replace(OFFICER, assurance=7), Profile(kind="officer", purpose="CASE_HANDLING", assurance=2)),
    ],
)
def test_a_purpose_counts_when_it_was_shown_and_fits(standing: Standing, profile: Profile) -> None:
    assert profile_of(standing) == profile
