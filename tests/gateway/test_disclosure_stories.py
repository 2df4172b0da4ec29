"""Whose names, texts and records are published to whom: stories, as two partners with different profiles and the public read them.

    tests/gateway/stories/<caller>.json     story → the record, or null

``TONGCHA_REWRITE=1`` writes what is expected anew; read the diff.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from datasources.errors import SourceTimeout
from gateway.standing import DatabaseLookup
from tests.gateway.asking import told
from tests.gateway.publishing import Town
from tests.test_cases import expect
from tests.world import CALLERS

GOLDEN = Path(__file__).parent / "stories"
RECORD = """query($key: ID!) { disclosure(disclosureId: $key) { kind subjectName subjectType subjectUscc illegalActType facts basis
  content fineAmount10k revokedLicence penaltyKinds { label } publishUntil version } }"""
LISTED = "{ disclosures(first: 200) { nodes { disclosureId } } }"


def person(name: str, facts: str, case: str = "", more: str = "", decision: str = "") -> Mapping[str, str]:
    """A natural person was punished: what the case system has of it."""
    return {
        "cas.party": f"subject_type = '1', subject_ref = NULL, uscc = NULL, legal_rep_name = NULL, name_at_decision = '{name}'",
        "cas.disclosure": f"subject_name = '{name}', subject_uscc = NULL" + (f", {more}" if more else ""),
        "cas.decision": f"facts = '{facts}', content = '罚款人民币5000元', fine_amount = 5000"
        + (f", {decision}" if decision else ""),
        **({"cas.case": case} if case else {}),
    }


STORIES: Mapping[str, Mapping[str, str]] = {
    "an ordinary name": person("张伟明", "张伟明于2026年3月2日占道经营，张伟明当场承认。"),
    "a compound surname": person("欧阳明月", "欧阳明月占道经营。"),
    "a foreign name with a dot": person("若昂·沙维尔", "若昂·沙维尔违法停车，若昂•沙维尔签名。"),
    "a foreign name in letters": person("João Xavier", "Xavier João违法停车，J. XAVIER签字。"),
    "an ethnic minority's name": person("阿依古丽·买买提", "阿依古丽·买买提（阿依古丽 买买提）无证经营。"),
    "a name of one sign more than the surname": person("李四", "李四占道经营。"),
    "a number in the text": person("王小明", "王小明（身份证号440499198603120178）占道经营。"),
    "a name where the act is named": person("冯小刚", "占道经营。", decision="illegal_act_type = '冯小刚占道经营'"),
    "a number in a licence": person(
        "吴大海",
        "吴大海醉酒驾驶。",
        decision="revoked_licence = '机动车驾驶证440499198603120178', basis = '吴大海，粤C12A34'",
    ),
    "an organisation's own number in a licence": {
        "cas.disclosure": "subject_uscc = '914404001923456789'",
        "cas.decision": "facts = '超范围经营。', content = '吊销许可证', revoked_licence = '食品经营许可证914404001923456789'",
    },
    "a sole trader named after the owner": {
        "cas.party": "name_at_decision = '香洲区拱北张三小吃店', legal_rep_name = '张三'",
        "cas.disclosure": "subject_name = '香洲区拱北张三小吃店', subject_uscc = '92440499MA7X0A12X1'",
        "cas.decision": "facts = '香洲区拱北张三小吃店经营者张三未建立进货查验记录。', "
        "content = '罚款人民币12345.60元', fine_amount = 12345.60",
    },
    "a minor": person("陈小宝", "陈小宝占道经营。", more="subject_mark = 1"),
    "a sealed case": person("赵六", "赵六占道经营。", case="sealed = true"),
    "a secret case": person("钱七", "钱七占道经营。", case="secret_flag = true"),
    "a penalty on the spot": person("孙八", "孙八违法停车。", case="procedure_code = '1'"),
    "a withdrawn penalty": person("周九", "周九占道经营。", more="state = '3', withdraw_reason = 'DECISION_REVOKED'"),
}
INSPECTED = "the result of an inspection"


@pytest.fixture(scope="module")
async def stories(copied_village: Callable[[str], Awaitable[str]]) -> AsyncIterator[tuple[Town, Mapping[str, str]]]:
    """The stories as they are published, and the number of each."""
    town = await Town.of(await copied_village("stories"))
    numbers = (
        "SELECT disclosure_id FROM gw.disclosure WHERE state = '2' AND kind = $1 ORDER BY disclosure_id DESC LIMIT 20"
    )
    keys = [row[0] for row in await town.admin.fetch(numbers, "2")]
    named = dict(zip(STORIES, keys, strict=False))
    for name, key in named.items():
        for table, what in STORIES[name].items():
            await town.change(key, table if table != "cas.case" else 'cas."case"', what)
    await town.look()
    named[INSPECTED] = (await town.admin.fetch(numbers, "1"))[0][0]
    yield town, named
    await town.close()


@pytest.mark.parametrize("caller", ["public", "partner-disclosure", "partner-credit"])
async def test_stories(stories: tuple[Town, Mapping[str, str]], caller: str) -> None:
    town, named = stories
    assert len(named) == len(STORIES) + 1
    shown: dict[str, Any] = {}
    for name, key in named.items():
        answers = [await told(one, RECORD, CALLERS[caller], {"key": key}) for one in town.pipelines.values()]
        assert answers[0] == answers[1]
        shown[name] = answers[0]["data"]["disclosure"]
    expect(GOLDEN / f"{caller}.json", orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode() + "\n")


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
@pytest.mark.parametrize("caller", ["public", "partner-disclosure", "partner-credit"])
async def test_list_and_feed_have_what_the_record_has_and_nothing_else(
    stories: tuple[Town, Mapping[str, str]], caller: str, engine: str
) -> None:
    town, named = stories
    golden = orjson.loads((GOLDEN / f"{caller}.json").read_bytes())
    seen = {name for name, record in golden.items() if record is not None}
    listed = await town.everything(CALLERS[caller], engine)
    fed = {one["disclosureId"]: one["record"] for one in await town.changes(0, CALLERS[caller], engine)}
    assert listed == fed
    for name, key in named.items():
        assert (key in listed) is (name in seen), name
        if name in seen:
            same = ("subjectName", "facts", "content", "version")
            assert {field: listed[key][field] for field in same} == {field: golden[name][field] for field in same}


async def test_a_partner_is_not_told_of_kinds_that_its_profile_has_not(stories: tuple[Town, Mapping[str, str]]) -> None:
    """Neither by the feed's withdrawals: an inspection that goes leaves no trace for who gets penalties."""
    town, named = stories
    before = await town.head()
    await town.published.withdraw(named[INSPECTED], "PUBLISHED_IN_ERROR", "公示有误。", town.now)
    assert len(await town.changes(before, CALLERS["partner-disclosure"])) == 1
    assert await town.changes(before, CALLERS["partner-credit"]) == []


