"""``tongcha serve``: the gateway on the settings of the environment."""

from __future__ import annotations

import dataclasses
import datetime
import gc
import logging
import os
import socket
import sys
from functools import partial
from typing import Annotated, Literal

from cyclopts import Parameter, validators

from auth.audit.writer import SLOTS
from datasources.database import Database
from datasources.tables import DATABASES
from gateway.app import create_app
from gateway.background import PublisherThread
from gateway.commands.serving import Refusal, bind, run
from gateway.commands.workers import Line, Supervisor
from gateway.deliveries import DeliveryRecorder
from gateway.documented import Documented
from gateway.facts import facts_of, shipped
from gateway.identity import Identity, IdentityInvalid, read_issuers
from gateway.keeping import AuditRefused, Keeper, open_kept
from gateway.observe import configure_logging, event
from gateway.recorder import LogRecorder
from gateway.settings import DATABASE_PREFIX, Settings, SettingsInvalid


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
    missing = [f"{DATABASE_PREFIX}{name.upper()}" for name in DATABASES if name not in settings.databases]
    missing += ["TONGCHA_ISSUERS"] if settings.issuers is None else []
    missing += ["TONGCHA_AUDIT_DIR"] if settings.audit_directory is None else []
    missing += ["TONGCHA_AUDIT_KEY"] if settings.audit_key is None else []
    # Without it revocations, proofs that were seen and budgets are known to one process only.
    missing += ["TONGCHA_REDIS"] if settings.workers > 1 and not settings.redis else []
    if missing:
        raise Refusal(f"tongcha: not set: {', '.join(missing)}")
    identity = _identity(settings)
    listener = bind(settings.host, settings.port)
    configure_logging()
    if settings.workers == 1:
        _serve(settings, listener, identity)
    else:
        _warm()
        work = partial(_work, settings, listener)
        sys.exit(Supervisor(listener, settings.workers, work, delay=settings.drain_delay).run())


def _serve(settings: Settings, listener: socket.socket, identity: Identity, line: Line | None = None) -> None:
    """The life of one process."""
    recorder, keeper = kept_log(settings)
    app = create_app(
        settings,
        Documented.open,
        identity,
        delivering(recorder, settings),
        keeper,
        publisher_beside(settings),
        line.ask_for_another if line is not None else None,
    )

    def announce() -> None:
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

    run(app, listener, announce, alone=line.alone if line is not None else None, delay=settings.drain_delay)


def _work(settings: Settings, listener: socket.socket, number: int, line: Line) -> None:
    """The life of one of several processes. Files are read anew by each."""
    settings = dataclasses.replace(settings, worker=number)
    _serve(settings, listener, _identity(settings), line)


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
    return PublisherThread(settings.databases, settings.disclosure_seconds) if settings.disclosure_seconds else None


def kept_log(settings: Settings) -> tuple[LogRecorder, Keeper]:
    """The access log of this process. Raises Refusal."""
    try:
        return open_kept(settings)
    except AuditRefused as error:
        raise Refusal(f"tongcha: {error}") from None


def read_settings() -> Settings:
    """The settings of the environment. Raises Refusal."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsInvalid as error:
        raise Refusal(f"tongcha: {error}") from None
