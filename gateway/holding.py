"""What a request brings to show that its sender holds what the token is bound to."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from functools import lru_cache

from starlette.types import Scope

from auth.binding import PLAIN, Holding, Scheme
from gateway.by_get import GRAPHQL
from gateway.settings import Network


class Holdings:
    """Reads a Holding. A certificate is believed only from the header that one of our own proxies sets.

    `url` is the endpoint's as clients see it: what a request says of its host decides nothing. A document that is asked for
    by GET has an address of its own beside it.
    """

    def __init__(self, url: str, *, proxies: Sequence[Network] = (), certificate_header: str = "") -> None:
        self._origin = url.removesuffix(GRAPHQL)
        self._header = certificate_header.lower().encode("ascii")
        self.read_once = frozenset({b"dpop", self._header} if proxies and self._header else {b"dpop"})
        """Headers of which there must not be two."""

        @lru_cache(maxsize=1024)
        def is_proxy(host: str) -> bool:
            try:
                address = ipaddress.ip_address(host)
            except ValueError:
                return False
            mapped = getattr(address, "ipv4_mapped", None) or address
            return any(mapped in network for network in proxies)

        self._is_proxy = is_proxy

    def read(self, scheme: Scheme, scope: Scope, headers: Mapping[bytes, bytes]) -> Holding:
        """The holding of one request."""
        certificate = headers.get(self._header) if self._header else None
        if certificate is None and scheme is Scheme.BEARER:
            return PLAIN
        peer = scope.get("client")
        trusted = certificate is not None and peer is not None and self._is_proxy(peer[0])
        return Holding(
            scheme=scheme,
            proof=headers.get(b"dpop"),
            method=scope["method"],
            url=self._origin + scope["path"],
            certificate=certificate if trusted else None,
        )
