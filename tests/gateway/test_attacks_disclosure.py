"""The catalogue of attacks on disclosure, group I, as far as there is disclosure: what is published, and its feed.

No agreement, sealed, withdrawn, expired: the same bytes as for what is not there, also after it was there a moment ago.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import pytest

from auth.viewer import AccessRequest, Purpose
from datasources.city.personas import SealedRecord, WithdrawnPenalty
from datasources.database import Database
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from resolvers.feed import cursor_at
from resolvers.schema import catalog
from tests.gateway.asking import Asker, answered, told
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
PARTNER = CALLERS["partner-disclosure"]

RECORD = (
    "query($key: ID!) { disclosure(disclosureId: $key) { disclosureId subjectName facts decidedOn meta { stale } } }"
)
LISTED = """query($key: String!) { disclosures(filter: {documentNo: $key}) { totalCount nodes { disclosureId facts }
  pageInfo { hasNextPage endCursor } } }"""
SEARCHED = "query($key: String!) { disclosures(filter: {keyword: $key}) { totalCount nodes { disclosureId } } }"
MISSING = "GS20262999999999"


# --- agreements ----------------------------------------------------------------------------------

AGREEMENTS: Mapping[str, tuple[str, str]] = {
    "I1 no such agreement": ("partner", "GX-2099-9999"),
    "I1 an expired agreement": ("partner-disclosure", "GX-2024-0017"),
    "I1 another client's agreement": ("partner", "GX-2026-0131"),
    "I1 an agreement about something else": ("partner-disclosure", "GX-2026-0088"),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", AGREEMENTS)
async def test_I1_an_agreement_that_does_not_hold_is_like_none(world: World, name: str, engine: str) -> None:
    """Whatever the reason, the bytes are those for an agreement number that nobody ever gave out."""
    asking, number = AGREEMENTS[name]
    viewer, _ = CALLERS[asking]
    text = '{ nonTaxPayments(paymentCodes: ["44040026000000412376"]) { amountDue } disclosures(first: 3) { nodes { subjectName } } }'
    found = {
        await answered(
            world.pipeline(engine), text, (viewer, AccessRequest(purpose=Purpose.NON_TAX_PAYMENT, agreement_no=one))
        )
        for one in (number, "GX-2099-9998")
    }
    (body,) = found
    access = json.loads(body)["extensions"]["access"]
    assert {entry["code"] for entry in access["withheld"]} == {"FORBIDDEN"}
    assert ["disclosures", "nodes", "subjectName"] in access["masked"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_an_agreement_opens_nothing_beyond_its_purpose(world: World, engine: str) -> None:
    """The finance bureau's agreement opens payments, and no party of a case."""
    text = """{ nonTaxPayments(paymentCodes: ["44040026000000412376"]) { amountDue payerName }
      case(caseNo: "ZHXZ-CX-2026-CF-0003071") { subjects { nameAtDecision idNo } } }"""
    body = await told(world.pipeline(engine), text, CALLERS["partner"])
    assert body["data"]["nonTaxPayments"][0]["payerName"]
    assert body["data"]["case"] is None
    assert [entry["coordinate"] for entry in body["extensions"]["access"]["withheld"]] == ["Query.case"]


# --- what is not published -----------------------------------------------------------------------


async def published_as(world: World, case_no: str) -> tuple[str, str]:
    """The id under which a case is or was in the public list, and the number of its decision."""
    statement = """SELECT disclosure_id, document_no FROM cas.case JOIN cas.disclosure USING (case_id)
      JOIN cas.decision USING (case_id) WHERE case_no = $1"""
    ((disclosure_id, document_no),) = await world.databases["enforcement"].rows(statement, [case_no])
    return disclosure_id, document_no


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("asking", ["public", "partner-disclosure", "officer", "supervisor"])
@pytest.mark.parametrize("case_no", [SealedRecord.case_no, WithdrawnPenalty.case_no], ids=["sealed", "withdrawn"])
async def test_I1_not_published_is_like_not_there(world: World, case_no: str, asking: str, engine: str) -> None:
    disclosure_id, document_no = await published_as(world, case_no)
    pipeline, caller = world.pipeline(engine), CALLERS[asking]
    for text, hidden, missing in (
        (RECORD, disclosure_id, MISSING),
        (LISTED, document_no, "珠市监罚〔2099〕9999号"),
        (SEARCHED, document_no, "珠市监罚〔2099〕9999号"),
    ):
        bodies = [await answered(pipeline, text, caller, {"key": key}) for key in (hidden, missing)]
        assert bodies[0] == bodies[1]


async def test_4b_10_the_feed_has_nothing_of_what_is_withdrawn(world: World) -> None:
    """Who starts from the beginning is not told of it at all; who may have it is told why, and nothing of the content."""
    disclosure_id, _ = await published_as(world, WithdrawnPenalty.case_no)
    published = "SELECT seq FROM gw.change_log WHERE disclosure_id = $1 AND op = 'PUBLISH'"
    ((first,),) = await world.databases["gateway"].rows(published, [disclosure_id])
    assert await fed_of(world, disclosure_id, None) == []
    (found,) = await fed_of(world, disclosure_id, cursor_at(first))
    assert (found["op"], found["record"], found["withdrawReason"]) == ("WITHDRAW", None, "DECISION_REVOKED")
    assert found["publicReason"]


