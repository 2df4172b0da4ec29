"""``scripts/clients``: npm graphql-sse and graphql-ws follow a feed through a line that is cut and a gateway that restarts.

Each prints what it received; the command fails when a change was lost, came twice or came out of order.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from auth.audit.terms import Limits
from auth.audit.writer import AuditLog
from gateway.commands.state import ROOT, State, running_postgres
from gateway.recorder import LogRecorder
from tests.gateway.following import following
from tests.gateway.looking import PSEUDONYMS, Desk
from tests.gateway.village import make, village

HERE = Path(__file__).parent
STATE = ROOT / ".state" / "clients"
NODE = STATE / "node_modules" / ".bin" / "node"
CLIENTS = {"graphql-sse": "sse.mjs", "graphql-ws": "ws.mjs"}
ROUNDS, PER_ROUND = 12, 20
"""Bursts of changes, and how many changes a burst has at most. Between two bursts the line is cut, or the gateway starts anew."""
SEED = 20261105
SECONDS = 60.0


def install() -> bool:
    """The packages of the lock file, and their Node; False where there is no npm."""
    if shutil.which("npm") is None:
        return False
    STATE.mkdir(parents=True, exist_ok=True)
    for path in (*HERE.glob("*.mjs"), *HERE.glob("*.json")):
        shutil.copy(path, STATE / path.name)
    command = ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    return subprocess.run(command, cwd=STATE, check=False).returncode == 0


class Line:
    """A line to the gateway that can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, there and back."""
        try:
            back, there = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, there}
        self._writers |= ends
        await asyncio.gather(_copy(reader, there), _copy(back, writer))
        self._writers -= ends

    def cut(self) -> None:
        """Ends every connection as a cable does."""
        for writer in self._writers:
            writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def town(dsn: str, directory: Path) -> AsyncIterator[Desk]:
    """A village with an access log."""
    log = AuditLog.claim(directory, limits=Limits(segment_bytes=1 << 24, reserve_bytes=16384))
    recorder = LogRecorder(log, PSEUDONYMS)
    desk = Desk(dsn, recorder, directory)
    try:
        yield desk
    finally:
        await desk.close()
        await recorder.close()


async def run(client: str, dsn: str) -> list[str]:
    """Lets one client follow. What is wrong with what it received."""
    dice = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name:
        async with town(dsn, Path(name)) as desk:
            return await _followed(client, desk, Path(name), dice)


async def _followed(client: str, desk: Desk, directory: Path, dice: random.Random) -> list[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    line = Line(port)
    server = await asyncio.start_server(line.join, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
    written: list[str] = []
    process: asyncio.subprocess.Process | None = None
    for number in range(ROUNDS // 4):
        listener = socket.create_server(("127.0.0.1", port)) if number else listener
        async with following(desk, directory, listener=listener) as feed:
            if process is None:
                await feed.cleared()
                process = await asyncio.create_subprocess_exec(
                    NODE,
                    CLIENTS[client],
                    address,
                    feed.token(),
                    str(ROUNDS * PER_ROUND),
                    cwd=STATE,
                    stdout=asyncio.subprocess.PIPE,
                )
            for _ in range(4):
                written += await feed.publish(PER_ROUND, notify=dice.random() < 0.7)
                await asyncio.sleep(dice.random())
                if dice.random() < 0.7:
                    line.cut()
            if len(written) == ROUNDS * PER_ROUND:
                async with asyncio.timeout(SECONDS):
                    received, _ = await process.communicate()
    server.close()
    return _faults(client, written, received.decode().split())


def _faults(client: str, written: list[str], received: list[str]) -> list[str]:
    print(f"{client}: {len(received)} of {len(written)} changes received: {', '.join(received)}")
    lost = [number for number in written if number not in received]
    twice = sorted({number for number in received if received.count(number) > 1}, key=int)
    faults = [f"lost: {lost}"] if lost else []
    faults += [f"twice: {twice}"] if twice else []
    faults += ["out of order"] if not faults and received != written else []
    return [f"{client}: {fault}" for fault in faults]


def main() -> None:
    """Runs both clients."""
    if not install():
        sys.exit("scripts/clients needs npm.")
    with running_postgres(State(STATE / "village")) as postgres:
        asyncio.run(_all(postgres.admin_dsn))


async def _all(admin_dsn: str) -> None:
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute("DROP DATABASE IF EXISTS clients WITH (FORCE)")
    await admin.execute("CREATE DATABASE clients")
    await admin.close()
    dsn = admin_dsn.rsplit("/", 1)[0] + "/clients"
    await make(dsn, village())
    faults = [fault for client in CLIENTS for fault in await run(client, dsn)]
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
