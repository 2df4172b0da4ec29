"""``tongcha city load``: the synthetic city, measured."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from datasources.city.sizes import SEED
from gateway.commands.building import build_city, build_city_on, sizes
from gateway.commands.serving import Refusal, stop_on_sigterm
from gateway.commands.state import DEFAULT_STATE, State, running_postgres

PASSWORD = "TONGCHA_CITY_PASSWORD"  # noqa: S105 - the name of a setting


def load(
    *,
    size: Literal["S", "M", "L"],
    seed: int = SEED,
    state: Annotated[Path, Parameter(show_default=False)] = DEFAULT_STATE,
    server: str | None = None,
) -> None:
    """Make the databases of a demo anew, fill them, and say what it took.

    With `--server` that is done on a server of your own: **databases of these names and their roles are dropped there first**. The
    roles are called tongcha_<database>, and TONGCHA_CITY_PASSWORD is the password of each.

    Parameters
    ----------
    size: S (25 thousand persons), M (250 thousand) or L (2.5 million).
    seed: another seed is another city.
    state: directory in which the demo finds them.
    server: postgresql:// address of a superuser, whose password is taken from PGPASSWORD unless it is in there: others can read arguments.
    """
    stop_on_sigterm()
    kept = State(state)
    try:
        started = time.monotonic()
        if server is not None:
            build_city_on(server, _password(), size, seed, _say)
            seconds = _told(server, started)
        else:
            with running_postgres(kept) as postgres:
                started = time.monotonic()
                build_city(kept, postgres, size, seed, _say)
                seconds = _told(postgres.admin_dsn, started)
    except KeyboardInterrupt:
        sys.exit(130)
    own, worker = (_peak_megabytes(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"City {size} with seed {seed}: {seconds:.0f} s; memory at the peak {own:.0f} MB, a worker {worker:.0f} MB.")


def _password() -> str:
    password = os.environ.get(PASSWORD, "")
    if not password:
        raise Refusal(f"tongcha: {PASSWORD} is not set: the password of the databases' roles")
    return password


def _say(text: str) -> None:
    print(text, flush=True)


def _told(server: str, started: float) -> float:
    """Says how large the databases are; how many seconds it took until then."""
    seconds = time.monotonic() - started
    for name, megabytes in asyncio.run(sizes(server)).items():
        print(f"  {name:<14}{megabytes:>8.0f} MB")
    return seconds


def _peak_megabytes(who: int) -> float:
    peak = resource.getrusage(who).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
