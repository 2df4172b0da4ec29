"""What goes too far is found, what is just allowed is not, and nobody but supervision is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import pytest

from datasources.database import Database
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import Asker, told
from tests.gateway.village import refill, village
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
SUPERVISOR = CALLERS["supervisor"]
FINDINGS = """query($kind: FindingKind!, $from: Date!, $to: Date!, $org: String, $first: Int, $after: Cursor) {
  supervisionFindings(kind: $kind, from: $from, to: $to, orgUscc: $org, first: $first, after: $after) {
    nodes { caseNo day orgUscc orgName rule basis reason } pageInfo { hasNextPage endCursor } } }"""
YEARS = {"from": "2024-01-01", "to": "2026-11-05", "first": 200}
CHANGED = ("cas.case", "cas.decision", "cas.payment", "cas.event", "cas.coercion", "ent.inspection_quota")

SEEN = "NOT c.sealed AND c.secret_flag IS NOT TRUE AND c.division_code LIKE '4404%' ORDER BY c.case_no LIMIT 1"
A_PAYMENT = f"SELECT p.payment_code FROM cas.payment p JOIN cas.case c USING (case_id) WHERE NOT p.sealed AND {SEEN}"
A_DECISION = f"""SELECT d.document_no FROM cas.decision d JOIN cas.case c USING (case_id)
  WHERE d.discretion_grade = '一般' AND c.procedure_code = '2' AND {SEEN}"""
AN_INSPECTION = f"""SELECT c.case_id FROM cas.inspection i JOIN cas.case c USING (case_id)
  JOIN cas.party y ON y.case_id = c.case_id AND y.role_code = '1'
  JOIN ent.entity e ON e.uscc = y.uscc JOIN ent.inspection_quota q ON q.entity_id = e.entity_id AND q.year = 2026
  WHERE i.ended_at >= '2026-01-02' AND c.closed_on IS NOT NULL AND {SEEN}"""
A_SEIZURE = f"SELECT m.coercion_id FROM cas.coercion m JOIN cas.case c USING (case_id) WHERE {SEEN}"
ITS_CASE = "RETURNING (SELECT case_no FROM cas.case c WHERE c.case_id = changed.case_id)"
A_STANDARD = """(SELECT max(amount_max) FROM mat.discretion s JOIN cas.case c USING (cause_code)
  WHERE c.case_id = changed.case_id AND s.grade = '一般')"""
SEIZED = "UPDATE cas.coercion changed SET measure_kind = '1'"

FOUND: Mapping[str, tuple[str, str, str]] = {
    "a fee for an inspection": (
        "检查、强制收取费用",
        f"UPDATE cas.payment changed SET amount_due = 80, case_id = ({AN_INSPECTION}) WHERE payment_code = ({A_PAYMENT}) {ITS_CASE}",
        "不是行政处罚案件，却开具了80.00元的缴款通知。",
    ),
    "more to be paid than was decided": (
        "应缴金额超过决定",
        f"UPDATE cas.payment changed SET amount_due = amount_due + 0.01 WHERE payment_code = ({A_PAYMENT}) {ITS_CASE}",
        "处罚决定的罚款与没收金额合计",
    ),
    "a surcharge above the fine": (
        "加处罚款超过本金",
        f"UPDATE cas.payment changed SET surcharge_due = amount_due + 0.01 WHERE payment_code = ({A_PAYMENT}) {ITS_CASE}",
        "本金",
    ),
    "a fine above the standard": (
        "罚款超过裁量基准",
        f"UPDATE cas.decision changed SET fine_amount = {A_STANDARD} + 0.01 WHERE document_no = ({A_DECISION}) {ITS_CASE}",
        "该案由该裁量等级的上限为",
    ),
    "a fine on the spot": (
        "当场处罚超过限额",
        f"""WITH spot AS (UPDATE cas.case SET procedure_code = '1' WHERE case_id = (SELECT case_id FROM cas.decision
            WHERE document_no = ({A_DECISION})))
            UPDATE cas.decision changed SET fine_amount = 3000.01 WHERE document_no = ({A_DECISION}) {ITS_CASE}""",
        "适用简易程序罚款3000.01元",
    ),
    "an inspector alone": (
        "检查人员少于两人",
        f"""WITH alone AS (UPDATE cas.event SET actor_cert_no = '1' WHERE case_id = ({AN_INSPECTION}))
            SELECT case_no FROM cas.case WHERE case_id = ({AN_INSPECTION})""",
        "全过程记录中只有1名检查人员，应当不少于2人。",
    ),
    "a matter that is not published": (
        "检查事项未公布或者失效",
        f"UPDATE cas.case changed SET implementation_code = 'gone' WHERE case_id = ({AN_INSPECTION}) {ITS_CASE}",
        "检查当日没有现行有效的事项（实施编码：gone）。",
    ),
    "one inspection too many": (
        "超过年度检查频次",
        f"""WITH cap AS (UPDATE ent.inspection_quota SET annual_cap = 0, done_count = 1, exempt_reason = NULL WHERE year = 2026
            AND entity_id = (SELECT e.entity_id FROM ent.entity e JOIN cas.party y ON y.uscc = e.uscc AND y.role_code = '1'
                             WHERE y.case_id = ({AN_INSPECTION})))
            SELECT case_no FROM cas.case WHERE case_id = ({AN_INSPECTION})""",
        "次检查，年度频次上限为0次，未登记例外事由。",
    ),
    "a seizure too long": (
        "查封、扣押超过期限",
        f"{SEIZED}, extended = false, ended_on = started_on + 31 WHERE coercion_id = ({A_SEIZURE}) {ITS_CASE}",
        "查封、扣押已31日，期限为30日。",
    ),
    "an extended seizure too long": (
        "查封、扣押超过期限",
        f"{SEIZED}, extended = true, ended_on = started_on + 61 WHERE coercion_id = ({A_SEIZURE}) {ITS_CASE}",
        "查封、扣押已61日，期限为60日。",
    ),
    "a seizure that has not ended": (
        "查封、扣押超过期限",
        f"{SEIZED}, extended = true, started_on = '2026-09-05', ended_on = NULL WHERE coercion_id = ({A_SEIZURE}) {ITS_CASE}",
        "查封、扣押已61日，期限为60日。",
    ),
}
"""What is changed in the village → the rule that finds it, the change, and what the reason says."""

ALLOWED: Mapping[str, tuple[str, str]] = {
    "as much as was decided": (
        "应缴金额超过决定",
        f"UPDATE cas.payment changed SET amount_due = amount_due - 0.01 WHERE payment_code = ({A_PAYMENT}) {ITS_CASE}",
    ),
    "a surcharge of the fine": (
        "加处罚款超过本金",
        f"UPDATE cas.payment changed SET surcharge_due = amount_due WHERE payment_code = ({A_PAYMENT}) {ITS_CASE}",
    ),
    "a fine at the standard": (
        "罚款超过裁量基准",
        f"UPDATE cas.decision changed SET fine_amount = {A_STANDARD} WHERE document_no = ({A_DECISION}) {ITS_CASE}",
    ),
    "a seizure of thirty days": (
        "查封、扣押超过期限",
        f"{SEIZED}, extended = false, ended_on = started_on + 30 WHERE coercion_id = ({A_SEIZURE}) {ITS_CASE}",
    ),
    "an extended seizure of sixty": (
        "查封、扣押超过期限",
        f"{SEIZED}, extended = true, ended_on = started_on + 60 WHERE coercion_id = ({A_SEIZURE}) {ITS_CASE}",
    ),
    "an exemption from the cap": (
        "超过年度检查频次",
        f"""WITH cap AS (UPDATE ent.inspection_quota SET annual_cap = 0, done_count = 1, exempt_reason = '投诉举报核查')
            SELECT case_no FROM cas.case WHERE case_id = ({AN_INSPECTION})""",
    ),
}
KINDS = {
    "检查、强制收取费用": "FEES",
    "应缴金额超过决定": "FEES",
    "加处罚款超过本金": "FEES",
    "罚款超过裁量基准": "FINES",
    "当场处罚超过限额": "FINES",
    "检查人员少于两人": "INSPECTIONS",
    "检查事项未公布或者失效": "INSPECTIONS",
    "超过年度检查频次": "INSPECTIONS",
    "查封、扣押超过期限": "SEIZURES",
}


class Place:
    """A village in which things are changed."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.databases = {name: Database(name, dsn, budget=30) for name in DATABASES}
        self.pipeline = Pipeline(catalog, self.databases, seal_key=SEAL_KEY, now=lambda: MOMENT)

    async def change(self, statement: str) -> str:
        """Changes something of one case, and gives its number."""
        admin = await asyncpg.connect(self.dsn)
        try:
            number: str = await admin.fetchval(statement)
            return number
        finally:
            await admin.close()

    async def found(self, rule: str) -> dict[str, str]:
        """Number of the case → reason."""
        body = await told(self.pipeline, FINDINGS, SUPERVISOR, {"kind": KINDS[rule], **YEARS})
        nodes = body["data"]["supervisionFindings"]["nodes"]
        return {one["caseNo"]: one["reason"] for one in nodes if one["rule"] == rule}


