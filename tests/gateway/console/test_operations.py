"""The ready operations: those of the cases, each asked by who gets something."""

from __future__ import annotations

from typing import Any

import pytest

from auth.issuer import DEMO_CALLERS
from datasources.city.documents import DOCUMENTS
from gateway.console.operations import operations
from tests.gateway.console.conftest import Explorer
from tests.test_cases import CASES

READY = operations()
REGISTERED = {"09_payment_status"}
"""Asked by a client that runs registered documents only: this is one, to the byte."""


def test_they_are_those_of_the_cases() -> None:
    assert [one["name"] for one in READY] == sorted(path.name for path in (CASES / "operations").iterdir())


@pytest.mark.parametrize("ready", READY, ids=lambda one: one["name"])
def test_each_is_sent_as_its_case_is(ready: dict[str, Any]) -> None:
    folder = CASES / "operations" / ready["name"]
    texts = (
        {text for *_, text in DOCUMENTS} if ready["name"] in REGISTERED else {(folder / "query.graphql").read_text()}
    )
    assert ready["query"] in texts
    assert (folder / "variables.json").read_text() == (
        CASES.parents[1] / "gateway/console/operations" / f"{ready['name']}.json"
    ).read_text()


@pytest.mark.parametrize("ready", READY, ids=lambda one: one["name"])
async def test_each_is_answered_to_its_caller(explorer: Explorer, ready: dict[str, Any]) -> None:
    assert ready["caller"] in DEMO_CALLERS
    headers = explorer.bearing(ready["caller"], ready["acr"])
    changes = ready["query"].startswith("mutation")  # the city stays as it is: that it could be asked is enough
    response = await explorer.ask("/console/plan" if changes else "/graphql", ready, headers)
    answer = response.json()
    assert (response.status_code, answer.get("errors")) == (200, None)
    assert changes or all(answer["data"].values())
