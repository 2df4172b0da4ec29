"""The demo's identity provider as the demo runs it: in a thread, with a gateway that knows it by its address only."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import httpx
import pytest

from auth.errors import TokenRevoked
from auth.revocation import Revocation, Revocations, Revoked
from datasources.cache import Cache
from gateway import revocations as module
from gateway.commands.provider import running_provider
from gateway.commands.state import State
from gateway.identity import Identity
from gateway.settings import Settings
from tests.gateway.commands.test_cli import run


async def test_a_gateway_takes_the_tokens_of_the_command_line_before_and_after_a_rotation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, revocations = Settings(loopback_http=True), Revocations()
    with running_provider(State(tmp_path), settings, revocations) as issuer:
        identity = Identity.of(settings, issuer.issuers(), revocations=revocations)
        await identity.open()
        for keys in identity._keys.values():
            keys._paused_until = 0.0  # as if the start were long ago
        _, before = run(f"token officer --state {tmp_path}", capsys)
        async with httpx.AsyncClient() as client:
            await client.post(f"{issuer.iss('staff')}/rotate")
            _, after = run(f"token officer --state {tmp_path}", capsys)
            viewers = [await identity.verifier.verify(token.strip()) for token in (before, after)]
            assert len({viewer.key_id for viewer in viewers}) == 2
            await client.post(f"{issuer.iss('staff')}/revoke", data={"token": before.strip()})
        with pytest.raises(TokenRevoked):
            await identity.verifier.verify(before.strip())
        await identity.verifier.verify(after.strip())
        await identity.close()


def test_a_taken_port_is_another_port(tmp_path: Path) -> None:
    state = State(tmp_path)
    with (
        socket.create_server(("127.0.0.1", state.provider_port())) as taken,
        running_provider(state, Settings(), Revocations()) as issuer,
    ):
        assert state.provider_port() != taken.getsockname()[1]
        assert httpx.get(f"{issuer.iss('staff')}/jwks").json() == issuer.jwks("staff")


async def test_what_the_provider_revokes_goes_over_redis(
    tmp_path: Path, redis_url: str, redis_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STREAM", redis_name)
    settings = Settings(loopback_http=True, redis=redis_url)
    with running_provider(State(tmp_path), settings, Revocations(pushed=True)) as issuer:
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"{issuer.iss('staff')}/revoke", data={"subject": "u"})).status_code == 200
    assert [one.value for one in await told(redis_url, redis_name)] == ["u"]


async def told(redis_url: str, stream: str) -> list[Revocation]:
    cache = Cache(redis_url)
    batches = cache.listen(stream)
    records = await anext(batches)
    await batches.aclose()
    await cache.close()
    return [Revocation.parse(record) for record in records]


@pytest.mark.parametrize("kind", Revoked)
async def test_the_operator_revokes(
    kind: Revoked,
    redis_url: str,
    redis_name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(module, "STREAM", redis_name)
    monkeypatch.setenv("TONGCHA_REDIS", redis_url)
    begun = time.time()
    command = f"revoke {kind.value} 0e1f --issuer https://id.example"
    code, said = await asyncio.to_thread(run, command, capsys)
    assert (code, said) == (None, f"Revoked: {kind.value} 0e1f of https://id.example.\n")
    (found,) = await told(redis_url, redis_name)
    assert (found.kind, found.issuer, found.value) == (kind, "https://id.example", "0e1f")
    assert begun - 1 <= found.at <= time.time() + 1


@pytest.mark.parametrize(
    ("redis", "command", "said"),
    [
        ("", "revoke subject u --issuer i", "tongcha: not set: TONGCHA_REDIS"),
        ("unix:///nowhere/redis.sock", "revoke subject u --issuer i", "tongcha: TONGCHA_REDIS: ConnectionError"),
        (
            "unix:///nowhere/redis.sock",
            f"revoke token {'x' * 201} --issuer i",
            "tongcha: a token has 1 to 200 characters, and an issuer",
        ),
    ],
)
def test_what_cannot_be_revoked(
    redis: str, command: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TONGCHA_REDIS", redis)
    assert run(command, capsys)[0] == said
