"""The directory that a gateway takes its policies from: read at the start, followed while it runs, replaced whole."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

from auth.policy import Policies, PolicyRefused, PolicySet, read_texts
from gateway.facts import facts_of
from gateway.observe import event
from resolvers.catalog import Catalog

LOOK_EVERY = 5.0
"""Seconds between two looks at the directory."""


def load_policies(catalog: Catalog, directory: Path) -> PolicySet:
    """The policies in a directory, over the facts of a catalog. Raises PolicyRefused."""
    return PolicySet.load(read_texts(directory), facts_of(catalog))


class FollowedPolicies(Policies):
    """What the directory holds now, and whatever it holds later. What is refused is logged, and the old set stays."""

    def __init__(self, catalog: Catalog, directory: Path, every: float = LOOK_EVERY) -> None:
        """Starts to follow, in the running event loop. Raises PolicyRefused."""
        super().__init__(load_policies(catalog, directory))
        self._following = asyncio.create_task(self._follow(directory, every))

    async def _follow(self, directory: Path, every: float) -> None:
        """Files are taken when two looks in a row find the same, so never in the middle of being written."""
        tried: Mapping[str, str] | None = None
        seen: Mapping[str, str] | None = None
        while True:
            await asyncio.sleep(every)
            texts = await asyncio.to_thread(_readable, directory)
            if texts == seen and texts != tried:
                tried = texts
                if not self.current.loads(texts):
                    await self._take(texts)
            seen = texts

    async def _take(self, texts: Mapping[str, str]) -> None:
        try:
            made = await self.replace(texts)
        except PolicyRefused as refusal:
            event(logging.ERROR, "policies refused", reasons=str(refusal))
        else:
            event(logging.INFO, "policies replaced", epoch=made.epoch, policies=len(made.policies))

    def close(self) -> None:
        """Ends the following."""
        self._following.cancel()


def _readable(directory: Path) -> Mapping[str, str]:
    """The files; none when they cannot be read, which is a set that is refused."""
    try:
        return read_texts(directory)
    except PolicyRefused:
        return {}


def install(texts: Mapping[str, str], place: Path, epoch: str) -> None:
    """Lays the files beside `place` and turns the symbolic link `place` to them: whoever reads finds the old or the new.

    Raises FileExistsError when `place` is something else than such a link.
    """
    if place.exists() and not place.is_symlink():
        raise FileExistsError(f"{place} is not a symbolic link")
    home = place.with_name(f"{place.name}.{epoch[:16]}")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as draft:
        if not home.exists():
            files = Path(draft) / "files"
            files.mkdir()
            for name, text in texts.items():
                (files / name).write_text(text, encoding="utf-8")
            files.rename(home)
        link = Path(draft) / "link"
        link.symlink_to(home.name, target_is_directory=True)
        link.replace(place)
