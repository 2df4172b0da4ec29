"""Who asked before is kept: until the first belief ends, for the same viewer, purpose and policies, and never after a no."""

from __future__ import annotations

import dataclasses
import datetime
import time
from types import SimpleNamespace

import pytest

from auth.naming import naming_of
from auth.policy import SHIPPED, Policies, read_texts
from auth.viewer import AccessRequest, Purpose, Viewer
from gateway import asking, rowscope, standing, tasks
from gateway.asking import Reception
from gateway.facts import facts_of, shipped
from gateway.rowscope import row_conditions
from resolvers.schema import catalog
from tests.world import CALLERS, MOMENT, OFFICER, SEAL_KEY, World

POLICIES = shipped(tuple(facts_of(catalog)))


class Clocks:
    """The clock of beliefs and that of the day."""

    def __init__(self) -> None:
        self.steady = time.monotonic()
        self.moment = MOMENT


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    for module in (asking, rowscope, standing, tasks):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: made.steady))
    return made


@pytest.fixture
def policies() -> Policies:
    return Policies(POLICIES)


@pytest.fixture
def reception(world: World, clocks: Clocks, policies: Policies) -> Reception:
    return Reception(world.databases, policies, row_conditions, naming_of, SEAL_KEY, lambda: clocks.moment)


async def statements(world: World, reception: Reception, viewer: Viewer, access: AccessRequest | None) -> int:
    """How many statements it takes to find out who asks."""
    before = world.statements()
    await reception.asking(viewer, access)
    return world.statements() - before


@pytest.mark.parametrize("name", CALLERS)
async def test_who_is_kept_is_who_would_be_found(reception: Reception, world: World, name: str) -> None:
    first = await reception.asking(*CALLERS[name])
    again = await reception.asking(*CALLERS[name])
    anew = await Reception(
        world.databases, Policies(POLICIES), row_conditions, naming_of, SEAL_KEY, lambda: MOMENT
    ).asking(*CALLERS[name])
    for other in (again, anew):
        assert (other.standing, other.scope, other.seal, other.mask_key) == (
            first.standing,
            first.scope,
            first.seal,
            first.mask_key,
        )


async def test_a_belief_ends_after_half_a_minute(reception: Reception, world: World, clocks: Clocks) -> None:
    caller = CALLERS["officer"]
    assert await statements(world, reception, *caller) > 0
    clocks.steady += standing.BELIEVED - 1
    assert await statements(world, reception, *caller) == 0
    clocks.steady += 2
    assert await statements(world, reception, *caller) > 0


async def test_the_first_belief_to_end_ends_it(reception: Reception, world: World, clocks: Clocks) -> None:
    viewer, access = CALLERS["officer"]
    await reception.asking(viewer, None)  # the organisations are believed from now, the task is not asked for
    clocks.steady += standing.BELIEVED - 5
    assert await statements(world, reception, viewer, access) > 0
    clocks.steady += 6
    assert await statements(world, reception, viewer, access) == 1


async def test_a_no_is_asked_again(reception: Reception, world: World) -> None:
    unknown = AccessRequest(purpose=Purpose.INSPECTION, task_no="ZHJT-2026-JC-9999999")
    assert not (await reception.asking(OFFICER, unknown)).standing.granted
    assert await statements(world, reception, OFFICER, unknown) > 0


async def test_another_purpose_is_another_asking(reception: Reception) -> None:
    viewer, access = CALLERS["officer"]
    assert access is not None
    granted = await reception.asking(viewer, access)
    other = await reception.asking(viewer, dataclasses.replace(access, task_no="ZHJT-2026-JC-9999999"))
    assert granted.standing.granted
    assert not other.standing.granted
    assert granted.profile is not other.profile


async def test_callers_alike_have_one_profile_and_their_own_keys(reception: Reception) -> None:
    viewer, access = CALLERS["public"]
    one = await reception.asking(viewer, access)
    two = await reception.asking(dataclasses.replace(viewer, subject="another", client="another"), access)
    assert one.profile is two.profile
    assert one.seal != two.seal
    assert one.mask_key != two.mask_key


async def test_a_revocation_that_may_have_been_missed_is_seen_at_once(reception: Reception) -> None:
    viewer, access = CALLERS["officer"]
    assert (await reception.asking(viewer, access)).standing.granted
    assert not (await reception.asking(dataclasses.replace(viewer, current=False), access)).standing.granted


async def test_new_policies_are_seen_at_once(reception: Reception, policies: Policies) -> None:
    before = await reception.asking(*CALLERS["officer"])
    await policies.replace({**read_texts(SHIPPED), "again.cedar": ""})
    after = await reception.asking(*CALLERS["officer"])
    assert after.policies is policies.current
    assert before.profile is not after.profile
    assert before.seal != after.seal


async def test_the_seal_is_of_the_hour(reception: Reception, clocks: Clocks) -> None:
    before = await reception.asking(*CALLERS["officer"])
    clocks.moment += datetime.timedelta(hours=1)
    assert (await reception.asking(*CALLERS["officer"])).seal.hour == before.seal.hour + 1
