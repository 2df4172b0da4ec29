"""The publisher: what is published, what is not, what is withdrawn and why, and the order of the feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from datasources.published import CHANNEL, Published
from datasources.references import parse_reference
from tests.gateway.asking import told
from tests.gateway.publishing import Town
from tests.world import CALLERS


@pytest.fixture(scope="module")
async def town(scratch: Callable[[str], Awaitable[str]]) -> AsyncIterator[Town]:
    """A village of one's own, looked at once."""
    made = await Town.of(await scratch("publishing"))
    await made.look()
    yield made
    await made.close()


async def test_what_is_published_as_the_rules_want_it_is_left_alone(town: Town) -> None:
    before = await town.head()
    assert not await town.look()
    assert await town.head() == before


WITHDRAWING: dict[str, tuple[str, str, str]] = {
    "the owner withdraws it": ("cas.disclosure", "state = '3', withdraw_reason = 'CREDIT_REPAIRED'", "CREDIT_REPAIRED"),
    "the owner will not have it published": ("cas.disclosure", "state = '4'", "PUBLISHED_IN_ERROR"),
    "the decision is revoked": ("cas.case", "status = 'WITHDRAWN'", "DECISION_REVOKED"),
    "the case is sealed": ("cas.case", "sealed = true", "RECORD_SEALED"),
    "the record is sealed": ("cas.disclosure", "sealed = true", "RECORD_SEALED"),
    "the case is secret": ("cas.case", "secret_flag = true", "PUBLISHED_IN_ERROR"),
    "the case is open on request alone": ("cas.case", "disclosure_class = '2'", "PUBLISHED_IN_ERROR"),
    "the case was one of the simple procedure": ("cas.case", "procedure_code = '1'", "PUBLISHED_IN_ERROR"),
    "the punished is protected": ("cas.party", "subject_mark = 2", "PUBLISHED_IN_ERROR"),
    "the punished is under fourteen": ("cas.disclosure", "subject_mark = 1", "PUBLISHED_IN_ERROR"),
}


@pytest.mark.parametrize("name", WITHDRAWING)
async def test_what_may_not_stay_is_withdrawn_with_the_reason_and_without_content(town: Town, name: str) -> None:
    table, what, reason = WITHDRAWING[name]
    key = await town.penalty()
    before = await town.head()
    await town.change(key, table, what)
    assert await town.look() == {"withdrawn": 1}
    (change,) = await town.changes(before)
    assert (change["op"], change["disclosureId"], change["withdrawReason"]) == ("WITHDRAW", key, reason)
    assert change["publicReason"]
    assert change["record"] is None
    assert key not in await town.everything()
    row = await town.admin.fetchrow("SELECT * FROM gw.disclosure WHERE disclosure_id = $1", key)
    assert {row[name] for name in ("subject_name", "document_no", "facts", "content", "basis", "org_id")} == {None}


async def test_a_minor_is_never_published_whatever_the_case_system_says(town: Town) -> None:
    """Of age is who was so at the decision, by the population database."""
    key = await town.penalty(person=True)
    person = """SELECT subject_ref FROM cas.party JOIN cas.disclosure USING (case_id)
      WHERE disclosure_id = $1 AND role_code = '1'"""
    reference = await town.admin.fetchval(person, key)
    decided = await town.admin.fetchval("SELECT decided_on FROM gw.disclosure WHERE disclosure_id = $1", key)
    await town.admin.execute(
        "UPDATE pop.person SET birth_date = $2::date - interval '18 years' + interval '1 day' WHERE person_id = $1",
        parse_reference(reference)[1],
        decided,
    )
    assert await town.look() == {"withdrawn": 1}
    assert key not in await town.everything()
