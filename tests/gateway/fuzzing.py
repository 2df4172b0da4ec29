"""What every answer must be, whatever was asked; and requests that are nearly HTTP, nearly JSON, nearly GraphQL."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import ErrorCode

CODES = {code.name: code for code in ErrorCode}
STATUSES = frozenset({200, 400, 401, 403, 404, 405, 406, 408, 413, 414, 415, 429, 503})
MEDIA_TYPES = frozenset({"application/json; charset=utf-8", "application/graphql-response+json; charset=utf-8"})
INSIDE = (
    "Traceback",
    "asyncpg",
    "sqlalchemy",
    "graphql-core",
    "SELECT ",
    "FROM ",
    'File "',
    "0x",
    "127.0.0.1",
    "postgres",
)
"""What only the inside of the gateway knows."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A response as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def faults(answer: Answered) -> Iterator[str]:
    """What is wrong with an answer of ``/graphql``, in words."""
    if answer.status not in STATUSES:
        yield f"status {answer.status}"
    if answer.headers.get("content-type") not in MEDIA_TYPES:
        yield f"media type {answer.headers.get('content-type')}"
    if answer.headers.get("cache-control") != "no-store":
        yield "it may be kept"
    try:
        payload = json.loads(answer.body)
    except ValueError:
        yield "no JSON"
        return
    yield from faults_of(payload, answer.status)


def faults_of(payload: Any, status: int) -> Iterator[str]:
    """What is wrong with a payload after section 7.1 of the specification, the closed set of codes and the status."""
    if not isinstance(payload, dict) or not payload.keys() <= {"data", "errors", "extensions"}:
        yield "no response"
        return
    if not payload.keys() & {"data", "errors"}:
        yield "neither data nor errors"
    errors = payload.get("errors", [{}] if "errors" in payload else [])
    if "errors" in payload and not (isinstance(errors, list) and errors):
        yield "errors without one"
        return
    for error in errors:
        yield from _faults_of_error(error)
    if "data" in payload and status != 200:
        yield f"data with {status}"
    if "data" not in payload and errors and status != 200:
        code = errors[0].get("extensions", {}).get("code")
        if code != "BAD_REQUEST" and code in CODES and CODES[code].http_status != status:
            yield f"{code} with {status}"


def _faults_of_error(error: Any) -> Iterator[str]:
    if not isinstance(error, dict) or not error.keys() <= {"message", "locations", "path", "extensions"}:
        yield "no error"
        return
    code = error.get("extensions", {}).get("code")
    if code not in CODES:
        yield f"code {code}"
        return
    if code == "INTERNAL":
        yield "an internal error"
    if error.get("message") != CODES[code].message:
        yield f"message of {code}"
    if any(place["line"] < 1 or place["column"] < 1 for place in error.get("locations", ())):
        yield "a location that is none"
    told = json.dumps({**error, "path": None}, ensure_ascii=False)
    yield from (f"{word!r} in an error" for word in INSIDE if word in told)


# --- nearly a request ----------------------------------------------------------------------------

PIECES: Sequence[bytes] = (
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"\r\n ", b"\x80\xff", b"%00", b"%2e%2e/", b"//", b"?query={a}", b"#",
    b"transfer-encoding: chunked\r\n", b"content-length: 0\r\n", b"content-length: 99999999999999999999\r\n", b"content-length: -1\r\n",
    b"Content-Type: text/plain\r\n", b"content-encoding: gzip\r\n", b"expect: 100-continue\r\n", b"connection: upgrade\r\n",
    b"upgrade: websocket\r\n", b"upgrade: h2c\r\n", b"accept: text/event-stream\r\n", b"accept: */*;q=nan\r\n", b"host: a/?x=\r\n",
    b"authorization: Bearer x\r\n", b"last-event-id: \xff\r\n", b"x: " + b"y" * 3000 + b"\r\n", b"priority: u=7\r\n",
    b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"GET", b"DELETE", b"CONNECT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b'"', b"{", b"}", b"[", b"]", b",", b"null", b"1e999", b"-0", b"NaN", b"\\ud800", b"\\u0000", b'"query":', b'"extensions":',
    b'"access":', b'"variables":', b'"operationName":', b'"persistedQuery":', b'"documentId":', b"true", "粤C12A34".encode(), b"[" * 200,
)  # fmt: skip


class Wire:
    """Proposes the bytes of requests: good ones that were damaged in one to four places."""

    def __init__(self, chance: random.Random, seeds: Sequence[bytes]) -> None:
        self._chance = chance
        self._seeds = seeds

    def propose(self) -> bytes:
        """The next request. Where it was damaged behind its headers its length is mostly put right."""
        chance = self._chance
        data = chance.choice(self._seeds)
        head, _, body = data.partition(b"\r\n\r\n")
        if chance.random() < 0.5:
            body = self._damaged(body)
            if chance.random() < 0.9:
                lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
                head = b"\r\n".join([*lines, b"content-length: %d" % len(body)])
            return head + b"\r\n\r\n" + body
        return self._damaged(head + b"\r\n\r\n") + body

    def _damaged(self, data: bytes) -> bytes:
        chance = self._chance
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(data) + 1), chance.randint(1, 12)
            match chance.randrange(5):
                case 0:
                    data = data[:at] + data[at + length :]
                case 1:
                    data = data[:at] + chance.choice(PIECES) + data[at:]
                case 2:
                    data = data[:at] + data[at : at + length] * chance.randint(2, 9) + data[at + length :]
                case 3:
                    data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
                case _:  # a line in front of another one
                    lines = data.split(b"\r\n")
                    lines.insert(chance.randrange(len(lines)), chance.choice(PIECES).strip(b"\r\n"))
                    data = b"\r\n".join(lines)
        return data


async def exchanged(host: str, port: int, data: bytes, quiet: float = 0.05) -> bytes:
    """All that a server says to these bytes until it closes, or says nothing more for so many seconds after it said something."""
    reader, writer = await asyncio.open_connection(host, port)
    said = b""
    try:
        writer.write(data)
        while piece := await asyncio.wait_for(reader.read(1 << 16), quiet if said else None):
            said += piece
    except (TimeoutError, ConnectionError):
        return said
    else:
        return said
    finally:
        writer.close()


def answers_in(data: bytes) -> Iterator[Answered]:
    """The responses in what a server said; those of the server below the application, plain text, among them."""
    while data.startswith(b"HTTP/1.1 "):
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        size = int(headers.get("content-length", "0"))
        status = int(lines[0].split(" ")[1])
        if status >= 200:
            yield Answered(status=status, headers=headers, body=rest[:size])
        data = rest[size:]
