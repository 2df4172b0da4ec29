"""Attacks on who is marked: a protected person, a minor, a sealed person, a secret case, by every row that names them.

A row that names a marked person is like a row that is not there: the same bytes in the answer, on both engines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import pytest

from auth.viewer import AccessRequest, Purpose
from datasources.city.personas import Operations
from datasources.database import Database
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import Asker, answered, told
from tests.gateway.village import refill, village
from tests.world import CALLERS, MOMENT, SEAL_KEY

ENGINES = ("compiled", "resolvers")
OFFICER, STRONG = CALLERS["officer"], CALLERS["officer-stepped-up"]
SUPERVISOR = CALLERS["supervisor-stepped-up"]


@pytest.fixture(scope="module")
async def hamlet(copied_village: Callable[[str], Awaitable[str]]) -> AsyncIterator[tuple[Mapping[str, Pipeline], str]]:
    """A village of one's own: the gateway before it on both engines, and how an administrator reaches it."""
    dsn = await copied_village("marks")
    databases = {name: Database(name, dsn) for name in DATABASES}
    yield (
        {
            engine: Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
            for engine in ENGINES
        },
        dsn,
    )
    for database in databases.values():
        await database.close()


@pytest.fixture
async def place(
    hamlet: tuple[Mapping[str, Pipeline], str],
) -> AsyncIterator[tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]]]:
    """The village, and what an administrator does in it, undone afterwards by putting the tables back."""
    pipelines, dsn = hamlet
    admin = await asyncpg.connect(dsn)
    yield pipelines, admin
    await admin.close()
    await refill(dsn, village(), CHANGED)


CHANGED = (
    "cas.party", "cas.case", "cas.payment", "cas.disclosure", "pop.person", "rea.right", "veh.ownership", "lic.certificate",
    "ent.entity_person", "ent.entity",
)  # fmt: skip
"""The tables that these tests write."""

NAMED: Mapping[str, tuple[str, str, str]] = {
    "a party of a case": (
        "cas.party",
        "case_id = (SELECT case_id FROM cas.case WHERE case_no = $1) AND role_code = '1'",
        "query($key: String!) { case(caseNo: $key) { caseNo subjects { role { code } nameAtDecision idNo phone address } } }",
    ),
    "the owner of a flat": (
        "rea.right",
        "unit_no = $1",
        "query($key: String!) { realEstateUnit(unitNo: $key) { unitNo rights { holderName holderIdNo shareRatio } } }",
    ),
    "the owner of a car": (
        "veh.ownership",
        "vehicle_id = (SELECT vehicle_id FROM veh.vehicle WHERE vin = $1)",
        """query($key: String!) { vehicles(filter: {vin: $key}) { nodes { vin owner { displayName } openCases { totalCount }
          ownerships { ownerName ownerIdNo ownerMobile ownerAddress } } } }""",
    ),
    "the holder of a certificate": (
        "lic.certificate",
        "cert_id = $1",
        """query($key: String!) { certificate(certId: $key) { certId holderName holderIdNo }
          certificates(first: 200) { totalCount nodes { certId } } }""",
    ),
    "a shareholder": (
        "ent.entity_person",
        "entity_id = (SELECT entity_id FROM ent.entity WHERE uscc = $1)",
        "query($key: String!) { legalEntity(uscc: $key) { uscc positions(currentOnly: false) { personName personIdNo role { code } } } }",
    ),
}
"""What names a person: a table, which of its rows, and an operation that shows them. `$1` is the key that is asked for."""

