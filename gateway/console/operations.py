"""The operations that the explorer has ready, with who asks them and what is sent along."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "operations"
INDEX = "index.toml"


def operations() -> list[dict[str, Any]]:
    """Each with its name, title by language, caller, how the caller has authenticated (``acr``), document, variables and what
    ``extensions.access`` states."""
    return [
        {
            "name": name,
            "title": {"en": one["en"], "zh": one["zh"]},
            "caller": one["caller"],
            "acr": one.get("acr", "1"),
            "query": (FOLDER / f"{name}.graphql").read_text(encoding="utf-8"),
            **_beside(name),
        }
        for name, one in tomllib.loads((FOLDER / INDEX).read_text(encoding="utf-8")).items()
    ]


def _beside(name: str) -> dict[str, Any]:
    sent = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return {"variables": sent["variables"], "access": sent["extensions"]["access"]}
