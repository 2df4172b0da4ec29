"""The lock file: complete, hashed, free of hosts, and above every advisory that reaches us."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

FLOORS = {
    "graphql-core": ("3.3.2", "CVE-2026-75507 quadratic validation, CVE-2026-75508 comments bypass the token limit"),
    "strawberry-graphql": ("0.315.7", "CVE-2025-22151 node type confusion, CVE-2026-35523, CVE-2026-45739"),
    "starlette": ("1.3.1", "CVE-2026-48710 path forged through Host, CVE-2025-62727 quadratic Range"),
    "pyjwt": ("2.14.0", "CVE-2026-48523 algorithm allow-list bypass, CVE-2026-48526 JWK text as HMAC key"),
    "redis": ("4.5.5", "CVE-2023-28858 answers cross after cancellation"),
    "cedarpy": ("4.12.0", "GHSA-c33x-vcv4-vg3g templates in JSON policies"),
    "h11": ("0.16.0", "CVE-2025-43859 request smuggling"),
}


def entries() -> dict[str, str]:
    """Name → the entry's text, which is one line and its continuations."""
    blocks = re.split(
        r"\n(?=[a-z0-9])", "\n".join(line for line in LOCK.splitlines() if not line.lstrip().startswith("#"))
    )
    return {block.split("==")[0]: block for block in blocks}


def version(name: str) -> Version:
    return Version(re.split(r"[ \\\n]", entries()[name].split("==")[1])[0])


@pytest.mark.parametrize("name", FLOORS)
def test_no_advisory_reaches_us(name: str) -> None:
    floor, why = FLOORS[name]
    assert version(name) >= Version(floor), why


@pytest.mark.parametrize("name", entries())
def test_every_entry_has_hashes(name: str) -> None:
    assert re.search(r"--hash=sha256:[0-9a-f]{64}", entries()[name])


def test_what_the_project_asks_for_is_locked() -> None:
    wanted = [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
    assert [str(one) for one in wanted if not one.specifier.contains(version(one.name.lower()))] == []


def test_no_host_or_path_stands_in_it() -> None:
    assert not re.search(r"://|--index-url|--find-links|(?<![a-z])/(?!$)\w", LOCK)
