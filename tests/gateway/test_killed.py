"""F-19: kill -9 of the server under load. Whoever got an answer over HTTP finds its record, whatever was under way.

TONGCHA_KILLS and TONGCHA_KILL_ANSWERS: how many rounds, and after how many answers on average. 200 and 3000 is the long run.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest

from auth.audit.reader import records
from auth.issuer import DemoIssuer
from tests.auth.audit.samples import WIDE, segments, verified

ROUNDS = int(os.environ.get("TONGCHA_KILLS", "3"))
ANSWERS = int(os.environ.get("TONGCHA_KILL_ANSWERS", "300"))
CONNECTIONS = 16  # so many are let in, however busy the machine is
PLATES = 200
ROOT = Path(__file__).parents[2]
QUERY = (
    'query($p: String!) { vehicle(plateNo: $p, plateType: "02") { plateNo vin owner { ... on Person { name idNo } } } }'
)
ACCESS = {"purpose": "CASE_HANDLING", "taskNo": "ZHXZ-CX-2026-CF-0003071"}


class Servers:
    """The process that forks servers, and the one that it has now."""

    def __init__(self, directory: Path, databases: Mapping[str, str], listener: socket.socket) -> None:
        number = listener.fileno()
        command = [
            sys.executable,
            "-m",
            "tests.gateway.killed",
            str(directory),
            json.dumps(dict(databases)),
            str(number),
        ]
        self._process = subprocess.Popen(
            command, cwd=ROOT, pass_fds=[number], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._now = 0

    def start(self) -> None:
        assert self._process.stdin is not None
        print("go", file=self._process.stdin, flush=True)
        self._now = int(self._said())
        assert self._said() == "ready"

    def kill(self) -> None:
        os.kill(self._now, signal.SIGKILL)

    def wait(self) -> None:
        """Until the one that was killed is gone."""
        assert self._said() == "gone"
        self._now = 0

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._now:
                self.kill()
        self._process.kill()
        self._process.communicate()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as made:
        yield made


@pytest.fixture
def servers(tmp_path: Path, city: Mapping[str, str], listener: socket.socket) -> Iterator[Servers]:
    DemoIssuer.open(tmp_path)
    made = Servers(tmp_path, city, listener)
    yield made
    made.close()


class Load:
    """Connections that ask one question after the other, and what they got in full: the hash of each body."""

    def __init__(self, port: int, requests: list[bytes], ledger: Counter[str]) -> None:
        self._port = port
        self._requests = requests
        self._ledger = ledger
        self._got = 0

    async def until_killed(self, after: int, kill: Callable[[], None]) -> int:
        """Kills when so many answers have come; how many came in all."""
        self._got = 0
        killing = asyncio.Event()
        asking = [asyncio.create_task(self._ask(number, after, killing)) for number in range(CONNECTIONS)]
        await asyncio.wait([asyncio.create_task(killing.wait()), *asking], return_when=asyncio.FIRST_COMPLETED)
        kill()
        _, unheard = await asyncio.wait(
            asking, timeout=0.5
        )  # the system took their connections, the server had not yet
        for task in unheard:
            task.cancel()
        for ended in await asyncio.gather(*asking, return_exceptions=True):
            if isinstance(ended, AssertionError):
                raise ended
        return self._got

    async def _ask(self, number: int, after: int, killing: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                writer.write(self._requests[number % len(self._requests)])
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200"), head
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self._ledger[hashlib.sha256(await reader.readexactly(length)).hexdigest()] += 1
                self._got += 1
                number += 7
                if self._got >= after:
                    killing.set()
        writer.transport.abort()


async def requests_of(city: Mapping[str, str], token: str) -> list[bytes]:
    """The same question about many vehicles, as it goes over the line."""
    connection = await asyncpg.connect(city["vehicle"])
    rows = await connection.fetch(
        "SELECT plate_no FROM veh.vehicle WHERE plate_type = '02' ORDER BY vehicle_id LIMIT $1", PLATES
    )
    await connection.close()
    made = []
    for row in rows:
        body = json.dumps(
            {"query": QUERY, "variables": {"p": row["plate_no"]}, "extensions": {"access": ACCESS}}
        ).encode()
        head = f"POST /graphql HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
        made.append(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    return made


async def test_no_answer_without_its_record_survives_a_kill(
    servers: Servers,
    listener: socket.socket,
    city: Mapping[str, str],
    tmp_path: Path,
    figure: Callable[[str, float], None],
) -> None:
    chance = random.Random(19)
    ledger: Counter[str] = Counter()
    for _ in range(ROUNDS):
        await asyncio.to_thread(servers.start)
        requests = await requests_of(city, DemoIssuer.open(tmp_path).mint("officer"))
        load = Load(listener.getsockname()[1], requests, ledger)
        await load.until_killed(chance.randint(1, 2 * ANSWERS), servers.kill)
        await asyncio.to_thread(servers.wait)
    directory = tmp_path / "audit" / "0"
    segments(directory, limits=WIDE).close()
    written = Counter(record.entry.get("response_sha256") for record in records(directory))
    assert {body: count for body, count in ledger.items() if written[body] < count} == {}
    assert verified(directory).count >= ledger.total() > ROUNDS
    assert all(
        record.entry["outcome"] == "RELEASED" for record in records(directory) if record.entry["kind"] == "access"
    )
    figure("answers", ledger.total())
