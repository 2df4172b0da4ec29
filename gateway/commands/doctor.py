"""``tongcha doctor``: say what is wrong with a deployment, and what to do."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import orjson
from cyclopts import Parameter

from gateway.doctor.examination import examine
from gateway.doctor.findings import Finding, Level


def doctor(*, as_json: Annotated[bool, Parameter(name="--json", negative=())] = False) -> None:
    """Look at settings, keys, databases with their grants, clocks, Redis, the log's disk, policies and agreements.

    Ends with 1 when something is bad. It reads, and writes nothing but a small file in the log's directory, which it removes.

    Parameters
    ----------
    as_json: an array of objects in place of the table.
    """
    logging.disable()  # what components would tell of is in the findings
    try:
        found = asyncio.run(examine(os.environ))
    finally:
        logging.disable(logging.NOTSET)
    print(_json(found) if as_json else _table(found))
    if any(finding.level is Level.BAD for finding in found):
        sys.exit(1)


def _json(found: Sequence[Finding]) -> str:
    return orjson.dumps([dataclasses.asdict(finding) for finding in found], option=orjson.OPT_INDENT_2).decode()


def _table(found: Sequence[Finding]) -> str:
    width = max(len(finding.area) for finding in found)
    lines = []
    for finding in found:
        lines.append(f"{finding.level.value:<5} {finding.area:<{width}}  {finding.said}")
        if finding.todo:
            lines.append(f"{'':<{width + 8}}→ {finding.todo}")
    return "\n".join(lines)
