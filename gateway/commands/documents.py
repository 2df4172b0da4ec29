"""``tongcha documents``: what a client may run by name, registered, listed and taken back."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import Parameter

from auth.policy import Policies
from auth.viewer import Purpose
from datasources.database import Database
from datasources.errors import SourceError
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal
from gateway.commands.state import State, databases_of
from gateway.pipeline import Pipeline
from gateway.policies import load_policies
from gateway.registering import Manifest, NotRegistered, listed, read_manifest
from gateway.registering import register as register_all
from gateway.registering import revoke as take_back

T = TypeVar("T")

OfDemo = Annotated[Path | None, Parameter(name="--state", show_default=False)]


def register(
    file: Path,
    /,
    *,
    client: str,
    purpose: Purpose,
    manifest: Manifest = Manifest.PLAIN,
    state: OfDemo = None,
) -> None:
    """Register the documents of a file for a client and a purpose: all of them, or none where one would never run.

    Parameters
    ----------
    file: one document, or a manifest.
    client: client_id of gw.client.
    purpose: what the documents are for; no other purpose may run them.
    manifest: plain, relay (persisted.json) or apollo (persisted-query-manifest.json).
    state: directory of a demo's state, in place of TONGCHA_DATABASE_GATEWAY.
    """
    try:
        entries = read_manifest(file.read_bytes(), manifest)
        done = _run(lambda pipeline: register_all(pipeline, entries, client, purpose, _now()), state)
    except OSError as error:
        raise Refusal(f"tongcha: {file}: {error.strerror}") from None
    except NotRegistered as refusal:
        raise Refusal("\n".join(f"tongcha: not registered: {reason}" for reason in refusal.reasons)) from None
    for one in done:
        print(f"sha256:{one.digest}\t{one.given_id or '-'}\t{one.name or '-'}")
        for null in one.nulls:
            print(f"tongcha: {one.name or one.digest}: always null: {null}", file=sys.stderr)
    print(f"{len(done)} documents of {client} for {purpose.value}.", file=sys.stderr)


def show(*, client: str | None = None, state: OfDemo = None) -> None:
    """List documents: client, SHA-256, the client's own id, name, purpose, registered, revoked.

    Parameters
    ----------
    client: of this client only.
    state: directory of a demo's state, in place of TONGCHA_DATABASE_GATEWAY.
    """
    for row in _run(lambda pipeline: listed(_own(pipeline), client), state):
        print("\t".join("-" if value is None else str(value) for value in row))


def revoke(name: str, /, *, client: str, state: OfDemo = None) -> None:
    """Take a document back: every gateway refuses it within a second.

    Parameters
    ----------
    name: its SHA-256, or the id that the client sends.
    client: client_id of gw.client.
    state: directory of a demo's state, in place of TONGCHA_DATABASE_GATEWAY.
    """
    name = name.removeprefix("sha256:")
    if not _run(lambda pipeline: take_back(_own(pipeline), client, name, _now()), state):
        raise Refusal(f"tongcha: {client} has no such document")
    print(f"Revoked: {name} of {client}.")


def _run(work: Callable[[Pipeline], Awaitable[T]], state: Path | None) -> T:
    """Does something with the gateway's own database. Nothing else is connected to."""
    from resolvers.schema import catalog  # noqa: PLC0415 - takes a second, and a file may be wrong before

    settings = read_settings()

    async def run(dsn: str) -> T:
        policies = Policies(load_policies(catalog, settings.policies)) if settings.policies is not None else None
        own = Database("gateway", dsn)
        pipeline = Pipeline(catalog, {"gateway": own}, seal_key=settings.seal_key, policies=policies)
        try:
            return await work(pipeline)
        finally:
            await pipeline.close()

    try:
        with _database(settings.databases.get("gateway"), state) as dsn:
            return asyncio.run(run(dsn))
    except SourceError as error:
        raise Refusal(f"tongcha: the gateway's own database: {error.code}") from None


@contextlib.contextmanager
def _database(dsn: str | None, state: Path | None) -> Iterator[str]:
    if state is not None:
        with databases_of(State(state)) as databases:
            yield databases["gateway"]
    elif dsn is not None:
        yield dsn
    else:
        raise Refusal("tongcha: not set: TONGCHA_DATABASE_GATEWAY (or say --state)")


def _own(pipeline: Pipeline) -> Database:
    return pipeline.databases["gateway"]


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
