"""``tongcha token``: an access token for a demo caller."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from auth.issuer import DEMO_CALLERS
from gateway.commands.serving import Refusal
from gateway.commands.state import DEFAULT_STATE, State


def token(
    caller: str, /, *, acr: str | None = None, state: Annotated[Path, Parameter(show_default=False)] = DEFAULT_STATE
) -> None:
    """Print a token that the demo with this state takes.

    Parameters
    ----------
    caller: officer, officer-without-task, supervisor, partner, partner-finance, partner-credit, citizen, public or auditor.
    acr: how the caller has authenticated just now; 2 is by two factors, which some fields want (STEP_UP_REQUIRED).
    state: directory of the demo's state.
    """
    if caller not in DEMO_CALLERS:
        raise Refusal(f"tongcha: no caller {caller!r}; there are {', '.join(DEMO_CALLERS)}")
    print(State(state).issuer().mint(caller, acr=acr))
