"""No name of anybody whom a case knows is left in a published text, however it is written."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest

from auth.patterns import COMPOUND_SURNAMES as MASKED_SURNAMES
from datasources.city import names
from datasources.redaction import ANYBODY, COMPOUND_SURNAMES, Known, disclosed, identifies, published, redact
from tests.auth.masks_texts import free_text_scan
from tests.auth.masks_values import free_text

DOCUMENTS = 400
SHOP = "香洲区张伟明小吃店"
PEOPLE = (
    Known(name="张伟明", shown="张某", pinyin="zhang weiming zwm"),
    Known(name="欧阳明月", pinyin="ouyang mingyue oymy"),
    Known(name="阿依古丽·买买提"),
    Known(name="João da Silva"),
    Known(name="John Paul Smith"),
    Known(name="李𬭛", pinyin="li hong lh"),
    Known(name=SHOP, organisation=True),
)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("张伟明于三月二日占道经营", "张某于三月二日占道经营"),
        ("张伟明先生", "张某先生"),
        ("张 伟\u200b明、张·伟·明", "张某、张某"),
        ("Zhāng Wěimíng 与 ZHANG WEI MING", "张某 与 张某"),
        ("W. Zhang; Zhang W.M.; ZWM", "张某; 张某.; 张某"),
        ("证人欧阳明月女士在场", "证人×××女士在场"),
        ("Mingyue OUYANG", "×××"),
        ("阿依古丽买买提，即阿依古丽", "×××，即×××"),
        ("JOAO DA SILVA；J. Silva；Joa\u0303o", "×××；×××；×××"),
        ("Ｊｏｈｎ　Ｓｍｉｔｈ; Smith, John; J. P. Smith", "×××; ×××; ×××"),
        ("李𬭛在场", "×××在场"),
        (f"{SHOP}的张伟明", f"{SHOP}的张某"),
        ("张伟明欧阳明月", "张某×××"),
        ("Johnson 与 Smithfield", "Johnson 与 Smithfield"),
        ("", ""),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, made: str) -> None:
    assert redact(text, PEOPLE) == made
    assert redact(made, PEOPLE) == made


def test_where_two_names_overlap_both_go() -> None:
    assert redact("甲乙丙丁在场", (Known(name="甲乙丙"), Known(name="丙丁", shown="丙某"))) == "×××在场"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张伟", "张某"),
        ("欧阳明月", "欧阳某"),
        ("阿依古丽·买买提", "阿某"),
        ("John Smith", "J***"),
        ("张", ANYBODY),
        ("", ANYBODY),
    ],
)
def test_the_punished_keeps_a_surname(name: str, shown: str) -> None:
    assert disclosed(name) == shown


def test_the_compound_surnames_are_those_of_the_mask() -> None:
    assert set(MASKED_SURNAMES.split("|")) >= COMPOUND_SURNAMES


# --- the corpus ----------------------------------------------------------------------------------


def somebody(dice: Random) -> str:
    made = names.surname(dice, migrant=dice.random() < 0.4) + names.given(
        dice, 1950 + dice.randrange(60), male=dice.random() < 0.5
    )
    return dice.choice((lambda: made, lambda: made, lambda: names.foreign(dice), lambda: names.minority(dice)))()


def written(dice: Random, name: str) -> str:
    """The name in one of the ways it is met in documents."""
    latin = names.pinyin(name).split()
    ways = [
        name,
        "".join(f"{sign}{dice.choice(('', ' ', '　', chr(0x200B), '·'))}" for sign in name),
        unicodedata.normalize("NFD", name),
        name.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
        f"{name}先生",
        " ".join(latin[:-1]).upper(),
        " ".join([*latin[1:-1], latin[0]]).title(),
    ]
    if name.isascii() or " " in name:
        words = name.split()
        ways += [f"{words[0][0]}. {words[-1]}", f"{words[-1]}, {words[0]}", name.upper(), names._plain(name)]
    return dice.choice(ways)


def readings(text: str) -> str:
    """The text with nothing in it but letters, folded: written apart from what it checks."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def test_I2_no_seeded_name_survives_in_any_document() -> None:
    for number in range(DOCUMENTS):
        dice = Random(f"golden {number}")
        seeded = [somebody(dice) for _ in range(dice.randint(1, 4))]
        known = [Known(name=one, pinyin=names.pinyin(one)) for one in seeded]
        known[0] = Known(name=seeded[0], shown=disclosed(seeded[0]), pinyin=names.pinyin(seeded[0]))
        text = (
            "经查，"
            + "，".join(f"（{written(dice, dice.choice(seeded))}）在场" for _ in range(dice.randint(2, 8)))
            + "。"
        )
        left = readings(redact(text, known))
        for one in seeded:
            latin = [readings(word) for word in names.pinyin(one).split()[:-1]]
            for form in (readings(one), "".join(latin), "".join([*latin[1:], latin[0]])):
                assert form not in left, (number, text, redact(text, known))


def test_I3_what_is_left_does_not_tell_whom_it_was() -> None:
    """Two documents that differ in the witness alone are one when published."""
    texts = {redact(f"{name}在场，{name}作证", [Known(name=name)]) for name in ("陈婉婉", "欧阳明月", "John Smith")}
    assert texts == {"×××在场，×××作证"}


def test_I4_what_is_published_again_is_made_from_who_is_known_now() -> None:
    text = "张伟明占道经营，陈婉婉在场"
    before = published(text, PEOPLE)
    assert before == "张某占道经营，陈婉婉在场"
    assert published(text, (*PEOPLE, Known(name="陈婉婉"))) == "张某占道经营，×××在场"
    assert published(text, (Known(name="张伟明"), Known(name="陈婉婉"))) == "×××占道经营，×××在场"


# --- what is held --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "身份证号440499199001010011", "电话138 0013 8000", "电话１３８００１３８０００", "卡号6222 0210 1111 2222 333", "号牌粤C12A34",
        "护照X12345678", "电话一三八〇〇一三八〇〇〇",
    ],
)  # fmt: skip
def test_a_text_with_a_number_of_a_person_is_held(text: str) -> None:
    assert published(text, PEOPLE) is None


def test_a_text_is_held_when_a_name_cannot_be_searched() -> None:
    assert published("占道经营", (Known(name="张"),)) is None


def test_what_the_mask_would_cut_is_held() -> None:
    dice = Random("held")
    texts = [free_text(dice) for _ in range(2_000)]
    cut = [text for text in texts if free_text_scan(text) != text]
    assert len(cut) > 200
    assert [text for text in cut if not identifies(text)] == []


def test_a_text_without_any_is_published() -> None:
    text = "于2026年3月16日在九洲大道83号占道经营，罚款人民币3000元"
    assert published(text, PEOPLE) == text
    assert published(None, PEOPLE) is None
