"""Tongcha as the benchmark serves it: everything on, or one part replaced by a stand-in so that its cost shows.

    python -m bench.ours NAME        reads BENCH_DATABASES, BENCH_STATE and BENCH_REDIS

The stand-ins live here only: the product has no switch that turns identity, decision or record off.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from graphql import GraphQLSchema

from auth.binding import PLAIN, Holding
from auth.issuer import DemoIssuer
from auth.issuers import Issuer
from auth.purpose import Standing
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from bench.peers import serve
from bench.world import DAY
from datasources.tables import DATABASES
from gateway import http
from gateway.app import create_app
from gateway.asking import Asking, Reception
from gateway.gradient import Gradient
from gateway.identity import Identity
from gateway.known import KnownSchemas
from gateway.operation import Operation
from gateway.pace import Pace
from gateway.pipeline import Pipeline
from gateway.recorder import open_recorder
from gateway.settings import Settings
from gateway.sources import databases_of
from resolvers.schema import catalog

UNBOUNDED = 1_000_000_000
"""Subjects that a caller may look up in a day: one caller asks for everybody here."""
LONG = 30.0
"""Seconds: nobody is refused for time where nobody is refused for load, as at every peer."""
SOURCE_WAIT = Settings().source_wait_partner
"""Seconds that a partner's statement waits for its turn, where it is measured who is let in."""
MOMENT = datetime.datetime.fromisoformat(f"{DAY}T09:00:00+00:00")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What is on."""

    engine: str = "compiled"
    sharing: bool = True
    access: bool = True
    """Tokens are checked and access is decided."""
    audit: bool = True
    limited: bool = False
    """As many are let in as the gateway thinks right, and the others refused. Else everybody waits, as at every peer."""


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "tongcha": Variant(),
        "resolvers": Variant(engine="resolvers"),
        "unshared": Variant(sharing=False),
        "no-access": Variant(access=False),
        "no-audit": Variant(audit=False),
        "neither": Variant(access=False, audit=False),
        "limited": Variant(limited=True),
    }
)


class Settled(Reception):
    """Who asks was worked out once, and stays."""

    def __init__(self, real: Reception) -> None:
        vars(self).update(vars(real))
        self._real = real
        self._settled: dict[str, Asking] = {}

    async def asking(self, viewer: Viewer, access: AccessRequest | None) -> Asking:
        found = self._settled.get(viewer.subject)
        if found is None:
            found = self._settled[viewer.subject] = await self._real.asking(viewer, access)
        return found


class Whole(KnownSchemas):
    """Everybody knows the whole schema."""

    async def to(self, asking: Asking, operation: Operation) -> GraphQLSchema:  # noqa: ARG002
        return self._catalog.schema


class Believing(TokenVerifier):
    """A token that was good once is not looked at again."""

    def believe(self) -> None:
        self._believed: dict[str, Viewer] = {}

    async def verify(self, token: str, holding: Holding = PLAIN) -> Viewer:
        found = self._believed.get(token)
        if found is None:
            found = self._believed[token] = await super().verify(token, holding)
        return found


class Open(Gradient):
    """A limit that stays where it is."""

    def __init__(self, most: int, now: float) -> None:
        super().__init__(most, now)
        self.limit = most

    def took(self, begun: float, now: float, in_flight: int) -> bool:  # noqa: ARG002
        return False


def issuers(directory: Path) -> tuple[Issuer, ...]:
    """The benchmark's issuers, with their keys in files."""
    issuer = DemoIssuer.open(directory)
    found = []
    for one in issuer.issuers():
        path = directory / f"keys-{one.name}.json"
        path.write_text(json.dumps(issuer.jwks(one.name)), encoding="utf-8")
        found.append(dataclasses.replace(one, keys=str(path)))
    return tuple(found)


def everybody_named(_standing: Standing, _table: str) -> None:
    """The task of the benchmark names whomever is asked about: the peers mask nobody."""


def opened(variant: Variant) -> Callable[[Settings], Awaitable[Pipeline]]:
    """What opens the engine of a variant."""

    async def open_engine(settings: Settings) -> Pipeline:
        pipeline = Pipeline(
            catalog,
            databases_of(settings, sharing=variant.sharing),
            engine=variant.engine,
            seal_key=settings.seal_key,
            naming=everybody_named,
            now=lambda: MOMENT,
        )
        if not variant.access:
            pipeline.reception = Settled(pipeline.reception)
            pipeline.known = Whole(catalog, pipeline.policies, Pace().next)
        await pipeline.drift.open(DATABASES)
        return pipeline

    return open_engine


def main(name: str) -> None:
    """Serve one variant."""
    variant = VARIANTS[name]
    state = Path(os.environ["BENCH_STATE"])
    settings = Settings(
        databases=json.loads(os.environ["BENCH_DATABASES"]),
        engine=variant.engine,
        redis=os.environ.get("BENCH_REDIS", ""),
        budget_officer=UNBOUNDED,
        budget_others=UNBOUNDED,
        budget_client=UNBOUNDED,
        deadline=LONG,
        report_deadline=LONG,
        source_budget=LONG,
        source_wait_partner=SOURCE_WAIT if variant.limited else LONG,
        requests_person=UNBOUNDED,
        subscriptions=UNBOUNDED,
        subscriptions_caller=UNBOUNDED,
    )
    identity = Identity.of(settings, issuers(state))
    if not variant.access:
        identity.verifier.__class__ = Believing
        assert isinstance(identity.verifier, Believing)
        identity.verifier.believe()
    log = state / "audit" / name
    shutil.rmtree(log, ignore_errors=True)
    recorder = open_recorder(log, bytes(32)) if variant.audit else None
    app = create_app(settings, opened(variant), identity, recorder)
    if not variant.limited:
        app.admission.gradient = Open(UNBOUNDED, 0.0)
        http.LAST = LONG
    serve(app)


if __name__ == "__main__":
    main(sys.argv[1])
