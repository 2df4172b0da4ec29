"""The change feed of disclosures."""

from __future__ import annotations

import pytest

from resolvers.feed import cursor_at, position_of
from tests.resolvers.conftest import Ask

BATCH = """query($after: Cursor, $first: Int) { disclosureChanges(after: $after, first: $first) {
  changes { seq op disclosureId withdrawReason publicReason record { subjectName } } nextCursor caughtUp snapshotAt } }"""


def test_a_cursor_is_the_place_of_a_change() -> None:
    assert position_of("ZGM6MDAwMDAwMDAwMDEyMzQ1Ng==") == 123456
    assert cursor_at(123456) == "ZGM6MDAwMDAwMDAwMDEyMzQ1Ng=="


@pytest.mark.parametrize(
    "text", ["", "123456", "ZGM6MQ==", "!", "ZGM6MDAwMDAwMDAwMDEyMzQ1Ng", "ZGM6LTAwMDAwMDAwMDAwMDAwMQ=="]
)
def test_what_is_no_cursor_of_the_feed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        position_of(text)


async def test_who_begins_at_the_beginning_gets_nothing_that_is_withdrawn(ask: Ask) -> None:
    batch = (await ask(BATCH))["data"]["disclosureChanges"]
    published = {"subjectName": "100%果汁店"}
    assert [(change["seq"], change["op"], change["record"]) for change in batch["changes"]] == [
        ("1", "PUBLISH", published),
        ("2", "PUBLISH", None),
        ("3", "UPDATE", published),
        ("4", "WITHDRAW", None),
    ]
    assert batch["changes"][-1]["withdrawReason"] == "DECISION_REVOKED"
    assert batch["changes"][-1]["publicReason"] == "复议撤销"
    assert batch["caughtUp"] is True
    assert batch["snapshotAt"] == "2026-11-05T01:00:00+00:00"


async def test_a_partner_goes_on_where_it_stopped(ask: Ask) -> None:
    first = (await ask(BATCH, first=3))["data"]["disclosureChanges"]
    assert (first["caughtUp"], first["nextCursor"]) == (False, cursor_at(3))
    second = (await ask(BATCH, first=3, after=first["nextCursor"]))["data"]["disclosureChanges"]
    assert [change["seq"] for change in second["changes"]] == ["4"]
    assert (second["caughtUp"], second["nextCursor"]) == (True, cursor_at(4))
    third = (await ask(BATCH, after=second["nextCursor"]))["data"]["disclosureChanges"]
    assert (third["changes"], third["caughtUp"], third["nextCursor"]) == ([], True, cursor_at(4))


async def test_bad_cursors_and_sizes_are_refused(ask: Ask) -> None:
    for variables in ({"after": "x"}, {"first": 501}, {"first": 0}):
        payload = await ask(BATCH, **variables)
        assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]