async def fed_of(world: World, disclosure_id: str, after: str | None) -> list[Any]:
    """What the feed says of a record, from a cursor to its end."""
    text = """query($after: Cursor) { disclosureChanges(after: $after, first: 500) { nextCursor caughtUp
      changes { op disclosureId withdrawReason publicReason record { subjectName facts content } } } }"""
    found: list[Any] = []
    while True:
        batch = (await told(world.pipeline(), text, PARTNER, {"after": after}))["data"]["disclosureChanges"]
        found += [change for change in batch["changes"] if change["disclosureId"] == disclosure_id]
        after = batch["nextCursor"]
        if batch["caughtUp"]:
            return found


async def test_4b_1_the_keyword_does_not_find_numbers(world: World) -> None:
    """A predicate oracle over masked texts: no number that stands in the facts is found by searching for it."""
    statement = """SELECT DISTINCT substring(cas.decision.facts FROM '[0-9A-Za-z]{5,}') FROM cas.decision
      JOIN cas.disclosure USING (case_id) WHERE state = '2' AND cas.decision.facts ~ '[0-9A-Za-z]{5,}' ORDER BY 1 LIMIT 20"""
    numbers = [row[0] for row in await world.databases["enforcement"].rows(statement, ())]
    for key in (*numbers, "440499198603120178", "粤C12A34"):
        body = await told(world.pipeline(), SEARCHED, CALLERS["public"], {"key": key})
        assert body["data"]["disclosures"] == {"totalCount": 0, "nodes": []}, key


# --- what changes --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def hamlet(
    copied_village: Callable[[str], Awaitable[str]],
) -> AsyncIterator[tuple[Pipeline, asyncpg.Connection[Any]]]:
    """A village of one's own: the gateway before it, and an administrator's connection."""
    dsn = await copied_village("hamlet")
    databases = {name: Database(name, dsn) for name in DATABASES}
    admin = await asyncpg.connect(dsn)
    yield Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT), admin
    await admin.close()
    for database in databases.values():
        await database.close()


HIDING = {
    "withdrawn": "UPDATE gw.disclosure SET state = '3' WHERE disclosure_id = $1",
    "expired": "UPDATE gw.disclosure SET publish_until = DATE '2026-11-04' WHERE disclosure_id = $1",
    "sealed": "UPDATE gw.disclosure SET sealed = true WHERE disclosure_id = $1",
}


@pytest.mark.parametrize("name", HIDING)
async def test_CVE_2026_39943_nothing_is_kept_from_before(
    hamlet: tuple[Pipeline, asyncpg.Connection[Any]], name: str
) -> None:
    """I4: a record that was read a moment ago is not there the moment it is withdrawn: no answer is kept."""
    pipeline, admin = hamlet
    listing = "query($key: String!) { disclosures(first: 200) { totalCount nodes { disclosureId } } }".replace(
        "($key: String!)", ""
    )
    before = (await told(pipeline, listing, PARTNER))["data"]["disclosures"]
    (key, *_) = [node["disclosureId"] for node in before["nodes"]]
    assert (await told(pipeline, RECORD, PARTNER, {"key": key}))["data"]["disclosure"]["disclosureId"] == key
    await admin.execute(HIDING[name], key)
    after = (await told(pipeline, listing, PARTNER))["data"]["disclosures"]
    assert after["totalCount"] == before["totalCount"] - 1
    assert key not in {node["disclosureId"] for node in after["nodes"]}
    assert await answered(pipeline, RECORD, PARTNER, {"key": key}) == await answered(
        pipeline, RECORD, PARTNER, {"key": MISSING}
    )


async def test_I4_a_page_goes_on_under_the_rules_of_now(hamlet: tuple[Pipeline, asyncpg.Connection[Any]]) -> None:
    """A cursor from before does not lead to what has been withdrawn since."""
    pipeline, admin = hamlet
    text = """query($after: Cursor, $first: Int!) { disclosures(first: $first, after: $after) { nodes { disclosureId }
      pageInfo { endCursor } } }"""
    first = (await told(pipeline, text, PARTNER, {"first": 2}))["data"]["disclosures"]
    ahead = (await told(pipeline, text, PARTNER, {"first": 1, "after": first["pageInfo"]["endCursor"]}))["data"]
    (coming,) = [node["disclosureId"] for node in ahead["disclosures"]["nodes"]]
    await admin.execute(HIDING["withdrawn"], coming)
    later = (await told(pipeline, text, PARTNER, {"first": 200, "after": first["pageInfo"]["endCursor"]}))["data"]
    assert coming not in {node["disclosureId"] for node in later["disclosures"]["nodes"]}


