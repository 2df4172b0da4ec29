from __future__ import annotations

import stat
from pathlib import Path

import pytest

from auth.errors import Unauthenticated
from auth.issuer import DEMO_CALLERS, KEY_FILE, MAX_KEYS, REALMS, DemoIssuer, realm_of
from auth.tokens import TokenVerifier


def test_the_keys_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    first = DemoIssuer.open(tmp_path / "state")
    again = DemoIssuer.open(tmp_path / "state")
    assert [again.key_id(realm) for realm in REALMS] == [first.key_id(realm) for realm in REALMS]
    assert stat.S_IMODE((tmp_path / "state" / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "state").iterdir()] == [KEY_FILE]


def test_two_states_have_two_keys(tmp_path: Path) -> None:
    assert DemoIssuer.open(tmp_path / "a").key_id("staff") != DemoIssuer.open(tmp_path / "b").key_id("staff")


@pytest.mark.parametrize("caller", DEMO_CALLERS)
async def test_every_demo_caller_is_let_in(caller: str, tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    viewer = await TokenVerifier(issuer.trusted()).verify(issuer.mint(caller))
    assert viewer.kind.value == DEMO_CALLERS[caller]["kind"]
    assert (viewer.issuer, viewer.subject, viewer.assurance) == (issuer.iss(realm_of(caller)), f"demo:{caller}", 1)


async def test_the_officer(tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    viewer = await TokenVerifier(issuer.trusted()).verify(issuer.mint("officer", acr="2"))
    assert (viewer.client, viewer.cert_no, viewer.division_code) == ("yuezhifa", "19040130215", "440402000000")
    assert viewer.assurance == 2


def test_a_stranger_gets_no_token(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        DemoIssuer.open(tmp_path).mint("chief")


def test_no_private_key_is_published(tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    assert [key for realm in REALMS for key in issuer.jwks(realm)["keys"] if "d" in key] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("overlap", [True, False])
async def test_a_new_key_signs_and_the_old_one_stays_or_goes(tmp_path: Path, overlap: bool) -> None:
    issuer = DemoIssuer.open(tmp_path)
    before = issuer.mint("officer")
    assert (
        issuer.rotate("staff", overlap=overlap) == issuer.key_id("staff") == DemoIssuer.open(tmp_path).key_id("staff")
    )
    verifier = TokenVerifier(issuer.trusted())
    await verifier.verify(issuer.mint("officer"))
    if overlap:
        await verifier.verify(before)
    else:
        with pytest.raises(Unauthenticated):
            await verifier.verify(before)


def test_the_ring_of_keys_is_bounded(tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    for _ in range(2 * MAX_KEYS):
        issuer.rotate("people")
    assert len(issuer.trusted()[issuer.issuers()[1]]) == MAX_KEYS
