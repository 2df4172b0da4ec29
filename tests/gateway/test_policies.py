from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from auth.classes import DataClass
from auth.policy import Action, Outcome, Policies, PolicyRefused, PolicySet, read_texts
from gateway.facts import facts_of
from gateway.pipeline import Pipeline
from gateway.policies import FollowedPolicies, install, load_policies
from gateway.request import GraphQLRequest
from tests.datasources.soon import soon
from tests.gateway.shelf import PUBLIC, STANDING, make_catalog
from tests.policies import OPEN

CLOSED = {"closed.cedar": '@id("closed") forbid (principal, action, resource);\n'}
CATALOG = make_catalog()


def write(directory: Path, texts: dict[str, str]) -> Path:
    directory.mkdir(exist_ok=True)
    for path in directory.iterdir():
        path.unlink()
    for name, text in texts.items():
        (directory / name).write_text(text)
    return directory


def open_to_everybody(policies: PolicySet) -> bool:
    decision = policies.decide(STANDING, "Author.secret", DataClass.PERSONAL, Action.READ)
    return decision.outcome is Outcome.CLEAR


async def until(policies: Policies, *, open_: bool) -> None:
    async with asyncio.timeout(60):
        while open_to_everybody(policies.current) is not open_:  # noqa: ASYNC110 # what is waited for has no event
            await asyncio.sleep(0.01)


# --- following a directory -----------------------------------------------------------------------


async def test_what_the_directory_holds_later_is_put_in_force(tmp_path: Path) -> None:
    directory = write(tmp_path / "set", OPEN)
    policies = FollowedPolicies(CATALOG, directory, every=0.02)
    try:
        await until(policies, open_=True)
        write(directory, CLOSED)
        await until(policies, open_=False)
    finally:
        policies.close()


async def test_what_is_refused_is_logged_once_and_the_old_set_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = write(tmp_path / "set", OPEN)
    policies = FollowedPolicies(CATALOG, directory, every=0.02)
    try:
        before = policies.current
        with caplog.at_level(logging.ERROR, "tongcha"):
            write(directory, {"broken.cedar": "permit (principal"})
            await soon(lambda: caplog.records != [])
            await asyncio.sleep(0.2)  # ten looks more
        assert policies.current is before
        assert [record.msg for record in caplog.records] == ["policies refused"]
        write(directory, CLOSED)
        await until(policies, open_=False)
    finally:
        policies.close()


async def test_a_directory_that_is_gone_leaves_the_old_set_in_force(tmp_path: Path) -> None:
    directory = write(tmp_path / "set", OPEN)
    policies = FollowedPolicies(CATALOG, directory, every=0.02)
    try:
        directory.rename(tmp_path / "elsewhere")
        await asyncio.sleep(0.3)
        assert open_to_everybody(policies.current)
    finally:
        policies.close()


async def test_a_gateway_does_not_start_with_a_set_that_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused):
        FollowedPolicies(CATALOG, tmp_path)


# --- installing ----------------------------------------------------------------------------------


def test_a_set_is_installed_whole_beside_the_old_one(tmp_path: Path) -> None:
    place = tmp_path / "state" / "policies"
    for texts in (OPEN, CLOSED, OPEN):
        install(texts, place, PolicySet.load(texts, facts_of(CATALOG)).epoch)
        assert read_texts(place) == texts
        assert load_policies(CATALOG, place).loads(texts)
    assert sorted(path.name.partition(".")[0] for path in place.parent.iterdir()) == ["policies"] * 3


def test_a_directory_is_not_overwritten(tmp_path: Path) -> None:
    place = write(tmp_path / "policies", OPEN)
    with pytest.raises(FileExistsError):
        install(CLOSED, place, "0" * 64)
    assert read_texts(place) == OPEN


# --- the pipeline --------------------------------------------------------------------------------


async def test_plans_are_bound_anew_under_another_set() -> None:
    """A kept plan of the old set must not serve a request under the new one."""
    policies = Policies(PolicySet.load(CLOSED, facts_of(CATALOG)))
    pipeline = Pipeline(CATALOG, {}, seal_key=b"k" * 64, policies=policies)
    query = "{ author(id: 1) { name } }"

    async def explained() -> str:
        return await pipeline.explain(query, {}, PUBLIC, None)

    assert "0 statements" in await explained()
    await policies.replace(OPEN)
    assert "1 statements" in await explained()
    await policies.replace(CLOSED)
    assert "0 statements" in await explained()
    answer = await pipeline.answer(GraphQLRequest(query=query), PUBLIC, None)
    assert [error["extensions"]["code"] for error in answer.payload["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
