"""The documents as the tests read them: their marked blocks and tables, and how they are written anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ARCHITECTURE = ROOT / "docs" / "architecture.md"
ACCESS = ROOT / "docs" / "access.md"
DECISIONS = ROOT / "docs" / "decisions"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DOCUMENTS = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md"))
REWRITE = bool(os.environ.get("TONGCHA_REWRITE"))

FENCE = re.compile(r"^```(\S+) ([^\n]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
"""A fenced block with something after its language: (language, mark, text)."""


def named(path: Path) -> str:
    """The path from the root of the project."""
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> dict[str, str]:
    """The marked blocks of a document: ``language mark`` → text."""
    return {f"{language} {mark}": text for language, mark, text in FENCE.findall(path.read_text(encoding="utf-8"))}


def rows_of(path: Path, title: str) -> list[list[str]]:
    """The cells of the first table under a title, without its head."""
    _, _, rest = path.read_text(encoding="utf-8").partition(f"## {title}\n")
    lines = rest.partition("\n## ")[0].splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return table[2:]


def expect_block(path: Path, mark: str, found: str) -> None:
    """Compares with a marked block, but for blanks at the ends of lines; or writes it when asked to."""
    found = "".join(f"{line.rstrip()}\n" for line in found.splitlines())
    if REWRITE:
        fence = re.compile(rf"^```{re.escape(mark)}\n.*?^```$", re.DOTALL | re.MULTILINE)
        text = path.read_text(encoding="utf-8")
        path.write_text(fence.sub(lambda _: f"```{mark}\n{found}```", text), encoding="utf-8")
    assert blocks(path)[mark] == found


def expect_table(path: Path, title: str, head: list[str], rows: list[list[str]]) -> None:
    """Compares with the first table under a title, or writes it when asked to."""
    if REWRITE:
        lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
        table = "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]]) + "\n"
        before, mark, rest = path.read_text(encoding="utf-8").partition(f"## {title}\n")
        rest = re.sub(r"(?:^\|.*\n)+", lambda _: table, rest, count=1, flags=re.MULTILINE)
        path.write_text(before + mark + rest, encoding="utf-8")
    assert rows_of(path, title) == rows
