"""The catalogue of attacks on the field policy, group B, a test named after each case; those with an advisory after that.

Where a published bypass can be shown in a few lines, stock Strawberry is asked as well, and gives the value away. Path closure
(B15) is in ``test_statements.py``, introspection (B8, B11) in ``test_attacks_introspection.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func

from auth.classes import Action
from auth.policy import SHIPPED, Policies, PolicyRefused, PolicySet, read_texts
from gateway.facts import facts_of
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.catalog import CatalogError
from resolvers.fields import PER, PUB, column
from resolvers.schema import catalog
from tests.gateway import stock
from tests.gateway.asking import answered
from tests.gateway.parties import Nothing, catalog_of, parties, people
from tests.gateway.reads import Caller
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
SHOP = "92440499MA7X0A12X1"


# --- one field by other names --------------------------------------------------------------------

HIDDEN = {
    "B1 alias": '{ legalEntity(uscc: "S") { n: contactPhone } }',
    "B2 alias to a permitted name": '{ legalEntity(uscc: "S") { name: contactPhone } }',
    "B2 alias to a permitted root": '{ disclosure: legalEntity(uscc: "S") { name: contactPhone } }',
    "B3 inline fragment": '{ legalEntity(uscc: "S") { ... on LegalEntity { n: contactPhone } } }',
    "B3 fragment without a type": '{ legalEntity(uscc: "S") { ... { ... { n: contactPhone } } } }',
    "B3 named fragment": '{ legalEntity(uscc: "S") { ...F } } fragment F on LegalEntity { n: contactPhone }',
    "B3 nested fragments": (
        '{ ...R } fragment R on Query { legalEntity(uscc: "S") { ...F } }'
        " fragment F on LegalEntity { ... on Subject { ...G } } fragment G on LegalEntity { n: contactPhone }"
    ),
    "B3 skipped and included": 'query($y: Boolean = true) { legalEntity(uscc: "S") { n: contactPhone @include(if: $y) } }',
    "B3 merged": '{ legalEntity(uscc: "S") { name } legalEntity(uscc: "S") { n: contactPhone } }',
    "in a list": '{ legalEntities(filter: {name: "梁记小吃"}) { edges { node { n: contactPhone } } } }',
}
"""Ways to a telephone number that the public may not see."""


async def phone(world: World) -> str:
    """The number itself."""
    (row,) = await world.databases["legal_entity"].rows("SELECT contact_phone FROM ent.entity WHERE uscc = $1", [SHOP])
    return str(row[0])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", HIDDEN)
async def test_B1_B2_B3_a_field_by_another_name(world: World, name: str, engine: str) -> None:
    text = HIDDEN[name].replace('"S"', f'"{SHOP}"')
    body = await answered(world.pipeline(engine), text, CALLERS["public"])
    withheld = json.loads(body)["extensions"]["access"]["withheld"]
    assert [(entry["coordinate"], entry["code"]) for entry in withheld] == [("LegalEntity.contactPhone", "FORBIDDEN")]
    assert (await phone(world)).encode() not in body
    begins = (await phone(world))[:5]  # the officer's task does not name the shop: what an officer sees is the mask
    assert f'"{begins}*'.encode() in await answered(world.pipeline(engine), text, CALLERS["officer"])


def test_CVE_2024_34708_alias() -> None:
    """Directus took values out of the answer by the names in it. Ours go by the field (B1, B2, above)."""
    assert stock.ask("{ plain { nationalId } }", stock.RedactedByKey).data == {"plain": {"nationalId": None}}
    assert stock.ask("{ plain { n: nationalId } }", stock.RedactedByKey).data == {"plain": {"n": stock.SECRET}}


def test_GHSA_mx7m_j9xf_62hw_fragment() -> None:
    """A check of the document's own selections sees nothing of its fragments (B3, above)."""
    assert stock.ask("{ plain { nationalId } }", stock.RefusedByTopLevelNames).errors
    spread = "{ plain { ...F } } fragment F on Plain { nationalId }"
    assert stock.ask(spread, stock.RefusedByTopLevelNames).data == {"plain": {"nationalId": stock.SECRET}}


# --- interfaces ----------------------------------------------------------------------------------


def test_B4_B5_stock_strawberry_gives_it_away() -> None:
    """GHSA-x33c-7c2v-mrj9: the rule goes by the interface; GHSA-mx7m-j9xf-62hw: an implementer overrides the guarded field."""
    assert stock.ask('{ party(kind: "person") { secret } }').data == {"party": {"secret": None}}
    for text in ('{ party(kind: "firm") { secret } }', '{ party(kind: "firm") { ... on Firm { secret } } }'):
        assert stock.ask(text).data == {"party": {"secret": stock.SECRET}}
        assert not stock.refused_by_static_type(text)


