"""How a process ends under way, and what it does when it cannot go on. F-21, F-22, F-34 and F-35 are cases of the catalogue."""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from auth.audit.reader import records
from auth.issuer import DemoIssuer
from tests.auth.audit.samples import verified
from tests.gateway.commands.drained import serve

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([serve.__module__])
PATIENCE = 60.0
"""Seconds after which what does not happen has failed."""
MANY = 200


class Server:
    """A process of `tests.gateway.commands.drained`: a fork of one that has everything imported."""

    def __init__(self, directory: Path, delay: float, files: int) -> None:
        self.directory = directory
        self._errors = directory / "errors"
        told, tells = FORKS.Pipe(duplex=False)
        self.process = FORKS.Process(target=serve, args=(directory, delay, files, tells))
        self.process.start()
        tells.close()
        with told:
            self.port: int = told.recv()
        self.url = f"http://127.0.0.1:{self.port}"
        self._token = DemoIssuer.open(directory).mint("public")

    def ask(self, number: int) -> socket.socket:
        """A connection on which something is asked."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.ask_on(connection, number)
        return connection

    def ask_on(self, connection: socket.socket, number: int) -> None:
        body = json.dumps({"query": f"{{ a{number} }}"}).encode()
        head = f"POST /graphql HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {self._token}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    def let_go(self) -> None:
        self.tell(signal.SIGUSR2)

    def tell(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def ends_with(self) -> int | None:
        """Its exit status, once it has ended."""
        self.process.join(PATIENCE)
        return self.process.exitcode

    def ready(self) -> dict[str, Any]:
        with httpx.Client() as client:
            return dict(client.get(f"{self.url}/readyz").json())

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = map(json.loads, self._errors.read_text().splitlines())
        return [line for line in lines if line["event"] == name]

    def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, self._errors.read_text()
            time.sleep(0.02)

    def is_closed(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
        except ConnectionRefusedError:
            return True
        return False

    def written(self) -> Counter[str]:
        entries = (record.entry for record in records(self.directory / "audit" / "0"))
        return Counter(entry["response_sha256"] for entry in entries if entry["kind"] == "access")


@contextlib.contextmanager
def server(directory: Path, *, delay: float = 0.0, files: int = 0) -> Iterator[Server]:
    made = Server(directory, delay, files)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.join()
        made.process.close()


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    with connection:
        return b"".join(iter(partial(connection.recv, 65536), b""))


def whole(connection: socket.socket) -> bytes:
    """One answer."""
    answer = b""
    while not answer.endswith(b"}}"):
        answer += connection.recv(65536)
    return answer


def body_of(answer: bytes) -> str:
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert b"\r\nconnection: close\r\n" in answer
    return hashlib.sha256(answer.partition(b"\r\n\r\n")[2]).hexdigest()


def test_f21_two_hundred_that_are_under_way_are_answered_and_recorded(tmp_path: Path) -> None:
    with server(tmp_path) as one:
        asked = [one.ask(number) for number in range(MANY)]
        one.tell()
        one.until(one.is_closed)
        one.let_go()
        answered = Counter(body_of(rest(connection)) for connection in asked)
        assert one.ends_with() == 0
        assert len(answered) == MANY
        assert one.written() == answered
        assert verified(tmp_path / "audit" / "0").count >= MANY


def test_f21_a_connection_at_rest_is_answered_once_more_and_then_closed(tmp_path: Path) -> None:
    with server(tmp_path) as one:
        one.let_go()
        connection = one.ask(0)
        assert whole(connection).startswith(b"HTTP/1.1 200 ")
        one.tell()
        one.until(one.is_closed)
        one.ask_on(connection, 1)
        body_of(rest(connection))
        assert one.ends_with() == 0


def test_f21_it_is_not_ready_before_it_stops(tmp_path: Path) -> None:
    with server(tmp_path, delay=1.0) as one:
        one.let_go()
        assert one.ready()["ready"]
        one.tell()
        one.until(lambda: not one.ready()["ready"])
        assert one.ready()["draining"]
        one.ask(0).close()
        assert one.ends_with() == 0


def test_f22_told_once_more_it_ends_at_once_with_its_records_whole(tmp_path: Path) -> None:
    with server(tmp_path) as one:
        asked = [one.ask(number) for number in range(8)]
        one.tell()
        one.until(one.is_closed)
        one.tell()  # within a second it is the first signal again
        time.sleep(1.2)
        assert one.process.is_alive()
        begun = time.monotonic()
        one.tell()
        assert one.ends_with() == 0
        assert time.monotonic() - begun < 3
        assert all(not rest(connection).startswith(b"HTTP/1.1 200 ") for connection in asked)
        verified(tmp_path / "audit" / "0")
        assert not list((tmp_path / "audit" / "0").glob("*.torn"))


def test_f34_a_loop_that_stands_still_is_told_of_with_where_it_stands(tmp_path: Path) -> None:
    with server(tmp_path) as one:
        one.let_go()
        one.tell(signal.SIGALRM)

        def told() -> list[str]:
            """On a busy machine it may stand still elsewhere too."""
            places = [blocked["where"].split(" < ")[0] for blocked in one.events("event loop blocked")]
            return [place for place in places if place.endswith(" stand_still")]

        one.until(told)
        one.until(lambda: len(one.events("event loop turns again")) == len(one.events("event loop blocked")))
        assert [place.partition(":")[0] for place in told()] == ["commands/drained.py"]
        one.until(lambda: one.ready()["ready"])


def test_f35_without_file_descriptors_connections_wait_and_nothing_breaks(tmp_path: Path) -> None:
    with server(tmp_path, files=64) as one:  # room for 32 connections
        asked = [one.ask(number) for number in range(60)]
        one.until(lambda: one.events("connections wait"))
        one.let_go()
        for connection in asked:
            with connection:
                assert whole(connection).startswith(b"HTTP/1.1 200 ")
        assert one.ready()["ready"]
        one.tell()
        assert one.ends_with() == 0
        assert not one.events("internal")
