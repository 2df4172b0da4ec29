"""Temporary tasks: an officer in the field opens one on a subject, may use it like an assignment, and is reviewed."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from auth.audit.reader import records
from auth.audit.record import Pseudonyms
from auth.terms import Detail
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.city.personas import Minor, Operations, ProtectedWitness, SealedRecord
from datasources.database import Database
from datasources.references import parse_reference
from gateway.pipeline import Pipeline
from gateway.recorder import open_recorder
from gateway.request import GraphQLRequest
from gateway.temporary import MOST_OPEN
from resolvers.schema import catalog
from tests.gateway.asking import Asker, answered, told
from tests.gateway.owntables import make_own
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")

OPEN = """mutation($input: OpenTemporaryTaskInput!) { openTemporaryTask(input: $input) {
  task { taskNo purpose subjectRef validTo reviewState } errors { code path message } } }"""
REVIEW = """mutation($input: ReviewTemporaryTaskInput!) { reviewTemporaryTask(input: $input) {
  task { taskNo subjectRef reviewState } errors { code } } }"""
LIST = """query($state: [TemporaryTaskState!]) { temporaryTasks(state: $state) {
  totalCount nodes { taskNo purpose subjectRef certNo coOfficerCertNo reason reviewState reviewedBy reviewNote } } }"""
PERSON = "query($key: String!) { person(idNo: $key) { name idNo } }"

OFFICER = Viewer(subject="officer", client="yuezhifa", kind=CallerKind.OFFICER, cert_no=Operations.officer_without_task)
COLLEAGUE, FROM_ELSEWHERE = Operations.officer, Operations.co_officers[1]
SUPERVISOR = CALLERS["supervisor"]

IN_XIANGZHOU = """SELECT id_no FROM pop.person WHERE res_division_code LIKE '440402%' AND reg_division_code LIKE '440402%'
  AND id_type = '111' AND NOT sealed AND NOT is_minor_14 AND protection_flag = 0 ORDER BY person_id LIMIT 8"""
ELSEWHERE = """SELECT id_no FROM pop.person WHERE res_division_code LIKE '440403%' AND reg_division_code LIKE '440403%'
  AND id_type = '111' AND NOT sealed AND NOT is_minor_14 AND protection_flag = 0 ORDER BY person_id LIMIT 1"""
UNKNOWN = "440499199001019999"


@dataclass
class Field:
    """The city with a gateway's own database that is empty, and a clock that is moved."""

    databases: Mapping[str, Database]
    near: tuple[str, ...]
    far: str
    now: datetime.datetime = MOMENT

    def gateway(self, engine: str = "compiled") -> Pipeline:
        """A gateway that has not asked anything yet."""
        return Pipeline(catalog, self.databases, engine=engine, seal_key=SEAL_KEY, now=lambda: self.now)


@pytest.fixture(scope="module")
async def own(scratch: Callable[[str], Awaitable[str]]) -> str:
    """A database with the gateway's own tables."""
    dsn = await scratch("temporary")
    await make_own(dsn)
    return dsn


@pytest.fixture
async def field(world: World, own: str) -> AsyncIterator[Field]:
    database = Database("gateway", own)
    await database.rows("DELETE FROM gw.temporary_task", ())
    population = world.databases["population"]
    near = await population.rows(IN_XIANGZHOU, ())
    far = await population.rows(ELSEWHERE, ())
    yield Field({**world.databases, "gateway": database}, tuple(row[0] for row in near), far[0][0])
    await database.close()


def person(number: str) -> dict[str, str]:
    return {"idType": "111", "idNo": number}


def wanted(subject: Mapping[str, str], **others: Any) -> dict[str, Any]:
    """The input of an opening."""
    asked = {"idempotencyKey": "1", "purpose": "INSPECTION", "subject": subject, "reason": "群众当场举报"}
    return {"input": asked | others}


async def opened(pipeline: Pipeline, subject: Mapping[str, str], **others: Any) -> dict[str, Any]:
    body = await told(pipeline, OPEN, (OFFICER, None), wanted(subject, **others))
    payload: dict[str, Any] = body["data"]["openTemporaryTask"]
    return payload


