"""Who is believed: whether issuers can be read, and whether each gives keys now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

from auth.issuers import Issuer
from auth.keys import FILE_SIZE, KeySet, KeySetInvalid
from datasources.fetch import Document
from gateway.doctor.findings import Finding, bad, good, warning
from gateway.identity import IdentityInvalid, read_issuers
from gateway.settings import Settings

AREA = "issuers"
ANSWER_SECONDS = 5.0


async def look_at_issuers(settings: Settings) -> AsyncIterator[Finding]:
    """Each issuer of the file."""
    if settings.issuers is None:
        return
    try:
        issuers = read_issuers(settings.issuers)
    except IdentityInvalid as error:
        yield bad(AREA, f"TONGCHA_ISSUERS: {error}", "correct the file")
        return
    for issuer in issuers:
        yield await _look_at(issuer, settings)


async def _look_at(issuer: Issuer, settings: Settings) -> Finding:
    area = f"{AREA}: {issuer.name}"
    try:
        if urlsplit(issuer.keys).scheme not in {"http", "https"}:
            keys = KeySet.load(Path(issuer.keys), issuer.family)
        else:
            document = Document(issuer.keys, limit=FILE_SIZE, loopback=settings.loopback_http)
            async with asyncio.timeout(ANSWER_SECONDS):
                keys = KeySet.parse(await document.fetch(), issuer.family)
    except KeySetInvalid as error:
        return bad(area, f"its keys cannot be used: {error}", "ask the issuer; keys from before are believed for a day")
    except (OSError, TimeoutError, ValueError) as error:
        return bad(
            area, f"its keys cannot be fetched: {type(error).__name__}", "look at the way there, and its address"
        )
    if not len(keys):
        return bad(area, f"it has no key of the family {issuer.family.value}", "ask the issuer")
    if len(keys) == 1:
        return good(area, "1 key")
    return (
        good(area, f"{len(keys)} keys")
        if len(keys) <= 8
        else warning(area, f"{len(keys)} keys", "ask the issuer to take old ones away: each can sign tokens")
    )
