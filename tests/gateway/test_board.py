"""Numbers of several processes: sums that are right whatever becomes of a process, as Prometheus reads them."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.board import STALE_SECONDS, Board, observe
from gateway.exposition import exposition
from gateway.families import FAMILIES, PLACES, SIZE, Kind

REQUESTS = PLACES["tongcha_requests_total"]["officer", "2xx"]
CONNECTIONS = PLACES["tongcha_database_connections"]["vehicle",]
UP = PLACES["tongcha_database_up"]["vehicle",]
RUN = PLACES["tongcha_stage_duration_seconds"]["run",]
BOUNDS = next(family.bounds for family in FAMILIES if family.name == "tongcha_stage_duration_seconds")


def read(board: Board) -> Mapping[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample as Prometheus takes it, by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(exposition(board))
        for sample in family.samples
    }


def value(board: Board, name: str, **labels: str) -> float | None:
    return read(board).get((name, tuple(sorted(labels.items()))))


@pytest.fixture
def board() -> Board:
    """Of two workers that have begun."""
    made = Board(2)
    made.meter(0).begin()
    made.meter(1).begin()
    return made


def test_counts_are_added_up_over_the_workers(board: Board) -> None:
    board.meter(0).count(REQUESTS, 3)
    board.meter(1).count(REQUESTS, 4)
    assert value(board, "tongcha_requests_total", kind="officer", status="2xx") == 7


def test_what_a_killed_process_has_counted_stays_and_the_next_one_goes_on(board: Board) -> None:
    for _ in range(2):
        child = os.fork()
        if child == 0:
            meter = board.meter(1)
            meter.begin()
            meter.count(REQUESTS, 5)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
    assert value(board, "tongcha_requests_total", kind="officer", status="2xx") == 10
    assert value(board, "tongcha_worker_starts_total", worker="1") == 3


def test_what_is_of_the_moment_ends_with_a_process(board: Board) -> None:
    board.meter(0).set(CONNECTIONS, 2)
    board.meter(1).set(CONNECTIONS, 2)
    assert value(board, "tongcha_database_connections", database="vehicle") == 4
    board.meter(1).begin()
    assert value(board, "tongcha_database_connections", database="vehicle") == 2


def test_of_a_silent_worker_only_its_counts_are_believed(board: Board) -> None:
    silent = board.meter(1)
    silent.count(REQUESTS)
    silent.set(CONNECTIONS, 2)
    silent.cells[PLACES["tongcha_worker_silent_seconds"][()]] = time.monotonic() - STALE_SECONDS - 1
    assert list(board.workers()) == [(0, True), (1, False)]
    assert value(board, "tongcha_database_connections", database="vehicle") == 0
    assert value(board, "tongcha_requests_total", kind="officer", status="2xx") == 1
    assert (value(board, "tongcha_worker_silent_seconds", worker="1") or 0) > STALE_SECONDS


def test_a_database_is_up_where_every_worker_says_so(board: Board) -> None:
    board.meter(0).set(UP, 1)
    assert value(board, "tongcha_database_up", database="vehicle") == 0
    board.meter(1).set(UP, 1)
    assert value(board, "tongcha_database_up", database="vehicle") == 1


def test_a_histogram_counts_up_to_each_bound(board: Board) -> None:
    for number, seconds in enumerate((0.0001, 0.0004, 0.3, 60.0)):
        observe(board.meter(number % 2).cells, RUN, seconds, BOUNDS)
    found = {
        bound: value(board, "tongcha_stage_duration_seconds_bucket", stage="run", le=bound)
        for bound in ("0.0001", "0.00025", "0.0005", "0.5", "5", "+Inf")
    }
    assert found == {"0.0001": 1, "0.00025": 1, "0.0005": 2, "0.5": 3, "5": 3, "+Inf": 4}
    assert value(board, "tongcha_stage_duration_seconds_count", stage="run") == 4
    assert value(board, "tongcha_stage_duration_seconds_sum", stage="run") == pytest.approx(60.3005)


def test_a_worker_that_has_never_been_there_is_not_told_of() -> None:
    board = Board(2)
    board.meter(0).begin()
    assert {dict(labels)["worker"] for name, labels in read(board) if name == "tongcha_worker_starts_total"} == {"0"}


def test_prometheus_reads_every_family_as_what_it_is(board: Board) -> None:
    found = {family.name: family.type for family in text_string_to_metric_families(exposition(board))}
    assert found == {
        family.name.removesuffix("_total") if family.kind is Kind.COUNTER else family.name: family.kind.value
        for family in FAMILIES
    }


def test_names_are_as_prometheus_wants_them() -> None:
    for family in FAMILIES:
        assert re.fullmatch(r"tongcha_[a-z]+(_[a-z]+)*", family.name)
        assert family.name.endswith("_total") == (family.kind is Kind.COUNTER), family.name
        assert family.kind is not Kind.HISTOGRAM or family.name.endswith("_seconds")
        assert not re.search(r"_(ms|millis|percent)", family.name)


def test_no_two_series_share_a_cell() -> None:
    taken: list[int] = []
    for family in FAMILIES:
        for place in PLACES[family.name].values():
            taken += range(place, place + family.width)
    assert sorted(taken) == list(range(SIZE))
