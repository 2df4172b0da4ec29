"""``tongcha documents`` as it is typed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.cli import app
from gateway.named import digest_of
from tests.gateway.registry import CHANGED, DETAIL, RECENT
from tests.gateway.village import refill, village

MD5 = "3be4abb81fa595e25eb725b2c6a87508"


@pytest.fixture
async def own(desk_dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The gateway's own database, as the settings name it."""
    monkeypatch.setenv("TONGCHA_DATABASE_GATEWAY", desk_dsn)
    yield desk_dsn
    await refill(desk_dsn, village(), CHANGED)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    """How the command ends, and what it says where."""
    try:
        code: object = app(["documents", *words], exit_on_error=False, result_action="return_value")
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    return code, said.out, said.err


def test_from_a_manifest_to_a_document_that_is_taken_back(
    own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del own
    manifest = tmp_path / "persisted.json"
    manifest.write_text(json.dumps({MD5: DETAIL, digest_of(RECENT): RECENT}))
    of_site = ("--client", "public-site")
    code, out, err = run(
        capsys, "register", str(manifest), *of_site, "--purpose", "public-disclosure", "--manifest", "relay"
    )
    assert (code, err) == (None, "2 documents of public-site for PUBLIC_DISCLOSURE.\n")
    assert out.splitlines() == [f"sha256:{digest_of(DETAIL)}\t{MD5}\tDetail", f"sha256:{digest_of(RECENT)}\t-\tRecent"]
    code, out, _ = run(capsys, "revoke", MD5, *of_site)
    assert (code, out) == (None, f"Revoked: {MD5} of public-site.\n")
    _, out, _ = run(capsys, "list", *of_site)
    rows = {row[3]: row for row in (line.split("\t") for line in out.splitlines())}
    assert rows["Detail"][:5] == ["public-site", digest_of(DETAIL), MD5, "Detail", "PUBLIC_DISCLOSURE"]
    assert (rows["Detail"][6] != "-", rows["Recent"][6]) == (True, "-")
    assert (
        run(capsys, "revoke", f"sha256:{digest_of(DETAIL)}", *of_site)[0] == "tongcha: public-site has no such document"
    )


def test_what_would_never_run_is_said(own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del own
    document = tmp_path / "bad.graphql"
    document.write_text("query Bad { nothing }")
    code, out, _ = run(capsys, "register", str(document), "--client", "public-site", "--purpose", "public-disclosure")
    assert out == ""
    assert code == (
        "tongcha: not registered: Bad: GRAPHQL_VALIDATION_FAILED: Cannot query field 'nothing' on type 'Query'.: "
        "line 1, column 13"
    )


def test_a_field_that_is_always_null_is_told(own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del own
    document = tmp_path / "some.graphql"
    document.write_text('query Some { divisions(first: 1) { totalCount } case(caseNo: "x") { caseNo } }')
    _, _, err = run(capsys, "register", str(document), "--client", "public-site", "--purpose", "public-disclosure")
    assert err.splitlines()[0] == "tongcha: Some: always null: Query.case: FORBIDDEN"


def test_a_file_that_is_not_there_is_said(own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del own
    missing = str(tmp_path / "none.json")
    code, *_ = run(capsys, "register", missing, "--client", "public-site", "--purpose", "public-disclosure")
    assert code == f"tongcha: {missing}: No such file or directory"


def test_without_a_database_it_says_which_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TONGCHA_DATABASE_GATEWAY", raising=False)
    assert run(capsys, "list")[0] == "tongcha: not set: TONGCHA_DATABASE_GATEWAY (or say --state)"
