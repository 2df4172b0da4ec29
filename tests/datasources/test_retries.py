"""What may be sent a second time."""

from __future__ import annotations

import pytest

from datasources.retries import AT_ONCE, Retries


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("SELECT 1", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("SELECT updated_at, deleted FROM gw.task", True),
        ("INSERT INTO gw.task VALUES (1) RETURNING 1", False),
        ("WITH a AS (INSERT INTO b VALUES (1) RETURNING 1) SELECT * FROM a", False),
        ("UPDATE gw.task SET a = 1", False),
        ("DELETE FROM gw.task", False),
    ],
)
def test_a_read_and_no_write(text: str, may: bool) -> None:
    assert Retries().may(text, 1) is may


def test_a_quiet_database_may_lose_its_connections_and_no_more() -> None:
    retries = Retries()
    assert [retries.may("SELECT 1", number) for number in range(AT_ONCE)] == [True] * AT_ONCE
    assert not retries.may("SELECT 1", AT_ONCE)


def test_a_tenth_of_what_is_sent_in_the_long_run() -> None:
    retries = Retries()
    repeated = sum(retries.may("SELECT 1", number) for number in range(10_000))
    assert repeated <= 1_000 + AT_ONCE
