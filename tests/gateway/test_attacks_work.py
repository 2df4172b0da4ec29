"""Attacks by what is done for an answer: case D10. A key of what is hidden makes the gateway do what a key of nothing does.

The same statements, with the same number of keys of the same types; and an answer that found nothing leaves after a moment. How
long both take is measured and asserted nowhere: the
catalogue wants Welch's |t| below 4.5 and means within 2 % over 20,000 pairs, ``TONGCHA_TIMED_PAIRS=20000 pytest -k D10_timed``.
"""

from __future__ import annotations

import math
import os
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import pytest

from datasources.database import Database, Grouped
from datasources.tables import DATABASES
from gateway.leaving import moment
from gateway.pipeline import Pipeline
from gateway.request import Answer, GraphQLRequest
from resolvers.schema import catalog
from resolvers.sources import Link
from tests.gateway.asking import Asker, naming
from tests.world import CALLERS

ENGINES = ("compiled", "resolvers")
PAIRS = int(os.environ.get("TONGCHA_TIMED_PAIRS", "100"))
OFFICER, STRONG, PUBLIC = CALLERS["officer"], CALLERS["officer-stepped-up"], CALLERS["public"]
Key = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Root:
    """A root by key: its table, the key's columns by argument, what is asked below it, and who sees a record of it unless it is
    sealed. `rows` says which rows that caller sees."""

    table: str
    key: Mapping[str, str]
    below: str
    asker: Asker = OFFICER
    rows: str = "true"


ROOTS: Mapping[str, Root] = {
    "person": Root(
        table="pop.person",
        key={"idNo": "id_no", "idType": "id_type"},
        below="subjectRef name household { householdNo } vehicles { plateNo } cases { totalCount }",
        rows="protection_flag = 0 AND NOT is_minor_14 AND id_type = '111'",
    ),
    "legalEntity": Root(
        table="ent.entity",
        key={"uscc": "uscc"},
        below="name positions { personName } certificates { certId } cases { totalCount }",
    ),
    "realEstateUnit": Root(table="rea.unit", key={"unitNo": "unit_no"}, below="unitNo rights { holderName }"),
    "vehicle": Root(
        table="veh.vehicle",
        key={"plateNo": "plate_no", "plateType": "plate_type"},
        below="vin owner { displayName } openCases { totalCount }",
        rows="valid_to IS NULL",
    ),
    "certificate": Root(
        table="lic.certificate",
        key={"certId": "cert_id"},
        below="certId holder { displayName } certType { code }",
        rows="subject_mark = 0",
    ),
    "enforcementOrg": Root(
        table="off.org",
        key={"uscc": "uscc"},
        below="name division { name } parent { name }",
        rows="org_id NOT IN (SELECT org_id FROM off.officer WHERE cert_no = '19040130215')",
    ),
    "officer": Root(
        table="off.officer", key={"certNo": "cert_no"}, below="name org { name }", rows="cert_no <> '19040130215'"
    ),
    "regulation": Root(
        table="reg.regulation",
        key={"regulationId": "regulation_id"},
        below="title articles { totalCount nodes { text } }",
    ),
    "matter": Root(
        table="mat.matter",
        key={"implementationCode": "implementation_code"},
        below="name org { name } causes { __typename }",
    ),
    "case": Root(
        table="cas.case",
        key={"caseNo": "case_no"},
        below="caseNo org { name } subjects { nameAtDecision } timeline { totalCount } payments { amountDue }",
        rows="org_id = (SELECT org_id FROM cas.case WHERE case_no = 'ZHXZ-CX-2026-CF-0003071') AND secret_flag IS NOT true"
        " AND case_no <> 'ZHXZ-CX-2026-CF-0003071'",
    ),
    "disclosure": Root(
        table="gw.disclosure",
        key={"disclosureId": "disclosure_id"},
        below="causeName subjectName org { name }",
        asker=PUBLIC,
        rows="state = '2'",
    ),
}
"""Every root by key of whose records one can be hidden."""


class Shaped(Database):
    """Another database, that keeps of every statement its text, the types of its parameters, and how many keys it had."""

    behind = 0.0

    def __init__(self, inner: Database, log: list[tuple[Any, ...]]) -> None:
        self.name = inner.name
        self.log = log
        self._inner = inner

    async def rows(self, text: str, parameters: Sequence[Any], *, budget: float | None = None) -> list[Any]:
        self.log.append((text, *map(shape, parameters)))
        return await self._inner.rows(text, parameters, budget=budget)

    async def keyed(
        self, text: str, keys: Sequence[Any], parameters: Sequence[Any], places: Sequence[int], *, key_at: int
    ) -> Grouped:
        self.log.append((text, *map(shape, parameters), *map(shape, keys)))
        return await self._inner.keyed(text, keys, parameters, places, key_at=key_at)


def shape(parameter: Any) -> Any:
    """The type of a value, of a list or tuple those of its items."""
    if isinstance(parameter, list | tuple):
        return tuple(shape(item) for item in parameter)
    return type(parameter).__name__


