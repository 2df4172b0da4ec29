"""A gateway on a socket over the village, a feed that a test writes, and its subscribers over both transports."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket as Listener  # noqa: N812 - a socket here is a WebSocket
from typing import Any

import asyncpg
import httpx
from websockets.asyncio.client import ClientConnection, connect

from auth.audit.reader import records
from auth.issuer import DemoIssuer
from auth.revocation import Revocation, Revoked
from auth.tokens import TokenVerifier
from datasources.published import CHANNEL
from gateway.app import Gateway, create_app
from gateway.identity import Identity
from gateway.pipeline import Pipeline
from gateway.recorder import LogRecorder
from gateway.request import GraphQLRequest
from gateway.settings import Settings
from resolvers.feed import cursor_at
from tests.gateway.looking import Desk, logs_of
from tests.gateway.serving import serving
from tests.gateway.village import Row, village
from tests.world import CALLERS

FOLLOW = "subscription($after: Cursor) { disclosureChanges(after: $after) { changes { seq op } nextCursor caughtUp } }"
AGREED = {"purpose": "PARTNER_DISCLOSURE", "agreementNo": "GX-2026-0131"}
PROTOCOL = "graphql-transport-ws"
PATIENCE = 30.0
"""Seconds after which what should have come will not come any more."""

Event = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A running gateway and what stands behind it, for a partner of this test alone."""

    address: str
    app: Gateway
    issuer: DemoIssuer
    verifier: TokenVerifier
    desk: Desk
    log: Path
    writer: asyncpg.Connection[Any]
    partner: str = "partner"
    recorded_before: int = 0

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.address.removeprefix("http://").partition(":")
        return host, int(port)

    async def publish(self, count: int = 1, *, notify: bool = True, real: bool = False) -> list[str]:
        """Changes of as many records, `real` ones or such as nobody has, in one transaction, and a notice after it. Their numbers."""
        rows = [_change(next(NUMBERS), place if real else None) for place in range(count)]
        columns = list(rows[0])
        records = [tuple(row.values()) for row in rows]
        await self.writer.copy_records_to_table("change_log", schema_name="gw", columns=columns, records=records)
        if notify:
            await self.writer.execute("SELECT pg_notify($1, $2)", CHANNEL, str(rows[-1]["seq"]))
        return [str(row["seq"]) for row in rows]

    def token(self, caller: str = "partner", **claims: Any) -> str:
        return self.issuer.mint(caller, **{"sub": self.partner, **claims})

    def revoke(self) -> None:
        """What a process does on hearing that the partner is revoked."""
        revoked = Revocation(
            kind=Revoked.SUBJECT, issuer=self.issuer.iss("systems"), value=self.partner, at=time.time()
        )
        self.verifier.revocations.add(revoked)

    def recorded(self) -> list[dict[str, Any]]:
        """The records of the access log since the test began."""
        return _records(self.log)[self.recorded_before :]

    async def recover(self) -> None:
        """Waits until the feed can be asked: a test before may have taken its database away, or its agreement."""
        asked = GraphQLRequest(query="{ disclosureChanges(first: 1) { caughtUp } }", variables={})
        async with asyncio.timeout(PATIENCE):
            while (await self.desk.pipeline.answer(asked, *CALLERS["partner-disclosure"])).payload.get("errors"):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)

    async def cleared(self) -> Feed:
        """The same with an empty feed, for another test. Numbers only grow, as a feed's do."""
        await self.writer.execute("TRUNCATE gw.change_log")
        await self.recover()
        return replace(self, partner=f"partner-{next(NUMBERS)}", recorded_before=len(_records(self.log)))


NUMBERS = itertools.count(1)


def _change(number: int, place: int | None) -> Row:
    changes = village()["gw.change_log"]
    published = [row["disclosure_id"] for row in changes if row["op"] == "PUBLISH"]
    disclosure = f"GS{number}" if place is None else published[place]
    return {**changes[0], "seq": number, "op": "UPDATE", "disclosure_id": disclosure}


def end_of(numbers: Sequence[str]) -> str:
    """The cursor behind the last of these changes."""
    return cursor_at(int(numbers[-1]))


def _records(directory: Path) -> list[dict[str, Any]]:
    return [dict(one.entry) for log in logs_of(directory) for one in records(log)]