BY_INTERFACE = {
    "B4 by the interface": "{ contact }",
    "B4 by a fragment on the interface": "{ ...F }",
    "B5 by the implementer": "{ ... on Somebody { contact } ... on Firm { contact } }",
    "B5 under a permitted name": "{ ... on Somebody { label: contact } ... on Firm { contact } }",
}


@pytest.mark.parametrize("name", BY_INTERFACE)
@pytest.mark.parametrize("kind", ["p1", "f1"])
async def test_B4_B5_the_concrete_type_decides(name: str, kind: str) -> None:
    log: list[str] = []
    pipeline = Pipeline(parties(), {"demo": Nothing("demo", log)}, seal_key=SEAL_KEY, now=lambda: MOMENT)
    text = f'{{ party(kind: "{kind}") {BY_INTERFACE[name]} }}'
    text += " fragment F on Party { contact }" if "...F" in text else ""
    answer = await pipeline.answer(GraphQLRequest(query=text), *CALLERS["public"])
    withheld = answer.payload["extensions"]["access"]["withheld"]
    assert [entry["coordinate"] for entry in withheld] == ["Somebody.contact"]
    assert len(log) == 1
    assert "people.phone" not in log[0]
    assert ("firms.line" in log[0]) is (kind == "f1")


def test_B4_every_implementer_of_the_schema_is_decided_alone() -> None:
    public = Caller("officer-without-task")
    assert public.outcome("LegalEntity.displayName", PUB).value == "clear"
    assert public.outcome("Person.displayName", PER).value == "withheld"


# --- what the build refuses ----------------------------------------------------------------------


def test_B9_a_derived_field_is_as_guarded_as_what_it_is_made_of() -> None:
    """GHSA-m8jr-fxqx-8xx6: a value built from forbidden columns under a class of its own."""
    phone_of = column(people.c.phone, PER, "电话")
    name = column(people.c.name, PUB, "姓名")
    derived = column(func.concat(people.c.name, people.c.phone), PUB, "标签")
    with pytest.raises(CatalogError, match=r"label is declared PUBLIC but reads PERSONAL"):
        catalog_of(name=name, phone=phone_of, label=derived)
    supervisor = Caller("supervisor")
    assert supervisor.outcome("Person.birthDate", PER).value == "masked"
    for made_of_it in ("Person.age", "Person.birthYear"):
        assert supervisor.outcome(made_of_it, PER).value == "withheld"


def test_CVE_2025_64347_an_unclassified_column_fails_the_build() -> None:
    """B14: a column that is new, or has a new name, is served to nobody until somebody has classified it."""
    with pytest.raises(CatalogError, match=r"nobody classified people\.phone"):
        catalog_of(
            label=column(func.concat(people.c.name, people.c.phone), PUB, "标签"),
            name=column(people.c.name, PUB, "姓名"),
        )


def test_CVE_2025_64746_old_grants_do_not_revive() -> None:
    """B14: a field that no facts know is withheld, whatever the policies say of a group that once had it."""
    policies = PolicySet.load(
        read_texts(SHIPPED), [fact for fact in facts_of(catalog) if "mobile" not in fact.coordinate]
    )
    decision = policies.decide(Caller("officer-stepped-up").standing, "Person.mobile", PER, Action.READ)
    assert (decision.outcome.value, decision.policy) == ("withheld", "default-deny")


async def test_B13_a_rule_that_errs_refuses_the_set_and_the_old_one_stays(tmp_path: Path) -> None:
    """Cedar skips a forbid that errs, and so allows (``tests/auth/test_cedar.py``); here the whole set is refused."""
    policies = Policies(PolicySet.load(read_texts(SHIPPED), facts_of(catalog)))
    before = policies.current
    bad = '@id("errs")\n// A rule about what nobody has.\nforbid (principal, action, resource) when { principal.rank > 1 };\n'
    with pytest.raises(PolicyRefused):
        await policies.replace({**read_texts(SHIPPED), "errs.cedar": bad})
    assert policies.current is before


# --- both rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "withheld"),
    [("officer", {"Person.photo": "STEP_UP_REQUIRED"}), ("officer-stepped-up", {})],
)
def test_B12_type_and_field_must_both_pass(name: str, withheld: dict[str, str]) -> None:
    """CVE-2026-19869, CVE-2026-92681: what one rule permits another one still forbids, and neither overrides."""
    plan, _ = Caller(name).bound('{ person(idNo: "440499198603120178") { photo } }', {})
    assert {entry.coordinate: entry.code for entry in plan.withheld} == withheld


def test_B12_a_permitted_field_behind_a_forbidden_link() -> None:
    plan, sent = Caller("public").bound('{ person(idNo: "440499198603120178") { subjectRef meta { stale } } }', {})
    assert [entry.coordinate for entry in plan.withheld] == ["Query.person"]
    assert sent == []
