"""The access policies, as they would be loaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from auth.policy import PolicyRefused
from gateway.doctor.findings import Finding, bad, good
from gateway.facts import facts_of, shipped
from gateway.policies import load_policies
from gateway.settings import Settings

AREA = "policies"


async def look_at_policies(settings: Settings) -> AsyncIterator[Finding]:
    """Whether they can be used."""
    from resolvers.schema import catalog  # noqa: PLC0415

    try:
        if settings.policies is None:
            loaded = shipped(tuple(facts_of(catalog)))
        else:
            loaded = await asyncio.to_thread(load_policies, catalog, settings.policies)
    except PolicyRefused as refusal:
        yield bad(AREA, f"they cannot be used: {refusal}", "tongcha policy check says more")
    else:
        yield good(AREA, f"{len(loaded.policies)} policies, epoch {loaded.epoch[:12]}")
