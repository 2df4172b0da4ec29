"""Non-interference: two worlds that differ only in what a caller may not see give that caller the same bytes.

A pair is a request and two databases. `sight` says by hand what is hidden, `pairing` makes the databases differ in it and in
nothing else: other agencies' cases, sealed, minor and protected persons, withheld columns, rows out of level, what is not
published. The same request must give the same body, errors, counts and cursors, and cause the same statements.

``TONGCHA_PAIRS`` sets how many pairs each kind of caller gets, ``TONGCHA_SEED`` where they start.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from auth.seals import Seal
from auth.viewer import AccessRequest, Viewer
from datasources.city.personas import Operations
from datasources.database import Database
from datasources.tables import DATABASES
from gateway.asking import Reception
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.node import NODES
from resolvers.schema import catalog
from tests.gateway.hearing import Heard
from tests.gateway.operations import Generator
from tests.gateway.pairing import marked, varied
from tests.gateway.sight import Sight
from tests.gateway.village import TABLES, Rows, refill, village
from tests.world import CALLERS, FIXED, MOMENT, SEAL_KEY

PAIRS = int(os.environ.get("TONGCHA_PAIRS", "30"))
SEED = int(os.environ.get("TONGCHA_SEED", "20261124"))
OF_ONE_KIND = 40
"""Pairs with the same two databases."""

POOLS: Mapping[str, tuple[str, str]] = {
    "idNo": ("pop.person", "id_no"), "uscc": ("ent.entity", "uscc"), "plateNo": ("veh.vehicle", "plate_no"),
    "vin": ("veh.vehicle", "vin"), "unitNo": ("rea.unit", "unit_no"), "certId": ("lic.certificate", "cert_id"),
    "caseNo": ("cas.case", "case_no"), "caseNos": ("cas.case", "case_no"), "disclosureId": ("gw.disclosure", "disclosure_id"),
    "paymentCodes": ("cas.payment", "payment_code"), "documentNo": ("cas.decision", "document_no"),
    "certNo": ("off.officer", "cert_no"), "orgUscc": ("off.org", "uscc"), "code": ("div.division", "code"),
    "implementationCode": ("mat.matter", "implementation_code"), "matterCode": ("cas.case", "implementation_code"),
    "causeCodes": ("cas.case", "cause_code"), "subjectRef": ("cas.party", "subject_ref"), "legacyCode": ("ent.legacy_code", "code"),
}  # fmt: skip
"""Where the values of an argument are found, by its name: in both worlds, also in rows that are hidden."""


@dataclass
class Side:
    """One world of a pair: its database, the rows in it, and what it was asked."""

    dsn: str
    rows: Rows
    log: list[str] = field(default_factory=list)
    reception: Reception = field(init=False)

    def __post_init__(self) -> None:
        self.databases = {name: Database(name, self.dsn, budget=30) for name in DATABASES}
        heard = {name: Heard(database, self.log) for name, database in self.databases.items()}
        self.pipelines = {
            engine: Pipeline(catalog, heard, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
            for engine in ("compiled", "resolvers")
        }
        self.meet()

    def meet(self) -> None:
        """Nobody is known here: what the gateway asks for itself, and keeps for a while, it asks anew."""
        self.reception = Pipeline(catalog, self.databases, seal_key=SEAL_KEY, now=lambda: MOMENT).reception
        for pipeline in self.pipelines.values():
            pipeline.reception = self.reception

    async def become(self, rows: Rows) -> None:
        """Puts these rows in the place of those that are there."""
        other = {table for table in TABLES if rows[table] is not self.rows[table]}
        if other:
            await refill(self.dsn, rows, other)
        self.rows = rows
        self.meet()

    async def answer(self, engine: str, request: GraphQLRequest, caller: Any) -> tuple[bytes, list[str]]:
        """The bytes of the answer, and the statements that it took."""
        self.log.clear()
        answer = await self.pipelines[engine].answer(request, *caller)
        return orjson.dumps([answer.http_status, answer.payload]), sorted(self.log)


@pytest.fixture(scope="session")
async def sides(copied_village: Callable[[str], Awaitable[str]]) -> AsyncIterator[tuple[Side, Side]]:
    """Two databases with a village in each."""
    made = [Side(await copied_village(name), village()) for name in ("left", "right")]
    yield made[0], made[1]
    for side in made:
        for database in side.databases.values():
            await database.close()


def pools(sides: Sequence[Side], seal: Seal, dice: random.Random) -> Mapping[str, Sequence[Any]]:
    """Values for arguments, out of both worlds."""

    def values(table: str, column: str) -> list[Any]:
        found = {row[column] for side in sides for row in side.rows[table] if row[column] is not None}
        return dice.sample(sorted(found), min(len(found), 200))

    found = {name: values(*place) for name, place in POOLS.items()}
    found["text"] = [name[:2] for name in values("pop.person", "name")]
    found["name"] = [name[:4] for name in values("ent.entity", "name")] + found["text"]
    found["id"] = [
        seal.close("id", "", [node.__name__, str(key)]) for node in NODES for key in values(*_key(node))[:30]
    ]
    return {**FIXED, **found}


def _key(node: type) -> tuple[str, str]:
    (column,) = node.__record__.key  # type: ignore[attr-defined]
    return column.table.fullname, column.name


FIGURES = """{ enforcementStats(groupBy: [DISTRICT, CASE_KIND], from: "2024-01-01", to: "2026-11-05") {
  rows { district { code } caseKind filed decided closed fineAmount collectedAmount inspected suppressed } sourceLag { sourceSystem } } }"""
LISTS = """query($n: Int!) {
  persons(first: $n) { totalCount nodes { subjectRef name } pageInfo { hasNextPage endCursor } }
  legalEntities(first: $n) { totalCount nodes { uscc certificates { certType { code } } cases(first: $n) { totalCount } }
    pageInfo { endCursor } }
  vehicles(first: $n) { totalCount nodes { plateNo owner { displayName } } pageInfo { endCursor } }
  cases(first: $n) { totalCount nodes { caseNo status } pageInfo { hasNextPage endCursor } }
  disclosures(first: $n) { totalCount nodes { disclosureId subjectName } pageInfo { hasNextPage endCursor } }
  disclosureChanges(first: $n) { changes { op record { subjectName } } nextCursor } }"""
CASES = """fragment C on Case { caseNo subjects { role { code } nameAtDecision idNo subject { displayName } } decision { facts }
  documents { documentNo } payments { paymentCode receipts { billNo } instalments { no } } inspection { taskNo }
  coercions { measureKind { code } } }"""
ONESELF = """{ me { name household { householdNo head { name } members { relation { code } person { name } } } vehicles {
  plateNo owner { displayName } ownerships { ownerName ownerIdNo } } positions { role { code } personIdNo }
  realEstateRights { holderName unit { unitNo rights { holderName holderIdNo } encumbrances { kind { code } } } }
  certificates { certId uses { purpose } } cases { totalCount nodes { ...C } } } }"""
FIRM = """query($uscc: String!) { legalEntity(uscc: $uscc) { contactPhone legalRepresentative { idNo person { name } }
  positions { personIdNo person { name } } operatingAddresses { unitNo unit { unitNo } } inspectionQuota(year: 2026) { done }
  vehicles { plateNo } certificates { certId status { code } uses { purpose } } cases { totalCount nodes { ...C } } } }"""
WRITTEN: list[tuple[str, dict[str, Any]]] = [
    (FIGURES, {}),
    *((LISTS, {"n": n}) for n in (1, 3, 200)),
    (ONESELF + CASES, {}),
    *((FIRM + CASES, {"uscc": uscc}) for uscc in (Operations.firm_uscc, Operations.shop_uscc)),
]
"""Operations that every pair of worlds is asked: figures, counts, and pages of several lengths."""


@pytest.mark.parametrize("name", CALLERS)
async def test_what_is_hidden_changes_nothing(sides: tuple[Side, Side], name: str) -> None:
    caller, answered = CALLERS[name], 0
    for number in range(PAIRS):
        dice = random.Random(f"{SEED} {name} {number}")
        if number % OF_ONE_KIND == 0:
            await differ(sides, caller, dice)
            values = pools(sides, (await sides[0].reception.asking(*caller)).seal, dice)
        if number % OF_ONE_KIND < len(WRITTEN):
            text, variables = WRITTEN[number % OF_ONE_KIND]
        else:
            made = Generator(catalog.schema, values, dice).operation()
            text, variables = made.text, made.variables
        engine = "resolvers" if number % 5 == 4 else "compiled"
        request = GraphQLRequest(query=text, variables=variables)
        (left, left_log), (right, right_log) = [await side.answer(engine, request, caller) for side in sides]
        told = f"{SEED} {name} {number} {engine}\n{text}\n{variables}"
        assert left == right, told
        assert left_log == right_log, told
        answered += bool(left_log)
    assert answered > PAIRS * 0.15 or name == "auditor"


async def differ(sides: tuple[Side, Side], caller: tuple[Viewer, AccessRequest | None], dice: random.Random) -> None:
    """Gives both sides a village that the caller cannot tell from the other's."""
    base = marked(village(), dice)
    await sides[0].become(base)
    standing = (await sides[0].reception.asking(*caller)).standing
    for side in sides:
        await side.become(varied(Sight(*caller, standing, base), dice))
    left, right = (side.rows for side in sides)
    assert sum(left[table] != right[table] for table in TABLES) > 10
