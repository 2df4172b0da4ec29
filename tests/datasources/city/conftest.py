"""The small city, generated once for the tests of the generator; no database."""

from __future__ import annotations

import pytest

from datasources.city.feeds import GROUPS
from tests.datasources.city.rows import City, Rows


@pytest.fixture(scope="session")
def city() -> City:
    return {feed.table: Rows(feed.table, feed.columns) for group in GROUPS for feed in group.feeds}
