"""How long a request may take, and what its client may say about it."""

from __future__ import annotations

import time

import pytest

from datasources.deadlines import DEADLINE
from gateway.errors import TransportError
from gateway.patience import Patience, stated

PATIENCE = Patience(ordinary=2.0, report=10.0)


@pytest.mark.parametrize(("said", "seconds"), [(None, None), (b"1", 1.0), (b"0.25", 0.25), (b"9999", 9999.0)])
def test_a_client_says_for_how_many_seconds_it_waits(said: bytes | None, seconds: float | None) -> None:
    assert stated({b"request-timeout": said} if said is not None else {}) == seconds


@pytest.mark.parametrize(
    "said", [b"", b"0", b"0.000", b"-1", b"1e3", b"1,5", b"soon", b"nan", b"100000", b"1.2345", "１".encode()]
)
def test_what_is_no_number_of_seconds_is_refused(said: bytes) -> None:
    with pytest.raises(TransportError):
        stated({b"request-timeout": said})


@pytest.mark.parametrize(
    ("said", "ordinary", "report"),
    [(None, 2, 10), (0.5, 0.5, 0.5), (2.0, 2, 2), (5.0, 2, 5), (60.0, 2, 10)],
)
def test_the_time_is_made_shorter_and_never_longer(said: float | None, ordinary: float, report: float) -> None:
    began = time.monotonic()
    PATIENCE.begin(said)
    first = DEADLINE.get()
    PATIENCE.extend(said)
    second = DEADLINE.get()
    DEADLINE.set(None)
    assert first is not None
    assert second is not None
    assert (first - began, second - began) == pytest.approx((ordinary, report), abs=0.2)


def test_what_keeps_to_no_time_is_given_none() -> None:
    PATIENCE.extend(None)
    assert DEADLINE.get() is None
