"""The publisher: what is published, what is not, what is withdrawn and why, and the order of the feed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from datasources.errors import SourceFault, SourceUnavailable
from datasources.published import CHANNEL, Published, append
from datasources.references import parse_reference, reference
from datasources.tables import DATABASES
from gateway import watching
from gateway.background import PublisherThread
from gateway.candidates import Candidate
from gateway.cli import app
from gateway.watching import Watched
from tests.gateway.asking import told
from tests.gateway.publishing import Town
from tests.world import CALLERS, MOMENT


@pytest.fixture(scope="module")
async def town(copied_village: Callable[[str], Awaitable[str]]) -> AsyncIterator[Town]:
    """A village of one's own, looked at once."""
    made = await Town.of(await copied_village("publishing"))
    yield made
    await made.close()


async def test_what_is_published_as_the_rules_want_it_is_left_alone(town: Town) -> None:
    assert (town.first["updated"], town.first["withdrawn"], town.first["held"]) == (0, 0, 0)
    assert town.first["published"]  # what waited for it
    before = await town.head()
    assert not await town.look()
    assert await town.head() == before


WITHDRAWING: dict[str, tuple[str, str, str]] = {
    "the owner withdraws it": ("cas.disclosure", "state = '3', withdraw_reason = 'CREDIT_REPAIRED'", "CREDIT_REPAIRED"),
    "the owner will not have it published": ("cas.disclosure", "state = '4'", "PUBLISHED_IN_ERROR"),
    "the decision is revoked": ("cas.case", "status = 'WITHDRAWN'", "DECISION_REVOKED"),
    "the case is sealed": ("cas.case", "sealed = true", "RECORD_SEALED"),
    "the record is sealed": ("cas.disclosure", "sealed = true", "RECORD_SEALED"),
    "the case is secret": ("cas.case", "secret_flag = true", "PUBLISHED_IN_ERROR"),
    "the case is open on request alone": ("cas.case", "disclosure_class = '2'", "PUBLISHED_IN_ERROR"),
    "the case was one of the simple procedure": ("cas.case", "procedure_code = '1'", "PUBLISHED_IN_ERROR"),
    "the punished is protected": ("cas.party", "subject_mark = 2", "PUBLISHED_IN_ERROR"),
    "the punished is under fourteen": ("cas.disclosure", "subject_mark = 1", "PUBLISHED_IN_ERROR"),
}


@pytest.mark.parametrize("name", WITHDRAWING)
async def test_what_may_not_stay_is_withdrawn_with_the_reason_and_without_content(town: Town, name: str) -> None:
    table, what, reason = WITHDRAWING[name]
    key = await town.penalty()
    before = await town.head()
    await town.change(key, table, what)
    assert await town.look() == {"withdrawn": 1}
    (change,) = await town.changes(before)
    assert (change["op"], change["disclosureId"], change["withdrawReason"]) == ("WITHDRAW", key, reason)
    assert change["publicReason"]
    assert change["record"] is None
    assert key not in await town.everything()
    (row,) = await town.admin.fetch("SELECT * FROM gw.disclosure WHERE disclosure_id = $1", key)
    assert {row[name] for name in ("subject_name", "document_no", "facts", "content", "basis", "org_id")} == {None}


async def test_a_minor_is_never_published_whatever_the_case_system_says(town: Town) -> None:
    """Of age is who was so at the decision, by the population database."""
    key = await town.penalty(person=True)
    person = """SELECT subject_ref FROM cas.party JOIN cas.disclosure USING (case_id)
      WHERE disclosure_id = $1 AND role_code = '1'"""
    reference = await town.admin.fetchval(person, key)
    decided = await town.admin.fetchval("SELECT decided_on FROM gw.disclosure WHERE disclosure_id = $1", key)
    await town.admin.execute(
        "UPDATE pop.person SET birth_date = $2::date - interval '18 years' + interval '1 day' WHERE person_id = $1",
        parse_reference(reference)[1],
        decided,
    )
    assert await town.look() == {"withdrawn": 1}
    assert key not in await town.everything()