async def fault(pipeline: Pipeline, subject: Mapping[str, str], **others: Any) -> str:
    payload = await opened(pipeline, subject, **others)
    assert payload["task"] is None
    (error,) = payload["errors"]
    return str(error["code"])


async def recorded(field: Field) -> int:
    """How many tasks there are."""
    ((count,),) = await field.databases["gateway"].rows("SELECT count(*) FROM gw.temporary_task", ())
    return int(count)


def on(task_no: str, viewer: Viewer = OFFICER, purpose: Purpose = Purpose.INSPECTION) -> Asker:
    return viewer, AccessRequest(purpose=purpose, task_no=task_no)


async def seen(pipeline: Pipeline, asker: Asker, number: str) -> Any:
    """The person that an officer sees, None for nobody."""
    return (await told(pipeline, PERSON, asker, {"key": number}))["data"]["person"]


# --- opening -------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_task_opens_whom_it_names_in_clear_and_nobody_else(field: Field, engine: str) -> None:
    pipeline, (near, other, *_) = field.gateway(engine), field.near
    payload = await opened(pipeline, person(near))
    task = payload["task"]
    assert payload["errors"] == []
    assert task["taskNo"].startswith("LS-")
    assert (task["purpose"], task["reviewState"], task["validTo"][:16]) == ("INSPECTION", "PENDING", "2026-11-05T13:00")
    assert (await seen(pipeline, on(task["taskNo"]), near))["idNo"] == near
    unnamed = [await answered(pipeline, PERSON, on(task["taskNo"]), {"key": key}) for key in (other, UNKNOWN)]
    assert unnamed[0] == unnamed[1]


async def test_the_record_of_an_opening_names_whom_and_no_number(field: Field, tmp_path: Path) -> None:
    key = b"k" * 64
    pipeline, recorder = field.gateway(), open_recorder(tmp_path, key)
    variables = wanted(person(field.near[0]))
    answer = await pipeline.answer(GraphQLRequest(query=OPEN, variables=variables), OFFICER, None)
    await recorder.record(OFFICER, None, variables, answer, orjson.dumps(answer.payload))
    await recorder.close()
    task = answer.payload["data"]["openTemporaryTask"]["task"]
    log = tmp_path / "0"
    (stored,) = [stored for stored in records(log) if stored.entry["kind"] == "access"]
    assert stored.entry["caller"]["cert_no"] == Operations.officer_without_task
    assert stored.entry["coordinates"] == {"clear": ["Mutation.openTemporaryTask"]}
    assert stored.subjects == [Pseudonyms(key).subject("Person", task["subjectRef"])._asdict()]
    assert field.near[0] not in str(stored)


OWNED = """SELECT v.plate_no, v.plate_type, o.owner_ref FROM veh.vehicle v JOIN veh.ownership o USING (vehicle_id)
  WHERE o.owner_type = $1 AND o.valid_to IS NULL AND o.subject_mark = $2 AND NOT v.sealed ORDER BY v.vehicle_id"""
LIVING = """SELECT person_id FROM pop.person WHERE res_division_code LIKE '440402%' AND NOT sealed AND NOT is_minor_14
  AND protection_flag = 0"""
SHOP = """query($key: String!) { legalEntity(uscc: $key) { uscc contactName } }"""


async def test_an_organisation_is_named_by_its_code(field: Field) -> None:
    pipeline = field.gateway()
    rows = await field.databases["legal_entity"].rows(
        "SELECT uscc, contact_name FROM ent.entity WHERE division_code LIKE '440402%' AND contact_name IS NOT NULL "
        "AND NOT sealed ORDER BY entity_id LIMIT 2", ()
    )  # fmt: skip
    (uscc, contact), (other, _) = rows
    task = (await opened(pipeline, {"uscc": uscc}))["task"]
    found = [
        (await told(pipeline, SHOP, on(task["taskNo"]), {"key": key}))["data"]["legalEntity"] for key in (uscc, other)
    ]
    assert found[0] == {"uscc": uscc, "contactName": contact}
    assert found[1]["contactName"] != rows[1]["contact_name"]