# --- what is redacted ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["public", "partner-disclosure", "citizen"])
async def test_I3_what_is_redacted_is_one_constant_sign(world: World, name: str) -> None:
    """Neither the length of what was there nor its place among others is left, and two partners get the same."""
    text = "{ disclosures(first: 200) { nodes { disclosureId facts content subjectName subjectType } } }"
    caller: Asker = CALLERS[name]
    other = (dataclasses.replace(caller[0], client="another"), caller[1])
    nodes, others = [
        (await told(world.pipeline(), text, one))["data"]["disclosures"]["nodes"] for one in (caller, other)
    ]
    assert nodes == others
    persons = [node["subjectName"] for node in nodes if node["subjectType"] == "PERSON"]
    assert all(name.endswith(("某", "***")) for name in persons)
    assert not any("****" in str(node) for node in nodes)


SHOWN = "disclosureId subjectName facts content basis illegalActType revokedLicence"
PAGED = f"""query($after: Cursor) {{ disclosures(first: 200, after: $after) {{ nodes {{ {SHOWN} }}
  pageInfo {{ hasNextPage endCursor }} }} }}"""
FED = f"""query($after: Cursor) {{ disclosureChanges(first: 500, after: $after) {{ nextCursor caughtUp
  changes {{ publicReason record {{ {SHOWN} }} }} }} }}"""


async def everything_published(world: World, engine: str, caller: Asker) -> list[Any]:
    """All that the list and the feed give, in pages."""
    found: list[Any] = []
    after, more = None, True
    while more:
        page = (await told(world.pipeline(engine), PAGED, caller, {"after": after}))["data"]["disclosures"]
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    after, more = None, True
    while more:
        batch = (await told(world.pipeline(engine), FED, caller, {"after": after}))["data"]["disclosureChanges"]
        found += batch["changes"]
        after, more = batch["nextCursor"], not batch["caughtUp"]
    return found


async def named_in_cases(world: World) -> list[str]:
    """The natural persons among the parties of what is published, of every role, and representatives."""
    statement = """SELECT DISTINCT name FROM (SELECT case_id, name_at_decision AS name FROM cas.party WHERE subject_type = '1'
      UNION SELECT case_id, legal_rep_name FROM cas.party) AS named JOIN cas.disclosure USING (case_id)
      WHERE state = '2' AND length(name) > 2 ORDER BY 1"""
    return [row[0] for row in await world.databases["enforcement"].rows(statement, ())]


async def test_I2_no_person_is_named_in_what_is_published(world: World) -> None:
    """Every disclosure of the city, listed and fed: nobody whom its case knows is named in the text."""
    published = await everything_published(world, "compiled", PARTNER)
    assert sum(bool(node.get("facts")) for node in published) > 200
    statement = """SELECT disclosure_id, name_at_decision, legal_rep_name, subject_type FROM cas.party
      JOIN cas.disclosure USING (case_id) WHERE state = '2'"""
    known: dict[str, set[str]] = {}
    for row in await world.databases["enforcement"].rows(statement, ()):
        person = row["name_at_decision"] if row["subject_type"] == "1" else row["legal_rep_name"]
        known.setdefault(row["disclosure_id"], set()).add(person or row["name_at_decision"])
    for node in published:
        node = node.get("record", node)  # noqa: PLW2901 - an event of the feed has the record in it
        if node is not None:
            texts = (
                f"{node['facts']} {node['content']} {node['basis']} {node['illegalActType']} {node['revokedLicence']}"
            )
            texts = texts.replace(node["subjectName"], "")  # the name of an organisation is public, with whom it names
            assert not [name for name in known.get(node["disclosureId"], ()) if name in texts], node


async def test_I2_a_keyword_finds_no_person(world: World) -> None:
    """The search runs over the text as published: a name finds what another name finds, which is nothing."""
    names = await named_in_cases(world)
    persons = [name for name in names if not name.startswith("珠海")][:: max(1, len(names) // 40)]
    assert len(persons) > 20
    organisations = "SELECT string_agg(subject_name, ' ') FROM cas.disclosure WHERE subject_uscc IS NOT NULL"
    ((public,),) = await world.databases["enforcement"].rows(organisations, ())
    for key in (name for name in persons if name not in public):
        body = await told(world.pipeline(), SEARCHED, CALLERS["public"], {"key": key})
        assert body["data"]["disclosures"] == {"totalCount": 0, "nodes": []}


# --- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["partner", "partner-disclosure", "partner-linkage", "citizen", "public", "auditor"])
async def test_D6_no_figure_is_open_to_partners(world: World, name: str, engine: str) -> None:
    """Nothing to difference: the figures are for supervisors, and what a partner can count is the public list itself."""
    figures = """{ enforcementStats(groupBy: [DISTRICT], from: "2024-01-01", to: "2026-11-05", divisionPrefix: "440402") {
      rows { filed } } cases { totalCount } persons { totalCount } }"""
    payload = await told(world.pipeline(engine), figures, CALLERS[name])
    data = payload.get("data") or {}
    assert [data.get(field) for field in ("enforcementStats", "cases", "persons")] == [None, None, None]
