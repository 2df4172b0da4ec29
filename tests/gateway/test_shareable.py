"""Which plans' answers may be shared: those over a few links, which read a few tables and nothing above PUBLIC."""

from __future__ import annotations

import re

import pytest

from auth.classes import DataClass
from gateway.request import GraphQLRequest
from gateway.shareable import LINKS
from resolvers.schema import catalog
from resolvers.sources import Link, Lookup
from tests.gateway.registry import DETAIL, RECENT
from tests.world import CALLERS, World

OF_THE_FEED = {"gw.disclosure"}
NEARLY_FIXED = {'"off".org', "div.division", "mat.matter_cause"}

WHOLE = """query Whole { disclosures(first: 1) { totalCount nodes { disclosureId kind documentNo subjectName subjectType subjectUscc
  causeName illegalActType facts basis penaltyKinds { label } content fineAmount10k confiscatedAmount10k revokedLicence result
  decidedOn validUntil publishedAt publishUntil org { name uscc } division { code name } matterCode version } } }"""


def test_every_such_link_is_public_and_there() -> None:
    for coordinate in LINKS:
        type_name, _, field = coordinate.partition(".")
        source = catalog.sources[type_name, field]
        link = source.link if isinstance(source, Lookup) else source
        assert isinstance(link, Link)
        assert link.data_class is DataClass.PUBLIC


@pytest.mark.parametrize("text", [WHOLE, RECENT, DETAIL])
async def test_what_may_be_shared_reads_these_tables_and_no_others(world: World, text: str) -> None:
    pipeline = world.pipeline()
    given = {"first": 1, "id": "GS1"}
    explained = await pipeline.explain(text, given, *CALLERS["public"])
    read = set(re.findall(r'(?:FROM|JOIN) ((?:"?\w+"?)\."?\w+"?)', explained))
    assert read <= OF_THE_FEED | NEARLY_FIXED
    operation = await pipeline.plans.read(GraphQLRequest(query=text))
    variables = pipeline.plans.variables(operation, given)
    asking = await pipeline.reception.asking(*CALLERS["public"])
    plan = pipeline.plans.plan(operation, variables)
    assert (await pipeline.plans.bound(operation, variables, plan, asking)).shared  # type: ignore[arg-type]


@pytest.mark.parametrize("caller", CALLERS)
async def test_what_is_cut_to_a_caller_is_not_shared(world: World, caller: str) -> None:
    """Nobody's organisation, task, agreement or identity is in what is asked."""
    answer = await world.pipeline().answer(
        GraphQLRequest(query=RECENT, variables={"first": 1}, by_get=True), *CALLERS[caller]
    )
    assert answer.shareable == (answer.http_status == 200)
