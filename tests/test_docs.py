"""The documents are true: what they name exists, what they show is what the gateway answers, and what they list is complete.

``TONGCHA_REWRITE=1 scripts/test tests/test_docs.py`` writes the plan and the code map in ``docs/architecture.md`` and the
table in ``docs/access.md`` anew; read the diff.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from cyclopts import App
from graphql import OperationDefinitionNode, parse
from packaging.requirements import Requirement

from auth.issuer import DEMO_CALLERS
from auth.viewer import AccessRequest, CallerKind, Viewer, parse_access
from gateway.cli import app
from gateway.errors import GatewayError
from gateway.request import GraphQLRequest
from tests.datasources.test_tables import EXTRA
from tests.world import OFFICER, World

ROOT = Path(__file__).parent.parent
PACKAGES = ("gateway", "resolvers", "datasources", "auth")
ARCHITECTURE = ROOT / "docs" / "architecture.md"
ACCESS = ROOT / "docs" / "access.md"
DECISIONS = ROOT / "docs" / "decisions"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DOCUMENTS = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md"))
REWRITE = bool(os.environ.get("TONGCHA_REWRITE"))

FENCE = re.compile(r"^```(\S+) ([^\n]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
"""A fenced block with something after its language: (language, mark, text)."""


def blocks(path: Path) -> dict[str, str]:
    """The marked blocks of a document: ``language mark`` → text."""
    return {f"{language} {mark}": text for language, mark, text in FENCE.findall(path.read_text(encoding="utf-8"))}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- the code map --------------------------------------------------------------------------------


def said(path: Path) -> str:
    """The first sentence of a module's docstring, as Markdown."""
    text = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0].replace("\n", " ")
    sentence = re.match(r".*?[.?](?= [A-Z]|$)", text)
    return (sentence[0] if sentence else text).replace("``", "`").replace("|", "\\|")


def code_map() -> str:
    """A table per package: its modules, but an ``__init__.py`` that is only a docstring, and what each says of itself."""
    parts = []
    for package in PACKAGES:
        for folder in sorted({path.parent for path in (ROOT / package).rglob("*.py")}):
            rows = [
                f"| `{named(path)}` | {said(path)} |"
                for path in sorted(folder.glob("*.py"))
                if path.name != "__init__.py" or len(ast.parse(path.read_text(encoding="utf-8")).body) > 1
            ]
            head = [
                f"### {named(folder)}/",
                "",
                said(folder / "__init__.py"),
                "",
                "| module | what it holds |",
                "|---|---|",
            ]
            parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts) + "\n"


def test_the_code_map_is_the_tree() -> None:
    before, mark, shown = ARCHITECTURE.read_text(encoding="utf-8").partition("what the module says of itself.\n\n")
    if REWRITE:
        ARCHITECTURE.write_text(before + mark + code_map(), encoding="utf-8")
        shown = code_map()
    assert shown == code_map()


def test_the_stages_of_the_picture_are_those_of_the_pipeline() -> None:
    pipeline = ast.get_docstring(ast.parse((ROOT / "gateway" / "pipeline.py").read_text(encoding="utf-8"))) or ""
    stages = re.findall(r"^    ([a-z]+)  ", pipeline, re.MULTILINE)
    text = ARCHITECTURE.read_text(encoding="utf-8").split("## The stages\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| ([a-z]+) \| `", text, re.MULTILINE) == stages


# --- decisions -----------------------------------------------------------------------------------


def test_every_decision_is_listed_in_order_under_its_title() -> None:
    pages = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
    listed = re.findall(r"^(\d+)\. \[[^]]+\]\((.+?)\)", (DECISIONS / "README.md").read_text(encoding="utf-8"), re.M)
    assert [link for _, link in listed] == [path.name for path in pages]
    for (number, link), path in zip(listed, pages, strict=True):
        assert link.startswith(f"{int(number):04d}-")
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. ")


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    text = (DECISIONS / "0001-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9-]+) \| \S.* \| \S.* \| \S.* \|$", text, re.MULTILINE)
    assert sorted(rows) == sorted([*(Requirement(one).name for one in wanted), "package", "package"])


def test_every_column_beyond_the_model_has_its_reason() -> None:
    text = (DECISIONS / "0006-tables-and-columns-beyond-the-model.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([a-z]+\.[a-z_]+\.[a-z_]+)`", text)) == EXTRA.keys()


