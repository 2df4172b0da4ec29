"""How urgent a request is, before and after it is known who asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import CallerKind, Viewer
from datasources.urgency import Urgency
from gateway.urgency import urgency_before, urgency_of


def viewer(kind: CallerKind) -> Viewer:
    return Viewer(subject="s", client="c", kind=kind, cert_no="19040130215")


@pytest.mark.parametrize("kind", list(CallerKind))
def test_who_has_somebody_waiting_is_urgent(kind: CallerKind) -> None:
    systems = {CallerKind.PARTNER, CallerKind.PUBLIC}
    assert urgency_of(viewer(kind), {}) == ("partner" if kind in systems else "officer")


@pytest.mark.parametrize(
    ("priority", "urgency"),
    [
        (b"u=6", "batch"),
        (b"u=7, i", "batch"),
        (b"i,  u=6", "batch"),
        (b"u=6;x=1", "batch"),
        (b"u=5", "officer"),
        (b"u=0", "officer"),
        (b"u=66", "officer"),
        (b"au=6", "officer"),
        (b"", "officer"),
        (b"u=6," + b" " * 200, "officer"),
    ],
)
def test_who_says_that_nobody_waits_is_believed(priority: bytes, urgency: Urgency) -> None:
    assert urgency_of(viewer(CallerKind.OFFICER), {b"priority": priority}) == urgency


async def test_a_token_that_was_checked_is_known_before_it_is_checked_again(tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    verifier = TokenVerifier(issuer.trusted())
    token = issuer.mint("officer")
    headers = {b"authorization": f"Bearer {token}".encode()}
    assert urgency_before(verifier, headers) is None
    assert urgency_before(verifier, {**headers, b"priority": b"u=7"}) is None
    await verifier.verify(token)
    assert urgency_before(verifier, headers) == "officer"
    assert urgency_before(verifier, {**headers, b"priority": b"u=7"}) == "batch"


@pytest.mark.parametrize(
    "authorization", [b"", b"Bearer", b"Bearer ", b"Bearer \xff\xfe", b"Basic eDp5", b"Bearer " + b"x" * 9000]
)
async def test_whoever_brings_no_token_is_as_urgent_as_a_partner(tmp_path: Path, authorization: bytes) -> None:
    verifier = TokenVerifier(DemoIssuer.open(tmp_path).trusted())
    assert urgency_before(verifier, {b"authorization": authorization}) == "partner"
