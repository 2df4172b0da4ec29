"""A partner is onboarded by a file: client, agreement, annex, term and quota, all or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.cli import app
from gateway.partners import PartnersInvalid, parse_partners
from resolvers.schema import catalog
from tests.gateway.owntables import make_own

FILE = """
[clients.partner-tax]
name = "税务共享平台"

[agreements.GX-2026-0200]
client = "partner-tax"
purpose = "PARTNER_DISCLOSURE"
provider = "珠海市司法局"
basis = "《政务数据共享条例》"
scenario = "税收协同"
scope = "行政处罚公示信息"
mode = "增量接口"
fields = ["Query.disclosures", "Disclosure"]
from = 2026-01-01
to = 2199-12-31
quota = 5000
rows = 200000
"""


@pytest.fixture(scope="module")
async def dsn(scratch: Callable[[str], Awaitable[str]]) -> str:
    """A database with the gateway's own tables."""
    made = await scratch("partners")
    await make_own(made)
    return made


@pytest.fixture
def run(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[object, str]]:
    """How a command ends, and what it says."""
    monkeypatch.setenv("TONGCHA_DATABASE_GATEWAY", dsn)

    def told(command: str) -> tuple[object, str]:
        try:
            code: object = app(command.split(), exit_on_error=False, result_action="return_value")
        except SystemExit as end:
            code = end.code
        return code, capsys.readouterr().out

    return told


Run = Callable[[str], tuple[object, str]]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "partners.toml"
    path.write_text(text)
    return path


def test_a_file_is_loaded_shown_and_ended(run: Run, tmp_path: Path) -> None:
    for _ in range(2):  # the same again changes nothing
        assert run(f"partners load {written(tmp_path, FILE)}") == (None, "Registered: 1 clients, 1 agreements.\n")
    line = "GX-2026-0200  partner-tax  PARTNER_DISCLOSURE  2026-01-01 to 2199-12-31  5000 requests, 200000 rows a day  "
    assert run("partners show") == (None, f"{line}in force\n")
    assert run("partners expire GX-2026-0200") == (None, "Ended: GX-2026-0200.\n")
    assert run("partners show") == (None, f"{line}ended\n")


def test_what_is_not_there_cannot_be_ended(run: Run) -> None:
    assert run("partners expire GX-2099-0001") == ("tongcha: no such agreement: GX-2099-0001", "")


def test_an_agreement_of_nobody_is_not_written(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, FILE.replace('client = "partner-tax"', 'client = "nobody"').replace("0200", "0201"))
    assert run(f"partners load {path}") == (f"tongcha: {path}: no such client: nobody", "")
    assert "GX-2026-0201" not in run("partners show")[1]


def test_without_a_database_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TONGCHA_DATABASE_GATEWAY", raising=False)
    with pytest.raises(SystemExit, match="TONGCHA_DATABASE_GATEWAY"):
        app(["partners", "show"], exit_on_error=False, result_action="return_value")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('mode = "增量接口"\n', "", "agreements.GX-2026-0200.mode is missing"),
        ('"Disclosure"]', '"Secrets"]', "agreements.GX-2026-0200.fields: the schema has no Secrets"),
        ("PARTNER_DISCLOSURE", "SUPERVISION", "agreements.GX-2026-0200.purpose is not one of "),
        ("to = 2199-12-31", "to = 2025-12-31", "agreements.GX-2026-0200.to is before from"),
        ("quota = 5000", "quota = 0", "agreements.GX-2026-0200.quota is not a number of requests a day"),
        ("rows = 200000", "rows = true", "agreements.GX-2026-0200.rows is not a number of rows a day"),
        ("quota = 5000", "quotas = 1", "agreements.GX-2026-0200.quotas is not known"),
        ("from = 2026-01-01", 'from = "soon"', "agreements.GX-2026-0200.from is not a day"),
        ("[clients.partner-tax]", "[clients.partner-tax.deep]", "clients.partner-tax.deep is not known"),
        ("[agreements.GX-2026-0200]", "[[agreements]]", "agreements is not a table"),
        ("GX-2026-0200", '"GX 2026"', "agreements.GX 2026: no caller can state such a number"),
    ],
)
def test_every_fault_of_a_file_is_named(old: str, new: str, fault: str) -> None:
    text = FILE.replace(old, new)
    with pytest.raises(PartnersInvalid) as refused:
        parse_partners(text, catalog)
    assert any(one.startswith(fault) for one in refused.value.faults), refused.value.faults
