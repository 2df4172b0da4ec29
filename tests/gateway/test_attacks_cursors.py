"""The catalogue of attacks by inference, D7: what a cursor tells, and what it is good for.

It is of one caller, one list and one set of policies, and of a day; whatever else is done with it, the answer is one.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
from typing import Any

import pytest

from auth.policy import SHIPPED, Policies, PolicySet, read_texts
from gateway.facts import facts_of
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import Asker, answered, told
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
PAGE = "query($after: Cursor) { disclosures(first: 2, after: $after) { nodes { decidedOn disclosureId } pageInfo { endCursor } } }"

OFFICERS = "query($after: Cursor) { officers(first: 2, after: $after) { totalCount } }"
OTHER_LISTS = (
    PAGE.replace("first: 2", "first: 2, orderBy: {field: FINE, direction: ASC}"),
    PAGE.replace("first: 2", 'first: 2, filter: {keyword: "食品"}'),
    PAGE.replace("first: 2", 'first: 2, filter: {penaltyKinds: ["01"]}'),
    OFFICERS,
)


async def cursor(world: World, caller: Asker) -> tuple[str, Any]:
    """A cursor, and the record that it stands behind."""
    page = (await told(world.pipeline(), PAGE, caller))["data"]["disclosures"]
    return page["pageInfo"]["endCursor"], page["nodes"][-1]


async def test_D7_a_cursor_tells_nothing(world: World) -> None:
    text, last = await cursor(world, CALLERS["public"])
    opened = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for value in last.values():
        assert value.encode() not in opened
        assert value not in text
    assert (
        len({len((await cursor(world, caller))[0]) for caller in CALLERS.values() if caller != CALLERS["auditor"]}) == 1
    )


@pytest.mark.parametrize("engine", ENGINES)
async def test_D7_a_cursor_is_good_for_what_it_was_given_for(world: World, engine: str) -> None:
    """Flipped bits, another caller, another list, another order, another filter: one answer, and nothing is asked of a
    database."""
    caller = CALLERS["public"]
    text, _ = await cursor(world, caller)
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    flipped = []
    for place in range(0, len(raw), 7):
        changed = bytearray(raw)
        changed[place] ^= 1
        flipped.append(base64.urlsafe_b64encode(bytes(changed)).rstrip(b"=").decode())
    viewer, access = caller
    others = [
        dataclasses.replace(viewer, client="another"),
        dataclasses.replace(viewer, subject="another"),
        dataclasses.replace(viewer, issuer="another"),
    ]
    tries: list[tuple[str, Asker, str]] = [(PAGE, caller, one) for one in (*flipped, text[:-4], text * 2)]
    tries += [(document, caller, text) for document in OTHER_LISTS]
    tries += [(PAGE, (other, access), text) for other in others]
    await world.pipeline(engine).reception.asking(*caller)  # what the public gets of what is published is known now
    before = world.statements()
    bodies = [await answered(world.pipeline(engine), document, asker, {"after": one}) for document, asker, one in tries]
    assert world.statements() == before
    for body, (document, _, _) in zip(bodies, tries, strict=True):
        assert body == bodies[0].replace(b'"disclosures"', b'"officers"' if document is OFFICERS else b'"disclosures"')
    assert [error["extensions"]["code"] for error in json.loads(bodies[0])["errors"]] == ["BAD_USER_INPUT"]
    assert "data" not in json.loads(bodies[0])
    assert "data" in await told(world.pipeline(engine), PAGE, caller, {"after": text})


async def test_D7_a_cursor_goes_on_in_another_document(world: World) -> None:
    """What a cursor is of is the list, not the text that asks for it: Relay's clients go on with an operation of its own."""
    text, last = await cursor(world, CALLERS["public"])
    other = "query($c: Cursor) { more: disclosures(after: $c, first: 5) { nodes { disclosureId } } }"
    body = await told(world.pipeline(), other, CALLERS["public"], {"c": text})
    assert len(body["data"]["more"]["nodes"]) == 5
    assert last["disclosureId"] not in {node["disclosureId"] for node in body["data"]["more"]["nodes"]}


def with_a_remark() -> Policies:
    """The shipped policies with one line more, which decides nothing: another epoch."""
    texts = read_texts(SHIPPED)
    return Policies(PolicySet.load({**texts, "public.cedar": texts["public.cedar"] + "\n// 备注\n"}, facts_of(catalog)))


@pytest.mark.parametrize("engine", ENGINES)
async def test_D7_a_cursor_is_of_the_policies_it_was_made_under(world: World, engine: str) -> None:
    text, _ = await cursor(world, CALLERS["public"])
    other = Pipeline(
        catalog, world.databases, engine=engine, seal_key=SEAL_KEY, policies=with_a_remark(), now=lambda: MOMENT
    )
    body = await told(other, PAGE, CALLERS["public"], {"after": text})
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("hours", "good"), [(23, True), (25, False), (24 * 365, False)])
async def test_D7_a_cursor_is_good_for_a_day(world: World, hours: int, good: bool, engine: str) -> None:
    text, _ = await cursor(world, CALLERS["public"])
    later = MOMENT + datetime.timedelta(hours=hours)
    other = Pipeline(catalog, world.databases, engine=engine, seal_key=SEAL_KEY, now=lambda: later)
    assert ("data" in await told(other, PAGE, CALLERS["public"], {"after": text})) is good


@pytest.mark.parametrize("engine", ENGINES)
async def test_D7_the_feed_goes_on_after_months(world: World, engine: str) -> None:
    """A position in the feed is of no caller, no policies and no day: a platform that was away must not start anew."""
    feed = "query($after: Cursor) { disclosureChanges(after: $after, first: 3) { nextCursor changes { seq } } }"
    caller = CALLERS["partner-disclosure"]
    first = (await told(world.pipeline(engine), feed, caller))["data"]["disclosureChanges"]
    later = MOMENT + datetime.timedelta(days=20)
    other = Pipeline(
        catalog, world.databases, engine=engine, seal_key=SEAL_KEY, policies=with_a_remark(), now=lambda: later
    )
    second = (await told(other, feed, caller, {"after": first["nextCursor"]}))["data"]["disclosureChanges"]
    assert int(second["changes"][0]["seq"]) > int(first["changes"][-1]["seq"])
