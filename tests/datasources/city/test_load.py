"""The work of a load: all of it, once, in parts of bounded size."""

from __future__ import annotations

from collections import Counter

import pytest

from datasources.city.feeds import GROUPS
from datasources.city.load import jobs
from datasources.city.sizes import SEED, L, M, S, Size
from datasources.tables import DATABASES

DSNS = {name: f"postgresql:///{name}" for name in DATABASES}


@pytest.mark.parametrize("size", [S, M, L])
def test_jobs_cover_every_group_once(size: Size) -> None:
    covered = Counter[int]()
    for job in jobs(DSNS, size, SEED):
        assert 0 < job.stop - job.start <= GROUPS[job.group].chunk
        covered[job.group] += job.stop - job.start
    assert covered == {place: group.total(size) for place, group in enumerate(GROUPS)}


def test_only_the_databases_asked_for() -> None:
    made = jobs({"certificate": DSNS["certificate"]}, S, SEED)
    assert {name for job in made for name in job.dsns} == {"certificate"}
    assert {GROUPS[job.group].name for job in made} == {"entities", "vehicles", "personal"}


def test_every_database_is_filled() -> None:
    assert {feed.database for group in GROUPS for feed in group.feeds} == set(DATABASES)