KEYS: Mapping[str, str] = {
    "cas.party": "SELECT case_no AS key FROM cas.case WHERE case_no = '" + Operations.case_no + "'",
    "rea.right": "SELECT unit_no AS key FROM rea.right WHERE holder_id_type = '1' AND subject_mark = 0 ORDER BY 1 LIMIT 1",
    "veh.ownership": """SELECT vin AS key FROM veh.vehicle JOIN veh.ownership USING (vehicle_id)
      WHERE owner_type = '1' AND subject_mark = 0 ORDER BY 1 LIMIT 1""",
    "lic.certificate": "SELECT cert_id AS key FROM lic.certificate WHERE holder_type = '1' AND subject_mark = 0 ORDER BY 1 LIMIT 1",
    "ent.entity_person": """SELECT uscc AS key FROM ent.entity JOIN ent.entity_person USING (entity_id) GROUP BY 1
      HAVING count(DISTINCT person_ref) = 2 ORDER BY 1 LIMIT 1""",
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMED)
async def test_C2_whoever_is_protected_is_not_there_in_any_row(
    place: tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]], name: str, engine: str
) -> None:
    """Marked, and gone: the same bytes, also to an officer on the case with a strong login."""
    pipelines, admin = place
    table, rows, text = NAMED[name]
    key = await admin.fetchval(KEYS[table])
    caller, given = STRONG, {"key": key}
    before = await answered(pipelines[engine], text, caller, given)
    await admin.execute(f"UPDATE {quoted(table)} SET subject_mark = 2 WHERE {rows}", key)
    marked = await answered(pipelines[engine], text, caller, given)
    await admin.execute(f"DELETE FROM {quoted(table)} WHERE {rows}", key)
    gone = await answered(pipelines[engine], text, caller, given)
    assert marked == gone
    assert marked != before


def quoted(table: str) -> str:
    schema, name = table.split(".")
    return f'{schema}."{name}"'


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("mark", ["protection_flag = 1", "is_minor_14 = true", "sealed = true"])
async def test_C2_a_hidden_member_of_a_household_is_not_listed(
    place: tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]], mark: str, engine: str
) -> None:
    """No member without a person, who would tell that there is somebody to hide."""
    pipelines, admin = place
    head = Operations.party_id_no
    member = await admin.fetchval(
        """SELECT other.person_id FROM pop.person AS head JOIN pop.household_member AS own USING (person_id)
           JOIN pop.household_member AS other USING (household_no) JOIN pop.person AS who ON who.person_id = other.person_id
           WHERE head.id_no = $1 AND who.id_no <> head.id_no AND NOT who.is_minor_14 AND other.left_on IS NULL LIMIT 1""",
        head,
    )
    assert member is not None
    text = "query($key: String!) { person(idNo: $key) { household { members { relation { code } person { name } } } } }"
    before = await told(pipelines[engine], text, OFFICER, {"key": head})
    await admin.execute(f"UPDATE pop.person SET {mark} WHERE person_id = $1", member)
    after = await told(pipelines[engine], text, OFFICER, {"key": head})
    members = [answer["data"]["person"]["household"]["members"] for answer in (before, after)]
    assert len(members[1]) == len(members[0]) - 1
    assert all(one["person"] is not None for one in members[1])


@pytest.mark.parametrize("engine", ENGINES)
async def test_C2_no_case_is_found_by_a_marked_party(
    place: tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]], engine: str
) -> None:
    pipelines, admin = place
    text = "query($key: String!) { cases(filter: {subjectRef: $key}) { totalCount nodes { caseNo } } }"
    reference = await admin.fetchval(
        """SELECT subject_ref FROM cas.party JOIN cas.case USING (case_id) WHERE case_no = $1 AND role_code = '1'
           ORDER BY 1 LIMIT 1""",
        Operations.case_no,
    )
    assert (await told(pipelines[engine], text, STRONG, {"key": reference}))["data"]["cases"]["totalCount"] > 0
    await admin.execute("UPDATE cas.party SET subject_mark = 2 WHERE subject_ref = $1", reference)
    found = [await answered(pipelines[engine], text, STRONG, {"key": key}) for key in (reference, "p_ZZZZZZ")]
    assert found[0] == found[1]


