"""``tongcha city load``: the synthetic city, measured."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from datasources.city.sizes import SEED
from gateway.commands.building import build_city, sizes
from gateway.commands.serving import stop_on_sigterm
from gateway.commands.state import DEFAULT_STATE, State, running_postgres


def load(
    *,
    size: Literal["S", "M", "L"],
    seed: int = SEED,
    state: Annotated[Path, Parameter(show_default=False)] = DEFAULT_STATE,
) -> None:
    """Make the databases of a demo anew, fill them, and say what it took.

    Parameters
    ----------
    size: S (25 thousand persons), M (250 thousand) or L (2.5 million).
    seed: another seed is another city.
    state: directory in which the demo finds them.
    """
    stop_on_sigterm()
    kept = State(state)
    try:
        with running_postgres(kept) as postgres:
            started = time.monotonic()
            build_city(kept, postgres, size, seed, lambda text: print(text, flush=True))
            seconds = time.monotonic() - started
            for name, megabytes in asyncio.run(sizes(postgres)).items():
                print(f"  {name:<14}{megabytes:>8.0f} MB")
    except KeyboardInterrupt:
        sys.exit(130)
    own, worker = (_peak_megabytes(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"City {size} with seed {seed}: {seconds:.0f} s; memory at the peak {own:.0f} MB, a worker {worker:.0f} MB.")


def _peak_megabytes(who: int) -> float:
    peak = resource.getrusage(who).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