@contextlib.asynccontextmanager
async def following(
    desk: Desk, directory: Path, *, listener: Listener | None = None, **settings: Any
) -> AsyncIterator[Feed]:
    """A gateway over the village. `directory` is that of the desk's log."""
    issuer = DemoIssuer.open(directory / "issuer")
    verifier = TokenVerifier(issuer.trusted())

    async def open_engine(_: Settings) -> Borrowed:
        return Borrowed(desk.pipeline)

    given = Settings(databases={"gateway": desk.dsn}, **{"deadline": PATIENCE, **settings})
    app = create_app(given, open_engine, Identity(verifier), _Kept(desk.recorder))
    writer = await asyncpg.connect(desk.dsn)
    try:
        async with serving(app, listener) as address:
            yield Feed(
                address=address,
                app=app,
                issuer=issuer,
                verifier=verifier,
                desk=desk,
                log=directory,
                writer=writer,
            )
    finally:
        await writer.close()


class Borrowed:
    """An engine that the application does not close."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.answer = pipeline.answer
        self.readiness = pipeline.readiness
        self.standing = pipeline.standing

    async def close(self) -> None:
        """Nothing."""


class _Kept:
    """A recorder that the application does not close: others go on writing to it."""

    def __init__(self, recorder: LogRecorder) -> None:
        self.record = recorder.record
        self.count = recorder.count

    async def close(self) -> None:
        """Nothing."""


# --- server-sent events --------------------------------------------------------------------------


class Events:
    """One response, event by event. Comments are left out."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.aiter_lines()

    async def next(self) -> Event | None:
        """The next event; None at the end of the response."""
        event: Event = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self.lines:
                if line and not line.startswith(":"):
                    name, _, value = line.partition(":")
                    event[name] = value.removeprefix(" ")
                elif event:
                    return event
        return None

    async def told(self) -> Any:
        """The payload of the next answer."""
        event = await self.next()
        assert event is not None
        assert event["event"] == "next"
        return json.loads(event["data"])

    async def changes(self, count: int) -> list[str]:
        """The numbers of so many changes, in however many events they come."""
        found: list[str] = []
        while len(found) < count:
            found += numbers_in(await self.told())
        return found


Start = Callable[..., contextlib.AbstractAsyncContextManager[Feed]]
"""What starts a gateway with settings of a test's own."""


@contextlib.asynccontextmanager
async def events(
    feed: Feed,
    query: str = FOLLOW,
    *,
    token: str | None = None,
    access: Mapping[str, str] | None = AGREED,
    headers: Mapping[str, str] | None = None,
    **variables: Any,
) -> AsyncIterator[Events]:
    """A subscription as server-sent events, as the partner unless another token is given."""
    body: dict[str, Any] = {"query": query, "variables": variables}
    if access is not None:
        body["extensions"] = {"access": dict(access)}
    wanted = {
        "authorization": f"Bearer {token or feed.token()}",
        "accept": "text/event-stream",
        **(headers or {}),
    }
    async with (
        httpx.AsyncClient(base_url=feed.address, timeout=30, verify=False) as client,
        client.stream("POST", "/graphql", json=body, headers=wanted) as response,
    ):
        yield Events(response)


def numbers_in(payload: Any) -> list[str]:
    """The numbers of the changes in an answer."""
    return [change["seq"] for change in payload["data"]["disclosureChanges"]["changes"]]


# --- WebSockets ----------------------------------------------------------------------------------


class Socket:
    """One WebSocket, message by message."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def told(self) -> Any:
        """The next message."""
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.connection.recv())

    async def begin(self, token: str) -> None:
        await self.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        assert await self.told() == {"type": "connection_ack"}

    async def subscribe(
        self, id_: str, query: str = FOLLOW, access: Mapping[str, str] | None = AGREED, **variables: Any
    ) -> None:
        payload: dict[str, Any] = {"query": query, "variables": variables}
        if access is not None:
            payload["extensions"] = {"access": dict(access)}
        await self.say(id=id_, type="subscribe", payload=payload)

    async def closed(self) -> tuple[int, str]:
        """Code and reason with which the server closes it."""
        async with asyncio.timeout(PATIENCE):
            await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""


@contextlib.asynccontextmanager
async def socket(
    feed: Feed, *, begin: bool = True, token: str | None = None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Socket]:
    """A WebSocket, past its first message unless told not to."""
    address = feed.address.replace("http://", "ws://") + "/graphql"
    async with connect(
        address,
        subprotocols=[PROTOCOL],  # type: ignore[list-item]
        compression=None,
        additional_headers=headers,
    ) as connection:
        made = Socket(connection)
        if begin:
            await made.begin(token or feed.token())
        yield made
