"""``tongcha serve --workers 2``: two processes on one socket. The tests share one; the last of them ends it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from auth.audit.reader import log_of, records
from auth.issuer import DemoIssuer
from auth.revocation import Revocation, Revoked
from gateway.revocations import tell
from tests.auth.audit.samples import verified
from tests.gateway.commands.test_cli import audit, environment, issuers_file, run, tongcha

WORKERS = 2
CONNECTIONS = 8
PATIENCE = 60.0
"""Seconds after which what does not happen has failed."""


class Gateway:
    """A supervisor with its workers, and what they say on standard error."""

    def __init__(self, process: subprocess.Popen[str], directory: Path) -> None:
        self.process = process
        self.issuer = DemoIssuer.open(directory)
        self.logs = [directory / "audit" / str(number) for number in range(WORKERS)]
        self._said: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.until(lambda: len(self.events("serving")) == WORKERS)
        self.port: int = self.events("serving")[0]["port"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.until(lambda: bool(self.events("administering")))
        self.admin = f"http://127.0.0.1:{self.events('administering')[0]['port']}"

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._said.append(json.loads(line))

    def events(self, name: str) -> list[dict[str, Any]]:
        return [said for said in self._said if said["event"] == name]

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, self._said
            time.sleep(0.02)

    def until_begun(self, count: int) -> None:
        """Until so many workers have begun since the start."""
        self.until(lambda: len(self.events("serving")) >= count)

    def until_all_answer(self) -> None:
        """Until each worker has: a new connection is taken by one that has time."""
        found: set[int] = set()

        def complete() -> bool:
            found.add(httpx.get(f"{self.url}/readyz", timeout=PATIENCE).json()["worker"])
            return found == set(range(WORKERS))

        self.until(complete)

    def measured(self, name: str, **labels: str) -> float:
        """A sample of the admin port's metrics."""
        for family in text_string_to_metric_families(httpx.get(f"{self.admin}/metrics", timeout=PATIENCE).text):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        raise KeyError(name, labels)

    def token(self, **claims: Any) -> str:
        return self.issuer.mint("public", **claims)

    def written(self) -> Counter[str]:
        """The hashes of the answers that are in the logs."""
        entries = (record.entry for log in self.logs for record in records(log))
        return Counter(entry["response_sha256"] for entry in entries if entry["kind"] == "access")


