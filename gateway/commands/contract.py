"""``tongcha schema``: the contract."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from auth.issuer import DEMO_CALLERS
from auth.purpose import Standing
from auth.viewer import CallerKind
from gateway.commands.serving import Refusal
from gateway.facts import facts_of, shipped
from gateway.introspect import absent_fields, cut_sdl
from resolvers.schema import catalog, print_sdl


def schema(*, caller: Annotated[str | None, Parameter(name="--for")] = None) -> None:
    """Print the schema with its directives, as schema.graphql holds it.

    Parameters
    ----------
    caller: print it as this demo caller knows it: officer, officer-without-task, supervisor, partner, partner-finance, partner-credit,
        citizen, public or auditor.
    """
    print((print_sdl() if caller is None else _known_to(caller)).strip())


def _known_to(caller: str) -> str:
    if caller not in DEMO_CALLERS:
        raise Refusal(f"tongcha: no caller {caller!r}; there are {', '.join(DEMO_CALLERS)}")
    standing = Standing(kind=CallerKind(DEMO_CALLERS[caller]["kind"]), purpose=None, granted=False)
    policies = shipped(tuple(facts_of(catalog)))
    absent = absent_fields(lambda *asked: policies.decide(standing, *asked), policies.facts)
    return cut_sdl(catalog.sdl, frozenset(absent))
