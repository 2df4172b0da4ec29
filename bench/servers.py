"""The servers that are measured: how each is started, where it answers which operation, and what it cannot answer."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import orjson

from auth.issuer import DemoIssuer
from bench.load import request
from bench.operations import MIXED, OPERATIONS, SHARES, Operation, Variables
from bench.ours import VARIANTS
from bench.pins import SERVER_CORE, pin
from bench.world import DAY, STATE, World
from datasources.tables.codes import CODE_LISTS, COLUMN_LISTS
from gateway.commands.state import ROOT

NODE_PEERS = Path(__file__).parent / "peers" / "node"
NODE_STATE = STATE / "node"
LIMITED = "limited"
"""The one that is asked for more than it can do."""
HOG = "hog"
"""An officer like the others, who asks for long lists without end."""
START = 60.0
"""Seconds in which a server has to be ready."""


class NotStarted(Exception):
    """A server did not come up. Says where its output is."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server to be measured."""

    name: str
    title: str
    command: tuple[str, ...]
    ours: bool = False
    path: str = "/graphql"
    """``{operation}`` in it is the operation's name."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Documents in place of the common ones, by operation."""
    lacks: Mapping[str, str] = field(default_factory=dict)
    """Operations that it does not answer, with the reason."""

    def answers(self, operation: str) -> bool:
        """Whether it can be asked this."""
        return operation not in self.lacks

    def installed(self) -> bool:
        """Whether what it needs is there."""
        return Path(self.command[0]).exists()


PYTHON = sys.executable
NODE = str(NODE_STATE / "node_modules" / ".bin" / "node")

TITLES = {
    "tongcha": "Tongcha",
    "resolvers": "Tongcha, resolver engine",
    "unshared": "Tongcha, statements not shared",
    "no-access": "Tongcha without token check and decision",
    "no-audit": "Tongcha without audit",
    "neither": "Tongcha without all three",
    "limited": "Tongcha that refuses what is too much",
}

_ONE_DATABASE = "PostGraphile reads one database, this operation needs several"
_POSTGRAPHILE_TEXTS = {
    name: (NODE_PEERS / f"postgraphile.{name}.graphql").read_text(encoding="utf-8") for name in ("point", "rows")
}

SERVERS: Mapping[str, Server] = MappingProxyType(
    {
        server.name: server
        for server in (
            *(
                Server(name=name, title=TITLES[name], command=(PYTHON, "-m", "bench.ours", name), ours=True)
                for name in VARIANTS
            ),
            Server(name="strawberry", title="Strawberry + DataLoader", command=(PYTHON, "-m", "bench.peers.loaders")),
            Server(
                name="handwritten",
                title="Starlette, hand-written SQL",
                command=(PYTHON, "-m", "bench.peers.handwritten"),
                path="/{operation}",
            ),
            Server(name="mercurius", title="Mercurius + JIT + loaders", command=(NODE, "mercurius.mjs")),
            Server(name="yoga", title="Yoga + graphql-jit + DataLoader", command=(NODE, "yoga.mjs")),
            Server(
                name="postgraphile",
                title="PostGraphile",
                command=(NODE, "postgraphile.mjs"),
                texts=_POSTGRAPHILE_TEXTS,
                lacks={"lookup": _ONE_DATABASE, "list": _ONE_DATABASE, MIXED: _ONE_DATABASE},
            ),
        )
    }
)


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that answers."""

    server: Server
    pid: int
    url: str
    world: World
    tokens: Mapping[str, str]

    def requests(self, name: str, caller: str = "") -> list[bytes]:
        """The requests of an operation, or of the mixed workload by its shares; the same for every server.

        `caller` is another one than the operation's.
        """
        if name == MIXED:
            parts = ((self.requests(part), 10 * share) for part, share in SHARES.items())
            return [one for asked, count in parts for one in itertools.islice(itertools.cycle(asked), count)]
        operation = OPERATIONS[name]
        return [self.request(operation, variables, caller) for variables in self.world.pools[name]]

    def request(self, operation: Operation, variables: Variables, caller: str = "") -> bytes:
        """The bytes of one request."""
        body = {"query": self.server.texts.get(operation.name, operation.text), "variables": variables}
        if self.server.ours:
            body["extensions"] = {"access": dict(operation.access)}
        token = self.tokens[caller or operation.caller] if self.server.ours else ""
        path = self.server.path.format(operation=operation.name)
        return request(self.url, path, orjson.dumps(body), token)

    def megabytes(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextlib.contextmanager
def running(server: Server, world: World, *, redis: str = "") -> Iterator[Running]:
    """Starts a server alone on its core and ends it. `redis` is the URL of the one that ours has beside it. Raises NotStarted."""
    state = STATE / world.size
    log = state / f"{server.name}.log"
    node = server.command[0] == NODE
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            server.command,
            cwd=NODE_STATE if node else ROOT,
            env={**os.environ, **_environment(world, state), "BENCH_REDIS": redis},
            stdout=subprocess.PIPE,
            stderr=errors,
            preexec_fn=functools.partial(pin, 0, SERVER_CORE),  # noqa: PLW1509 - nothing else runs here; threads inherit it
        ) as process,
    ):
        try:
            port = _port(process, log)
            issuer = DemoIssuer.open(state)
            tokens = {one.caller: issuer.mint(one.caller) for one in OPERATIONS.values()}
            tokens[HOG] = issuer.mint("officer", sub=f"demo:{HOG}")
            yield Running(server=server, pid=process.pid, url=f"http://127.0.0.1:{port}", world=world, tokens=tokens)
        finally:
            process.kill()  # a server of the benchmark has nothing to lose


def labelled() -> dict[str, dict[str, str]]:
    """The code lists that the peers need: Chinese labels by code."""
    columns = {"status": "veh.vehicle.status_code", "level": "off.org.level"}
    return {name: dict(CODE_LISTS[COLUMN_LISTS[column]].labels) for name, column in columns.items()}


def _environment(world: World, state: Path) -> dict[str, str]:
    return {
        "BENCH_DATABASES": json.dumps(dict(world.databases)),
        "BENCH_STATE": str(state),
        "BENCH_DAY": DAY,
        "BENCH_CODES": json.dumps(labelled()),
        "NODE_ENV": "production",
    }


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """What the server says on its first line."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START)
    words = process.stdout.readline().split() if ready else []
    if len(words) != 2 or words[0] != b"listening":
        raise NotStarted(f"{' '.join(process.args)}: see {log}" if isinstance(process.args, tuple) else str(log))
    return int(words[1])


def install_node_peers() -> bool:
    """Puts the Node peers and their Node into the state directory, by the lock file; false where there is no npm."""
    if shutil.which("npm") is None:
        return False
    NODE_STATE.mkdir(parents=True, exist_ok=True)
    stamp, wanted = NODE_STATE / "stamp", (NODE_PEERS / "package-lock.json").read_text(encoding="utf-8")
    copy_node_peers()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        started = time.monotonic()
        command = ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(command, cwd=NODE_STATE, check=False).returncode != 0:
            return False
        stamp.write_text(wanted, encoding="utf-8")
        print(f"Node peers installed in {time.monotonic() - started:.0f} s.")
    return Path(NODE).exists()


def copy_node_peers() -> None:
    """The programs of the Node peers, beside their packages."""
    for path in (*NODE_PEERS.iterdir(), *(NODE_PEERS.parent / "sql").iterdir()):
        if path.is_file():
            shutil.copy(path, NODE_STATE / path.name)