@pytest.fixture(scope="module")
def gateway(city: Mapping[str, str], redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("together")
    issuers = issuers_file(DemoIssuer.open(directory), directory)
    settings = {"TONGCHA_ISSUERS": str(issuers), "TONGCHA_REDIS": redis_url, **audit(directory)}
    settings["TONGCHA_ADMIN_PORT"] = "0"
    arguments = ("serve", "--port", "0", "--workers", str(WORKERS))
    with tongcha(*arguments, env=environment(city, **settings)) as process:
        yield Gateway(process, directory)


def question(number: int) -> dict[str, str]:
    """One of many questions, whose answers differ."""
    return {"query": f"{{ a{number % 500}: __typename }}"}


class Load:
    """Connections that ask one question after the other, and anew when theirs is gone; the hashes of what they got in full."""

    def __init__(self, gateway: Gateway) -> None:
        self._url = f"{gateway.url}/graphql"
        self._headers = {"authorization": f"Bearer {gateway.token()}"}
        self._stopped = False
        self.ledger: Counter[str] = Counter()

    async def until_stopped(self) -> None:
        await asyncio.gather(*(self._ask(number) for number in range(CONNECTIONS)))

    async def answers(self, gateway: Gateway, count: int) -> None:
        """Until so many more have come."""
        wanted = self.ledger.total() + count
        await asyncio.to_thread(gateway.until, lambda: self.ledger.total() >= wanted)

    def stop(self) -> None:
        self._stopped = True

    async def _ask(self, number: int) -> None:
        async with httpx.AsyncClient(headers=self._headers, timeout=PATIENCE) as client:
            while not self._stopped:
                with contextlib.suppress(httpx.TransportError):
                    answer = await client.post(self._url, json=question(number))
                    assert answer.status_code == 200, answer.text
                    self.ledger[hashlib.sha256(answer.content).hexdigest()] += 1
                number += CONNECTIONS


def test_every_worker_answers_and_has_a_log_of_its_own(gateway: Gateway) -> None:
    gateway.until_all_answer()
    assert len({log_of(log) for log in gateway.logs}) == WORKERS


async def test_every_worker_hears_of_a_revocation_within_a_second(gateway: Gateway, redis_url: str) -> None:
    number = f"together-{os.getpid()}-{gateway.port}"
    headers = {"authorization": f"Bearer {gateway.token(jti=number)}"}

    async def asked() -> set[int]:
        """Over many connections, so that every worker is asked."""
        found = set()
        for count in range(20):
            async with httpx.AsyncClient(timeout=PATIENCE) as client:
                answer = await client.post(f"{gateway.url}/graphql", json=question(count), headers=headers)
            found.add(answer.status_code)
        return found

    assert await asked() == {200}
    issuer = gateway.issuer.iss("systems")
    await tell(redis_url, Revocation(kind=Revoked.TOKEN, issuer=issuer, value=number, at=time.time()))
    await asyncio.sleep(1)
    assert await asked() == {401}


async def test_a_worker_that_is_killed_takes_no_record_with_it_and_the_other_goes_on(gateway: Gateway) -> None:
    logs = [log_of(log) for log in gateway.logs]
    (pid,) = (said["process_id"] for said in gateway.events("serving") if said["worker"] == 1)
    load = Load(gateway)
    asking = asyncio.create_task(load.until_stopped())
    await load.answers(gateway, 100)
    os.kill(pid, signal.SIGKILL)
    await load.answers(gateway, 100)
    await asyncio.to_thread(gateway.until, lambda: len(gateway.events("serving")) == WORKERS + 1)
    await load.answers(gateway, 100)
    load.stop()
    await asking
    answered = gateway.measured("tongcha_requests_total", kind="public", status="2xx")
    assert answered >= load.ledger.total()  # what the killed one has counted is not lost
    assert gateway.measured("tongcha_worker_starts_total", worker="1") == 2
    found = gateway.written()
    assert {body: count for body, count in load.ledger.items() if found[body] < count} == {}
    gateway.until_all_answer()
    assert [log_of(log) for log in gateway.logs] == logs  # who came in its place went on with its log
    assert sorted(path.name for path in gateway.logs[0].parent.iterdir()) == ["0", "1"]


def test_the_admin_port_answers_while_every_worker_hangs(gateway: Gateway) -> None:
    pids = {said["worker"]: said["process_id"] for said in gateway.events("serving")}
    gateway.until(lambda: httpx.get(f"{gateway.admin}/readyz", timeout=PATIENCE).json()["ready"])
    for pid in pids.values():
        os.kill(pid, signal.SIGSTOP)
    try:
        standing = httpx.get(f"{gateway.admin}/readyz", timeout=PATIENCE).json()
        assert {worker["worker"] for worker in standing["workers"]} == set(range(WORKERS))
        sources = httpx.get(f"{gateway.admin}/sources", timeout=PATIENCE).json()
        assert sources["gateway"]["workers"].keys() == {"0", "1"}
    finally:
        for pid in pids.values():
            os.kill(pid, signal.SIGCONT)


def test_every_line_of_a_worker_has_its_number(gateway: Gateway) -> None:
    assert {said["worker"] for said in gateway.events("audit_witnesses_missing")} == set(range(WORKERS))


class Patient(Load):
    """A load whose every failure counts."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self.failed: list[str] = []

    async def _ask(self, number: int) -> None:
        async with httpx.AsyncClient(headers=self._headers, timeout=PATIENCE) as client:
            while not self._stopped:
                try:
                    answer = await client.post(self._url, json=question(number))
                    answer.raise_for_status()
                except httpx.HTTPError as error:
                    self.failed.append(repr(error))
                else:
                    self.ledger[hashlib.sha256(answer.content).hexdigest()] += 1
                number += CONNECTIONS


async def test_f23_workers_are_renewed_under_load_and_no_request_fails(
    gateway: Gateway, figure: Callable[[str, float], None]
) -> None:
    """Both once, or as often as TONGCHA_RESTARTS says."""
    restarts = int(os.environ.get("TONGCHA_RESTARTS", "1"))
    load = Patient(gateway)
    asking = asyncio.create_task(load.until_stopped())
    before = len(gateway.events("serving"))
    for number in range(restarts):
        gateway.process.send_signal(signal.SIGHUP)
        await asyncio.to_thread(gateway.until_begun, before + WORKERS * (number + 1))
    load.stop()
    await asking
    figure("restarts", restarts)
    figure("requests", load.ledger.total())
    assert load.failed == []
    assert load.ledger.total() > CONNECTIONS


def half_a_request(gateway: Gateway, number: int) -> tuple[socket.socket, bytes]:
    """A connection whose request a worker has begun with, and the body that it still waits for."""
    body = json.dumps(question(number)).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {gateway.token()}\r\nexpect: 100-continue\r\n"
    connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE)
    connection.sendall(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode())
    assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")
    return connection, body


def is_closed(port: int) -> bool:
    """Whether nobody takes connections any more."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def test_what_is_under_way_is_answered_before_all_end_and_the_admin_port_is_there_meanwhile(gateway: Gateway) -> None:
    before = gateway.written()
    begun = [half_a_request(gateway, number) for number in range(CONNECTIONS)]
    gateway.process.send_signal(signal.SIGTERM)
    gateway.until(lambda: is_closed(gateway.port))
    standing = httpx.get(f"{gateway.admin}/readyz", timeout=PATIENCE)
    assert (standing.status_code, standing.json()["draining"]) == (503, True)
    assert gateway.measured("tongcha_worker_draining", worker="1") == 1
    answered: Counter[str] = Counter()
    for connection, body in begun:
        with connection:
            connection.sendall(body)
            answer = b"".join(iter(partial(connection.recv, 65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        answered[hashlib.sha256(answer.partition(b"\r\n\r\n")[2]).hexdigest()] += 1
    assert gateway.process.wait(PATIENCE) == 0
    assert gateway.written() - before == answered
    assert all(verified(log).count > 1 for log in gateway.logs)


def test_several_workers_want_what_they_share(
    city: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("TONGCHA_REDIS", raising=False)
    issuers = issuers_file(DemoIssuer.open(tmp_path), tmp_path)
    for name, value in environment(city, TONGCHA_ISSUERS=str(issuers), **audit(tmp_path)).items():
        monkeypatch.setenv(name, value)
    assert run("serve --workers 2", capsys)[0] == "tongcha: not set: TONGCHA_REDIS"