async def test_a_plate_names_its_owner_of_today(field: Field) -> None:
    pipeline = field.gateway()
    living = {row[0] for row in await field.databases["population"].rows(LIVING, ())}
    owned = await field.databases["vehicle"].rows(OWNED, ["1", 0])
    plate_no, plate_type, owner = next(tuple(row) for row in owned if row["owner_ref"] in living)
    task = (await opened(pipeline, {"plateNo": plate_no, "plateType": plate_type}))["task"]
    assert parse_reference(task["subjectRef"]) == ("p", owner)


async def test_the_plate_of_somebody_hidden_is_like_an_unknown_plate(field: Field) -> None:
    pipeline = field.gateway()
    hidden = (await field.databases["vehicle"].rows(OWNED, ["1", 1]))[:1]
    plates = [{"plateNo": no, "plateType": kind} for no, kind, _ in hidden] + [
        {"plateNo": "粤C99999", "plateType": "02"}
    ]
    bodies = {await answered(pipeline, OPEN, (OFFICER, None), wanted(plate)) for plate in plates}
    assert len(bodies) == 1
    assert b"SUBJECT_NOT_FOUND" in bodies.pop()


async def test_it_holds_for_its_purpose_only(field: Field) -> None:
    pipeline, (near, *_) = field.gateway(), field.near
    number = (await opened(pipeline, person(near)))["task"]["taskNo"]
    for purpose in (Purpose.CASE_HANDLING, Purpose.CRIMINAL_LINKAGE):
        assert await seen(pipeline, on(number, purpose=purpose), near) is None
    supervisor = replace(SUPERVISOR[0], cert_no=OFFICER.cert_no)
    assert await seen(pipeline, on(number, supervisor, Purpose.SUPERVISION), near) is None


async def test_the_same_key_opens_once(field: Field) -> None:
    pipeline, (near, other, *_) = field.gateway(), field.near
    first, second = [await opened(pipeline, person(near)) for _ in range(2)]
    assert first == second
    assert await fault(pipeline, person(other)) == "IDEMPOTENCY_KEY_USED"
    assert await recorded(field) == 1


async def test_it_ends_by_itself(field: Field) -> None:
    (near, *_) = field.near
    number = (await opened(field.gateway(), person(near)))["task"]["taskNo"]
    field.now = MOMENT + datetime.timedelta(hours=4, seconds=-1)
    assert await seen(field.gateway(), on(number), near) is not None
    field.now = MOMENT + datetime.timedelta(hours=4)
    assert await seen(field.gateway(), on(number), near) is None


async def test_who_is_unknown_hidden_or_outside_the_jurisdiction_is_one_fault(field: Field) -> None:
    """The same bytes, whatever the officer may see on another task."""
    pipeline = field.gateway()
    subjects = [
        person(UNKNOWN),
        person(field.far),
        person(ProtectedWitness.id_no),
        person(SealedRecord.id_no),
        person(Minor.id_no),
    ]
    strong = CALLERS["officer-stepped-up"]
    for asker in ((OFFICER, None), strong):
        bodies = {await answered(pipeline, OPEN, asker, wanted(one)) for one in subjects}
        assert len(bodies) == 1
        assert b"SUBJECT_NOT_FOUND" in bodies.pop()


async def test_what_cannot_be_a_number_is_not_found(field: Field) -> None:
    for subject in (person("x"), {"uscc": "1"}, {"plateNo": "?", "plateType": "02"}):
        assert await fault(field.gateway(), subject) == "SUBJECT_NOT_FOUND"


