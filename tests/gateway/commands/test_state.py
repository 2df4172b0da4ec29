from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from auth.errors import Unauthenticated
from gateway.commands import state as module
from gateway.commands.serving import Refusal
from gateway.commands.state import CITY_FILE, SEAL_FILE, City, State, databases_of, fingerprint


def test_nothing_is_written_before_it_is_needed(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    assert state.city() is None
    assert list(tmp_path.iterdir()) == []


def test_the_seal_key_stays_and_is_for_its_owner_only(tmp_path: Path) -> None:
    key = State(tmp_path).seal_key()
    assert len(key) == 64
    assert State(tmp_path).seal_key() == key
    assert stat.S_IMODE((tmp_path / SEAL_FILE).stat().st_mode) == 0o600


async def test_a_token_of_one_demo_is_none_of_another(tmp_path: Path) -> None:
    token = State(tmp_path / "one").issuer().mint("officer")
    assert (await State(tmp_path / "one").verifier().verify(token)).subject == "demo:officer"
    with pytest.raises(Unauthenticated):
        await State(tmp_path / "other").verifier().verify(token)


def test_the_identity_provider_stays_where_it_is(tmp_path: Path) -> None:
    port = State(tmp_path).provider_port()
    assert State(tmp_path).provider_port() == port
    State(tmp_path).remember_provider_port(port + 1)
    assert State(tmp_path).issuer().iss("staff") == f"http://127.0.0.1:{port + 1}/staff"


def test_a_city_is_remembered_until_it_is_forgotten(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.remember_city("M", 7)
    assert state.city() == City(size="M", seed=7, made_by=fingerprint())
    state.forget_city()
    state.forget_city()
    assert state.city() is None


def test_a_city_of_other_tables_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State(tmp_path)
    state.remember_city("S", 1)
    monkeypatch.setattr(module, "fingerprint", lambda: "other")
    assert state.city() is None


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"size": "S"}), json.dumps({"size": "S", "age": 3})])
def test_a_note_that_cannot_be_read_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / CITY_FILE).write_text(content)
    assert State(tmp_path).city() is None


def test_without_a_city_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no city in"), databases_of(State(tmp_path)):
        pass
