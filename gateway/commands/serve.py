"""``tongcha serve``: the gateway on the settings of the environment."""

from __future__ import annotations

import dataclasses
import datetime
import gc
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Literal

from cyclopts import Parameter, validators

from auth.audit.writer import SLOTS
from datasources.database import Database
from gateway.admin import create_admin
from gateway.app import Around, create_app
from gateway.background import PublisherThread
from gateway.board import Board
from gateway.commands.administering import admin_of, administered, announce
from gateway.commands.serving import Refusal, bind, run
from gateway.commands.workers import Line, Supervisor
from gateway.console.page import page_routes
from gateway.deliveries import DeliveryRecorder
from gateway.doctor.environment import missing
from gateway.documented import Documented
from gateway.facts import facts_of, shipped
from gateway.identity import Identity, IdentityInvalid, read_issuers
from gateway.keeping import AuditRefused, Keeper, open_kept
from gateway.observe import configure_logging, event, tell_of_everything
from gateway.recorder import LogRecorder
from gateway.seen import Seen
from gateway.settings import Settings, SettingsInvalid


def serve(
    *,
    engine: Annotated[Literal["compiled", "resolvers"] | None, Parameter(show_default=False)] = None,
    host: str | None = None,
    port: int | None = None,
    workers: Annotated[int | None, Parameter(validator=validators.Number(gte=1, lte=SLOTS))] = None,
) -> None:
    """Serve on the databases, keys and limits that TONGCHA_* settings name (docs/operating.md).

    Parameters
    ----------
    engine: how operations run; in place of TONGCHA_ENGINE.
    host: address to listen on; in place of TONGCHA_LISTEN_HOST.
    port: port to listen on; in place of TONGCHA_LISTEN_PORT.
    workers: processes that serve; in place of TONGCHA_WORKERS.
    """
    settings = read_settings()
    settings = dataclasses.replace(
        settings,
        engine=engine or settings.engine,
        host=host or settings.host,
        port=settings.port if port is None else port,
        workers=workers or settings.workers,
    )
    if lacking := missing(settings):
        raise Refusal(f"tongcha: not set: {', '.join(lacking)}")
    identity = _identity(settings)
    listener = bind(settings.host, settings.port)
    admin = admin_of(settings)
    configure_logging()
    tell_of_everything()
    if settings.workers == 1:
        with administered(admin) as board:
            _serve(settings, listener, identity, board)
    else:
        _warm()
        work = partial(_work, settings, listener, admin)
        count = settings.workers + (admin is not None)
        sys.exit(Supervisor(listener, count, work, delay=settings.drain_delay, last=admin is not None).run())


def _serve(
    settings: Settings, listener: socket.socket, identity: Identity, board: Board | None, line: Line | None = None
) -> None:
    """The life of one process."""
    seen = Seen.of(settings, board)
    recorder, keeper = kept_log(settings, seen)
    app = create_app(
        settings,
        opened(seen),
        identity,
        delivering(recorder, settings),
        keeper,
        Around(
            publisher=publisher_beside(settings),
            seen=seen,
            explorer=page_routes() if settings.explorer else (),
            renew=line.ask_for_another if line is not None else None,
        ),
    )

    def say() -> None:
        event(
            logging.INFO,
            "serving",
            host=settings.host,
            port=listener.getsockname()[1],
            redis=bool(settings.redis),
            worker=settings.worker,
            process_id=os.getpid(),
        )
        if line is not None:
            line.say_ready()

    run(app, listener, say, alone=line.alone if line is not None else None, delay=settings.drain_delay)


def _work(
    settings: Settings,
    listener: socket.socket,
    admin: tuple[socket.socket, Board] | None,
    number: int,
    line: Line,
) -> None:
    """The life of one of several processes. Files are read anew by each. The one after the workers has the admin port."""
    configure_logging(worker=number)
    board = None
    if admin is not None:
        place, board = admin
        if number == settings.workers:
            listener.close()
            _administer(place, board, line)
            return
        place.close()
    settings = dataclasses.replace(settings, worker=number)
    _serve(settings, listener, _identity(settings), board, line)


def _administer(place: socket.socket, board: Board, line: Line) -> None:
    """The life of the process that has the admin port and serves nobody else: it ends after the workers."""

    def ready() -> None:
        announce(place)
        line.say_ready()

    run(create_admin(board), place, ready, alone=line.alone, last=True)


def opened(seen: Seen) -> Callable[[Settings], Awaitable[Documented]]:
    """Opens the gateway, where it can be seen."""

    async def open_one(settings: Settings) -> Documented:
        made = await Documented.open(settings)
        seen.watch(made.pipeline)
        return made

    return open_one


def _warm() -> None:
    """Makes what all workers have alike, and leaves it where they share it."""
    from resolvers.schema import catalog  # noqa: PLC0415

    shipped(tuple(facts_of(catalog)))
    gc.collect()
    gc.freeze()


def _identity(settings: Settings) -> Identity:
    """Who is believed. Raises Refusal."""
    assert settings.issuers is not None
    try:
        return Identity.of(settings, read_issuers(settings.issuers))
    except IdentityInvalid as error:
        raise Refusal(f"tongcha: TONGCHA_ISSUERS: {error}") from None


def delivering(recorder: LogRecorder, settings: Settings) -> DeliveryRecorder:
    """The recorder that also writes down what partners were handed out."""
    database = Database("gateway", settings.databases["gateway"], connections=1)
    return DeliveryRecorder(recorder, database, lambda: datetime.datetime.now(datetime.UTC))


def publisher_beside(settings: Settings) -> PublisherThread | None:
    """What publishes while this process serves; None where it is not to."""
    if not settings.disclosure_seconds:
        return None
    return PublisherThread(settings.databases, settings.disclosure_seconds, settings.mark_seconds)


def kept_log(settings: Settings, seen: Seen) -> tuple[LogRecorder, Keeper]:
    """The access log of this process. Raises Refusal."""
    try:
        recorder, keeper = open_kept(settings, files=seen.files())
    except AuditRefused as error:
        raise Refusal(f"tongcha: {error}") from None
    seen.watch_log(recorder, keeper.standing)
    return recorder, keeper


def read_settings() -> Settings:
    """The settings of the environment. Raises Refusal."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsInvalid as error:
        raise Refusal(f"tongcha: {error}") from None