# --- what documents name -------------------------------------------------------------------------


def commands() -> set[str]:
    """What can be said after ``tongcha``: ``serve``, ``city load`` …"""
    found = set()
    for name in app:
        if not name.startswith("-"):
            command = app[name]
            inner = [one for one in command if not one.startswith("-")] if isinstance(command, App) else []
            found |= {f"{name} {one}" for one in inner} or {name}
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_the_commands_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for script in re.findall(r"\bscripts/[a-z]+\b(?!/)", text):
        assert os.access(ROOT / script, os.X_OK), script
    known = commands()
    for said in re.findall(r"(?:`|bin/|^)tongcha ([a-z]+(?: [a-z]+)?)", text, re.MULTILINE):
        assert said in known or said.split()[0] in known, said


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_the_files_exist(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", text):
        assert (path.parent / link).exists(), link
    places = re.findall(rf"`((?:{'|'.join(PACKAGES)}|tests|docs|scripts)/[\w./-]+)`", text)
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_the_anchors_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    titles = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= titles


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_code_that_is_shown_is_in_the_file_it_names(path: Path) -> None:
    for mark, text in blocks(path).items():
        language, _, place = mark.partition(" ")
        if language == "python":
            assert text in (ROOT / place).read_text(encoding="utf-8"), place


def test_the_readmes_show_the_same() -> None:
    english, chinese = (
        [text for text in re.findall(r"^```[^\n]*\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.M)]
        for path in READMES
    )
    assert english == chinese


def test_the_first_commands_of_the_readme() -> None:
    for path in READMES:
        first, second = re.findall(r"^\s*(scripts/\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)[:2]
        assert (first, second) == ("scripts/demo", "scripts/test")


# --- what documents show -------------------------------------------------------------------------


def request_of(path: Path) -> tuple[GraphQLRequest, AccessRequest | None]:
    """The example of a document, and why it is asked."""
    shown = blocks(path)
    given = json.loads(shown["json example request"])
    request = GraphQLRequest(query=shown["graphql example"], variables=given["variables"])
    return request, parse_access(given["extensions"]["access"])


def part_of(shown: Any, whole: Any) -> bool:
    """Whether `shown` is `whole`, or what is left of it when members and later items are taken out."""
    if isinstance(shown, dict) and isinstance(whole, dict):
        return all(key in whole and part_of(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(whole, list):
        return len(shown) <= len(whole) and all(map(part_of, shown, whole))
    return bool(shown == whole)


async def test_the_example_is_what_the_gateway_does(world: World) -> None:
    request, access = request_of(ARCHITECTURE)
    pipeline = world.pipeline()
    answer = await pipeline.answer(request, OFFICER, access)
    assert orjson.loads(orjson.dumps(answer.payload)) == json.loads(blocks(ARCHITECTURE)["json example answer"])
    expect_block(
        ARCHITECTURE, "text example plan", await pipeline.explain(request.query, request.variables, OFFICER, access)
    )


@pytest.mark.parametrize("path", READMES, ids=named)
async def test_the_answer_in_the_readme_is_part_of_the_answer(world: World, path: Path) -> None:
    asked = ROOT / "gateway" / "commands" / "roadside_vehicle"
    given = json.loads(asked.with_suffix(".json").read_text(encoding="utf-8"))
    request = GraphQLRequest(
        query=asked.with_suffix(".graphql").read_text(encoding="utf-8"), variables=given["variables"]
    )
    answer = await world.pipeline().answer(request, OFFICER, parse_access(given["extensions"]["access"]))
    assert part_of(json.loads(blocks(path)["json shortened"]), orjson.loads(orjson.dumps(answer.payload)))


def expect_block(path: Path, mark: str, found: str) -> None:
    """Compares with a marked block, but for blanks at the ends of lines; or writes it when asked to."""
    found = "".join(f"{line.rstrip()}\n" for line in found.splitlines())
    if REWRITE:
        fence = re.compile(rf"^```{re.escape(mark)}\n.*?^```$", re.DOTALL | re.MULTILINE)
        text = path.read_text(encoding="utf-8")
        path.write_text(fence.sub(lambda _: f"```{mark}\n{found}```", text), encoding="utf-8")
    assert blocks(path)[mark] == found


# --- who sees what -------------------------------------------------------------------------------


def rows_of(text: str, title: str) -> list[list[str]]:
    """The cells of the first table under a title, without its head."""
    lines = text.split(f"## {title}\n")[1].split("\n## ")[0].splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return table[2:]


def callers() -> Mapping[str, tuple[Viewer, AccessRequest | None]]:
    """The demo's callers with the purposes that the document gives them."""
    found = {}
    for name, _, stated in rows_of(ACCESS.read_text(encoding="utf-8"), "The demo's callers"):
        claims = DEMO_CALLERS[name.strip("`")]
        viewer = Viewer(
            subject=name, client=claims["client_id"], kind=CallerKind(claims["kind"]), cert_no=claims.get("cert_no")
        )
        found[name.strip("`")] = viewer, parse_access(json.loads(stated.strip("`")))
    assert found.keys() == DEMO_CALLERS.keys()
    return found


async def seen(world: World, caller: tuple[Viewer, AccessRequest | None], operation: str, path: tuple[str, ...]) -> str:
    """What becomes of a field: ``clear``, ``masked``, or the code under which it or what it hangs on is withheld."""
    request = GraphQLRequest(query=blocks(ACCESS)["graphql asked"], operation_name=operation)
    try:
        payload = (await world.pipeline().answer(request, *caller)).payload
    except GatewayError as error:
        return error.code.name
    if "data" not in payload:
        return str(payload["errors"][0]["extensions"]["code"])
    access = payload["extensions"].get("access", {"withheld": [], "masked": []})
    codes = {tuple(entry["path"]): entry["code"] for entry in access["withheld"]}
    for length in range(1, len(path) + 1):
        if path[:length] in codes:
            return str(codes[path[:length]])
    return "masked" if list(path) in access["masked"] else "clear"


async def test_the_table_of_what_each_caller_sees(world: World) -> None:
    text = ACCESS.read_text(encoding="utf-8")
    document = parse(blocks(ACCESS)["graphql asked"])
    roots = {
        node.selection_set.selections[0].name.value: node.name.value  # type: ignore[union-attr]
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }
    known = callers()
    rows = []
    for shown, *_ in rows_of(text, "What each of them sees"):
        path = tuple(shown.strip("`").split("."))
        cells = [await seen(world, caller, roots[path[0]], path) for caller in known.values()]
        rows.append([shown, *(cell if cell in {"clear", "masked"} else f"`{cell}`" for cell in cells)])
    if REWRITE:
        head = [f"| field | {' | '.join(f'`{name}`' for name in known)} |", "|---" * (len(known) + 1) + "|"]
        table = "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])
        before, rest = text.split("## What each of them sees\n")
        ACCESS.write_text(
            f"{before}## What each of them sees\n"
            + re.sub(r"(?:^\|.*\n)+", lambda _: f"{table}\n", rest, count=1, flags=re.M),
            encoding="utf-8",
        )
    assert rows_of(ACCESS.read_text(encoding="utf-8"), "What each of them sees") == rows


# --- every file ----------------------------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home|Users|mnt)/\w|\b(?:localdomain|\.local)\b")
"""A path of one machine."""
HOST = re.compile(
    r"https?://[^\s\"'`)]*(?:pypi|pythonhosted|npmjs|registry|mirror|artifactory)|index-url=", re.IGNORECASE
)
"""A host that packages come from: which one is the affair of whoever installs."""
WORK = re.compile(r"(?<![\"_])\bsessions?\b(?![\"_])|\bissues? #?\d|\(#\d+\)|\bhelpers?\b", re.IGNORECASE)
"""How the work is organised. It says nothing to a reader of the project."""


def texts() -> Iterator[tuple[str, str]]:
    """Every file of the project that is text, but the licence and this one."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if name not in {"LICENSE", named(Path(__file__))} and path.is_file():
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


@pytest.mark.parametrize("pattern", [MACHINE, HOST, WORK], ids=["machine", "host", "work"])
def test_no_file_tells_where_or_how_it_was_made(pattern: re.Pattern[str]) -> None:
    found = [f"{name}: {match[0]}" for name, text in texts() for match in pattern.finditer(text)]
    assert found == []


def test_the_data_model_is_readable() -> None:
    with (ROOT / "docs" / "data_model.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["class"] for row in csv.DictReader(file)} == {"PUB", "INT", "PER", "SEN", "RES"}
