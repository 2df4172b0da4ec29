"""An officer's task counts in the jurisdiction of the officer's organisation, and names whom its assignments name."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping

import pytest

from datasources.city.personas import Operations
from gateway.adhoc import compile_adhoc
from gateway.tasks import CASES, CODES, PERSONS, TaskLookup, jurisdiction_over, upward
from tests.world import MOMENT, World

EVERY_OPEN_TASK = """SELECT DISTINCT a.task_no, o.cert_no, o.cert_status, o.cert_valid_to, g.name
  FROM off.assignment a JOIN off.officer o USING (officer_id) JOIN off.org g USING (org_id)
  WHERE a.valid_to IS NULL OR a.valid_to > $1"""
REVIEW_BATCHES = "PC-"


async def test_every_honest_task_of_the_city_lies_in_the_officers_jurisdiction(world: World) -> None:
    """What does not hold is the supervisor's batch, which has no place, and tasks of officers whose certificate has expired."""
    lookup, found = TaskLookup(world.databases, lambda: MOMENT), Counter[str]()
    for row in await world.databases["personnel"].rows(EVERY_OPEN_TASK, [MOMENT]):
        task = await lookup.task(row["task_no"], row["cert_no"])
        valid = row["cert_status"] == "1" and row["cert_valid_to"] >= MOMENT.date()
        if row["task_no"].startswith(REVIEW_BATCHES):
            assert task is not None
            assert not task.in_jurisdiction
        elif valid:
            assert task is not None, tuple(row)
            assert task.in_jurisdiction, tuple(row)
        else:
            assert task is None, tuple(row)
        found["holds" if task is not None and task.in_jurisdiction else "does not"] += 1
    assert found["holds"] > 100
    assert found["does not"] < 5


async def test_a_task_names_persons_organisations_by_both_keys_and_its_case(world: World) -> None:
    task = await TaskLookup(world.databases, lambda: MOMENT).task(Operations.case_no, Operations.officer)
    assert task is not None
    assert task.named[CODES] == {Operations.firm_uscc}
    assert len(task.named[PERSONS]) == 1
    (case,) = task.named[CASES]
    rows = await world.databases["enforcement"].rows(
        "SELECT case_id FROM cas.case WHERE case_no = $1", [Operations.case_no]
    )
    assert [row["case_id"] for row in rows] == [case]


@pytest.mark.parametrize("cert_no", [Operations.officer_without_task, "0", Operations.supervisor])
async def test_whom_no_assignment_names_has_no_task(world: World, cert_no: str) -> None:
    assert await TaskLookup(world.databases, lambda: MOMENT).task(Operations.case_no, cert_no) is None


XIANGZHOU_MARKET, JINWAN_MARKET, POLICE = "珠海市香洲区市场监督管理局", "珠海市金湾区市场监督管理局", "珠海市公安局"
TOWN, DOUMEN, SHANTOU = "440402001000", "440403000000", "440501001000"
TODAY, BEFORE = MOMENT.date(), datetime.date(2018, 6, 1)

GRANTS: Mapping[str, tuple[str, str, str, datetime.date, bool]] = {
    "a town of the own district": (XIANGZHOU_MARKET, TOWN, "02", TODAY, True),
    "another district": (XIANGZHOU_MARKET, DOUMEN, "02", TODAY, False),
    "another district, by the city's bureau above": (JINWAN_MARKET, DOUMEN, "02", TODAY, True),
    "another city": (XIANGZHOU_MARKET, SHANTOU, "02", TODAY, False),
    "a type of matter that nobody granted": (XIANGZHOU_MARKET, TOWN, "01", TODAY, False),
    "before it was granted": (XIANGZHOU_MARKET, TOWN, "02", BEFORE, False),
    "an organisation without jurisdiction": (POLICE, TOWN, "02", TODAY, False),
}


@pytest.mark.parametrize("name", GRANTS)
async def test_who_may_act_where(world: World, name: str) -> None:
    organisation, place, matter_type, day, expected = GRANTS[name]
    personnel = world.databases["personnel"]
    (org,) = await personnel.rows("SELECT org_id FROM off.org WHERE name = $1", [organisation])
    text, parameters = compile_adhoc(jurisdiction_over(org["org_id"], upward(place), [matter_type], day))
    assert bool(await personnel.rows(text, parameters)) is expected


async def test_a_functional_zone_acts_in_its_towns(world: World) -> None:
    personnel = world.databases["personnel"]
    (zone, *_) = await personnel.rows(
        "SELECT o.org_id, o.division_code, min(j.division_code) AS town FROM off.org o JOIN off.org_jurisdiction j USING (org_id) "
        "JOIN div.division d ON d.code = o.division_code WHERE d.is_functional_zone GROUP BY 1, 2 ORDER BY 1", ()
    )  # fmt: skip
    text, parameters = compile_adhoc(jurisdiction_over(zone["org_id"], upward(zone["town"]), ["06"], TODAY))
    found = await personnel.rows(text, parameters)
    assert zone["org_id"] in {row["org_id"] for row in found}


def test_a_division_lies_in_its_town_district_and_city() -> None:
    assert upward("440402005003") == ["440402005003", "440402005000", "440402000000", "440400000000"]
    assert upward("440400000000") == ["440400000000"]
