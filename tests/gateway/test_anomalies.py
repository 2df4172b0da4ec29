"""What is out of the ordinary in the access log is found, for whom it is to be found, without telling who an officer is."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.city.personas import CuriousOfficer
from resolvers.access_enums import AnomalyKind
from resolvers.anomalies_sql import RULES
from tests.gateway.looking import FIRM_USCC, ID_NO, INSPECTOR, Caller, Desk
from tests.world import CALLERS, MOMENT

PERSON = "query($i: String!) { person(idNo: $i) { name } }"
FIRM = "query($u: String!) { legalEntity(uscc: $u) { name contactPhone } }"
ANOMALIES = """query($kind: AnomalyKind!, $from: Date!, $to: Date!, $threshold: Int) {
  accessAnomalies(kind: $kind, from: $from, to: $to, threshold: $threshold) {
    kind day certNo callerSubject callerClient requests subjects firstAt lastAt records } }"""
DAY = "2026-11-05"
CERT_NO = "19040130215"
NIGHT = datetime.datetime(2026, 11, 5, 15, 30, tzinfo=datetime.UTC)


async def anomalies(desk: Desk, kind: str, caller: Caller = CALLERS["auditor"], **given: Any) -> list[dict[str, Any]]:
    payload = await desk.ask(caller, ANOMALIES, **{"kind": kind, "from": DAY, "to": DAY, **given})
    assert "errors" not in payload, payload
    found: list[dict[str, Any]] = payload["data"]["accessAnomalies"]
    return found


async def looked(desk: Desk, caller: Caller, *, id_no: str = ID_NO, at: datetime.datetime | None = None) -> None:
    await desk.ask(caller, PERSON, i=id_no)
    await desk.ship(at)


async def is_officer(desk: Desk, id_no: str) -> None:
    """The officer is the person with this number."""
    await desk.execute("UPDATE off.officer SET id_no = $1 WHERE cert_no = $2", id_no, CERT_NO)


def test_every_kind_has_a_rule() -> None:
    assert RULES.keys() == set(AnomalyKind)


async def test_an_officer_who_looks_at_themselves_is_found(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    assert await anomalies(desk, "SELF_LOOKUP") == []
    await is_officer(desk, ID_NO)
    (found,) = await anomalies(desk, "SELF_LOOKUP")
    assert (found["certNo"], found["requests"], found["subjects"]) == (CERT_NO, 1, 1)
    assert found["firstAt"] == found["lastAt"]
    assert len(found["records"]) == 1


async def test_who_the_officer_is_is_not_told(desk: Desk) -> None:
    await is_officer(desk, ID_NO)
    await looked(desk, INSPECTOR)
    text = json.dumps(await desk.ask(CALLERS["auditor"], ANOMALIES, **{"kind": "SELF_LOOKUP", "from": DAY, "to": DAY}))
    assert ID_NO not in text
    assert "p_" not in text


async def test_an_officer_who_looks_at_their_household_is_found(desk: Desk) -> None:
    await looked(desk, INSPECTOR, id_no=CuriousOfficer.brother_id_no)
    assert await anomalies(desk, "RELATIVE_LOOKUP") == []
    await is_officer(desk, CuriousOfficer.id_no)
    await desk.execute(
        """INSERT INTO pop.household_member (household_no, person_id, relation_code)
        SELECT 'H', person_id, '01' FROM pop.person WHERE id_no = ANY($1)""",
        [CuriousOfficer.id_no, CuriousOfficer.brother_id_no],
    )
    (found,) = await anomalies(desk, "RELATIVE_LOOKUP")
    await desk.execute("DELETE FROM pop.household_member WHERE household_no = 'H'")
    assert (found["certNo"], found["subjects"]) == (CERT_NO, 1)
    assert await anomalies(desk, "SELF_LOOKUP") == []


async def test_who_asks_without_a_task_is_found_whatever_they_state(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    await looked(desk, CALLERS["officer-without-task"])
    await looked(desk, (CALLERS["officer"][0], None))
    found = await anomalies(desk, "WITHOUT_TASK")
    assert [(one["certNo"], one["requests"]) for one in found] == [(CERT_NO, 1), ("19040130299", 1)]


async def test_a_task_counts_while_it_is_open(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    assert await anomalies(desk, "WITHOUT_TASK") == []
    await desk.execute("UPDATE gw.access_record SET at = '2020-01-01T04:00:00Z'")
    then: dict[str, Any] = {"from": "2020-01-01", "to": "2020-01-01"}
    assert len(await anomalies(desk, "WITHOUT_TASK", **then)) == 1


async def test_what_is_public_needs_no_task(desk: Desk) -> None:
    await desk.ask((CALLERS["officer"][0], None), "{ disclosures(first: 1) { nodes { disclosureId } } }")
    await desk.ship()
    assert await anomalies(desk, "WITHOUT_TASK") == []


async def test_many_subjects_in_a_day_are_found_however_often_each_was_looked_at(desk: Desk) -> None:
    for _ in range(2):
        await looked(desk, INSPECTOR)
        await looked(desk, INSPECTOR, id_no=CuriousOfficer.id_no)
    await desk.ask(INSPECTOR, FIRM, u=FIRM_USCC)
    await desk.ship()
    (found,) = await anomalies(desk, "MANY_SUBJECTS", threshold=2)
    assert (found["requests"], found["subjects"]) == (5, 3)
    assert await anomalies(desk, "MANY_SUBJECTS", threshold=3) == []


async def test_who_looks_at_night_is_found(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    assert await anomalies(desk, "OFF_HOURS") == []
    await looked(desk, INSPECTOR, at=NIGHT)
    (found,) = await anomalies(desk, "OFF_HOURS")
    assert (found["day"], found["requests"]) == (DAY, 1)


async def test_a_day_is_one_of_china(desk: Desk) -> None:
    await looked(desk, INSPECTOR, at=datetime.datetime(2026, 11, 4, 16, 0, tzinfo=datetime.UTC))
    assert len(await anomalies(desk, "MANY_SUBJECTS", threshold=0)) == 1
    await looked(desk, INSPECTOR, at=datetime.datetime(2026, 11, 5, 16, 0, tzinfo=datetime.UTC))
    assert [one["requests"] for one in await anomalies(desk, "MANY_SUBJECTS", threshold=0)] == [1]


async def test_a_budget_that_was_used_up_is_found(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    await desk.execute(
        "UPDATE gw.access_record SET outcome = 'DENIED', code = 'SUBJECT_BUDGET_EXCEEDED' WHERE count = 1"
    )
    (found,) = await anomalies(desk, "BUDGET_EXCEEDED")
    assert (found["callerSubject"], found["callerClient"]) == ("officer", "yuezhifa")


async def test_a_supervisor_finds_those_of_the_own_level(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    caller = CALLERS["supervisor"]
    assert len(await anomalies(desk, "MANY_SUBJECTS", caller, threshold=0)) == 1
    await desk.execute("UPDATE gw.access_record SET cert_no = '99999999999'")
    assert await anomalies(desk, "MANY_SUBJECTS", caller, threshold=0) == []


@pytest.mark.parametrize("name", ["officer-stepped-up", "partner", "partner-linkage", "citizen", "public"])
async def test_nobody_else_finds_any(desk: Desk, name: str) -> None:
    given = {"kind": "MANY_SUBJECTS", "from": DAY, "to": DAY}
    payload = await desk.ask(CALLERS[name], ANOMALIES, **given)
    assert payload["data"] == {"accessAnomalies": None}
    assert len(payload["errors"]) == 1


async def test_a_supervisor_with_figures_for_a_reason_finds_none(desk: Desk) -> None:
    caller = (
        Viewer(subject="s", client="c", kind=CallerKind.SUPERVISOR, cert_no="19040100007"),
        AccessRequest(purpose=Purpose.STATISTICS, reason="季度通报"),
    )
    payload = await desk.ask(caller, ANOMALIES, **{"kind": "OFF_HOURS", "from": DAY, "to": DAY})
    assert payload["data"] == {"accessAnomalies": None}


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"from": "2026-11-06"}, "to"),
        ({"from": "2026-08-01"}, "to"),
        ({"from": "1999-01-01"}, "from"),
        ({"threshold": -1}, "threshold"),
    ],
)
async def test_a_period_has_1_to_92_days(desk: Desk, given: dict[str, Any], argument: str) -> None:
    payload = await desk.ask(CALLERS["auditor"], ANOMALIES, **{"kind": "OFF_HOURS", "from": DAY, "to": DAY, **given})
    assert payload["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "argument": argument}


def test_the_moment_of_the_tests_is_by_day() -> None:
    assert MOMENT.astimezone(datetime.timezone(datetime.timedelta(hours=8))).hour == 17