@pytest.fixture(scope="module")
async def dsn(desk_dsn: str) -> AsyncIterator[str]:
    """The village of the desk, which is as it was afterwards."""
    yield desk_dsn
    await refill(desk_dsn, village(), CHANGED)


@pytest.fixture
async def place(dsn: str) -> AsyncIterator[Place]:
    await refill(dsn, village(), CHANGED)
    made = Place(dsn)
    yield made
    for database in made.databases.values():
        await database.close()


@pytest.mark.parametrize("name", FOUND)
async def test_what_goes_too_far_is_found_with_a_reason(place: Place, name: str) -> None:
    rule, change, said = FOUND[name]
    number = await place.change(change)
    assert number is not None
    assert said in (await place.found(rule))[number]


@pytest.mark.parametrize("name", ALLOWED)
async def test_what_is_just_allowed_is_not_found(place: Place, name: str) -> None:
    rule, change = ALLOWED[name]
    number = await place.change(change)
    assert number is not None
    assert number not in await place.found(rule)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("kind", "rule", "truth"),
    [
        (
            "SEIZURES",
            "查封、扣押超过期限",
            """SELECT case_no FROM cas.coercion JOIN cas.case USING (case_id) WHERE measure_kind IN ('1', '2')
               AND coalesce(ended_on, '2026-11-05') > due_on AND NOT cas.case.sealed AND secret_flag IS NOT TRUE""",
        ),
        (
            "FEES",
            "应缴金额超过决定",
            """SELECT case_no FROM cas.payment JOIN cas.decision d USING (case_id) JOIN cas.case c USING (case_id)
               WHERE amount_due = fine_amount + 50 AND confiscated_amount < 50 AND NOT c.sealed AND secret_flag IS NOT TRUE""",
        ),
    ],
)
async def test_what_the_city_does_too_far_is_found_and_nothing_else(
    world: World, engine: str, kind: str, rule: str, truth: str
) -> None:
    body = await told(world.pipeline(engine), FINDINGS, SUPERVISOR, {"kind": kind, **YEARS, "from": "2023-11-06"})
    found = {one["caseNo"] for one in body["data"]["supervisionFindings"]["nodes"] if one["rule"] == rule}
    expected = {row[0] for row in await world.databases["enforcement"].rows(truth, ())}
    assert found == expected
    assert found


