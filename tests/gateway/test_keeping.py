"""The log beyond its disk: witnesses get checkpoints, a log that they know better is not gone on with, readiness tells."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from auth.audit import verify
from auth.audit.reader import segments_of
from auth.audit.terms import AuditUnavailable, State
from gateway.commands.state import State as DemoState
from gateway.keeping import AuditRefused, Disk, Keeper, Vouching, open_kept
from gateway.recorder import LogRecorder
from gateway.settings import Settings
from gateway.witness import witness_routes
from tests.auth.audit.samples import entry, verified
from tests.gateway.ledger import until
from tests.gateway.serving import serving


class Outside:
    """A witness on a socket, which can be gone for a while."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    @contextlib.asynccontextmanager
    async def there(self) -> AsyncIterator[None]:
        app = Starlette(routes=witness_routes(self.directory))
        async with serving(app, socket.create_server(("127.0.0.1", self.port))):
            yield

    def checkpoints(self) -> list[dict[str, Any]]:
        lines = [line for path in self.directory.glob("*.jsonl") for line in path.read_bytes().splitlines()]
        return [orjson.loads(line)["checkpoint"] for line in lines]


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path / "outside")


@pytest.fixture
def settings(tmp_path: Path, outside: Outside) -> Settings:
    return Settings(
        audit_directory=tmp_path / "audit",
        audit_key=b"k" * 64,
        audit_signing_key=DemoState(tmp_path).signing_key(),
        audit_witness_directory=tmp_path / "witness",
        audit_witnesses=(outside.url,),
        loopback_http=True,
    )


async def opened(settings: Settings) -> tuple[LogRecorder, Keeper]:
    """As a command does it, before its loop runs."""
    recorder, keeper = await asyncio.to_thread(open_kept, settings)
    await keeper.open()
    return recorder, keeper


async def closed(recorder: LogRecorder, keeper: Keeper) -> None:
    await recorder.close()
    await keeper.close()


async def written(settings: Settings, count: int = 5) -> str:
    """A process that writes records and ends; the name of its log."""
    recorder, keeper = await opened(settings)
    for number in range(count):
        await recorder.log.append(entry(number))
    await closed(recorder, keeper)
    return recorder.log.snapshot.log


async def test_both_witnesses_have_the_last_state(settings: Settings, outside: Outside, tmp_path: Path) -> None:
    async with outside.there():
        log = await written(settings)
    lines = (tmp_path / "witness" / f"{log}.jsonl").read_bytes().splitlines()
    assert orjson.loads(lines[-1])["checkpoint"] == outside.checkpoints()[-1]
    vouching = Vouching.of(settings)
    assert vouching is not None
    key = vouching.signer.public_key
    for path in (tmp_path / "witness", outside.directory):
        checkpoints = verify.read_checkpoints(path / f"{log}.jsonl", key)
        assert verified(tmp_path / "audit" / "0", checkpoints).count == checkpoints[-1]["size"] == 6


