"""A witness of checkpoints behind an address, for the demo and the tests; another party would run one of its own.

    POST  /    a checkpoint: kept, unless the log was larger before (409)
    GET   /    the newest checkpoint of each log, a line each

Who can write here can keep the gateway from starting: let nobody but the gateway in.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.audit.witness import FileWitness

LINE_SIZE = 4096
LOG = re.compile(r"[0-9a-f]{32}")


def witness_routes(directory: Path, path: str = "/") -> list[Route]:
    """The endpoint, which keeps what it gets in `directory`."""
    shelf = FileWitness(directory)
    sizes: dict[str, int] = {}

    async def endpoint(request: Request) -> Response:
        if request.method == "GET":
            return Response(b"".join(await shelf.known()), media_type="application/x-ndjson")
        line = await request.body()
        try:
            log, size = _read(line)
        except (ValueError, KeyError, TypeError):
            return Response(status_code=400)
        if not sizes:
            sizes.update(_read(known) for known in await shelf.known())
        if size < sizes.get(log, 0):
            return Response(status_code=409)
        await asyncio.to_thread(shelf.keep, log, line.rstrip(b"\n") + b"\n")
        sizes[log] = size
        return Response(status_code=204)

    return [Route(path, endpoint, methods=["GET", "POST"])]


def _read(line: bytes) -> tuple[str, int]:
    """The log and the size of a checkpoint. Raises ValueError, KeyError, TypeError."""
    if len(line) > LINE_SIZE or b"\n" in line.rstrip(b"\n"):
        raise ValueError("not a line")
    checkpoint = orjson.loads(line)["checkpoint"]
    if not LOG.fullmatch(checkpoint["log"]):
        raise ValueError("not a log's name")
    return checkpoint["log"], int(checkpoint["size"])
