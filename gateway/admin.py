"""What an operator asks on a port of its own: numbers, and how the processes and the databases stand. Nothing here reads a database
or waits for a worker: all of it is on the board, so it is answered while every worker hangs.

    /metrics    everything counted and measured, for Prometheus
    /healthz    200: this port is served
    /readyz     200 when a worker is ready that goes on; draining when all are about to end
    /sources    each database as the workers see it
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.board import Board
from gateway.exposition import MEDIA_TYPE, exposition
from gateway.families import DATABASE, FAMILIES, Family, Kind

NO_STORE = {"cache-control": "no-store"}


def create_admin(board: Board) -> Starlette:
    """The application behind the admin port."""

    async def metrics(_: Request) -> Response:
        return Response(exposition(board), media_type=MEDIA_TYPE, headers=NO_STORE)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=NO_STORE)

    async def readyz(_: Request) -> Response:
        workers = [
            {"worker": number, "alive": alive, "ready": alive and bool(board.of(number, "tongcha_worker_ready"))}
            for number, alive in board.workers()
        ]
        ready = any(worker["ready"] for worker in workers)
        leaving = [bool(board.of(number, "tongcha_worker_draining")) for number, _ in board.workers()]
        said = {"draining": True} if leaving and all(leaving) else {}
        return JSONResponse({"ready": ready, **said, "workers": workers}, 200 if ready else 503, headers=NO_STORE)

    async def sources(_: Request) -> Response:
        return JSONResponse({name: _standing(board, name) for name in DATABASE}, headers=NO_STORE)

    routes = [
        Route("/metrics", metrics),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/sources", sources),
    ]
    return Starlette(routes=routes)


_OF_A_DATABASE = tuple(
    family for family in FAMILIES if tuple(family.labels) == ("database",) and family.kind is not Kind.HISTOGRAM
)


def _standing(board: Board, name: str) -> dict[str, Any]:
    """By the worker's number: what stands on the board of a database, under the name of the metric without what all have alike."""
    workers: dict[str, dict[str, float]] = {}
    for family in _OF_A_DATABASE:
        for worker, value in board.each(family, (name,)):
            workers.setdefault(str(worker), {})[_short(family)] = value
    return {"workers": workers}


def _short(family: Family) -> str:
    return family.name.removeprefix("tongcha_").removeprefix("database_").removesuffix("_total")
