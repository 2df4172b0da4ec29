"""The change feed of disclosures."""

from __future__ import annotations

import pytest

from resolvers.feed import BEGINNING, Place, cursor_at, next_cursor, place_of
from tests.resolvers.conftest import Ask

BATCH = """query($after: Cursor, $first: Int) { disclosureChanges(after: $after, first: $first) {
  changes { seq op disclosureId withdrawReason publicReason record { subjectName } } nextCursor caughtUp snapshotAt } }"""


def test_a_cursor_is_the_place_of_a_change() -> None:
    assert place_of("ZGM6MDAwMDAwMDAwMDEyMzQ1Ng==") == Place(123456, 0)
    assert cursor_at(123456) == "ZGM6MDAwMDAwMDAwMDEyMzQ1Ng=="


def test_who_begins_carries_along_what_the_last_change_was_until_it_is_there() -> None:
    first = next_cursor(BEGINNING, ["500", "900"])
    assert place_of(first) == Place(500, 900)
    assert place_of(next_cursor(place_of(first), ["800", "950"])) == Place(800, 900)
    assert next_cursor(place_of(first), ["900", "950"]) == cursor_at(900)
    assert next_cursor(place_of(first), None) == first


def test_the_cursor_before_the_first_change_is_the_beginning() -> None:
    assert place_of(cursor_at(0)) == BEGINNING


@pytest.mark.parametrize(
    "text", ["", "123456", "ZGM6MQ==", "!", "ZGM6MDAwMDAwMDAwMDEyMzQ1Ng", "ZGM6LTAwMDAwMDAwMDAwMDAwMQ=="]
)
def test_what_is_no_cursor_of_the_feed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        place_of(text)


async def test_who_begins_at_the_beginning_gets_nothing_that_is_withdrawn(ask: Ask) -> None:
    batch = (await ask(BATCH))["data"]["disclosureChanges"]
    published = {"subjectName": "100%果汁店"}
    assert [(change["seq"], change["op"], change["record"]) for change in batch["changes"]] == [
        ("3", "UPDATE", published),
    ]
    assert batch["caughtUp"] is True
    assert batch["snapshotAt"] == "2026-11-05T01:00:00+00:00"


@pytest.mark.parametrize("had", [1, 2, 3])
async def test_who_may_have_the_record_gets_its_withdrawal_with_the_reason_alone(ask: Ask, had: int) -> None:
    changes = (await ask(BATCH, after=cursor_at(had)))["data"]["disclosureChanges"]["changes"]
    withdrawn = next(change for change in changes if change["op"] == "WITHDRAW")
    assert (withdrawn["seq"], withdrawn["record"]) == ("4", None)
    assert (withdrawn["withdrawReason"], withdrawn["publicReason"]) == ("DECISION_REVOKED", "复议撤销")


async def test_who_never_had_the_record_is_not_told_of_its_withdrawal(ask: Ask) -> None:
    """It was withdrawn before this follower began."""
    changes = (await ask(BATCH, after=cursor_at(1, 4)))["data"]["disclosureChanges"]["changes"]
    assert [change["seq"] for change in changes] == ["3"]
    begun = (await ask(BATCH, after=cursor_at(3, 4)))["data"]["disclosureChanges"]
    assert (begun["changes"], begun["caughtUp"], begun["nextCursor"]) == ([], True, cursor_at(3, 4))


async def test_a_partner_goes_on_where_it_stopped(ask: Ask) -> None:
    first = (await ask(BATCH, first=1, after=cursor_at(2)))["data"]["disclosureChanges"]
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