async def test_what_has_changed_is_published_anew_without_what_it_was(town: Town) -> None:
    key = await town.penalty()
    before = await town.head()
    old = (await town.everything())[key]
    await town.change(key, "cas.decision", "facts = facts || '另查明，当事人已改正。', fine_amount = 12345.60")
    assert await town.look() == {"updated": 1}
    (change,) = await town.changes(before)
    assert (change["op"], change["record"]["version"]) == ("UPDATE", old["version"] + 1)
    assert change["record"]["facts"] == old["facts"] + "另查明，当事人已改正。"
    assert [one["op"] for one in await town.changes(0) if one["disclosureId"] == key] == ["UPDATE"]
    text = "query($key: ID!) { disclosure(disclosureId: $key) { fineAmount10k } }"
    for pipeline in town.pipelines.values():
        assert (await told(pipeline, text, CALLERS["public"], {"key": key}))["data"]["disclosure"] == {
            "fineAmount10k": "1.234560"
        }


@pytest.mark.parametrize(
    "left", ["身份证号440499198603120178", "电话138 1234 1234", "账号6222021011112222333", "车牌粤C12A34"]
)
async def test_a_text_with_a_number_of_a_person_in_it_is_held(town: Town, left: str) -> None:
    key = await town.penalty()
    await town.change(key, "cas.decision", f"facts = '当事人{left}，占道经营。'")
    assert await town.look() == {"updated": 1, "held": 1}
    assert (await town.everything())[key]["facts"] is None
    assert await town.admin.fetchval("SELECT text_held FROM gw.disclosure WHERE disclosure_id = $1", key)
    await town.change(key, "cas.decision", "facts = '占道经营。'")
    assert await town.look() == {"updated": 1}


async def test_the_period_ends_and_the_record_goes(town: Town) -> None:
    key = await town.penalty()
    await town.admin.execute("UPDATE gw.disclosure SET publish_until = '2026-11-04' WHERE disclosure_id = $1", key)
    before = await town.head()
    assert await town.look() == {"withdrawn": 1}
    (change,) = await town.changes(before)
    assert (change["withdrawReason"], change["publicReason"]) == ("PERIOD_ENDED", "公示期满。")
    assert not await town.look()  # it does not come back, for the case system has not said anything new


async def test_a_new_version_brings_a_withdrawn_record_back(town: Town) -> None:
    key = await town.penalty()
    await town.change(key, "cas.disclosure", "state = '3', withdraw_reason = 'PUBLISHED_IN_ERROR'")
    await town.look()
    before = await town.head()
    await town.change(key, "cas.disclosure", "state = '2', version = version + 1")
    counts = await town.look()
    assert counts["published"] == 1
    (change,) = await town.changes(before)
    assert (change["op"], change["record"]["disclosureId"]) == ("PUBLISH", key)


async def test_a_period_that_has_ended_begins_anew_with_no_version(town: Town) -> None:
    """It is fixed when a record is first published: whatever the case system says later, nobody is shown for longer."""
    key = await town.penalty()
    await town.change(key, "cas.disclosure", "state = '3', withdraw_reason = 'PUBLISHED_IN_ERROR'")
    await town.look()
    await town.admin.execute("UPDATE gw.disclosure SET publish_until = '2026-11-07' WHERE disclosure_id = $1", key)
    await town.change(key, "cas.disclosure", "state = '2', version = version + 1")
    assert (await town.look())["published"] == 1
    until = "SELECT publish_until::text FROM gw.disclosure WHERE disclosure_id = $1"
    assert await town.admin.fetchval(until, key) == "2026-11-07"
    await town.admin.execute("UPDATE gw.disclosure SET publish_until = '2026-11-04' WHERE disclosure_id = $1", key)
    assert await town.look() == {"withdrawn": 1}
    await town.change(key, "cas.disclosure", "version = version + 1")
    assert not await town.look()
    assert key not in await town.everything()


async def test_what_no_rule_speaks_of_is_not_published(town: Town) -> None:
    rule = "kind = '3' AND circumstance = 'ORDINARY'"
    (row,) = await town.admin.fetch(f"DELETE FROM gw.disclosure_rule WHERE {rule} RETURNING *")
    measures = await town.admin.fetchval("SELECT count(*) FROM gw.disclosure WHERE state = '2' AND kind = '3'")
    assert await town.look() == {"withdrawn": measures}
    columns = ", ".join(row.keys())
    values = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await town.admin.execute(f"INSERT INTO gw.disclosure_rule ({columns}) VALUES ({values})", *row.values())


