"""An agreement is good for so many requests and rows a day, whatever Redis does, and to the end of its last day."""

from __future__ import annotations

import datetime
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from auth.viewer import AccessRequest, Purpose
from datasources.cache import Cache
from datasources.city.personas import Operations
from datasources.database import Database
from gateway.challenges import come_back
from gateway.errors import ErrorCode, GatewayError
from gateway.pipeline import Pipeline
from gateway.quotas import Quota, Quotas
from gateway.request import Answer, GraphQLRequest, refused
from gateway.standing import agreement_key
from gateway.trace import Coordinates, Trace
from resolvers.schema import catalog
from tests.gateway.asking import Asker, told
from tests.gateway.owntables import make_own
from tests.redis_server import RedisServer
from tests.world import CALLERS, PLATFORMS, SEAL_KEY, World

NOON = 1_793_851_200.0
"""2026-11-05 in China."""
DAY = 86_400.0
THREE = Quota(agreement_no="GX-1", limit=3)
ENGINES = ("compiled", "resolvers")


class Wall:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture(params=["redis", "here"])
async def quotas(request: pytest.FixtureRequest, wall: Wall) -> AsyncIterator[Quotas]:
    """In Redis, and in a process alone."""
    cache = Cache(request.getfixturevalue("redis_server").url) if request.param == "redis" else None
    made = Quotas(cache, wall=wall)
    yield made
    await made.close()


async def admitted(quotas: Quotas, quota: Quota = THREE) -> bool:
    try:
        await quotas.admit(quota)
    except GatewayError as error:
        return error.code is not ErrorCode.RATE_LIMITED
    return True


async def test_so_many_requests_are_taken_and_no_more(quotas: Quotas) -> None:
    assert [await admitted(quotas) for _ in range(5)] == [True] * 3 + [False] * 2


async def test_each_agreement_has_its_own(quotas: Quotas) -> None:
    for _ in range(3):
        await quotas.admit(THREE)
    assert await admitted(quotas, Quota(agreement_no="GX-2", limit=1))


async def test_the_next_day_begins_anew(quotas: Quotas, wall: Wall) -> None:
    for _ in range(3):
        await quotas.admit(THREE)
    assert not await admitted(quotas)
    wall.now += DAY
    assert await admitted(quotas)


async def test_processes_share_it_through_redis(redis_server: RedisServer, wall: Wall) -> None:
    both = [Quotas(Cache(redis_server.url), share=2, wall=wall) for _ in range(2)]
    taken = [await admitted(one, Quota(agreement_no="GX-3", limit=3)) for one in both * 2]
    assert taken == [True] * 3 + [False]
    for one in both:
        await one.close()


async def test_without_redis_each_keeps_to_its_share(wall: Wall) -> None:
    alone = Quotas(Cache("redis://127.0.0.1:1/0"), share=2, wall=wall)
    assert [await admitted(alone, Quota(agreement_no="GX-4", limit=4)) for _ in range(3)] == [True, True, False]
    await alone.close()


TEN = Quota(agreement_no="GX-5", rows=10)


