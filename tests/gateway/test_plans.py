"""What is kept of documents. E7 is a case of the catalogue of attacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import plans
from gateway.operation import Operation
from gateway.plans import Plans
from gateway.request import GraphQLRequest
from resolvers.schema import catalog

WORST = (Path(__file__).parent / "worst.graphql").read_text(encoding="utf-8")
NAMES = " ".join(f'p{n}: person(idNo: "1") {{ ...A }}' for n in range(10))
PARTS = "name idNo birthDate vehicles(first: 1) { plateNo vin brandModel } household { householdNo members { person { name idNo } } }"


def small(number: int) -> str:
    return f'query Q{number} {{ person(idNo: "1") {{ name }} }}'


def of_many_tokens(number: int) -> str:
    return WORST.replace("19040130215", f"{number:011d}")


def of_many_fields(number: int) -> str:
    return f"query Q{number} {{ {NAMES} }} fragment A on Person {{ {PARTS} }}"


@pytest.mark.parametrize(
    ("document", "kept"), [(small, 22), (of_many_tokens, 2), (of_many_fields, 11)], ids=["small", "tokens", "fields"]
)
async def test_E7_the_larger_documents_are_the_fewer_are_kept(
    monkeypatch: pytest.MonkeyPatch, document: Callable[[int], str], kept: int
) -> None:
    monkeypatch.setattr(plans, "KEPT", 22)
    made = Plans(catalog, lambda: asyncio.sleep(0), lambda _: True)

    async def read(number: int) -> Operation:
        return await made.read(GraphQLRequest(query=document(number)))

    read_first = [await read(number) for number in range(30)]
    again = [await read(number) for number in reversed(range(30))]
    assert sum(one is other for one, other in zip(read_first, reversed(again), strict=True)) == kept
    for operation in again:
        made.variables(operation, {})
        made.plan(operation, {})
    assert sum(not made.is_new(operation, {}) for operation in again) == kept