async def test_a_case_database_that_has_lost_its_cases_withdraws_nothing(town: Town) -> None:
    before = await town.everything()
    await town.admin.execute("ALTER TABLE cas.disclosure RENAME TO kept")
    await town.admin.execute("CREATE TABLE cas.disclosure (LIKE cas.kept)")
    counts = await town.look()
    await town.admin.execute("DROP TABLE cas.disclosure")
    await town.admin.execute("ALTER TABLE cas.kept RENAME TO disclosure")
    assert counts == {"vanished": len(before)}
    assert await town.everything() == before


async def test_one_process_publishes(town: Town) -> None:
    other = Published(town.dsn)
    assert not await other.hold()
    await other.close()


# --- the order ------------------------------------------------------------------------------------


async def test_nobody_steps_over_a_change_that_is_not_committed_yet(town: Town) -> None:
    """Two writers at once: the second waits for the first, so that a number is never there before a smaller one."""
    key, before = await town.penalty(), await town.head()
    first = await asyncpg.connect(town.dsn)
    async with first.transaction():
        earlier = await append(first, "PUBLISH", "GS1", "2", town.now, None, None)
        second = asyncio.create_task(town.published.withdraw(key, "DECISION_CHANGED", "变更。", town.now))
        waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'gw.change_log'::regclass AND NOT granted"
        while not await town.admin.fetchval(
            f"SELECT count(*) FROM pg_sleep(0.01), ({waiting}) AS held WHERE held.count > 0"
        ):
            assert not second.done()
        assert not second.done()
        assert await town.head() == before
        assert await town.changes(before) == []
    later = await second
    await first.close()
    assert (earlier, later) == (before + 1, before + 2)
    assert [change["seq"] for change in await town.changes(before)] == [str(earlier), str(later)]


async def test_what_is_rolled_back_leaves_no_gap(town: Town) -> None:
    key, before = await town.penalty(), await town.head()
    transaction = town.admin.transaction()
    await transaction.start()
    await append(town.admin, "PUBLISH", "GS2", "2", town.now, None, None)
    await transaction.rollback()
    assert await town.published.withdraw(key, "DECISION_CHANGED", "变更。", town.now) == before + 1


async def test_followers_are_told_the_number_and_nothing_else(town: Town) -> None:
    key = await town.penalty()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    await town.admin.add_listener(CHANNEL, lambda *told: heard.put_nowait(told[-1]))
    seq = await town.published.withdraw(key, "DECISION_CHANGED", "变更。", town.now)
    assert await heard.get() == str(seq)
    await town.admin.reset()


# --- what is withdrawn is nowhere -----------------------------------------------------------------


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
async def test_what_is_withdrawn_is_in_no_list_count_detail_search_or_feed(town: Town, engine: str) -> None:
    key = await town.penalty()
    text = """query($key: ID!, $word: String!) { disclosure(disclosureId: $key) { facts }
      all: disclosures(first: 1) { totalCount } found: disclosures(filter: {documentNo: $word}) { totalCount nodes { facts } } }"""
    document = await town.admin.fetchval("SELECT document_no FROM gw.disclosure WHERE disclosure_id = $1", key)

    async def seen() -> Any:
        return (await told(town.pipelines[engine], text, CALLERS["public"], {"key": key, "word": document}))["data"]

    before = await seen()
    assert before["found"]["totalCount"] == 1
    await town.published.withdraw(key, "DECISION_REVOKED", "撤销。", town.now)
    assert await seen() == {
        "disclosure": None,
        "all": {"totalCount": before["all"]["totalCount"] - 1},
        "found": {"totalCount": 0, "nodes": []},
    }
    assert key not in {change["disclosureId"] for change in await town.changes(0, engine=engine)}


async def test_beside_a_gateway_that_serves_it_looks_by_itself_and_lets_go_when_that_ends(town: Town) -> None:
    await town.published.close()
    key = await town.penalty()
    await town.change(key, "cas.disclosure", "state = '3', withdraw_reason = 'CREDIT_REPAIRED'")
    beside = PublisherThread(dict.fromkeys(DATABASES, town.dsn), 0.05)
    beside.start()
    shown = "SELECT state = '2' FROM gw.disclosure, pg_sleep(0.02) WHERE disclosure_id = $1"
    while await town.admin.fetchval(shown, key):
        pass
    await beside.close()
    assert await town.published.hold()


