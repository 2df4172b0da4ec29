"""``tongcha revoke``: tell every gateway that something is no longer good."""

from __future__ import annotations

import asyncio
import time

from auth.revocation import VALUE_LENGTH, Revocation, Revoked
from datasources.cache import CacheUnavailable
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal
from gateway.revocations import tell


def revoke(kind: Revoked, value: str, /, *, issuer: str) -> None:
    """Revoke what an issuer named: every gateway on the Redis of TONGCHA_REDIS refuses it within a second.

    Parameters
    ----------
    kind: subject (sub), client (client_id), token (jti) or key (kid). The first two: tokens issued until now.
    value: what the claim or header says.
    issuer: iss of the issuer.
    """
    settings = read_settings()
    if not settings.redis:
        raise Refusal("tongcha: not set: TONGCHA_REDIS")
    if not 0 < len(value) <= VALUE_LENGTH or not issuer:
        raise Refusal(f"tongcha: a {kind.value} has 1 to {VALUE_LENGTH} characters, and an issuer")
    revocation = Revocation(kind=kind, issuer=issuer, value=value, at=time.time())

    try:
        asyncio.run(tell(settings.redis, revocation))
    except CacheUnavailable as error:
        raise Refusal(f"tongcha: TONGCHA_REDIS: {error}") from None
    print(f"Revoked: {kind.value} {value} of {issuer}.")
