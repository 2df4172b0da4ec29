"""Why nobody is let in.

Unauthenticated        no token, or one that is not good: the same for every reason
├── TokenExpired       a token of ours that was good once
├── TokenRevoked       a token of ours that was taken back
└── NonceRequired      a proof of possession without the nonce that we gave
KeysUnavailable        no key of the token's issuer is known: nothing can be said of the token
"""

from __future__ import annotations


class Unauthenticated(Exception):
    """There is no good token. Carries no reason on purpose."""


class TokenExpired(Unauthenticated):
    """The token's signature is its issuer's and its time is over."""


class TokenRevoked(Unauthenticated):
    """The token's signature is its issuer's and it, its subject, client or key was revoked."""


class NonceRequired(Unauthenticated):
    """The proof must be made again with `nonce` (RFC 9449 section 9)."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce = nonce


class KeysUnavailable(Exception):
    """The issuer's keys could not be had for so long that none is believed."""
