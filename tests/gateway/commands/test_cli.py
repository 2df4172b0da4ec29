"""The commands as they are typed, in processes of their own where they serve."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.audit.reader import log_of, records
from auth.issuer import AUDIENCE, REALMS, DemoIssuer
from gateway.cli import app
from gateway.commands.state import State
from tests.gateway.ledger import sequences

ROOT = Path(__file__).parents[3]


def environment(city: Mapping[str, str], **settings: str) -> dict[str, str]:
    """Settings that name the databases of the tests, which stay as they are: nothing is published in them."""
    named = {f"TONGCHA_DATABASE_{name.upper()}": address for name, address in city.items()}
    return {**os.environ, **named, "TONGCHA_DISCLOSURE_SECONDS": "0", **settings}


def audit(directory: Path) -> dict[str, str]:
    """Settings of an access log."""
    return {"TONGCHA_AUDIT_DIR": str(directory / "audit"), "TONGCHA_AUDIT_KEY": "00" * 32}


@contextlib.contextmanager
def tongcha(*arguments: str, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-P", "-m", "gateway.cli", *arguments]
    env = {**env, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=env, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: subprocess.Popen[str], start: str) -> list[str]:
    """The lines on standard output up to one that starts so."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith(start):
            return lines
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    return process.returncode, output, "".join(filter(is_of_the_test, errors.splitlines(keepends=True)))


OF_THE_MACHINE = ('"audit_disk_filling"', '"event loop blocked"', '"event loop turns again"')


def is_of_the_test(line: str) -> bool:
    """A disk that is nearly full and a machine that is busy are told of, as they should be, and have nothing to do with the test."""
    return not any(event in line for event in OF_THE_MACHINE)