FAULTS: Mapping[str, tuple[dict[str, str], dict[str, Any], str]] = {
    "no reason": (person(UNKNOWN), {"reason": " "}, "REASON_REQUIRED"),
    "a reason that forges a line": (person(UNKNOWN), {"reason": "a\nb"}, "REASON_REQUIRED"),
    "no subject": ({}, {}, "SUBJECT_REQUIRED"),
    "half a subject": ({"idNo": UNKNOWN}, {}, "SUBJECT_REQUIRED"),
    "two subjects": ({**person(UNKNOWN), "uscc": Operations.shop_uscc}, {}, "SUBJECT_REQUIRED"),
    "no key": (person(UNKNOWN), {"idempotencyKey": ""}, "IDEMPOTENCY_KEY_INVALID"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_of_the_input_is_said(field: Field, name: str) -> None:
    subject, others, code = FAULTS[name]
    assert await fault(field.gateway(), subject, **others) == code


async def test_only_so_many_are_open_at_once(field: Field) -> None:
    pipeline = field.gateway()
    for count, number in enumerate(field.near[:MOST_OPEN]):
        assert (await opened(pipeline, person(number), idempotencyKey=str(count)))["errors"] == []
    assert await fault(pipeline, person(field.near[MOST_OPEN]), idempotencyKey="more") == "TOO_MANY_OPEN"
    field.now += datetime.timedelta(hours=5)
    assert (await opened(pipeline, person(field.near[MOST_OPEN]), idempotencyKey="more"))["errors"] == []


async def test_the_second_officer_may_use_it_and_nobody_else(field: Field) -> None:
    pipeline, (near, *_) = field.gateway(), field.near
    number = (await opened(pipeline, person(near), coOfficerCertNo=COLLEAGUE))["task"]["taskNo"]
    both = OFFICER, AccessRequest(purpose=Purpose.INSPECTION, task_no=number, co_officer_cert_no=COLLEAGUE)
    assert await seen(pipeline, both, near) is not None
    assert await seen(pipeline, on(number, replace(OFFICER, cert_no=COLLEAGUE)), near) is not None
    stranger = Operations.co_officers[0]
    assert await seen(pipeline, on(number, replace(OFFICER, cert_no=stranger)), near) is None
    with_stranger = OFFICER, AccessRequest(purpose=Purpose.INSPECTION, task_no=number, co_officer_cert_no=stranger)
    assert await seen(pipeline, with_stranger, near) is None


@pytest.mark.parametrize("other", [OFFICER.cert_no, "0", "?"])
async def test_the_second_officer_is_someone_else_with_a_certificate(field: Field, other: str) -> None:
    assert await fault(field.gateway(), person(field.near[0]), coOfficerCertNo=other) == "CO_OFFICER_NOT_FOUND"


async def test_without_a_valid_certificate_none_is_opened(field: Field) -> None:
    body = await told(field.gateway(), OPEN, (replace(OFFICER, cert_no="0"), None), wanted(person(field.near[0])))
    assert body["data"]["openTemporaryTask"]["errors"][0]["code"] == "CERTIFICATE_NOT_VALID"


# --- who may -------------------------------------------------------------------------------------

REFUSED: Mapping[str, tuple[Asker, str]] = {
    **{name: (caller, "FORBIDDEN") for name, caller in CALLERS.items() if caller[0].kind is not CallerKind.OFFICER},
    "a token that is only for what it lists": ((replace(OFFICER, details=(Detail(purpose="INSPECTION"),)), None), "FORBIDDEN"),
    "a token that may have been revoked": ((replace(OFFICER, current=False), None), "SOURCE_UNAVAILABLE"),
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", REFUSED)
async def test_nobody_but_an_officer_opens_one(field: Field, name: str, engine: str) -> None:
    caller, code = REFUSED[name]
    body = await told(field.gateway(engine), OPEN, caller, wanted(person(field.near[0])))
    assert body["data"] == {"openTemporaryTask": None}
    assert [error["extensions"]["code"] for error in body["errors"]] in (["PURPOSE_REQUIRED"], [code])
    assert await recorded(field) == 0


# --- the list and the review ---------------------------------------------------------------------


def decided(number: str, decision: str = "REJECTED") -> dict[str, Any]:
    return {"input": {"taskNo": number, "decision": decision, "note": "无正当事由"}}


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_rejected_task_is_closed_at_once(field: Field, engine: str) -> None:
    pipeline, (near, *_) = field.gateway(engine), field.near
    asker = on((await opened(pipeline, person(near)))["task"]["taskNo"])
    assert asker[1] is not None
    assert await seen(pipeline, asker, near) is not None
    body = await told(pipeline, REVIEW, SUPERVISOR, decided(str(asker[1].task_no)))
    assert body["data"]["reviewTemporaryTask"] == {
        "task": {"taskNo": asker[1].task_no, "subjectRef": None, "reviewState": "REJECTED"}, "errors": []
    }  # fmt: skip
    assert await seen(pipeline, asker, near) is None


async def test_a_review_stands_and_is_said_again_to_whoever_made_it(field: Field) -> None:
    pipeline, (near, *_) = field.gateway(), field.near
    number = (await opened(pipeline, person(near)))["task"]["taskNo"]
    bodies = [await told(pipeline, REVIEW, SUPERVISOR, decided(number, "APPROVED")) for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["data"]["reviewTemporaryTask"]["task"]["reviewState"] == "APPROVED"
    body = await told(pipeline, REVIEW, SUPERVISOR, decided(number))
    assert body["data"]["reviewTemporaryTask"]["errors"] == [{"code": "ALREADY_REVIEWED"}]
    assert await seen(pipeline, on(number), near) is not None


async def test_nobody_reviews_their_own_and_none_outside_the_level(field: Field) -> None:
    pipeline, (near, *_) = field.gateway(), field.near
    number = (await opened(pipeline, person(near)))["task"]["taskNo"]
    database = field.databases["gateway"]
    codes = []
    for change in ("cert_no = '19040100007'", "cert_no = '1', division_code = '440501000000'"):
        await database.rows(f"UPDATE gw.temporary_task SET {change}", ())
        body = await told(pipeline, REVIEW, SUPERVISOR, decided(number))
        codes += [error["code"] for error in body["data"]["reviewTemporaryTask"]["errors"]]
    assert codes == ["OWN_TASK", "TASK_NOT_FOUND"]


@pytest.mark.parametrize("name", [name for name in CALLERS if not name.startswith("supervisor")])
async def test_only_a_supervisor_reviews(field: Field, name: str) -> None:
    pipeline = field.gateway()
    number = (await opened(pipeline, person(field.near[0])))["task"]["taskNo"]
    body = await told(pipeline, REVIEW, CALLERS[name], decided(number))
    assert body["data"] == {"reviewTemporaryTask": None}
    (state,) = await field.databases["gateway"].rows("SELECT review_state FROM gw.temporary_task", ())
    assert state[0] == "1"


@pytest.mark.parametrize("engine", ENGINES)
async def test_officers_see_their_own_and_supervisors_those_of_the_level(field: Field, engine: str) -> None:
    pipeline, (near, *_) = field.gateway(engine), field.near
    task = (await opened(pipeline, person(near), coOfficerCertNo=COLLEAGUE))["task"]
    seen_by = {
        name: (await told(pipeline, LIST, asker, {"state": ["PENDING"]}))["data"]["temporaryTasks"]
        for name, asker in {
            "who opened it": (OFFICER, None),
            "the second officer": (replace(OFFICER, cert_no=COLLEAGUE), None),
            "another officer": (replace(OFFICER, cert_no=Operations.co_officers[0]), None),
            "the supervisor": SUPERVISOR,
            "the public": CALLERS["public"],
        }.items()
    }
    counts = {name: len(found["nodes"]) if found else None for name, found in seen_by.items()}
    assert counts == {
        "who opened it": 1, "the second officer": 1, "another officer": 0, "the supervisor": 1, "the public": None
    }  # fmt: skip
    mine, theirs = seen_by["who opened it"]["nodes"][0], seen_by["the supervisor"]["nodes"][0]
    assert (mine["subjectRef"], mine["reason"]) == (task["subjectRef"], "群众当场举报")
    assert theirs["subjectRef"] not in (None, task["subjectRef"])
    assert {**mine, "subjectRef": ""} == {**theirs, "subjectRef": ""}
    assert (await told(pipeline, LIST, (OFFICER, None), {"state": ["REJECTED"]}))["data"]["temporaryTasks"][
        "nodes"
    ] == []
