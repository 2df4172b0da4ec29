"""The code lists: every coded value of the tables with its Chinese label.

The lists are in ``codes.csv`` beside this file, one code a row; the row without a code names the list and the columns
that hold it. A list is named after the standard or the law that defines it, or ``<table>.<column>`` where the data
model itself gives the words. Of the long standards (GB/T 2659, GB/T 4754, GB/T 21010, GA 24.4, GA/T 517) it has what a
city meets.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeList:
    """One code list: ``name`` after its standard, ``zh`` its Chinese title, ``labels`` from code to Chinese label.

    ``columns`` are the columns that hold its codes, as ``schema.table.column``; none for a list of computed values.
    """

    name: str
    zh: str
    labels: Mapping[str, str]
    columns: tuple[str, ...] = ()

    def label(self, code: str) -> str:
        """The Chinese label of a code; the code itself when the list lacks it, for the owners' data is not clean."""
        return self.labels.get(code, code)


def _read() -> dict[str, CodeList]:
    text = files("datasources.tables").joinpath("codes.csv").read_text(encoding="utf-8")
    lists: dict[str, CodeList] = {}
    labels: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        name, code, label = row["list"], row["code"], row["label"]
        if code:
            labels[name][code] = label
        else:
            labels[name] = {}
            shown = MappingProxyType(labels[name])
            lists[name] = CodeList(name=name, zh=label, labels=shown, columns=tuple(row["columns"].split()))
    return lists


CODE_LISTS: Mapping[str, CodeList] = MappingProxyType(_read())

COLUMN_LISTS: Mapping[str, str] = MappingProxyType(
    {column: codes.name for codes in CODE_LISTS.values() for column in codes.columns}
)
"""The name of the list of every coded column, by ``schema.table.column``."""