def next_event(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the next line of the log says."""
    assert process.stderr is not None
    line = next(filter(is_of_the_test, process.stderr))
    said: dict[str, Any] = json.loads(line)
    return said


def issuers_file(issuer: DemoIssuer, directory: Path) -> Path:
    """What an operator writes, with the demo's issuers and their keys in files."""
    text = ""
    for name, realm in REALMS.items():
        keys = directory / f"{name}.json"
        keys.write_text(json.dumps(issuer.jwks(name)))
        kinds = ", ".join(f'"{kind.value}"' for kind in realm.kinds)
        text += f'[{name}]\niss = "{issuer.iss(name)}"\naudience = "{AUDIENCE}"\nkeys = "{keys}"\n'
        text += f'family = "{realm.family.value}"\nkinds = [{kinds}]\n'
    path = directory / "issuers.toml"
    path.write_text(text)
    return path


def run(arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    """How the command ends, and what it prints."""
    try:
        code = app(arguments, result_action="return_value")
    except SystemExit as end:
        code = end.code
    return code, capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_s_first_question_has_an_answer(
    city: Mapping[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    with tongcha("demo", "--port", "0", "--state", str(tmp_path), env=environment(city)) as process:
        lines = until(process, "curl ")
        _, _, url, *_, token_header, _, body = shlex.split(lines[-1])
        headers = {"content-type": "application/json", "authorization": token_header.removeprefix("authorization: ")}
        answer = httpx.post(url, content=body.encode(), headers=headers, timeout=60).json()
        assert answer["data"]["vehicle"]["plateNo"] == "粤C12A34"
        assert "errors" not in answer
        page = next(line for line in lines if "查询台" in line).split()[-1]
        assert (page, httpx.get(page, timeout=60).status_code) == (url.removesuffix("graphql"), 200)
        told = httpx.get(f"{page}console/about", timeout=60).json()
        assert (told["demo"], len(told["operations"])) == (True, 10)
        code, output, errors = stopped(process, number)
    assert (code, output.strip().splitlines()[-1], errors) == (0, "Stopping.", "")
    callers = [line.split()[0] for line in lines if line.count(".") == 2 and " ey" in line]
    assert callers == [
        "officer",
        "officer-without-task",
        "supervisor",
        "partner",
        "partner-finance",
        "partner-credit",
        "partner-linkage",
        "partner-statistics",
        "partner-random",
        "partner-supervision",
        "citizen",
        "enterprise",
        "public",
        "auditor",
    ]
    assert not (tmp_path / "postgresql.json").exists()


def test_serve_takes_its_settings_from_the_environment(city: Mapping[str, str], tmp_path: Path) -> None:
    issuer = DemoIssuer.open(tmp_path)
    settings = {"TONGCHA_ISSUERS": str(issuers_file(issuer, tmp_path)), **audit(tmp_path)}
    with tongcha("serve", "--port", "0", "--engine", "resolvers", env=environment(city, **settings)) as process:
        assert next_event(process)["event"] == "audit_witnesses_missing"
        started = next_event(process)
        assert (started["event"], started["host"], started["redis"]) == ("serving", "127.0.0.1", False)
        with httpx.Client(base_url=f"http://127.0.0.1:{started['port']}", timeout=60) as client:
            ready = client.get("/readyz").json()
            standing = ready.pop("audit")
            assert (standing["state"], standing.keys()) == ("normal", {"state", "disk", "unshipped"})
            assert ready == {
                "ready": True,
                "worker": 0,
                "databases": dict.fromkeys(city, True),
                "data": {"drifted": {}, "unchecked": [], "unshown": {}},
                "issuers": dict.fromkeys(REALMS, True),
            }
            headers = {"authorization": f"Bearer {issuer.mint('public')}"}
            answer = client.post("/graphql", json={"query": "{__typename}"}, headers=headers).json()
            assert answer["data"] == {"__typename": "Query"}
            assert client.get("/").status_code == client.get("/console/about").status_code == 404
        assert stopped(process, signal.SIGTERM)[0] == 0
    written = list(records(tmp_path / "audit" / "0"))
    assert [record.entry["kind"] for record in written] == ["segment", "access"]
    assert asyncio.run(sequences(city["gateway"], log_of(tmp_path / "audit" / "0"))) == [1, 2]


def test_serve_says_what_is_not_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in list(os.environ):
        if name.startswith("TONGCHA_"):
            monkeypatch.delenv(name)
    code, _ = run("serve", capsys)
    assert code.startswith("tongcha: not set: TONGCHA_DATABASE_POPULATION, TONGCHA_DATABASE_LEGAL_ENTITY, ")
    assert code.endswith(", TONGCHA_DATABASE_GATEWAY, TONGCHA_ISSUERS, TONGCHA_AUDIT_DIR, TONGCHA_AUDIT_KEY")


def test_serve_does_not_start_on_a_bad_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TONGCHA_LISTEN_PORT", "tcp://10.0.0.1:8000")
    assert run("serve", capsys)[0] == "tongcha: TONGCHA_LISTEN_PORT has a value that cannot be used"


def test_the_demo_takes_all_databases_or_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TONGCHA_DATABASE_VEHICLE", "postgresql://role@host/vehicle")
    code, _ = run(f"demo --port 0 --state {tmp_path}", capsys)
    assert code.startswith("tongcha: some databases are set and these are not: TONGCHA_DATABASE_POPULATION, ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("options", "assurance"), [("", 1), ("--acr 1", 1), ("--acr 2", 2)])
async def test_a_token_is_of_the_state_s_issuer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str, assurance: int
) -> None:
    code, output = run(f"token supervisor --state {tmp_path} {options}", capsys)
    assert code is None
    viewer = await State(tmp_path).verifier().verify(output.strip())
    assert (viewer.cert_no, viewer.assurance) == ("19040100007", assurance)


def test_serve_says_which_issuer_is_wrong(
    city: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = issuers_file(DemoIssuer.open(tmp_path), tmp_path)
    (tmp_path / "people.json").write_text("<html>")
    for name, value in environment(city, TONGCHA_ISSUERS=str(path), **audit(tmp_path)).items():
        monkeypatch.setenv(name, value)
    assert run("serve", capsys)[0] == "tongcha: TONGCHA_ISSUERS: people: keys: JSONDecodeError"


@pytest.mark.parametrize("arguments", ["token chief", "query x.graphql --as chief", "explain x.graphql --as chief"])
def test_a_stranger_is_told_who_there_is(arguments: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = run(f"{arguments} --state {tmp_path}", capsys)
    assert code.startswith("tongcha: no caller 'chief'; there are officer, officer-without-task, ")


def test_the_schema_is_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    code, output = run("schema", capsys)
    assert (code, output) == (None, (ROOT / "schema.graphql").read_text())
