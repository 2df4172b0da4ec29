"""A primary and a replica that follows it, really started: reads go on without the primary, and say how old they may be."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from datasources import embedded
from datasources.database import Database
from datasources.embedded import ADMIN, EmbeddedPostgres
from datasources.errors import SourceError
from tests.datasources.soon import soon

SETTINGS = {**embedded._SETTINGS, "wal_level": "replica", "max_wal_senders": "4", "shared_buffers": "16MB"}
ACCESS = f"{embedded._ACCESS}host replication {ADMIN} 127.0.0.1/32 scram-sha-256\n"


class Pair:
    """Their addresses are `first` and `second`. What the replica has is what the primary had when it was copied, and since."""

    def __init__(self, place: Path) -> None:
        self.primary = EmbeddedPostgres(place)
        self.first = self.primary.start()
        self.primary.stop()
        account, place = self.primary._settle()
        programs = embedded._programs(embedded._installed_package(), place, account)
        data = place / "replica"
        shutil.copytree(place / "data", data)
        (data / "standby.signal").touch()
        if account is not None:
            for one in (data, *data.rglob("*")):
                os.chown(one, account.uid, account.gid)
        self.primary.start()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.second = f"{self.first.rpartition(':')[0]}:{port}/postgres"
        settings = {**SETTINGS, "primary_conninfo": self.first, "wal_receiver_status_interval": "1"}
        self._replica = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
            + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            stderr=subprocess.DEVNULL,
        )

    async def promote(self) -> None:
        admin = await asyncpg.connect(self.second)
        await admin.fetchval("SELECT pg_promote()")
        await admin.close()

    def end(self) -> None:
        self._replica.send_signal(signal.SIGINT)  # a fast shutdown
        self._replica.wait()
        self.primary.remove()


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    monkeypatch.setattr(embedded, "_SETTINGS", SETTINGS)
    monkeypatch.setattr(embedded, "_ACCESS", ACCESS)
    directory = Path(tempfile.mkdtemp())
    made = Pair(directory)
    yield made
    made.end()
    shutil.rmtree(directory)


async def ask(database: Database, text: str = "SELECT pg_is_in_recovery()") -> object:
    """The first value, or the code of the error."""
    try:
        return (await database.rows(text, ()))[0][0]
    except SourceError as error:
        return error.code


async def becomes(database: Database, expected: object) -> None:
    """Returns when the database answers so."""
    for _ in range(100):
        if await ask(database) == expected:
            return
        await soon(lambda: database.standing()["breaker"] == "closed")
    raise AssertionError(expected)


async def test_reads_go_on_when_the_primary_is_gone_and_writes_when_there_is_another(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasources.pool.LOOK", 0.05)
    both = f"{pair.first} {pair.second}"
    replica, reads, writes = (
        Database("replica", pair.second, writable=False),
        Database("shelf", both, writable=False),
        Database("gateway", both),
    )
    await becomes(replica, expected=True)
    await soon(lambda: replica.behind == 0.0)
    assert (await ask(reads), reads.behind, await ask(writes)) == (False, 0.0, False)
    pair.primary.stop()
    await becomes(reads, expected=True)
    await soon(lambda: reads.behind > 0)
    assert await ask(writes) == "SOURCE_UNAVAILABLE"
    await pair.promote()
    await becomes(writes, expected=False)
    await soon(lambda: reads.behind == 0.0)
    assert await ask(reads) is False
    for database in (replica, reads, writes):
        await database.close()
