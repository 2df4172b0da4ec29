"""What the documents name exists, what they list is complete, and no file tells where it was made.

``TONGCHA_REWRITE=1 scripts/test tests/test_docs.py`` writes the code map in ``docs/architecture.md`` anew. What the documents
show is in ``test_examples.py``.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App
from packaging.requirements import Requirement

from gateway.cli import app
from tests.datasources.test_tables import EXTRA
from tests.documents import ARCHITECTURE, DECISIONS, DOCUMENTS, READMES, REWRITE, ROOT, blocks, named

PACKAGES = ("gateway", "resolvers", "datasources", "auth")
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# --- the code map --------------------------------------------------------------------------------


def said(path: Path) -> str:
    """The first sentence of a module's docstring, as Markdown."""
    text = (
        (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n\n")[0].replace("\n", " ")
    )
    sentence = re.match(r".*?[.?](?= [A-Z]|$)", text)
    return (sentence[0] if sentence else text).replace("``", "`").replace("|", "\\|")


def is_module(path: Path) -> bool:
    """An ``__init__.py`` that is only a docstring is none."""
    return path.name != "__init__.py" or len(ast.parse(path.read_text(encoding="utf-8")).body) > 1


def code_map() -> str:
    """A table per package: its modules, and what each says of itself."""
    parts = []
    for package in PACKAGES:
        for folder in sorted({path.parent for path in (ROOT / package).rglob("*.py")}):
            rows = [f"| `{named(path)}` | {said(path)} |" for path in sorted(folder.glob("*.py")) if is_module(path)]
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
    _, _, rest = ARCHITECTURE.read_text(encoding="utf-8").partition("## The stages\n")
    shown = re.findall(r"^\| ([a-z]+) \| `", rest.partition("\n## ")[0], re.MULTILINE)
    assert shown == re.findall(r"^    ([a-z]+)  ", pipeline, re.MULTILINE)


# --- decisions -----------------------------------------------------------------------------------


def test_every_decision_is_listed_in_order_under_its_title() -> None:
    pages = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d+)\. \[[^]]+\]\((.+?)\)", index, re.MULTILINE)
    assert [link for _, link in listed] == [path.name for path in pages]
    for (number, link), path in zip(listed, pages, strict=True):
        assert link.startswith(f"{int(number):04d}-")
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. ")


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(one).name for one in project["dependencies"] + project["optional-dependencies"]["dev"]]
    text = (DECISIONS / "0001-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9-]+) \| \S.* \| \S.* \| \S.* \|$", text, re.MULTILINE)
    assert sorted(row for row in rows if row != "package") == sorted(wanted)


def test_every_column_beyond_the_model_has_its_reason() -> None:
    text = (DECISIONS / "0006-tables-and-columns-beyond-the-model.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([a-z]+\.[a-z_]+\.[a-z_]+)`", text)) == EXTRA.keys()


# --- what documents name -------------------------------------------------------------------------


def commands() -> set[str]:
    """What can follow ``tongcha``: ``serve``, ``city``, ``city load`` …"""
    found = set()
    for name in app:
        command: object = app[name]
        found.add(name)
        found |= {f"{name} {one}" for one in command} if isinstance(command, App) else set()
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_the_commands_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for script in re.findall(r"\bscripts/[a-z]+\b(?!/)", text):
        assert os.access(ROOT / script, os.X_OK), script
    for words in re.findall(r"(?:`|bin/|^)tongcha ([a-z]+(?: [a-z]+)?)", text, re.MULTILINE):
        assert {words, words.partition(" ")[0]} & commands(), words


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_the_files_exist(path: Path) -> None:
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []
    places = re.findall(rf"`((?:{'|'.join(PACKAGES)}|tests|docs|scripts)/[\w./-]+)`", text)
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_the_anchors_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    titles = [re.sub(r"[^\w -]", "", title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= {title.lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_code_that_is_shown_is_in_the_file_it_names(path: Path) -> None:
    for mark, text in blocks(path).items():
        language, _, place = mark.partition(" ")
        if language in {"python", "cedar"}:
            assert text in (ROOT / place).read_text(encoding="utf-8"), place


def test_the_readmes_show_the_same() -> None:
    english, chinese = (FENCED.findall(path.read_text(encoding="utf-8")) for path in READMES)
    assert english == chinese


@pytest.mark.parametrize("path", READMES, ids=named)
def test_the_readme_begins_with_two_commands(path: Path) -> None:
    assert FENCED.findall(path.read_text(encoding="utf-8"))[0] == "scripts/demo\nscripts/test\n"


# --- every file ----------------------------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home|Users|mnt)/\w")
"""A path of one machine."""
HOST = re.compile(
    r"https?://[^\s\"'`)]*(?:pypi|pythonhosted|npmjs|registry|mirror|artifactory)|index-url=", re.IGNORECASE
)
"""A host that packages come from: which one is the affair of whoever installs."""
WORK = re.compile(r"(?<![\"_])\bsessions?\b(?![\"_])|\bissues? #?\d|\(#\d+\)|(?<![-/])\bhelpers?\b(?!-)", re.IGNORECASE)
"""How the work is organised: it says nothing to a reader of the project. Not the end of a package's name, as lock files have them."""


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
    assert [f"{name}: {match[0]}" for name, text in texts() for match in pattern.finditer(text)] == []
