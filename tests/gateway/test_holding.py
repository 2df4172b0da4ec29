"""Which certificate header is believed. A13 is the case of the catalogue of attacks."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from auth.binding import PLAIN, Holding, Scheme
from gateway.holding import Holdings

URL = "https://tongcha.example/graphql"
PROXIES = (ip_network("10.1.2.0/24"), ip_network("fd00::7/128"))


def read(
    peer: str | None,
    headers: dict[bytes, bytes],
    scheme: Scheme = Scheme.BEARER,
    *,
    proxies: bool = True,
    path: str = "/graphql",
) -> Holding:
    holdings = Holdings(URL, proxies=PROXIES if proxies else (), certificate_header="Client-Cert")
    scope = {"type": "http", "method": "POST", "path": path, "client": None if peer is None else (peer, 1234)}
    return holdings.read(scheme, scope, headers)


@pytest.mark.parametrize("peer", ["10.1.2.3", "10.1.2.255", "fd00::7", "::ffff:10.1.2.3"])
def test_a_proxy_of_ours_is_believed(peer: str) -> None:
    assert read(peer, {b"client-cert": b":AAAA:"}).certificate == b":AAAA:"


@pytest.mark.parametrize("peer", ["10.1.3.1", "fd00::8", "::ffff:10.1.3.1", "127.0.0.1", "testclient", "", None])
def test_a13_nobody_else_is(peer: str | None) -> None:
    assert read(peer, {b"client-cert": b":AAAA:"}).certificate is None


@pytest.mark.parametrize(
    "name", [b"x-forwarded-client-cert", b"x-client-cert", b"ssl-client-cert", b"client-cert-chain"]
)
def test_a13_another_header_is_no_certificate(name: bytes) -> None:
    assert read("10.1.2.3", {name: b":AAAA:"}) == PLAIN


def test_without_proxies_no_header_is_believed() -> None:
    assert read("127.0.0.1", {b"client-cert": b":AAAA:"}, proxies=False).certificate is None


def test_what_is_forwarded_does_not_make_a_proxy() -> None:
    headers = {b"client-cert": b":AAAA:", b"x-forwarded-for": b"10.1.2.3", b"forwarded": b"for=10.1.2.3"}
    assert read("192.0.2.1", headers).certificate is None


def test_the_url_is_ours_whatever_the_request_says() -> None:
    holding = read("192.0.2.1", {b"dpop": b"proof", b"host": b"attacker.example"}, Scheme.DPOP)
    assert holding == Holding(scheme=Scheme.DPOP, proof=b"proof", method="POST", url=URL)


def test_a_document_has_an_address_of_its_own() -> None:
    assert read("192.0.2.1", {b"dpop": b"proof"}, Scheme.DPOP, path="/d/x").url == "https://tongcha.example/d/x"


def test_a_plain_request_costs_nothing() -> None:
    assert read("10.1.2.3", {b"dpop": b"x"}) is PLAIN
