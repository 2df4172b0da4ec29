from __future__ import annotations

import stat
from pathlib import Path

import pytest

from auth.issuer import AUDIENCE, DEMO_CALLERS, ISSUER, KEY_FILE, DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import CallerKind, Viewer


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = DemoIssuer.open(tmp_path / "state")
    assert DemoIssuer.open(tmp_path / "state").key_id == first.key_id
    assert stat.S_IMODE((tmp_path / "state" / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "state").iterdir()] == [KEY_FILE]


def test_two_states_have_two_keys(tmp_path: Path) -> None:
    assert DemoIssuer.open(tmp_path / "a").key_id != DemoIssuer.open(tmp_path / "b").key_id


@pytest.mark.parametrize("caller", DEMO_CALLERS)
def test_every_demo_caller_is_let_in(caller: str, tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    viewer = TokenVerifier(issuer.keys(), issuer=ISSUER, audience=AUDIENCE).verify(issuer.mint(caller))
    assert viewer.kind.value == DEMO_CALLERS[caller]["kind"]


def test_the_officer(tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    assert TokenVerifier(issuer.keys(), issuer=ISSUER, audience=AUDIENCE).verify(issuer.mint("officer")) == Viewer(
        subject="demo:officer",
        client="yuezhifa",
        kind=CallerKind.OFFICER,
        cert_no="19040130215",
        division_code="440402000000",
    )


def test_a_stranger_gets_no_token(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        DemoIssuer.open(tmp_path).mint("chief")
