"""Reproducible chance: one stream per thing and domain, so that everything can be computed again from its number."""

from __future__ import annotations

from functools import lru_cache
from random import Random


@lru_cache
def _dice(domain: int) -> Random:
    # For demo data only, never for keys or tokens.
    return Random(domain)  # noqa: S311


def stream(seed: int, domain: int, number: int) -> Random:
    """The stream of thing `number` of a domain.

    The generator behind it is shared by the domain: the caller draws all it needs before anything else of that domain
    is computed.
    """
    dice = _dice(domain)
    dice.seed((seed << 48) | (domain << 40) | number)
    return dice
