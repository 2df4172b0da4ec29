"""Subject references: written one way, read only that way."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.references import parse_reference, reference


@given(prefix=st.sampled_from("pev"), key=st.uuids())
def test_a_reference_leads_back_to_its_subject(prefix: str, key: UUID) -> None:
    assert parse_reference(reference(prefix, key)) == (prefix, key)


@given(text=st.text(alphabet="pev_0123456789ABILOUZabz ", max_size=30))
def test_what_is_accepted_is_written_the_same(text: str) -> None:
    try:
        prefix, key = parse_reference(text)
    except ValueError:
        return
    assert reference(prefix, key) == text


@pytest.mark.parametrize(
    ("text", "prefix", "number"),
    [
        ("p_0", "p", 0),
        ("p_1Z", "p", 63),
        ("p_7QK2M9", "p", 259_623_561),
        ("e_2HV0TC", "e", 85_820_236),
        ("e_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "e", 2**128 - 1),
    ],
)
def test_known_references(text: str, prefix: str, number: int) -> None:
    assert parse_reference(text) == (prefix, UUID(int=number))
    assert reference(prefix, UUID(int=number)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p",
        "p_",
        "_7QK2M9",
        "x_7QK2M9",
        "P_7QK2M9",
        "p7QK2M9",
        "p_7qk2m9",
        "p_07QK2M9",
        "p_00",
        "p_7QK2M9 ",
        "p_IL0",
        "p_U",
        "p_-1",
        "p_٣",
        "p_7QK2_M9",
        "e_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "e_" + "Z" * 10_000,
    ],
)
def test_a_malformed_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a subject reference"):
        parse_reference(text)


def test_an_unknown_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown prefix"):
        reference("x", UUID(int=1))