async def test_a_witness_that_is_down_gets_the_newest_when_it_is_back(
    settings: Settings, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    recorder, keeper = await opened(settings)
    for number in range(5):
        await recorder.log.append(entry(number))
    await until(lambda: _says(caplog, "audit_witness_failed"))
    await until(lambda: _lacks(keeper))
    assert keeper.ready()
    async with outside.there():
        await until(lambda: _has(outside, 6))
        await closed(recorder, keeper)
    assert keeper.standing()["witnesses"] == {"file": 0.0, "endpoint 1": 0.0}


async def test_a_worker_keeps_the_log_of_its_number(settings: Settings) -> None:
    for worker in (1, 0):
        recorder, keeper = await opened(dataclasses.replace(settings, worker=worker))
        assert recorder.log.directory.name == str(worker)
        await closed(recorder, keeper)


async def _says(caplog: pytest.LogCaptureFixture, event: str) -> bool:
    return event in {record.msg for record in caplog.records}


async def _lacks(keeper: Keeper) -> bool:
    return bool(keeper.standing()["witnesses"]["endpoint 1"] > 0)


async def _has(outside: Outside, size: int) -> bool:
    return any(checkpoint["size"] == size for checkpoint in outside.checkpoints())


@pytest.mark.parametrize("knowing", ["file", "endpoint"])
async def test_a_log_that_was_cut_is_not_gone_on_with(
    settings: Settings, outside: Outside, tmp_path: Path, knowing: str
) -> None:
    async with outside.there():
        await written(settings)
        shutil.rmtree(tmp_path / "witness" if knowing == "endpoint" else outside.directory)
        path = segments_of(tmp_path / "audit" / "0")[-1][1]
        path.write_bytes(path.read_bytes()[:-700])
        with pytest.raises(
            AuditRefused, match=r"TONGCHA_AUDIT_DIR: .*a witness knows 6 records, and there are not as many"
        ):
            await asyncio.to_thread(open_kept, settings)


async def test_another_log_in_its_place_is_not_gone_on_with(
    settings: Settings, outside: Outside, tmp_path: Path
) -> None:
    async with outside.there():
        await written(settings)
        shutil.rmtree(tmp_path / "audit")
        with pytest.raises(AuditRefused, match="of which a witness knows 6 records, is not there"):
            await asyncio.to_thread(open_kept, settings)


async def test_what_another_key_signed_stops_nobody(settings: Settings, outside: Outside, tmp_path: Path) -> None:
    """Else whoever may write to a witness could."""
    async with outside.there():
        await written(settings)
        shutil.rmtree(tmp_path / "audit")
        other = DemoState(tmp_path / "other").signing_key()
        await written(dataclasses.replace(settings, audit_signing_key=other))


async def test_a_witness_refuses_a_log_that_has_become_smaller(outside: Outside) -> None:
    def line(size: int) -> bytes:
        return orjson.dumps({"checkpoint": {"log": "a" * 32, "size": size}})

    async with outside.there(), httpx.AsyncClient() as client:
        for content, status in (
            (line(5), 204), (line(4), 409), (line(5), 204), (line(9), 204), (b"{}", 400), (b"no", 400), (line(9) * 2, 400),
            (line(9).replace(b"a" * 32, b"../../etc/passwd"), 400), (b" " * 5000 + line(10), 400),
        ):  # fmt: skip
            assert (await client.post(outside.url, content=content)).status_code == status
        assert (await client.get(outside.url)).content == line(9) + b"\n"
    async with outside.there(), httpx.AsyncClient() as client:
        assert (await client.post(outside.url, content=line(8))).status_code == 409


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"audit_signing_key": Path("/nowhere")}, "TONGCHA_AUDIT_SIGNING_KEY: FileNotFoundError"),
        ({"audit_witnesses": ("http://witness.example/",)}, "TONGCHA_AUDIT_WITNESSES: not HTTPS"),
        ({"audit_key": None}, "TONGCHA_AUDIT_DIR and TONGCHA_AUDIT_KEY are not set"),
    ],
)
def test_settings_that_cannot_be_used_are_named(settings: Settings, given: dict[str, Any], said: str) -> None:
    with pytest.raises(AuditRefused, match=said):
        open_kept(dataclasses.replace(settings, **given))


def test_a_witness_does_not_lie_in_the_log_s_directory(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(AuditRefused, match="lies in TONGCHA_AUDIT_DIR"):
        open_kept(dataclasses.replace(settings, audit_witness_directory=tmp_path / "audit" / "witness"))


async def test_fewer_than_two_witnesses_are_told_of(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    await written(dataclasses.replace(settings, audit_witnesses=()))
    assert "audit_witnesses_missing" in {record.msg for record in caplog.records}


# --- readiness -----------------------------------------------------------------------------------


async def test_a_log_that_cannot_be_written_is_not_ready_until_it_can(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, keeper = await opened(dataclasses.replace(settings, audit_witnesses=()))
    broken = True

    def write(*_: Any) -> int:
        if broken:
            raise OSError(28, "no space")
        return os.write(*_)

    monkeypatch.setattr("auth.audit.files.Files.write", lambda _self, *given: write(*given))
    with pytest.raises(AuditUnavailable):
        await recorder.log.append(entry(1))
    assert not keeper.ready()
    assert keeper.standing()["state"] == State.UNAVAILABLE.value
    broken = False
    await until(lambda: _ready(keeper))
    monkeypatch.undo()
    await closed(recorder, keeper)
    assert b'"kind":"resumed"' in b"".join(
        path.read_bytes() for path in (settings.audit_directory or Path()).rglob("*.log")
    )


async def _ready(keeper: Keeper) -> bool:
    return keeper.ready()


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([50, 79], []),
        ([80, 85, 80], [80]),
        ([85, 95, 95], [85, 95]),
        ([95, 50, 95], [95, 95]),
        ([91, 85, 92], [91, 92]),
    ],
)
def test_a_disk_that_fills_is_told_of_once_per_threshold(
    tmp_path: Path, shares: list[int], told: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    disk = _Filling(tmp_path)
    for share in shares:
        disk.share = share
        disk.look()
    assert [record.percent for record in caplog.records] == told  # type: ignore[attr-defined]


class _Filling(Disk):
    share = 0

    def used(self) -> float:
        return self.share / 100


def test_the_share_of_a_disk_is_of_what_we_may_use(tmp_path: Path) -> None:
    def stat(_: Path) -> os.statvfs_result:
        return os.statvfs_result((4096, 4096, 1000, 300, 100, 0, 0, 0, 0, 255))

    assert Disk(tmp_path, stat).used() == 700 / 800


def test_a_disk_of_which_nobody_can_say_is_full(tmp_path: Path) -> None:
    assert Disk(tmp_path / "nowhere").used() == 1.0
