"""The page: what it is made of, what it may reach, and what there is of it outside the demo."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from auth.issuer import DEMO_CALLERS, DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import Purpose
from datasources.tables import DATABASES
from gateway.app import Around, create_app
from gateway.console.inside import Inside
from gateway.console.page import FILES, INDEX, page_routes
from gateway.documented import Documented
from gateway.identity import Identity
from gateway.settings import Settings

OWN = sorted(path for path in FILES.iterdir() if path.name not in {"editor.js", "editor.licences.txt"})
EDITOR = FILES.parent / "editor"
ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}|[\"\'(]data:")
PAGE = ["/", *(f"/console/{path.name}" for path in sorted(FILES.iterdir()) if path.name != INDEX), "/console/about"]
INSIDE = ["/console/token", "/console/plan", "/console/record/{response}"]


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=page_routes())), base_url="http://gateway")


# --- which routes there are ----------------------------------------------------------------------


def paths(explorer: Sequence[BaseRoute]) -> list[str]:
    """Every route of an application: what the middleware of ``/graphql`` takes comes beside them."""
    app = create_app(Settings(), Documented.open, Identity(TokenVerifier({})), around=Around(explorer=explorer))
    return [route.path for route in app.routes if isinstance(route, Route)]


def test_j6_without_the_explorer_there_are_two_routes() -> None:
    assert paths(()) == ["/healthz", "/readyz"]


def test_j5_outside_the_demo_the_explorer_is_a_page_and_no_more() -> None:
    assert sorted(paths(page_routes())) == sorted(["/healthz", "/readyz", *PAGE])


def test_j6_in_the_demo_there_are_three_more(tmp_path: Path) -> None:
    inside = Inside(Identity(TokenVerifier({})), DemoIssuer.open(tmp_path), tmp_path)
    assert sorted(paths([*page_routes(inside.about), *inside.routes()])) == sorted(
        ["/healthz", "/readyz", *PAGE, *INSIDE]
    )


def test_nobody_is_served_the_explorer_who_did_not_ask_for_it() -> None:
    assert Settings().explorer is False


async def test_j5_outside_the_demo_it_knows_no_caller_and_no_operation() -> None:
    async with client() as asking:
        about = (await asking.get("/console/about")).json()
    assert about == {"demo": False, "callers": [], "operations": [], "purposes": [one.value for one in Purpose]}


@pytest.mark.parametrize(
    "path", ["/console/", "/console/index.html", "/console/../settings.py", "/console/editor.mjs", "/console"]
)
async def test_no_other_file_is_served(path: str) -> None:
    async with client() as asking:
        assert (await asking.get(path)).status_code == 404


# --- what it may reach ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGE)
async def test_every_answer_says_that_it_may_reach_its_own_origin_only(path: str) -> None:
    async with client() as asking:
        headers = (await asking.get(path)).headers
    policy = dict(one.split(" ", 1) for one in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {value for name, value in policy.items() if name.endswith("-src")} == {"'none'", "'self'"}
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors", "trusted-types")} == {"'none'"}
    told = ("x-content-type-options", "referrer-policy", "x-frame-options", "cross-origin-resource-policy")
    assert [headers[name] for name in told] == ["nosniff", "no-referrer", "DENY", "same-origin"]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_no_file_names_another_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert ADDRESS.findall(text) == []


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    text = (FILES / INDEX).read_text(encoding="utf-8")
    assert re.findall(r"<style|\bstyle=|\bon\w+=|<script(?![^>]* src=)", text) == []


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".js"], ids=lambda path: path.name)
def test_no_text_becomes_markup_or_outlives_the_page(path: Path) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|Storage|indexedDB|cookie"
    assert re.findall(forbidden, path.read_text(encoding="utf-8")) == []


# --- what it is made of --------------------------------------------------------------------------


def sums() -> list[Any]:
    return [line.split() for line in (EDITOR / "SHA256SUMS").read_text().splitlines()]


@pytest.mark.parametrize(("digest", "name"), sums(), ids=[name for _, name in sums()])
def test_the_editor_is_what_was_built_from_its_lock_file(digest: str, name: str) -> None:
    """``scripts/console`` builds it anew, with the same bytes; a changed source without a build fails here."""
    folder = FILES if name.startswith("editor.") and not name.endswith(".mjs") else EDITOR
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_every_word_is_said_in_both_languages() -> None:
    text = (FILES / "words.js").read_text(encoding="utf-8")
    parts = re.split(r"^const (?:zh|en) = ", text, flags=re.MULTILINE)[1:]
    chinese, english = (re.findall(r'(?:^ +|, |{ )"?([\w-]+)"?: ["({]', part, re.MULTILINE) for part in parts)
    assert chinese == english
    assert len(chinese) > 100


def test_every_word_that_the_page_wants_is_there() -> None:
    words = (FILES / "words.js").read_text(encoding="utf-8")
    wanted = re.findall(r'data-(?:word|label)="(\w+)"', (FILES / INDEX).read_text(encoding="utf-8"))
    for name in ("page.js", "panels.js"):
        wanted += re.findall(r'\bword\("(\w+)"', (FILES / name).read_text(encoding="utf-8"))
    assert [name for name in wanted if not re.search(rf"\b{name}: ", words)] == []


@pytest.mark.parametrize("name", [*DEMO_CALLERS, *DATABASES, *(purpose.value for purpose in Purpose)])
def test_every_caller_database_and_purpose_has_a_word(name: str) -> None:
    words = (FILES / "words.js").read_text(encoding="utf-8")
    assert len(re.findall(rf'[ {{"]{name}"?: "', words)) == 2