async def test_who_has_lost_the_lock_with_the_connection_does_not_go_on(town: Town) -> None:
    assert await town.published.hold()
    await town.admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'tongcha publisher' AND datname = current_database()"
    )
    with pytest.raises(SourceUnavailable):
        await town.published.withdraw(await town.penalty(), "DECISION_CHANGED", "变更。", town.now)
    assert await town.published.hold()


# --- marks of the population database ------------------------------------------------------------

PUNISHED = """SELECT subject_ref FROM cas.party JOIN cas.disclosure USING (case_id) WHERE disclosure_id = $1 AND role_code = '1'"""
MARKS: dict[str, tuple[str, str]] = {
    "sealed": ("sealed = true", "RECORD_SEALED"),
    "protected": ("protection_flag = 1", "PUBLISHED_IN_ERROR"),
    "not of age at the decision": (
        "birth_date = (SELECT max(decided_on) FROM gw.disclosure) - 3650",
        "PUBLISHED_IN_ERROR",
    ),
}


async def mark(town: Town, key: str, what: str) -> None:
    """The population database marks whoever is punished in a record; the case system says nothing."""
    person = parse_reference(await town.admin.fetchval(PUNISHED, key))[1]
    await town.admin.execute(f"UPDATE pop.person SET {what} WHERE person_id = $1", person)


