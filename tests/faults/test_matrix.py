"""Nine databases times eight faults, measured, into the table of ``docs/reliability.md``.

TONGCHA_FAULTS=9 measures each fault at each database, TONGCHA_FAULTS=1 at one of them; without it there is one fault at one database and
nothing is written. Nothing measured is asserted: what an answer says is, always.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from tests.faults.proxy import FINE, Fault, named_faults
from tests.faults.ring import QUESTIONS, UNAVAILABLE, Ring, backends_of, emptied, ringed, until

HOW_MANY = int(os.environ.get("TONGCHA_FAULTS", "0"))
SECONDS = float(os.environ.get("TONGCHA_FAULT_SECONDS", "3"))
"""For how long the untouched databases are asked with a fault and without, each."""
ASKING = 6
"""Who ask the untouched databases all the time; two more ask the failing one, before and after as during the fault."""
PACE = 0.05
"""Seconds between the begins of two requests to the failing database, so that one that fails at once costs no more than a good one."""
BUDGET, DEADLINE = 0.8, 1.0
"""Seconds per statement and per request."""
CONNECTIONS = 2
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
TABLE = re.compile(r"(?<=<!-- matrix -->\n)(.*?)(?=<!-- end of matrix -->)", re.DOTALL)


@dataclass
class Cell:
    """What one fault at one database came to. Seconds; `ratio` is throughput of the others with the fault to that without."""

    fault: str
    database: str
    slowest: float = 0.0
    codes: set[str] = field(default_factory=set)
    empty: int = 0
    untyped: int = 0
    ratio: float = 0.0
    back: float = 0.0
    left: int = 0


async def throughput(ring: Ring, names: Sequence[str], seconds: float) -> float:
    """Whole answers a second from these databases to those who ask all the time."""
    until_when = time.monotonic() + seconds
    answers = 0

    async def ask_on(number: int) -> None:
        nonlocal answers
        while time.monotonic() < until_when:
            payload = await ring.ask(names[number % len(names)], first=1 + number % 20)
            answers += None not in payload["data"].values()
            number += 1

    await asyncio.gather(*(ask_on(number * 5) for number in range(ASKING)))
    return answers / seconds


def codes_of(payload: Mapping[str, Any]) -> set[str]:
    """Why something is null: an error, or that it could not be asked who the caller is (`extensions.access`)."""
    withheld = payload["extensions"].get("access", {}).get("withheld", ())
    return {error["extensions"]["code"] for error in payload.get("errors", ())} | {one["code"] for one in withheld}


async def failing(ring: Ring, cell: Cell, whole: Mapping[str, Any], seconds: float) -> None:
    """Asks the failing database all the time, at a pace, and looks at every answer."""
    until_when = time.monotonic() + seconds

    async def ask_on(first: int) -> None:
        while time.monotonic() < until_when:
            began = time.monotonic()
            payload = await ring.ask(cell.database, first=first, seconds=DEADLINE)
            cell.slowest = max(cell.slowest, time.monotonic() - began)
            if payload["data"][cell.database] is not None:
                cell.empty += bool(emptied(payload, whole)) and first == 2
            else:
                codes = codes_of(payload)
                cell.codes |= codes
                cell.untyped += not codes or not codes <= UNAVAILABLE
            await asyncio.sleep(began + PACE - time.monotonic())

    await asyncio.gather(ask_on(2), ask_on(3))


async def undisturbed(ring: Ring, name: str, others: Sequence[str], seconds: float) -> float:
    """Whole answers a second from the others while a good database is asked as a failing one is."""
    whole = await ring.whole(name)
    _, found = await asyncio.gather(
        failing(ring, Cell(fault="", database=name), whole, seconds), throughput(ring, others, seconds)
    )
    return found


async def hogged(ring: Ring, name: str, seconds: float) -> None:
    """Long reports on every connection of a database, one after the other."""
    until_when = time.monotonic() + seconds
    database = ring.databases[name]

    async def report(number: int) -> None:
        while time.monotonic() < until_when:
            await asyncio.gather(database.rows(f"SELECT pg_sleep(60), {number}", ()), return_exceptions=True)

    await asyncio.gather(*(report(number) for number in range(8)))


async def measured(ring: Ring, fault: str, name: str, admin: asyncpg.Connection[Any], seconds: float) -> Cell:
    """One cell of the matrix."""
    cell = Cell(fault=fault, database=name)
    others = [other for other in QUESTIONS if other != name]
    whole = await ring.whole(name)
    before = await undisturbed(ring, name, others, seconds)
    kind: Fault | None = named_faults().get(fault)
    if fault == "killed":  # with a statement under way
        await ring.switch(Fault(latency=0.05), name)
        asked = asyncio.create_task(ring.ask(name))
        await asyncio.sleep(0.02)
    if kind is not None:
        await ring.switch(kind, name)
    asking = [failing(ring, cell, whole, seconds), throughput(ring, others, seconds)]
    if kind is None:
        asking.append(hogged(ring, name, seconds))
    _, during, *_ = await asyncio.gather(*asking)
    if fault == "killed":
        assert (await asked)["data"][name] is None
    began = time.monotonic()
    await ring.switch(FINE, name)
    await ring.whole(name)
    cell.back = time.monotonic() - began
    after = await undisturbed(ring, name, others, seconds)
    cell.ratio = (during or 0.0) / max(statistics.mean((before, after)), 0.1)

    async def given_back() -> bool:
        return await backends_of(admin, ring.proxies[name]) <= CONNECTIONS

    await until(given_back)
    cell.left = max(0, await backends_of(admin, ring.proxies[name]) - CONNECTIONS)
    return cell


def table_of(cells: Sequence[Cell]) -> str:
    """One line per fault: the worst of the databases, and of ratios the median too, for each alone is noise."""
    lines = [
        "| fault | codes | slowest answer | the others' throughput, median (worst) | whole again after | empty lists | connections left |",
        "|---|---|---|---|---|---|---|",
    ]
    for fault in dict.fromkeys(cell.fault for cell in cells):
        of = [cell for cell in cells if cell.fault == fault]
        codes = ", ".join(f"`{code}`" for code in sorted(set().union(*(cell.codes for cell in of))))
        ratios = [cell.ratio for cell in of]
        lines.append(
            f"| {fault} | {codes} | {max(cell.slowest for cell in of):.2f} s |"
            f" {statistics.median(ratios):.0%} ({min(ratios):.0%}) | {max(cell.back for cell in of):.2f} s |"
            f" {sum(cell.empty + cell.untyped for cell in of)} | {max(cell.left for cell in of)} |"
        )
    databases = len({cell.database for cell in cells})
    return (
        f"{databases} databases × {len(lines) - 2} faults, {SECONDS:g} s each with {ASKING} asking the other databases and 2"
        f" the failing one at a pace, before and during the fault, at {BUDGET:g} s per statement and {DEADLINE:g} s per request:\n\n"
        + "\n".join(lines)
        + "\n\n"
    )


async def test_the_matrix(city: Mapping[str, str], admin_dsn: str, figure: Callable[[str, float], None]) -> None:
    faults = [*named_faults(), "every connection taken"] if HOW_MANY else ["black hole"]
    names = list(QUESTIONS)[:HOW_MANY] if HOW_MANY else ["vehicle"]
    budgets = {} if HOW_MANY else {"vehicle": 0.2}
    admin = await asyncpg.connect(admin_dsn)
    cells = []
    async with ringed(city, budgets, budget=BUDGET, connections=CONNECTIONS) as ring:
        for fault in faults:
            for name in names:
                cell = await measured(ring, fault, name, admin, SECONDS if HOW_MANY else 0.2)
                assert (cell.empty, cell.untyped, cell.left) == (0, 0, 0), cell
                cells.append(cell)
    await admin.close()
    figure("% of the others' throughput", 100 * statistics.median(cell.ratio for cell in cells))
    if len(QUESTIONS) == HOW_MANY:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(TABLE.sub(lambda _: table_of(cells), text), encoding="utf-8")
