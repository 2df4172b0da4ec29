"""The ASGI application: routes, and the life of what stands behind them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.admission import Admission, Turned
from gateway.budgets import Budgets
from gateway.by_get import DOCUMENT, GRAPHQL
from gateway.challenges import Header
from gateway.errors import ErrorCode
from gateway.http import GraphQLEndpoint
from gateway.identity import Identity
from gateway.memory import Memory
from gateway.observe import event
from gateway.patience import Patience
from gateway.recorder import Recorder
from gateway.request import Engine
from gateway.sampler import Readiness
from gateway.seen import UNSEEN, Seen
from gateway.settings import Settings
from gateway.subscriptions import Limits, Subscriptions
from gateway.subscriptions_ws import SocketEndpoint
from gateway.turning import Turning
from gateway.waking import changes_of

TARGET, DOCUMENTS = GRAPHQL.encode(), DOCUMENT.encode()
NO_STORE = {"cache-control": "no-store"}


class Kept(Protocol):
    """What goes on beside the access log: see `gateway.keeping.Keeper`."""

    async def open(self) -> None:
        """Begin."""
        ...

    async def close(self) -> None:
        """End, once the log is closed."""
        ...

    def ready(self) -> bool:
        """Whether the log can be written."""
        ...

    def standing(self) -> Mapping[str, Any]:
        """How it stands, for the operator."""
        ...


class Beside(Protocol):
    """What works beside the requests: see `gateway.background.PublisherThread`."""

    def start(self) -> None:
        """Begin."""
        ...

    async def close(self) -> None:
        """End."""
        ...


class OpenEngine(Engine, Protocol):
    """An engine with open databases."""

    async def readiness(self) -> dict[str, bool]:
        """Whether each database answers, by its name."""
        ...

    def standing(self) -> Mapping[str, Any]:
        """How the data stand, for the operator."""
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...


class Gateway(Starlette):
    """Starlette, past whose middleware and routes the endpoints are called: they cost more than our own work with a request.

    `sockets` are the WebSockets behind ``/graphql``; its other requests go to `requests`, by way of `admission`.
    """

    def __init__(
        self,
        requests: ASGIApp,
        admission: Admission,
        sockets: ASGIApp,
        subscriptions: Subscriptions,
        turning: Turning,
        seen: Seen,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._endpoints: Mapping[str, ASGIApp] = {"http": requests, "websocket": sockets}
        self.admission = admission
        self.subscriptions = subscriptions
        self.turning = turning
        self._seen = seen
        self.leaving = False

    def leave(self) -> None:
        """Says that it is not ready any more, and goes on."""
        self.leaving = True
        self._seen.leave()

    async def drain(self) -> None:
        """Makes every answer the last of its connection, and ends the subscriptions, which would not end by themselves."""
        self.admission.leaving = True
        await self.subscriptions.drain()

    def turned_away(self, target: bytes, headers: Sequence[Header]) -> Turned | None:
        """What `Admission.turned_away` says of a request for one of the endpoints, by its target as it came."""
        if target != TARGET and not target.startswith(DOCUMENTS):
            return None
        turned = self.admission.turned_away(headers)
        if turned is not None:
            self._seen.turned_away(ErrorCode.OVERLOADED)
        return turned

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = GRAPHQL if scope.get("path", "").startswith(DOCUMENT) and scope["type"] == "http" else scope.get("path")
        endpoint = self._endpoints.get(scope["type"]) if place == GRAPHQL else None
        if endpoint is not None:
            await endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a process has beside what answers: who publishes, who looks, a page to ask from (`explorer`, its routes), and whom to
    ask for another process in the place of this one.
    """

    publisher: Beside | None = None
    seen: Seen = UNSEEN
    explorer: Sequence[BaseRoute] = ()
    renew: Callable[[], None] | None = None


ALONE = Around()


def create_app(
    settings: Settings,
    open_engine: Callable[[Settings], Awaitable[OpenEngine]],
    identity: Identity,
    recorder: Recorder | None = None,
    keeper: Kept | None = None,
    around: Around = ALONE,
) -> Gateway:
    """The application. `open_engine` runs when the server starts, in the server's event loop; `recorder` is closed after it, and
    `keeper` last.

    ``/healthz`` says that the process runs; ``/readyz`` which databases answer, whose tokens can be checked and how the access
    log stands: 503 when no database answers, nobody's token can be checked, or the log takes no record. One database that is down is
    no reason to send callers away: whatever does not need it is answered, here as on every other replica. One that is about to end
    is unready and says ``draining``.
    """
    subscriptions = Subscriptions(identity.verifier, Limits.of(settings), changes_of(settings))
    subscriptions.recorder = recorder
    endpoint = _endpoint(settings, identity, subscriptions, recorder)
    sockets = SocketEndpoint(identity, subscriptions, init_timeout=settings.body_timeout)
    admission = Admission(
        endpoint, identity.verifier, most=settings.requests, person=settings.requests_person, recorder=recorder
    )
    turning = Turning()
    beside = (
        *([around.publisher] if around.publisher is not None else []),
        turning,
        Memory(settings.memory_limit, admission.places, around.renew),
    )
    budgets = Budgets.of(settings)
    engine: OpenEngine

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal engine
        try:
            await identity.open()
            engine = await open_engine(settings)
            subscriptions.engine = endpoint.engine = budgets.over(engine)
            if keeper is not None:
                await keeper.open()
            for one in beside:
                one.start()
            around.seen.open(identity, subscriptions, readiness)
        except Exception as error:
            event(logging.ERROR, "start failed", error=error)
            await identity.close()
            raise
        try:
            yield
        finally:
            await subscriptions.close()
            await around.seen.close()
            for one in beside:
                await one.close()
            await engine.close()
            await budgets.close()
            await identity.close()
            if recorder is not None:
                await recorder.close()
            if keeper is not None:
                await keeper.close()

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=NO_STORE)

    async def readiness() -> Readiness:
        databases, issuers = await engine.readiness(), identity.usable()
        ready = turning.turns() and not app.leaving and (keeper is None or keeper.ready())
        return ready and any(databases.values()) and (any(issuers.values()) or not issuers), databases, issuers

    async def readyz(_: Request) -> Response:
        ready, databases, issuers = await readiness()
        said: dict[str, Any] = {
            "worker": settings.worker,
            "databases": databases,
            "data": engine.standing(),
            "issuers": issuers,
        }
        said |= {"draining": True} if app.leaving else {}
        if keeper is not None:
            said["audit"] = keeper.standing()
        return JSONResponse({"ready": ready, **said}, 200 if ready else 503, headers=NO_STORE)

    app = Gateway(
        around.seen.over(admission),
        admission,
        sockets,
        subscriptions,
        turning,
        around.seen,
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), *around.explorer],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def _endpoint(
    settings: Settings, identity: Identity, subscriptions: Subscriptions, recorder: Recorder | None
) -> GraphQLEndpoint:
    made = GraphQLEndpoint(
        identity,
        body_limit=settings.body_limit,
        body_timeout=settings.body_timeout,
        answer_limit=settings.answer_limit,
        patience=Patience.of(settings),
    )
    made.subscriptions = subscriptions
    made.recorder = recorder
    return made