def answer_of(rows: int) -> Answer:
    """One that was made of so many rows of two databases."""
    trace = Trace(
        operation_name=None,
        operation_digest="",
        policy_epoch="",
        coordinates=Coordinates(),
        guarded=True,
        rows={"personnel": rows // 2, "enforcement": rows - rows // 2},
    )
    return Answer(status_hint="executed", http_status=200, payload={"data": {}}, trace=trace)


async def released(quotas: Quotas, rows: int, quota: Quota = TEN) -> bool:
    return (await quotas.release(quota, answer_of(rows))).status_hint == "executed"


async def test_so_many_rows_leave_and_an_answer_leaves_whole_or_not_at_all(quotas: Quotas) -> None:
    """What does not fit any more is refused and not counted: what is smaller may still fit."""
    assert [await released(quotas, rows) for rows in (6, 5, 4, 1)] == [True, False, True, False]


async def test_rows_and_requests_are_counted_apart(quotas: Quotas) -> None:
    quota = Quota(agreement_no="GX-6", limit=1, rows=3)
    assert await admitted(quotas, quota)
    assert await released(quotas, 3, quota)
    assert not await admitted(quotas, quota)
    assert not await released(quotas, 1, quota)
    assert await released(quotas, 0, quota)


async def test_what_an_agreement_does_not_limit_is_not_counted(quotas: Quotas) -> None:
    assert [await released(quotas, 1_000, THREE) for _ in range(2)] == [True, True]
    assert [await admitted(quotas, TEN) for _ in range(20)] == [True] * 20


async def test_the_record_of_an_answer_that_does_not_leave_says_what_it_would_have_shown(quotas: Quotas) -> None:
    made = answer_of(11)
    refusal = await quotas.release(TEN, made)
    assert (refusal.http_status, refusal.trace) == (429, made.trace)
    assert refusal.payload["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "quota": "rows"}


async def test_without_redis_each_keeps_to_its_share_of_the_rows(wall: Wall) -> None:
    alone = Quotas(Cache("redis://127.0.0.1:1/0"), share=2, wall=wall)
    assert [await released(alone, rows) for rows in (3, 3, 2)] == [True, False, True]
    await alone.close()


@pytest.mark.parametrize("quota", ["agreement", "rows"])
def test_the_client_is_told_when_to_come_back(quota: str) -> None:
    """At midnight in China."""
    answer = refused([GatewayError(ErrorCode.RATE_LIMITED, quota=quota)])
    ((name, seconds),) = come_back(answer, NOON)
    told_at = datetime.datetime.fromtimestamp(NOON + int(seconds), datetime.UTC)
    assert (name, told_at.isoformat()) == (b"retry-after", "2026-11-05T16:00:00+00:00")
    assert come_back(refused([GatewayError(ErrorCode.RATE_LIMITED)]), NOON) == ()


# --- agreements ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def own(scratch: Callable[[str], Awaitable[str]]) -> str:
    """A database with the gateway's own tables and one agreement: two requests a day, to the end of 2026-11-05."""
    dsn = await scratch("quotas")
    await make_own(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        """INSERT INTO gw.agreement (agreement_no, client_id, provider_org, legal_basis, scenario, scope, mode, purpose,
          fields, status_code, valid_from, valid_to, quota, row_quota) VALUES
          ('GX-9', 'partner-finance', '', '', '', '', '', 'NON_TAX_PAYMENT', '{Query.nonTaxPayments,NonTaxPayment}', '1',
           '2026-11-05', '2026-11-05', 2, NULL),
          ('GX-8', 'partner-finance', '', '', '', '', '', 'NON_TAX_PAYMENT',
           '{Query.nonTaxPayments,NonTaxPayment,Query.paymentReconciliation,Mutation.reportPayment,PaymentReportPayload}', '1',
           '2026-11-05', '2026-11-05', NULL, 2),
          ('GX-7', 'partner-random', '', '', '', '', '', 'DOUBLE_RANDOM', '{Query.inspectionObjects}', '1',
           '2026-11-05', '2026-11-05', NULL, 5)"""
    )
    await connection.close()
    return dsn


ASKED = '{ nonTaxPayments(paymentCodes: ["44040026000000412376"]) { paymentCode amountDue } }'
NONE_THERE = '{ nonTaxPayments(paymentCodes: ["0"]) { paymentCode } }'
DIRECTORY = f'{{ inspectionObjects(orgUscc: "{Operations.org_uscc}", first: 2) {{ total nodes {{ uscc }} }} }}'
BY_ROWS = AccessRequest(purpose=Purpose.NON_TAX_PAYMENT, agreement_no="GX-8")
FINANCE: Asker = (CALLERS["partner"][0], AccessRequest(purpose=Purpose.NON_TAX_PAYMENT, agreement_no="GX-9"))


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{text}+08:00")


@pytest.fixture
async def day(world: World, own: str) -> AsyncIterator[Callable[[str, str], Pipeline]]:
    database = Database("gateway", own)

    def gateway(moment: str, engine: str = "compiled") -> Pipeline:
        databases = {**world.databases, "gateway": database}
        return Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: at(moment))

    yield gateway
    await database.close()


@pytest.mark.parametrize("engine", ENGINES)
async def test_over_its_quota_nothing_is_asked_of_an_owner(day: Any, world: World, engine: str) -> None:
    pipeline = day("2026-11-05T12:00", engine)
    for _ in range(2):
        assert (await told(pipeline, ASKED, FINANCE))["data"]["nonTaxPayments"]
    before = world.statements()
    body = await told(pipeline, ASKED, FINANCE)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["RATE_LIMITED"]
    assert "data" not in body
    assert world.statements() == before


@pytest.mark.parametrize("engine", ENGINES)
async def test_over_its_rows_an_answer_does_not_leave(day: Any, engine: str) -> None:
    pipeline, caller = day("2026-11-05T12:00", engine), (FINANCE[0], BY_ROWS)
    request = GraphQLRequest(query=ASKED)
    answers = [await pipeline.answer(request, *caller) for _ in range(3)]
    assert [answer.status_hint for answer in answers] == ["executed", "executed", "refused"]
    assert "data" not in answers[2].payload
    assert answers[2].trace.rows == {"enforcement": 1}
    assert (await pipeline.answer(GraphQLRequest(query=NONE_THERE), *caller)).status_hint == "executed"


async def test_the_rows_of_a_page_of_a_resolver_of_its_own_count_and_not_what_it_is_made_of(day: Any) -> None:
    pipeline, viewer = day("2026-11-05T12:00"), PLATFORMS["partner-random"][0]
    caller = (viewer, AccessRequest(purpose=Purpose.DOUBLE_RANDOM, agreement_no="GX-7"))
    answers = [await pipeline.answer(GraphQLRequest(query=DIRECTORY), *caller) for _ in range(3)]
    assert [answer.status_hint for answer in answers] == ["executed", "executed", "refused"], answers[0].payload


async def test_what_a_change_has_done_is_told_whatever_the_rows(day: Any) -> None:
    pipeline, caller = day("2026-11-05T12:00"), (FINANCE[0], BY_ROWS)
    for _ in range(2):
        await pipeline.answer(GraphQLRequest(query=ASKED), *caller)
    given = {
        "idempotencyKey": "x", "paymentCode": "0", "event": "PAID", "amount": "1.00", "billCode": "0", "billNo": "0",
        "paidAt": "2026-11-05T09:00:00+08:00", "channelCode": "1",
    }  # fmt: skip
    text = "mutation($input: PaymentReportInput!) { reportPayment(input: $input) { errors { code } } }"
    answer = await pipeline.answer(GraphQLRequest(query=text, variables={"input": given}), *caller)
    assert answer.status_hint == "executed", answer.payload


async def test_a_subscription_counts_when_it_begins(day: Any) -> None:
    pipeline = day("2026-11-05T12:00")
    request = GraphQLRequest(query=ASKED)
    begun = [await pipeline.answer(request, *FINANCE), await pipeline.answer(request, *FINANCE)]
    went_on = await pipeline.answer(replace(request, repeated=True), *FINANCE)
    assert {answer.status_hint for answer in (*begun, went_on)} == {"executed"}
    assert (await pipeline.answer(request, *FINANCE)).status_hint == "refused"


async def test_another_caller_is_not_slowed(day: Any) -> None:
    pipeline = day("2026-11-05T12:00")
    for _ in range(4):
        await told(pipeline, ASKED, FINANCE)
    body = await told(pipeline, "{ disclosures(first: 1) { totalCount } }", CALLERS["public"])
    assert body["data"]


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-11-04T23:59:59", False),
        ("2026-11-05T00:00:00", True),
        ("2026-11-05T23:59:59", True),
        ("2026-11-06T00:00:00", False),
    ],
)
async def test_an_agreement_begins_and_ends_with_its_days_in_China(day: Any, moment: str, holds: bool) -> None:
    body = await told(day(moment), ASKED, FINANCE)
    assert bool(body["data"]["nonTaxPayments"]) is holds


async def test_it_is_not_believed_beyond_its_end(day: Any) -> None:
    """A second before midnight it is believed for a second, and not for thirty."""
    pipeline = day("2026-11-05T23:59:59")
    await told(pipeline, ASKED, FINANCE)
    until = pipeline.reception.lookup.believed(agreement_key("GX-9", "partner-finance", "NON_TAX_PAYMENT"))
    assert 0.0 < until <= time.monotonic() + 1.0
