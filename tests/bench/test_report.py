"""The report: from figures to text and plots, the same bytes each time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from bench.report import write
from bench.results import PUBLISHED, load
from tests.bench.figures import results


def test_every_plot_that_the_report_shows_is_there_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "old.svg").touch()
    shown = re.findall(r"!\[[^]]*\]\((.+?)\)", write(results(), tmp_path))
    assert sorted(shown) == sorted(f"plots/{path.name}" for path in (tmp_path / "plots").iterdir())


def test_every_plot_is_well_formed(tmp_path: Path) -> None:
    write(results(), tmp_path)
    for path in (tmp_path / "plots").iterdir():
        assert ET.parse(path).getroot().tag.endswith("svg")


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    assert write(results(), tmp_path / "one") == write(results(), tmp_path / "two")


def test_every_table_row_has_the_columns_of_its_head(tmp_path: Path) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", write(results(), tmp_path), re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_what_was_not_measured_is_left_out(tmp_path: Path) -> None:
    assert "## Budgets" not in write({}, tmp_path)


def test_the_published_report_is_rendered_from_the_published_figures(tmp_path: Path) -> None:
    published = PUBLISHED.parent / "RESULTS.md"
    shown = published.read_text(encoding="utf-8") if published.exists() else write({}, tmp_path / "none")
    assert shown == write(load(PUBLISHED), tmp_path)


def test_where_the_time_goes_is_in_microseconds_of_each_operation(tmp_path: Path) -> None:
    assert "| the driver | 300 | 300 |" in write(results(), tmp_path)
