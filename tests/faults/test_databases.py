"""F-01, F-03, F-04, F-07..F-10: faults of a database as a caller sees them. Never an empty list; the others go on; pools are whole.

The figures are in ``test_matrix.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from datasources.database import Database
from tests.faults.proxy import (
    BLACK_HOLE,
    DRIP,
    FINE,
    HALF_OPEN,
    KILLED,
    LATE,
    RESET,
    SLOW,
    TOO_MANY,
    WRONG_PASSWORD,
    Fault,
    FaultProxy,
)
from tests.faults.ring import QUESTIONS, UNAVAILABLE, Ring, backends_of, emptied, ringed, sources_of, until

BUDGET = 0.25
"""Seconds per statement of the databases that fail. The others have as long as they need: nothing here depends on time."""
NAMES = tuple(QUESTIONS)
FAULTS: Mapping[str, Fault] = {
    "F-01 killed": KILLED,
    "F-03 slow": SLOW,
    "F-04 black hole": BLACK_HOLE,
    "F-04 half open": HALF_OPEN,
    "F-07 one byte in 100 ms": DRIP,
    "F-08 reset in the result": RESET,
    "F-10 wrong password": WRONG_PASSWORD,
    "F-10 too many connections": TOO_MANY,
}


@contextlib.asynccontextmanager
async def failing_in_turn(city: Mapping[str, str], failing: Sequence[str]) -> AsyncIterator[Broken]:
    async with ringed(city, budgets=dict.fromkeys(failing, BUDGET), connections=1) as ring:
        yield Broken(ring, failing, await ring.whole(*NAMES))


@dataclass(frozen=True)
class Broken:
    """A gateway of which some databases are to fail, and the answer of the nine before they do."""

    ring: Ring
    failing: Sequence[str]
    whole: dict[str, Any]

    async def under(self, fault: Fault) -> dict[str, Any]:
        """The answer of the nine while the fault is on the way to those that fail."""
        await self.ring.switch(fault, *self.failing)
        try:
            return await self.ring.ask(*NAMES)
        finally:
            await self.ring.switch(FINE, *self.failing)
            await self.ring.whole(*NAMES)


@pytest.fixture(scope="module", params=[NAMES[::2], NAMES[1::2]], ids=["even", "odd"])
async def broken(request: pytest.FixtureRequest, city: Mapping[str, str]) -> AsyncIterator[Broken]:
    """One gateway for all faults: none leaves anything behind."""
    async with failing_in_turn(city, request.param) as made:
        yield made


@pytest.fixture(scope="module")
async def ring(city: Mapping[str, str]) -> AsyncIterator[Ring]:
    """Another one."""
    async with failing_in_turn(city, ("vehicle", "enforcement")) as made:
        yield made.ring


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_fails_is_null_with_a_code_and_the_rest_is_whole(broken: Broken, fault: str) -> None:
    payload = await broken.under(FAULTS[fault])
    failing = set(broken.failing)
    assert emptied(payload, broken.whole) == []
    assert {name for name, shown in payload["data"].items() if shown is None} == failing
    codes = {error["path"][0]: error["extensions"] for error in payload["errors"]}
    assert {name: told["source"] for name, told in codes.items()} == {name: name for name in failing}
    assert {told["code"] for told in codes.values()} <= UNAVAILABLE
    assert {told["source"]: told["status"] for told in sources_of(payload)} == {
        name: "UNAVAILABLE" if name in failing else "COMPLETE" for name in NAMES
    }


async def test_late_answers_are_answers(ring: Ring) -> None:
    names = ("population", "matter", "property")
    whole = await ring.ask(*names)
    await ring.switch(LATE, *names)
    payload = await ring.ask(*names)
    await ring.switch(FINE, *names)
    assert payload == whole


async def test_F01_a_statement_whose_server_is_killed_is_no_empty_list(ring: Ring) -> None:
    await ring.switch(Fault(latency=0.1), "vehicle")
    asked = asyncio.create_task(ring.ask("vehicle"))
    await asyncio.sleep(0.03)
    await ring.switch(KILLED, "vehicle")
    payload = await asked
    await ring.switch(FINE, "vehicle")
    await ring.whole("vehicle")
    assert payload["data"] == {"vehicle": None}


async def test_F09_when_every_connection_is_taken_nobody_gets_an_empty_list(ring: Ring) -> None:
    cases = (await ring.whole("enforcement"))["data"]["enforcement"]
    await ring.switch(Fault(latency=BUDGET * 0.7), "enforcement")
    payloads = await asyncio.gather(*(ring.ask("enforcement", first=number) for number in range(1, 7)))
    await ring.switch(FINE, "enforcement")
    await ring.whole("enforcement")
    shown = [payload["data"]["enforcement"] for payload in payloads]
    assert all(one is None or (one["totalCount"] == cases["totalCount"] and one["nodes"]) for one in shown)
    codes = {error["extensions"]["code"] for payload in payloads for error in payload.get("errors", ())}
    assert "SOURCE_BUSY" in codes
    assert codes <= UNAVAILABLE


@pytest.mark.parametrize("fault", ["F-03 slow", "F-04 black hole", "F-08 reset in the result"])
async def test_no_connection_is_left_behind(city: Mapping[str, str], admin_dsn: str, fault: str) -> None:
    """Neither here nor at the server: whoever is asked again and again does not collect them."""
    async with FaultProxy(city["property"]) as proxy:
        database = Database("property", proxy.dsn, connections=2, budget=0.1)
        admin = await asyncpg.connect(admin_dsn)
        await database.rows("SELECT 1", ())
        await proxy.switch(FAULTS[fault])
        for _ in range(3):
            await asyncio.gather(
                *(database.rows(f"SELECT {number}", ()) for number in range(4)), return_exceptions=True
            )
        await proxy.switch(FINE)
        await until(database.answers)

        async def given_back() -> bool:
            return await backends_of(admin, proxy) <= 2

        await until(given_back)
        await database.close()
        await admin.close()
