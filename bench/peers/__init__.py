"""The servers beside ours, and what those in Python share: pools, hand-written statements, and how they are served."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
from starlette.types import ASGIApp

from bench.world import DAY
from gateway.commands.serving import bind, run

TODAY = datetime.date.fromisoformat(DAY)
KINDS = {"INSPECTION": "1", "PENALTY": "2", "COERCION": "3"}
KIND_NAMES = {code: name for name, code in KINDS.items()}
BUSINESS_LICENCE = "7"
IDENTITY_CARD = "1"

STATEMENTS: Mapping[str, str] = {
    path.stem: path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "sql").glob("*.sql")
}
"""Every peer asks the same statements, those in ``sql/``."""


def labels() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Chinese labels by code: of the status of a vehicle, of the level of an organisation."""
    found = json.loads(os.environ["BENCH_CODES"])
    return found["status"], found["level"]


def coded(code: str, names: Mapping[str, str]) -> dict[str, str]:
    """A code with its label."""
    return {"code": code, "label": names.get(code, code)}


class Databases:
    """A pool per database, opened at the start."""

    def __init__(self, dsns: Mapping[str, str]) -> None:
        self._dsns = dsns
        self._pools: dict[str, Any] = {}

    @classmethod
    def given(cls) -> Databases:
        """Those that the benchmark names."""
        return cls(json.loads(os.environ["BENCH_DATABASES"]))

    async def open(self, names: Iterable[str]) -> None:
        """Opens the pools. Without asyncpg's reset: it would double the statements, and nothing here changes a connection."""

        async def nothing(_: Any) -> None:
            return

        for name in names:
            self._pools[name] = await asyncpg.create_pool(self._dsns[name], reset=nothing)

    async def close(self) -> None:
        """Closes them."""
        for pool in self._pools.values():
            await pool.close()

    async def rows(self, database: str, statement: str, *parameters: Any) -> Sequence[Any]:
        """The rows of a statement."""
        rows: Sequence[Any] = await self._pools[database].fetch(STATEMENTS[statement], *parameters)
        return rows


USED = ("vehicle", "population", "legal_entity", "certificate", "property", "personnel", "matter", "gateway")


def grouped(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    """Rows by their key, in their order."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(row["key"], []).append(row)
    return found


def serve(app: ASGIApp) -> None:
    """Serves on a free port, which is said on standard output."""
    listener = bind("127.0.0.1", 0)
    run(app, listener, lambda: print(f"listening {listener.getsockname()[1]}", flush=True))
