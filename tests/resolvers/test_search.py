"""Search of subjects: what a text finds, in which order, and what it cannot mean."""

from __future__ import annotations

import pytest

from tests.resolvers.conftest import Ask

QUERY = """query($text: String!, $kinds: [SubjectType!]! = [PERSON, LEGAL_ENTITY, SOLE_TRADER, OTHER_ORG],
  $division: String! = "", $first: Int = 20) {
  searchSubjects(text: $text, kinds: $kinds, division: $division, first: $first) { displayName }
}"""


async def names(ask: Ask, **variables: object) -> list[str]:
    """The names found, in order."""
    payload = await ask(QUERY, **variables)
    return [subject["displayName"] for subject in payload["data"]["searchSubjects"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("张伟", ["张伟"]),
        ("张小伟", ["张小伟"]),
        ("小伟", ["张小伟"]),
        ("俊杰", ["陈俊杰", "珠海俊杰运输有限公司"]),
        ("俊杰运输", ["珠海俊杰运输有限公司"]),
        ("cjj", ["陈俊杰"]),
        ("CJJ", ["陈俊杰"]),
        ("junjie", ["陈俊杰"]),
        ("chen jun", ["陈俊杰"]),
        ("zw", ["张维", "张为", "张伟"]),
        ("0%", ["100%果汁店"]),
        ("%店", []),
        ("__", []),
        ("\\\\", []),
        ("无此人", []),
    ],
)
async def test_what_a_text_finds(ask: Ask, text: str, found: list[str]) -> None:
    assert sorted(await names(ask, text=text)) == sorted(found)


async def test_the_whole_name_comes_before_a_part(ask: Ask) -> None:
    assert await names(ask, text="俊杰") == ["陈俊杰", "珠海俊杰运输有限公司"]
    assert await names(ask, text="张三小吃店", first=1) == ["张三小吃店"]


async def test_first_counts_both_databases(ask: Ask) -> None:
    assert await names(ask, text="俊杰", first=1) == ["陈俊杰"]


async def test_kinds_and_division_narrow_it(ask: Ask) -> None:
    assert await names(ask, text="俊杰", kinds=["LEGAL_ENTITY"]) == ["珠海俊杰运输有限公司"]
    assert await names(ask, text="小吃", kinds=["SOLE_TRADER"]) == ["张三小吃店"]
    assert await names(ask, text="小吃", kinds=["OTHER_ORG", "PERSON"]) == []
    assert await names(ask, text="俊杰", division="440402") == []


@pytest.mark.parametrize(
    "variables", [{"text": "张"}, {"text": " 张 "}, {"text": "张伟", "kinds": []}, {"text": "张" * 101}]
)
async def test_what_is_refused(ask: Ask, variables: dict[str, object]) -> None:
    payload = await ask(QUERY, **variables)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]
