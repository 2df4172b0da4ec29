from __future__ import annotations

from pathlib import Path

import pytest

from auth.policy import SHIPPED, read_texts
from gateway.cli import app


def run(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """How a command ends and what it says."""
    try:
        code: object = app(command.split(), exit_on_error=False, result_action="return_value")
    except SystemExit as end:
        code = end.code
    return code, capsys.readouterr().out


def copied(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """The shipped set with one text changed."""
    directory = tmp_path / "changed"
    directory.mkdir()
    for name, text in read_texts(SHIPPED).items():
        assert name != file or old in text
        (directory / name).write_text(text.replace(old, new) if name == file else text)
    return directory


def test_the_shipped_policies_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run("policy check", capsys)
    assert code is None
    written = sum(text.count("@id(") for text in read_texts(SHIPPED).values())
    assert f"{written} policies over" in said
    assert "Epoch " in said


def test_a_set_that_is_refused_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = copied(tmp_path, "officer.cedar", 'Kind::"officer"', 'Kind::"oficer"')
    code, _ = run(f"policy check {directory}", capsys)
    assert "tongcha: refused: officer-on-a-task: " in str(code)


def test_a_name_that_is_nowhere_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = copied(
        tmp_path, "groups.toml", '"pop.person.marital_code", "pop.person.education_code"', '"pop.person.wed"'
    )
    code, _ = run(f"policy check {directory}", capsys)
    assert str(code).endswith("names what is nowhere: pop.person.wed")


def test_who_gains_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = copied(
        tmp_path, "groups.toml", '"pop.person.marital_code", "pop.person.education_code",', '"pop.person.marital_code",'
    )
    code, said = run(f"policy diff {SHIPPED} {directory}", capsys)
    assert code is None
    assert said.splitlines() == [
        *(
            f"+  officer, {purpose:<16}  Person.education  read, filter, order, search: withheld → clear"
            for purpose in ("CASE_HANDLING", "CRIMINAL_LINKAGE", "INSPECTION")
        ),
        "1 fields gained, 0 lost, by 3 kinds of caller.",
    ]


def test_who_loses_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = copied(
        tmp_path,
        "partner.cedar",
        'permit (principal in Kind::"partner", action == Action::"follow", resource in Door::"payments")',
        'forbid (principal in Kind::"partner", action == Action::"follow", resource in Door::"payments")',
    )
    _, said = run(f"policy diff {SHIPPED} {directory}", capsys)
    assert "-  partner, NON_TAX_PAYMENT  Query.nonTaxPayments          read: clear → withheld" in said
    assert said.splitlines()[-1] == "0 fields gained, 5 lost, by 1 kinds of caller."


def test_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"policy diff {SHIPPED} {SHIPPED}", capsys) == (None, "No caller gains or loses anything.\n")


def test_a_set_is_put_where_gateways_take_it_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "in-force"
    code, _ = run(f"policy load {SHIPPED}", capsys)
    assert "TONGCHA_POLICIES" in str(code)
    monkeypatch.setenv("TONGCHA_POLICIES", str(place))
    code, said = run(f"policy load {SHIPPED}", capsys)
    assert code is None
    assert f"In force at {place}: epoch " in said
    assert read_texts(place) == read_texts(SHIPPED)
    code, _ = run(f"policy load {tmp_path}", capsys)
    assert "there are no policies" in str(code)
    assert read_texts(place) == read_texts(SHIPPED)