PROFILES: Mapping[str, tuple[str, str, Any]] = {
    "the surname alone": ("name_rule = 'SURNAME'", "张**", "PENALTY"),
    "a rule that there is not": ("name_rule = 'ALL'", "张某", "PENALTY"),
    "fields": ("fields = '{Query.disclosure,Disclosure.kind}'", "张某", "PENALTY"),
}


@pytest.mark.parametrize("name", PROFILES)
async def test_a_profile_is_what_its_row_says(stories: tuple[Town, Mapping[str, str]], name: str) -> None:
    """Of a field that it has not, the partner gets what the public gets."""
    town, named = stories
    what, subject, kind = PROFILES[name]
    row = await town.admin.fetchrow("SELECT * FROM gw.disclosure_profile WHERE profile_no = 'GX-2026-0140'")
    await town.admin.execute(f"UPDATE gw.disclosure_profile SET {what} WHERE profile_no = 'GX-2026-0140'")
    async with town.anew() as other:
        for pipeline in other.pipelines.values():
            body = await told(pipeline, RECORD, CALLERS["partner-credit"], {"key": named["an ordinary name"]})
            assert (body["data"]["disclosure"]["subjectName"], body["data"]["disclosure"]["kind"]) == (subject, kind)
            assert ["disclosure", "subjectName"] in body["extensions"]["access"]["masked"]
    assert row is not None
    await town.admin.execute(
        "UPDATE gw.disclosure_profile SET name_rule = $1, fields = $2 WHERE profile_no = 'GX-2026-0140'",
        row["name_rule"],
        row["fields"],
    )


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
async def test_while_nobody_can_say_what_is_theirs_nothing_is_called_none(
    stories: tuple[Town, Mapping[str, str]], engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any) -> None:
        raise SourceTimeout("gateway")

    monkeypatch.setattr(DatabaseLookup, "profile", silent)
    async with stories[0].anew() as other:
        for caller in ("public", "partner-disclosure"):
            body = await told(other.pipelines[engine], "{ disclosures(first: 1) { totalCount } }", CALLERS[caller])
            assert [error["extensions"]["code"] for error in body["errors"]] == ["SOURCE_TIMEOUT"]
            assert "data" not in body
        body = await told(other.pipelines[engine], "{ disclosures(first: 1) { totalCount } }", CALLERS["supervisor"])
        assert body["data"]["disclosures"]["totalCount"]


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
async def test_without_any_profile_nothing_published_is_seen(
    stories: tuple[Town, Mapping[str, str]], engine: str
) -> None:
    town, _ = stories
    await town.admin.execute("UPDATE gw.disclosure_profile SET profile_no = profile_no || '-'")
    async with town.anew() as bare:
        for caller in ("public", "partner-disclosure", "citizen"):
            assert await bare.everything(CALLERS[caller], engine) == {}
            assert await bare.changes(0, CALLERS[caller], engine) == []
        assert await bare.everything(CALLERS["supervisor"], engine)
    await town.admin.execute("UPDATE gw.disclosure_profile SET profile_no = left(profile_no, -1)")


async def test_a_name_in_full_is_read_and_not_searched_by(stories: tuple[Town, Mapping[str, str]]) -> None:
    """A keyword finds nobody, and what is shown in clear is said to be."""
    town, _ = stories
    text = "query($word: String!) { disclosures(filter: {keyword: $word}) { totalCount nodes { subjectName } } }"
    for pipeline in town.pipelines.values():
        body = await told(pipeline, text, CALLERS["partner-credit"], {"word": "阿依古丽"})
        assert body["data"]["disclosures"]["totalCount"] == 0
        assert "access" not in body["extensions"]
