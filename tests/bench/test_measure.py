"""Medians of samples."""

from __future__ import annotations

from bench.measure import median
from tests.bench.figures import sample


def test_every_figure_is_the_median_of_its_own() -> None:
    found = median([sample(cpu=1.0, p50=9.0), sample(cpu=3.0, p50=7.0), sample(cpu=2.0, p50=8.0)])
    assert (found.cpu, found.p50, found.server) == (2.0, 8.0, "tongcha")