@dataclass
class Place:
    """A village in which a record of each root is sealed and another taken out, with both engines before it."""

    pipelines: Mapping[str, Pipeline]
    log: list[tuple[Any, ...]]
    keys: Mapping[str, Mapping[str, Key]]
    """Of each root: the key of what is shown, hidden, absent."""

    async def ask(self, engine: str, name: str, kind: str) -> bytes:
        """The bytes of the answer about a key of this kind."""
        return orjson.dumps((await self.answer(engine, name, kind)).payload)

    async def answer(self, engine: str, name: str, kind: str) -> Answer:
        """The answer about a key of this kind."""
        root = ROOTS[name]
        given = ", ".join(f"{argument}: ${argument}" for argument in root.key)
        types = ", ".join(f"${argument}: {TYPES.get(argument, 'String!')}" for argument in root.key)
        text = f"query({types}) {{ {name}({given}) {{ {root.below} }} }}"
        request = GraphQLRequest(query=text, variables=dict(self.keys[name][kind]))
        return await self.pipelines[engine].answer(request, *root.asker)


TYPES = {"regulationId": "ID!", "disclosureId": "ID!"}


@pytest.fixture(scope="module")
async def place(copied_village: Callable[[str], Awaitable[str]]) -> AsyncIterator[Place]:
    dsn = await copied_village("work")
    admin = await asyncpg.connect(dsn)
    keys: dict[str, dict[str, Key]] = {}
    for name, root in ROOTS.items():
        columns = ", ".join(root.key.values())
        found = await admin.fetch(
            f"SELECT {columns} FROM {root.table} GROUP BY {columns}"
            f" HAVING count(*) = 1 AND bool_and(NOT sealed AND {root.rows}) ORDER BY {columns} LIMIT 3"
        )
        keys[name] = {
            kind: {argument: str(value) for argument, value in zip(root.key, row, strict=True)}
            for kind, row in zip(("shown", "hidden", "absent"), found, strict=True)
        }
    persons = await admin.fetch(
        "SELECT person_id FROM pop.person WHERE id_no = ANY($1)", [key["idNo"] for key in keys["person"].values()]
    )
    for name, root in ROOTS.items():
        for kind, change in (("hidden", "UPDATE {} SET sealed = true"), ("absent", "DELETE FROM {}")):
            key = keys[name][kind]
            matches = " AND ".join(f"{column}::text = '{key[argument]}'" for argument, column in root.key.items())
            assert (await admin.execute(f"{change.format(root.table)} WHERE {matches}")).endswith(" 1")
    await admin.close()
    log: list[tuple[Any, ...]] = []
    databases = {name: Database(name, dsn, budget=30) for name in DATABASES}
    shaped = {name: Shaped(database, log) for name, database in databases.items()}
    yield Place(
        pipelines={engine: naming(shaped, engine, *(row["person_id"] for row in persons)) for engine in ENGINES},
        log=log,
        keys=keys,
    )
    for database in databases.values():
        await database.close()


def test_D10_every_root_by_key_is_here() -> None:
    """But for those whose records are nobody's to hide, and `node`, which goes the way of all of them."""
    by_key = {
        name
        for (owner, name), source in catalog.sources.items()
        if owner == "Query" and isinstance(source, Link) and source.by
    }
    assert by_key - ROOTS.keys() == {"node", "division", "article"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ROOTS)
async def test_D10_what_is_hidden_makes_the_work_of_what_is_absent(place: Place, name: str, engine: str) -> None:
    assert (
        orjson.loads(await place.ask(engine, name, "shown"))["data"][name] is not None
    )  # and who asks is known by now
    found = []
    for kind in ("hidden", "absent"):
        place.log.clear()
        body = await place.ask(engine, name, kind)
        found.append((body, sorted(place.log, key=repr)))
    assert found[0] == found[1]
    assert found[0][1]


def welch(left: Sequence[float], right: Sequence[float]) -> float:
    """Welch's t of two samples, without what is beyond the 99th percentile of both: the machine, not the work."""
    most = statistics.quantiles([*left, *right], n=100)[-1]
    left, right = [value for value in left if value <= most], [value for value in right if value <= most]
    spread = statistics.variance(left) / len(left) + statistics.variance(right) / len(right)
    return (statistics.fmean(left) - statistics.fmean(right)) / math.sqrt(spread)


@pytest.mark.parametrize("name", ["case", "vehicle"])
async def test_D10_timed(place: Place, name: str, figure: Callable[[str, float], None]) -> None:
    """Pairs in either order, one request at a time, within the process."""
    dice, taken = random.Random(name), {"hidden": [0.0] * PAIRS, "absent": [0.0] * PAIRS}
    await place.ask("compiled", name, "hidden")
    for pair in range(PAIRS):
        bodies = set()
        for kind in dice.sample(sorted(taken), 2):
            place.log.clear()
            begun = time.perf_counter()
            answer = await place.answer("compiled", name, kind)
            await moment(answer)
            taken[kind][pair] = time.perf_counter() - begun
            bodies.add(orjson.dumps(answer.payload))
        assert len(bodies) == 1
    means = [statistics.fmean(taken[kind]) for kind in ("hidden", "absent")]
    figure(f"{name}: Welch's t of {PAIRS} pairs", welch(taken["hidden"], taken["absent"]))
    figure(f"{name}: difference of means (%)", (means[0] / means[1] - 1) * 100)
    figure(f"{name}: mean (µs)", means[1] * 1e6)