@pytest.mark.parametrize("engine", ENGINES)
async def test_C2_a_protected_representative_and_payer_are_not_named(
    place: tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]], engine: str
) -> None:
    pipelines, admin = place
    text = """query($key: String!) { case(caseNo: $key) { subjects { uscc legalRepName legalRepIdNo } payments { payerName amountDue } }
      legalEntity(uscc: "FIRM") { name legalRepresentative { name idNo mobile } contactName } }"""
    text = text.replace("FIRM", Operations.firm_uscc)
    await admin.execute("UPDATE cas.party SET legal_rep_mark = 2")
    await admin.execute("UPDATE cas.payment SET payer_mark = 1")
    await admin.execute("UPDATE ent.entity SET legal_rep_mark = 2")
    data = (await told(pipelines[engine], text, STRONG, {"key": Operations.case_no}))["data"]
    assert {(one["legalRepName"], one["legalRepIdNo"]) for one in data["case"]["subjects"]} == {(None, None)}
    assert {one["payerName"] for one in data["case"]["payments"]} == {None}
    assert all(one["amountDue"] for one in data["case"]["payments"])
    representative = data["legalEntity"]["legalRepresentative"]
    assert data["legalEntity"]["name"]
    assert (representative["name"], representative["idNo"], representative["mobile"]) == (None, None, None)
    assert data["legalEntity"]["contactName"] is None


# --- secret cases --------------------------------------------------------------------------------

LISTED = """query($key: String!) { case(caseNo: $key) { caseNo }
  cases(first: 200, filter: {caseNos: [$key]}) { totalCount nodes { caseNo } }
  all: cases { totalCount } }"""
AT_HAND: Asker = (STRONG[0], AccessRequest(purpose=Purpose.CASE_HANDLING, case_no=Operations.case_no))
SECRET = "UPDATE cas.case SET secret_flag = true WHERE case_no = $1"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "caller", [OFFICER, CALLERS["supervisor"], SUPERVISOR, CALLERS["public"], CALLERS["partner-linkage"]]
)
async def test_a_secret_case_is_in_no_list_detail_or_count(
    place: tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]], caller: Asker, engine: str
) -> None:
    pipelines, admin = place
    await admin.execute(SECRET, Operations.case_no)
    secret = await answered(pipelines[engine], LISTED, caller, {"key": Operations.case_no})
    await admin.execute("DELETE FROM cas.case WHERE case_no = $1", Operations.case_no)
    assert secret == await answered(pipelines[engine], LISTED, caller, {"key": Operations.case_no})


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_secret_case_is_there_for_the_officer_who_works_on_it(
    place: tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]], engine: str
) -> None:
    """After a strong login, and while it is the case that is stated; an ordinary login does not do."""
    pipelines, admin = place
    await admin.execute(SECRET, Operations.case_no)
    data = (await told(pipelines[engine], LISTED, AT_HAND, {"key": Operations.case_no}))["data"]
    assert data["case"] == {"caseNo": Operations.case_no}
    assert data["cases"]["totalCount"] == 1
    weak = (dataclasses.replace(AT_HAND[0], assurance=1), AT_HAND[1])
    assert (await told(pipelines[engine], LISTED, weak, {"key": Operations.case_no}))["data"]["case"] is None


@pytest.mark.parametrize("engine", ENGINES)
async def test_7_5_the_figures_are_what_the_list_adds_up_to(
    place: tuple[Mapping[str, Pipeline], asyncpg.Connection[Any]], engine: str
) -> None:
    """Sums equal the drill-down, with secret cases in neither."""
    pipelines, admin = place
    await admin.execute("UPDATE cas.case SET secret_flag = true WHERE filed_on < DATE '2025-01-01'")
    text = """{ enforcementStats(groupBy: [CASE_KIND], from: "2024-01-01", to: "2026-11-05") { rows { caseKind filed decided } }
      P: cases(filter: {kinds: [PENALTY], filedFrom: "2024-01-01", filedTo: "2026-11-05"}) { totalCount }
      I: cases(filter: {kinds: [INSPECTION], filedFrom: "2024-01-01", filedTo: "2026-11-05"}) { totalCount } }"""
    data = (await told(pipelines[engine], text, SUPERVISOR))["data"]
    filed = {row["caseKind"]: row["filed"] for row in data["enforcementStats"]["rows"]}
    assert filed["PENALTY"] == data["P"]["totalCount"] > 0
    assert filed["INSPECTION"] == data["I"]["totalCount"] > 0