async def test_inspectors_alone_are_found_once_the_record_is_whole(world: World) -> None:
    """Devices upload late: until the case is closed a second inspector may be still to come."""
    body = await told(world.pipeline(), FINDINGS, SUPERVISOR, {"kind": "INSPECTIONS", **YEARS})
    nodes = body["data"]["supervisionFindings"]["nodes"]
    found = {one["caseNo"] for one in nodes if one["rule"] == "检查人员少于两人"}
    rows = await world.databases["enforcement"].rows("SELECT case_no FROM cas.case WHERE closed_on IS NULL", ())
    assert found
    assert not found & {row[0] for row in rows}


async def test_too_many_inspections_of_an_entity_are_those_after_the_cap(world: World) -> None:
    asked = {"kind": "INSPECTIONS", "from": "2025-01-01", "to": "2025-12-31", "first": 200}
    body = await told(world.pipeline(), FINDINGS, SUPERVISOR, asked)
    nodes = [one for one in body["data"]["supervisionFindings"]["nodes"] if one["rule"] == "超过年度检查频次"]
    assert nodes
    for one in nodes:
        nth, cap = map(int, re.findall(r"第(\d+)次.*为(\d+)次", one["reason"])[0])
        assert nth > cap


async def test_pages_of_two_are_the_list_and_an_authority_can_be_asked_about(world: World) -> None:
    asked: dict[str, Any] = {"kind": "FINES", **YEARS}
    whole = (await told(world.pipeline(), FINDINGS, SUPERVISOR, asked))["data"]["supervisionFindings"]["nodes"]
    found: list[Any] = []
    after = None
    for _ in range(4):
        body = await told(world.pipeline(), FINDINGS, SUPERVISOR, {**asked, "first": 2, "after": after})
        found += body["data"]["supervisionFindings"]["nodes"]
        after = body["data"]["supervisionFindings"]["pageInfo"]["endCursor"]
    assert found == whole[:8]
    org = whole[0]["orgUscc"]
    body = await told(world.pipeline(), FINDINGS, SUPERVISOR, {**asked, "org": org})
    of_org = body["data"]["supervisionFindings"]["nodes"]
    assert [one for one in whole if one["orgUscc"] == org] == of_org[
        : len([one for one in whole if one["orgUscc"] == org])
    ]


@pytest.mark.parametrize("name", ["officer-stepped-up", "partner", "citizen-own", "auditor", "public"])
async def test_nobody_but_supervision_is_told(world: World, name: str) -> None:
    caller: Asker = CALLERS[name]
    body = await told(world.pipeline(), FINDINGS, caller, {"kind": "FINES", **YEARS})
    assert body["data"] == {"supervisionFindings": None}


@pytest.mark.parametrize(
    "asked", [{"first": 0}, {"to": "2023-01-01"}, {"from": "2020-01-01"}, {"org": "x"}, {"after": "x"}]
)
async def test_a_question_that_cannot_be_answered(world: World, asked: Mapping[str, Any]) -> None:
    body = await told(world.pipeline(), FINDINGS, SUPERVISOR, {"kind": "FINES", **YEARS, **asked})
    assert body["data"] == {"supervisionFindings": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
