from __future__ import annotations

import inspect
import textwrap
from pathlib import Path

import pytest

from auth import issuers
from auth.issuers import Issuer, IssuersInvalid, parse_issuers
from auth.keys import Family
from auth.step_up import StepUp
from auth.viewer import CallerKind

LEAST = 'iss = "https://id.example"\naudience = "tongcha"\nkeys = "/keys.json"\nkinds = ["citizen"]\n'


def test_the_least_that_an_issuer_says() -> None:
    assert parse_issuers(f"[people]\n{LEAST}") == (
        Issuer(
            name="people",
            iss="https://id.example",
            audience="tongcha",
            kinds=frozenset({CallerKind.CITIZEN}),
            keys="/keys.json",
        ),
    )


def test_the_example_of_the_documentation() -> None:
    """And all that it can say."""
    (_, example) = (inspect.getdoc(issuers) or "").split("\n\n", 1)
    assert parse_issuers(textwrap.dedent(example)) == (
        Issuer(
            name="staff",
            iss="https://id.example/staff",
            audience="tongcha",
            kinds=frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR, CallerKind.AUDITOR}),
            family=Family.EC,
            keys="https://id.example/staff/jwks",
            step_up=StepUp(acr_values=("2",), max_age=300),
            bound=False,
            poll=60,
        ),
    )


def test_the_operator_s_page_shows_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    (_, example) = (inspect.getdoc(issuers) or "").split("\n\n", 1)
    shown = page.partition("## Who is believed")[2].partition("```toml\n")[2].partition("```")[0]
    assert parse_issuers(shown) == parse_issuers(textwrap.dedent(example))


def test_several_issuers_keep_their_order() -> None:
    other = LEAST.replace("id.example", "id2.example")
    assert [one.name for one in parse_issuers(f"[people]\n{LEAST}[a-2]\n{other}")] == ["people", "a-2"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no issuer"),
        ("[people", "not TOML"),
        ("people = 3", "people: not an issuer"),
        (f"['Big']\n{LEAST}", "Big: not an issuer"),
        (f"[people]\n{LEAST}[other]\n{LEAST}", "two issuers of one iss"),
        ('[people]\naudience = "a"', "people: iss"),
        (f"[people]\n{LEAST}".replace('"https://id.example"', "3"), "people: iss"),
        (f"[people]\n{LEAST}".replace("https://id.example", ""), "people: iss"),
        (f"[people]\n{LEAST}".replace('["citizen"]', '["chief"]'), "people: kinds"),
        (f"[people]\n{LEAST}".replace('["citizen"]', '"citizen"'), "people: kinds"),
        (f"[people]\n{LEAST}".replace('["citizen"]', "[]"), "people: kinds"),
        (f"[people]\n{LEAST}family = 'HS256'", "people: family"),
        (f"[people]\n{LEAST}max_age = true", "people: max_age"),
        (f"[people]\n{LEAST}max_age = 0", "people: max_age"),
        (f"[people]\n{LEAST}poll = 29", "people: poll"),
        (f"[people]\n{LEAST}bound = 'yes'", "people: bound"),
        (f"[people]\n{LEAST}acr_values = '2'", "people: acr_values"),
        (f"[people]\n{LEAST}acr_values = ['a b']", "people: acr_values"),
        (f"[people]\n{LEAST}acr_values = ['a\"']", "people: acr_values"),
        (f"[people]\n{LEAST}secret = 'x'", "people: secret"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(text: str, why: str) -> None:
    with pytest.raises(IssuersInvalid, match=why):
        parse_issuers(text)