@pytest.fixture
async def penalty(town: Town) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Gives published penalties of natural persons, who are nobody special afterwards, and published again."""
    await town.look()
    given: dict[str, Any] = {}

    async def of_a_person() -> str:
        key = await town.penalty(person=True)
        person = parse_reference(await town.admin.fetchval(PUNISHED, key))[1]
        given[key] = await town.admin.fetchrow("SELECT * FROM pop.person WHERE person_id = $1", person)
        return key

    yield of_a_person
    for key, row in given.items():
        await town.admin.execute(
            "UPDATE pop.person SET sealed = $2, protection_flag = $3, birth_date = $4 WHERE person_id = $1",
            *(row[name] for name in ("person_id", "sealed", "protection_flag", "birth_date")),
        )
        await town.change(key, "cas.disclosure", "version = version + 1")
    await town.look()


@pytest.mark.parametrize("name", MARKS)
async def test_a_mark_of_the_population_database_is_seen_without_a_look_at_the_cases(
    town: Town, penalty: Callable[[], Awaitable[str]], name: str
) -> None:
    what, reason = MARKS[name]
    key, before = await penalty(), await town.head()
    assert not await town.publisher.marks()
    await mark(town, key, what)
    assert (await town.publisher.marks())["withdrawn"]
    found = {change["disclosureId"]: change["withdrawReason"] for change in await town.changes(before)}
    assert found[key] == reason
    assert key not in await town.everything()
    assert not await town.publisher.marks()


async def test_a_mark_that_could_not_be_acted_on_is_found_at_the_next_turn(
    town: Town, penalty: Callable[[], Awaitable[str]]
) -> None:
    key = await penalty()
    await mark(town, key, "sealed = true")
    await town.admin.execute("ALTER TABLE cas.party RENAME TO party_away")
    with pytest.raises(SourceFault):
        await town.publisher.marks()
    await town.admin.execute("ALTER TABLE cas.party_away RENAME TO party")
    assert (await town.publisher.marks())["withdrawn"]
    assert key not in await town.everything()


async def test_who_does_not_hold_the_lock_acts_on_no_mark(town: Town, penalty: Callable[[], Awaitable[str]]) -> None:
    key = await penalty()
    await mark(town, key, "sealed = true")
    await town.published.close()
    assert not await town.publisher.marks()
    assert key in await town.everything()
    assert await town.published.hold()
    assert (await town.publisher.marks())["withdrawn"]


async def test_who_has_the_lock_again_knows_whom_to_watch(town: Town, penalty: Callable[[], Awaitable[str]]) -> None:
    """Another one published meanwhile, and a person was marked: that is not left to the look of the next day."""
    key, other = await penalty(), Published(town.dsn)
    await town.published.close()
    assert await other.hold()
    assert await town.publisher.run() is None
    await mark(town, key, "sealed = true")
    await other.close()
    while (counts := await town.publisher.run()) is None:
        pass
    assert counts["withdrawn"]
    assert key not in await town.everything()


@pytest.mark.parametrize("everything", [False, True])
async def test_while_nobody_can_say_who_they_are_what_is_to_go_goes_and_the_rest_is_not_forgotten(
    town: Town, everything: bool
) -> None:
    await town.look()
    text = "SELECT disclosure_id FROM gw.disclosure WHERE state = '2' AND kind = '2' AND subject_uscc IS NULL LIMIT 2"
    gone, changed = [row[0] for row in await town.admin.fetch(text)]
    delivered = f"fetched_at = '{town.now}'"
    await town.admin.execute("ALTER TABLE pop.person RENAME TO person_away")
    await town.change(gone, "cas.disclosure", f"state = '3', withdraw_reason = 'CREDIT_REPAIRED', {delivered}")
    await town.change(changed, "cas.disclosure", delivered)
    await town.change(changed, "cas.decision", "content = '罚款人民币77元'")
    counts = await town.publisher.run(everything=everything)
    assert counts is not None
    assert (counts["withdrawn"], counts["updated"], counts["waiting"] > 0) == (1, 0, True)
    await town.admin.execute("ALTER TABLE pop.person_away RENAME TO person")
    town.now += timedelta(hours=1)
    assert await town.publisher.run() == {"updated": 1}
    assert (await town.everything())[changed]["content"] == "罚款人民币77元"


async def test_beside_a_gateway_marks_are_seen_between_two_looks(
    town: Town, penalty: Callable[[], Awaitable[str]]
) -> None:
    """An hour is between two looks: the first mark may be found by the only one, the second is not."""
    await town.published.close()
    shown = "SELECT state = '2' FROM gw.disclosure, pg_sleep(0.02) WHERE disclosure_id = $1"
    beside = PublisherThread(dict.fromkeys(DATABASES, town.dsn), 3_600.0, 0.02)
    beside.start()
    for _ in range(2):
        key = await penalty()
        await mark(town, key, "sealed = true")
        while await town.admin.fetchval(shown, key):
            pass
    await beside.close()
    assert await town.published.hold()


def test_the_persons_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "AT_ONCE", 2)
    watched, people = Watched(), [UUID(int=number) for number in range(3)]
    for number, person in enumerate(people):
        party = {"role_code": "1", "subject_type": "1", "subject_ref": reference("p", person)}
        one = Candidate(row={"disclosure_id": f"{number}"}, parties=[party])
        watched.note(one, MOMENT.date(), published=True)
    assert [watched.turn() for _ in range(3)] == [
        [people[0], people[1]],
        [people[2], people[0]],
        [people[1], people[2]],
    ]
    watched.forget("1")
    assert len(watched) == 2
    assert watched.differing(people, [], MOMENT.date()) == set()


# --- the commands ---------------------------------------------------------------------------------


async def test_the_commands_publish_and_show_deliveries(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in DATABASES:
        monkeypatch.setenv(f"TONGCHA_DATABASE_{name.upper()}", town.dsn)

    async def run(*arguments: str) -> str:
        try:
            await asyncio.to_thread(app, ["disclosure", *arguments], result_action="return_value")
        except SystemExit as end:
            return str(end.code)
        return capsys.readouterr().out

    assert await run("run") == "tongcha: another process publishes"
    await town.published.close()
    assert re.fullmatch(r"0 published, 0 updated, \d+ withdrawn, 0 held, 0 late, 0 waiting\n", await run("run"))
    key, at = await town.penalty(), town.now.isoformat()
    seq = await town.published.withdraw(key, "DECISION_REVOKED", "撤销。", town.now)
    handed = "INSERT INTO gw.feed_delivery VALUES ('partner-disclosure', '', $1, $2, NULL, $3)"
    await town.admin.execute(handed, seq, (seq or 0) - 5, town.now)
    for change in (key, str(seq)):
        assert (await run("delivered", change)).startswith(f"partner-disclosure\t{at[:10]}")
    assert await run("delivered", str((seq or 0) + 1)) == ""
    assert await run("delivered", "GS0") == "tongcha: no such change"
