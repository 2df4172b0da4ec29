"""``tongcha serve``: the gateway on the settings of the environment."""

from __future__ import annotations

import dataclasses
import datetime
import logging
import os
from typing import Annotated, Literal

from cyclopts import Parameter

from datasources.database import Database
from datasources.tables import DATABASES
from gateway.app import create_app
from gateway.background import PublisherThread
from gateway.commands.serving import Refusal, bind, run
from gateway.deliveries import DeliveryRecorder
from gateway.identity import Identity, IdentityInvalid, read_issuers
from gateway.keeping import AuditRefused, Keeper, open_kept
from gateway.observe import configure_logging, event
from gateway.pipeline import Pipeline
from gateway.recorder import LogRecorder
from gateway.settings import DATABASE_PREFIX, Settings, SettingsInvalid


def serve(
    *,
    engine: Annotated[Literal["compiled", "resolvers"] | None, Parameter(show_default=False)] = None,
    host: str | None = None,
    port: int | None = None,
) -> None:
    """Serve on the databases, keys and limits that TONGCHA_* settings name (docs/operating.md).

    Parameters
    ----------
    engine: how operations run; in place of TONGCHA_ENGINE.
    host: address to listen on; in place of TONGCHA_LISTEN_HOST.
    port: port to listen on; in place of TONGCHA_LISTEN_PORT.
    """
    settings = read_settings()
    settings = dataclasses.replace(
        settings,
        engine=engine or settings.engine,
        host=host or settings.host,
        port=settings.port if port is None else port,
    )
    missing = [f"{DATABASE_PREFIX}{name.upper()}" for name in DATABASES if name not in settings.databases]
    missing += ["TONGCHA_ISSUERS"] if settings.issuers is None else []
    missing += ["TONGCHA_AUDIT_DIR"] if settings.audit_directory is None else []
    missing += ["TONGCHA_AUDIT_KEY"] if settings.audit_key is None else []
    if missing or settings.issuers is None:
        raise Refusal(f"tongcha: not set: {', '.join(missing)}")
    try:
        identity = Identity.of(settings, read_issuers(settings.issuers))
    except IdentityInvalid as error:
        raise Refusal(f"tongcha: TONGCHA_ISSUERS: {error}") from None
    listener = bind(settings.host, settings.port)
    configure_logging()
    recorder, keeper = kept_log(settings)
    app = create_app(
        settings, Pipeline.open, identity, delivering(recorder, settings), keeper, publisher_beside(settings)
    )
    shared = bool(settings.redis)  # without Redis revocations reach one process only

    def announce() -> None:
        event(logging.INFO, "serving", host=settings.host, port=listener.getsockname()[1], redis=shared)

    run(app, listener, announce)


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
