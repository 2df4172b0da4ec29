"""Before anything is measured: every server gives the same answers. A fast wrong answer counts for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import orjson
import uvloop

from bench.load import BadAnswer, place, split
from bench.operations import OPERATIONS
from bench.servers import Running

COMPARED = 25
"""Answers of each operation."""


class WrongAnswer(Exception):
    """A server's answer is not the expected one. Says which."""


def expected(running: Running) -> dict[str, list[object]]:
    """What everybody has to answer, by operation: the data of the first requests of each pool."""
    return {name: _data(running, name) for name in OPERATIONS if running.server.answers(name)}


def check(running: Running, wanted: dict[str, list[object]]) -> None:
    """Raises WrongAnswer at the first difference."""
    for name, data in expected(running).items():
        for number, (one, other) in enumerate(zip(data, wanted[name], strict=True)):
            if one != other:
                variables = running.world.pools[name][number]
                raise WrongAnswer(f"{running.server.name}, {name} {variables}: {difference(other, one)}")


def difference(wanted: object, given: object, path: str = "data") -> str:
    """Where two answers part."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        if wanted.keys() != given.keys():
            return f"{path} has {sorted(given)}, not {sorted(wanted)}"
        pairs: Sequence[tuple[object, object, object]] = [(key, wanted[key], given[key]) for key in wanted]
    elif isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        pairs = [(at, *both) for at, both in enumerate(zip(wanted, given, strict=True))]
    else:
        return f"{path} is {str(given)[:200]}, not {str(wanted)[:200]}"
    return next(difference(one, other, f"{path}.{key}") for key, one, other in pairs if one != other)


def _data(running: Running, name: str) -> list[object]:
    bodies = answers(running, running.requests(name)[:COMPARED])
    parsed = [orjson.loads(body) for body in bodies]
    for answer in parsed:
        if "errors" in answer or not all(answer["data"].values()):
            raise WrongAnswer(f"{running.server.name}, {name}: {str(answer)[:500]}")
    return [answer["data"] for answer in parsed]


def answers(running: Running, asked: Iterable[bytes]) -> list[bytes]:
    """The bodies of the answers to some requests, one after the other. Raises BadAnswer."""

    async def ask() -> list[bytes]:
        found = []
        reader, writer = await asyncio.open_connection(*place(running.url))
        for one in asked:
            writer.write(one)
            found.append(await _read(reader))
        writer.close()
        return found

    return uvloop.run(ask())


async def _read(reader: asyncio.StreamReader) -> bytes:
    data = b""
    while (answer := split(data)) is None:
        more = await reader.read(1 << 16)
        if not more:
            raise BadAnswer("the connection was lost")
        data += more
    status, body = answer
    if status != 200:
        raise BadAnswer(f"{status} {body[:300].decode(errors='replace')}")
    return body
