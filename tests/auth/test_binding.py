"""Tokens bound to a certificate (RFC 8705). A9 is the case of the catalogue of attacks."""

from __future__ import annotations

import base64
import datetime
import hashlib
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from auth.binding import CERTIFICATE_SIZE, Holding, Scheme, thumbprint_in
from auth.errors import Unauthenticated
from tests.auth.minting import token, verifier


def certificate(name: str) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


OURS, OTHER = certificate("partner"), certificate("other")
DER, PEM = OURS.public_bytes(Encoding.DER), OURS.public_bytes(Encoding.PEM)
THUMBPRINT = base64.urlsafe_b64encode(hashlib.sha256(DER).digest()).rstrip(b"=").decode()
FIELD = b":" + base64.b64encode(DER) + b":"
OTHER_FIELD = b":" + base64.b64encode(OTHER.public_bytes(Encoding.DER)) + b":"
BOUND = token(cnf={"x5t#S256": THUMBPRINT})


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(FIELD, id="RFC-9440"),
        pytest.param(quote(PEM.decode()).encode(), id="nginx-escaped"),
        pytest.param(quote(PEM.decode(), safe="").encode(), id="escaped-whole"),
        pytest.param(PEM.replace(b"\n", b" ").strip(), id="PEM-on-one-line"),
    ],
)
async def test_the_certificate_is_known_by_its_thumbprint(header: bytes) -> None:
    assert thumbprint_in(header) == THUMBPRINT
    viewer = await verifier().verify(BOUND, Holding(certificate=header))
    assert viewer.subject == "u-1"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="A9-none"),
        pytest.param(b"", id="empty"),
        pytest.param(OTHER_FIELD, id="A9-another-client's"),
        pytest.param(FIELD + b"," + OTHER_FIELD, id="two"),
        pytest.param(OTHER_FIELD + b"," + FIELD, id="two-ours-last"),
        pytest.param(quote((PEM + PEM).decode()).encode(), id="two-in-PEM"),
        pytest.param(quote((PEM + OTHER.public_bytes(Encoding.PEM)).decode()).encode(), id="a-chain"),
        pytest.param(FIELD + b";x", id="with-parameters"),
        pytest.param(b"Subject=partner", id="a-name"),
        pytest.param(f"Hash={hashlib.sha256(DER).hexdigest()}".encode(), id="a-hash"),
        pytest.param(b":" + base64.b64encode(DER)[:-3] + b":", id="cut-off"),
        pytest.param(b":" + b"A" * CERTIFICATE_SIZE + b":", id="too-long"),
        pytest.param(THUMBPRINT.encode(), id="the-thumbprint-itself"),
    ],
)
async def test_a9_without_its_certificate_the_token_is_nothing(header: bytes | None) -> None:
    subject = verifier()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await subject.verify(BOUND, Holding(certificate=header))
    await subject.verify(BOUND, Holding(certificate=FIELD))
    with pytest.raises(Unauthenticated):
        await subject.verify(BOUND, Holding(certificate=header))


async def test_a9_a_token_bound_to_a_certificate_does_not_come_as_dpop() -> None:
    with pytest.raises(Unauthenticated):
        await verifier().verify(BOUND, Holding(scheme=Scheme.DPOP, certificate=FIELD))


async def test_a_certificate_beside_an_unbound_token_is_nothing() -> None:
    assert (await verifier().verify(token(), Holding(certificate=OTHER_FIELD))).subject == "u-1"
