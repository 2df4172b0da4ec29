"""Same size and seed, same bytes: in another process, in other chunks, in another order."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datasources.city import people
from datasources.city.feeds import GROUPS, Group
from datasources.city.sizes import SEED, S

_SHARE = 300


def digest(seed: int) -> str:
    """A digest of the first rows of every table that is made in parts."""
    hashed = hashlib.sha256()
    for group in GROUPS:
        for feed in group.feeds:
            if group.total(S) > 1:
                for row in feed.rows(S, seed, 0, min(_SHARE, group.total(S))):
                    hashed.update(repr(row).encode())
    return hashed.hexdigest()


def test_another_process_makes_the_same_rows() -> None:
    program = "from tests.datasources.city.test_determinism import digest, SEED; print(digest(SEED))"
    root = Path(__file__).parents[3]
    made = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(root)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert made.stdout.strip() == digest(SEED)


def test_another_seed_is_another_city() -> None:
    assert digest(SEED) != digest(7)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_chunks_make_up_the_whole(group: Group) -> None:
    stop = min(90, group.total(S))
    for feed in group.feeds:
        whole = list(feed.rows(S, SEED, 0, stop))
        if group.total(S) > 1:
            parts = [row for start in range(0, stop, 40) for row in feed.rows(S, SEED, start, min(start + 40, stop))]
            assert parts == whole


def test_order_of_asking_does_not_matter() -> None:
    forward = [people.person(S, SEED, number) for number in range(22_000, 22_700)]
    people.dweller.cache_clear()
    people.family.cache_clear()
    backward = [people.person(S, SEED, number) for number in reversed(range(22_000, 22_700))]
    assert forward == backward[::-1]


def test_the_head_alone_is_the_head_of_the_family() -> None:
    for mark in range(200):
        found = people.head(S, SEED, mark)
        assert found == people.family(SEED, found.household)[0]
