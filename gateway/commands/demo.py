"""``tongcha demo``: everything on this machine, for trying out."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from auth.issuer import DEMO_CALLERS, DemoIssuer
from auth.revocation import Revocations
from datasources.city.sizes import SEED
from datasources.tables import DATABASES
from gateway.app import Around, create_app
from gateway.commands.administering import admin_of, administered
from gateway.commands.building import build_city
from gateway.commands.provider import running_provider
from gateway.commands.serve import delivering, kept_log, opened, publisher_beside, read_settings
from gateway.commands.serving import Refusal, address, bind, run, stop_on_sigterm
from gateway.commands.state import DEFAULT_STATE, State, addresses_of, running_postgres
from gateway.console.inside import Inside, is_own
from gateway.console.page import page_routes
from gateway.identity import Identity
from gateway.observe import configure_logging, tell_of_everything
from gateway.seen import Seen
from gateway.settings import DATABASE_PREFIX, Settings

HOST = "127.0.0.1"


def demo(
    *,
    port: int = 8000,
    host: str = HOST,
    size: Literal["S", "M", "L"] | None = None,
    state: Annotated[Path, Parameter(show_default=False)] = DEFAULT_STATE,
    seed: int | None = None,
    engine: Literal["compiled", "resolvers"] = "compiled",
) -> None:
    """Start databases, fill them with the synthetic city, and serve on this machine.

    With every TONGCHA_DATABASE_* setting given, those databases are used and none is started.

    Parameters
    ----------
    port: port to listen on.
    host: address to listen on. The demo's tokens open everything in it: others than this machine's own are for a container.
    size: of the city, S (25 thousand persons), M (250 thousand) or L (2.5 million). What is there stays unless given.
    state: directory in which everything is kept for the next start.
    seed: of the city; another seed is another city.
    engine: how operations run.
    """
    stop_on_sigterm()
    kept = State(state)
    try:
        with bind(host, port) as listener, _databases(kept, size, seed) as databases:
            url = address(listener)
            given = read_settings()
            settings = Settings(
                engine=engine,
                seal_key=kept.seal_key(),
                databases=databases,
                redis=given.redis,
                origin=given.origin or url,
                loopback_http=True,
                audit_key=kept.audit_key(),
                disclosure_seconds=given.disclosure_seconds,
                admin_host=given.admin_host,
                admin_port=given.admin_port,
                traces=given.traces,
                trace_ratio=given.trace_ratio,
            )
            revocations = Revocations(pushed=bool(settings.redis))
            configure_logging()
            tell_of_everything()
            with (
                running_provider(kept, settings, revocations) as issuer,
                administered(admin_of(settings)) as board,
            ):
                seen = Seen.of(settings, board)
                identity = Identity.of(settings, issuer.issuers(), revocations=revocations)
                recorder, keeper = kept_log(dataclasses.replace(settings, **_log(kept)), seen)
                inside = Inside(identity, issuer, kept.audit_directory) if is_own(settings.origin, url) else None
                app = create_app(
                    settings,
                    inside.over(opened(seen)) if inside is not None else opened(seen),
                    identity,
                    delivering(recorder, settings),
                    keeper,
                    Around(
                        publisher=publisher_beside(settings),
                        seen=seen,
                        explorer=[*page_routes(inside.about), *inside.routes()]
                        if inside is not None
                        else page_routes(),
                    ),
                )
                run(app, listener, lambda: _say(_welcome(url, kept.issuer(), state)))
            _say("Stopping.")
    except KeyboardInterrupt:
        sys.exit(130)


def _log(state: State) -> dict[str, Any]:
    """The access log's settings. The witnesses are on this machine too: there to be looked at, not to be trusted."""
    return {
        "audit_directory": state.audit_directory,
        "audit_key": state.audit_key(),
        "audit_signing_key": state.signing_key(),
        "audit_witness_directory": state.witness_directory / "file",
        "audit_witnesses": (state.witness_url(),),
    }


def _say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def _databases(state: State, size: str | None, seed: int | None) -> Iterator[Mapping[str, str]]:
    given = read_settings().databases
    if given:
        missing = [f"{DATABASE_PREFIX}{name.upper()}" for name in DATABASES if name not in given]
        if missing:
            raise Refusal(f"tongcha: some databases are set and these are not: {', '.join(missing)}")
        yield given
        return
    started = time.monotonic()
    with running_postgres(state) as postgres:
        _say(f"PostgreSQL runs ({time.monotonic() - started:.1f} s).")
        city = state.city()
        if city is None or size not in {None, city.size} or seed not in {None, city.seed}:
            build_city(state, postgres, size or "S", SEED if seed is None else seed, _say)
        yield addresses_of(postgres)


def _welcome(url: str, issuer: DemoIssuer, state: Path) -> str:
    tokens = {caller: issuer.mint(caller) for caller in DEMO_CALLERS}
    lines = [f"\nTongcha serves on {url}/graphql. All data are synthetic (合成数据)."]
    lines += [f"The explorer (查询台), a page to ask from as any of them: {url}/\n"]
    lines += [f"{caller:<21}{token}" for caller, token in tokens.items()]
    lines += ["\nA first question, asked as the officer:\n", _curl(url, tokens["officer"])]
    keep = "" if state == DEFAULT_STATE else f" --state {shlex.quote(str(state))}"
    lines += [
        f"\nA new token: .venv/bin/tongcha token officer{keep}. It comes from {issuer.iss('staff')}, the demo's 粤政易."
    ]
    lines += ["Ctrl-C stops everything."]
    return "\n".join(lines)


def _curl(url: str, token: str) -> str:
    """One line for a shell: who owns a vehicle, asked at the roadside."""
    here = Path(__file__).parent
    query = " ".join((here / "roadside_vehicle.graphql").read_text().split())
    parameters = {"query": query, **json.loads((here / "roadside_vehicle.json").read_text())}
    body = json.dumps(parameters, ensure_ascii=False)
    headers = ["content-type: application/json", f"authorization: Bearer {token}"]
    return shlex.join(["curl", "-s", f"{url}/graphql", *(part for one in headers for part in ("-H", one)), "-d", body])
