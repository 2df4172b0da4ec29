"""Who looks at too many different people in a day gets no answer, whatever Redis does. F-14 and F-15 are cases of the catalogue."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from auth.audit.record import Pseudonyms
from auth.viewer import CallerKind, Viewer
from datasources.cache import Cache
from gateway.budgets import Budgets, Limits, budgets_of
from gateway.request import Answer
from gateway.settings import Settings
from gateway.trace import Coordinates, Subject, Trace
from tests.redis_server import RedisServer

NOON = 1_793_851_200.0
"""2026-11-05 in China."""
NAMES = Pseudonyms(b"k" * 32)
FEW = Limits(officer=3, supervisor=4, partner=5, others=2, client=6)
OFFICER = Viewer(subject="o", client="app", kind=CallerKind.OFFICER, cert_no="1")


def people(*names: Any, kind: str = "Person") -> tuple[Subject, ...]:
    return tuple((kind, f"p_{name}") for name in names)


def answer(*subjects: Subject) -> Answer:
    trace = Trace(
        operation_name=None, operation_digest="", policy_epoch="", coordinates=Coordinates(), guarded=True, subjects=subjects
    )  # fmt: skip
    return Answer(status_hint="executed", http_status=200, payload={"data": {}}, trace=trace)


async def admitted(budgets: Budgets, viewer: Viewer, *subjects: Subject) -> bool:
    return (await budgets.admit(viewer, answer(*subjects))).status_hint == "executed"


def officer(cert_no: str, client: str = "app") -> Viewer:
    return Viewer(subject=cert_no, client=client, kind=CallerKind.OFFICER, cert_no=cert_no)


@pytest.fixture(params=["redis", "here"])
async def budgets(request: pytest.FixtureRequest) -> AsyncIterator[Budgets]:
    """In Redis, and in a process alone."""
    cache = None
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        cache = Cache(server.url)
    made = Budgets(FEW, NAMES, cache, wall=lambda: NOON)
    yield made
    await made.close()


async def test_different_subjects_count_and_the_same_one_once(budgets: Budgets) -> None:
    for _ in range(3):
        assert await admitted(budgets, OFFICER, *people(1, 2))
    assert await admitted(budgets, OFFICER, *people(3))
    assert not await admitted(budgets, OFFICER, *people(4))
    assert await admitted(budgets, OFFICER, *people(1, 3))


async def test_an_answer_over_the_budget_is_refused_whole_and_counts_nothing(budgets: Budgets) -> None:
    assert await admitted(budgets, OFFICER, *people(1))
    assert not await admitted(budgets, OFFICER, *people(1, 2, 3, 4))
    assert await admitted(budgets, OFFICER, *people(5, 6))


async def test_a_refusal_shows_nothing_and_tells_the_log_what_was_asked(budgets: Budgets) -> None:
    given = answer(*people(1, 2, 3, 4))
    refusal = await budgets.admit(OFFICER, given)
    assert refusal.http_status == 429
    assert refusal.payload["errors"][0]["extensions"] == {"code": "SUBJECT_BUDGET_EXCEEDED", "budget": "certificate"}
    assert "data" not in refusal.payload
    assert refusal.trace is given.trace


async def test_it_is_logged_as_an_event(budgets: Budgets, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "tongcha"):
        assert not await admitted(budgets, OFFICER, *people(1, 2, 3, 4))
    assert [record.getMessage() for record in caplog.records] == ["subject_budget_exceeded"]


async def test_all_callers_of_a_client_have_a_budget_together(budgets: Budgets) -> None:
    assert await admitted(budgets, officer("1"), *people(1, 2, 3))
    assert await admitted(budgets, officer("2"), *people(4, 5, 6))
    assert not await admitted(budgets, officer("3"), *people(7))
    assert await admitted(budgets, officer("3", client="another"), *people(7))


async def test_an_officer_s_budget_is_the_same_through_every_client(budgets: Budgets) -> None:
    assert await admitted(budgets, officer("1"), *people(1, 2, 3))
    assert not await admitted(budgets, officer("1", client="another"), *people(4))


async def test_only_persons_enterprises_and_vehicles_count(budgets: Budgets) -> None:
    for kind in ("Case", "AccessRecord", "Matter"):
        assert await admitted(budgets, OFFICER, *people(*range(50), kind=kind))


@pytest.mark.parametrize(
    ("kind", "limit"), [("officer", 3), ("supervisor", 4), ("partner", 5), ("citizen", 2), ("auditor", 2)]
)
async def test_each_kind_of_caller_has_its_number(budgets: Budgets, kind: str, limit: int) -> None:
    cert_no = "9" if kind in ("officer", "supervisor") else None
    viewer = Viewer(subject="s", client="c", kind=CallerKind(kind), cert_no=cert_no)
    assert not await admitted(budgets, viewer, *people(*range(limit + 1)))
    assert await admitted(budgets, viewer, *people(*range(limit)))


async def test_tomorrow_is_another_day(redis_server: RedisServer) -> None:
    moment = [NOON]
    for cache in (None, Cache(redis_server.url)):
        moment[0] = NOON
        budgets = Budgets(FEW, NAMES, cache, wall=lambda: moment[0])
        assert await admitted(budgets, OFFICER, *people(1, 2, 3))
        moment[0] += 11.9 * 3600
        assert not await admitted(budgets, OFFICER, *people(4))
        moment[0] += 0.2 * 3600
        assert await admitted(budgets, OFFICER, *people(4))
        await budgets.close()


# --- several processes ---------------------------------------------------------------------------


async def test_processes_count_together(redis_server: RedisServer) -> None:
    one, other = (Budgets(FEW, NAMES, Cache(redis_server.url), wall=lambda: NOON) for _ in range(2))
    assert await admitted(one, OFFICER, *people(1, 2))
    assert await admitted(other, OFFICER, *people(3))
    assert not await admitted(one, OFFICER, *people(4))
    assert not await admitted(other, OFFICER, *people(4))
    await one.close()
    await other.close()


@pytest.mark.usefixtures("impatience_with_redis")
@pytest.mark.parametrize("fault", ["gone", "hangs", "flushed"])
async def test_f14_without_redis_each_process_keeps_to_its_share(redis_server: RedisServer, fault: str) -> None:
    cache = Cache(redis_server.url)
    budgets = Budgets(Limits(officer=6, client=60), NAMES, cache, share=2, wall=lambda: NOON)
    assert await admitted(budgets, OFFICER, *people(1))
    if fault == "gone":
        redis_server.stop()
    elif fault == "hangs":
        redis_server.hang()
    else:
        await cache._commands.flushall()
    assert await admitted(budgets, OFFICER, *people(2, 3))
    assert await admitted(budgets, OFFICER, *people(4)) is (fault == "flushed")
    if fault == "hangs":
        redis_server.go_on()
    await budgets.close()


async def test_without_redis_the_share_is_one_of_all_workers_of_all_processes() -> None:
    settings = Settings(
        redis="unix:///nowhere/redis.sock", budget_officer=12, processes=2, workers=3, audit_key=b"k" * 32
    )
    budgets = Budgets.of(settings)
    assert await admitted(budgets, OFFICER, *people(1, 2))
    assert not await admitted(budgets, OFFICER, *people(3))
    await budgets.close()


async def test_f15_a_value_of_another_type_is_no_exception(redis_server: RedisServer) -> None:
    cache = Cache(redis_server.url)
    budgets = Budgets(FEW, NAMES, cache, wall=lambda: NOON)
    (own, _) = budgets_of(OFFICER, FEW)
    day = int(NOON + 8 * 3600) // 86_400
    await cache._commands.set(f"tongcha:subjects:{day}:{own.of}:{own.holder}", "text")
    assert await admitted(budgets, OFFICER, *people(1, 2, 3))
    assert not await admitted(budgets, OFFICER, *people(4))
    await budgets.close()


async def test_no_set_outlives_the_day_or_outgrows_its_budget(redis_server: RedisServer) -> None:
    cache = Cache(redis_server.url)
    budgets = Budgets(FEW, NAMES, cache)
    for name in range(20):
        await admitted(budgets, OFFICER, *people(name))
    for key in await cache._commands.keys("tongcha:subjects:*"):
        assert 0 < await cache._commands.ttl(key) <= 86_400
        assert await cache._commands.scard(key) == 3
    await budgets.close()


async def test_what_was_looked_at_today_is_not_asked_for_again(redis_server: RedisServer) -> None:
    budgets = Budgets(FEW, NAMES, Cache(redis_server.url), wall=lambda: NOON)
    assert await admitted(budgets, OFFICER, *people(1, 2, 3))
    redis_server.stop()
    assert await admitted(budgets, OFFICER, *people(1, 2, 3))
    await budgets.close()
