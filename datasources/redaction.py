"""Texts made fit for publication: who is known to a case is taken out of them by name (国办发〔2018〕118号).

    张伟明于2026年3月2日…，证人 J. Smith 在场    →    张某于2026年3月2日…，证人 ××× 在场

A text is searched as it is read, not as it is written: full-width as narrow, without accents, in one case, and with
nothing between the signs of a name. What still has a number of a person in it is held back (`published`).

It runs when a text is published, on the text of the decision, with whoever is known to the case on that day. What is published again
is made again: nothing of an earlier version is used, and none has a number that another could be matched by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ANYBODY = "×××"
"""What stands for a person: always the same, so that neither its length nor a number in it tells who."""

COMPOUND_SURNAMES = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 申屠 公孙 慕容 "
    "仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 令狐 百里 呼延 东郭 南门 羊舌 西门 轩辕 拓跋 纳兰 完颜 耶律 叶赫".split()
)
PARTICLES = frozenset("da das de del der di do dos du la le van von".split())
"""Words of a foreign name that name nobody."""

_UNSEEN = "·•・‧･⋅.-‐‑‒–—―−－．'’‘`´\"_*~|/\\,"
"""Signs that stand between those of a name and are not read. White space and what has no width is not read either."""
_NOT_DECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
_WORD = 8
"""Letters from which a name is found inside a longer word too."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Who or what a case names, and what stands for them. The name of an organisation is public and stays as it is.

    `pinyin` is the search form of the population database: surname, given name, initials (`zhang weiming zwm`).
    """

    name: str
    shown: str = ANYBODY
    pinyin: str = ""
    organisation: bool = False


def disclosed(name: str) -> str:
    """How the punished is named: 张伟明 → 张某, 欧阳明月 → 欧阳某, John Smith → J***. Of one sign nothing is shown."""
    plain = "".join(name.split())
    if len(plain) < 2:
        return ANYBODY
    if not _is_han(plain[0]):
        return f"{plain[0]}***"
    return f"{plain[:2] if len(plain) > 2 and plain[:2] in COMPOUND_SURNAMES else plain[0]}某"


def redact(text: str, known: Iterable[Known]) -> str:
    """The text with what stands for the persons in place of their names.

    Where the names of two overlap, both go. A person's name within an organisation's stays with it.
    """
    made: list[str] = []
    done = 0
    for start, stop, shown in _replaced(text, tuple(known)):
        made += text[done:start], shown
        done = stop
    return "".join((*made, text[done:]))


def published(text: str | None, known: Iterable[Known], public: str | None = None) -> str | None:
    """The text as it is published; None when it is held: a number of a person is left in it, or a name was not searched.

    Names of fewer than two signs cannot be searched. `public` is a number that is published beside it: the code of an organisation.
    """
    people = tuple(known)
    if text is None or any(len(_read(one.name)[0]) < 2 for one in people):
        return None
    made = redact(text, people)
    return None if identifies(made.replace(public, " ; ") if public else made) else made


# --- numbers -------------------------------------------------------------------------------------

_SAID = "0-9〇零○一二三四五六七八九幺"
_GAP = "[\\s·•・‧⋅.‐‑‒–—―−-]{0,3}"
_IDENTIFIERS = re.compile(
    f"[{_SAID}](?:{_GAP}[{_SAID}]){{10,}}"
    "|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Za-z][\\s·•・‧.-]?[A-Za-z0-9]{4,5}"
    "|[A-Za-z]{1,2}[0-9]{7,10}"
)
"""Eleven digits or more, grouped or not (mobiles, identity numbers, bank cards); a plate (GA 36-2018); a travel document."""


def identifies(text: str) -> bool:
    """Whether something in the text looks like the number of a person, of an account or of a vehicle."""
    wide = unicodedata.normalize("NFKC", text)
    return _IDENTIFIERS.search("".join(sign for sign in wide if unicodedata.category(sign) != "Cf")) is not None


# --- names ---------------------------------------------------------------------------------------


def _is_han(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith("CJK") or sign == "〇"


def _is_letter(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(("LATIN", "FULLWIDTH LATIN"))


def _read(text: str) -> tuple[str, list[int]]:
    """The signs that are read, and where each stands in the text."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if sign.isspace() or sign in _UNSEEN:
            continue
        for part in unicodedata.normalize("NFKD", sign).casefold().translate(_NOT_DECOMPOSED):
            if unicodedata.category(part)[0] not in "MCZ":
                signs.append(part)
                places.append(place)
    return "".join(signs), places


def _forms(one: Known) -> Iterator[str]:
    """What to search for, as it is read: the name, its parts, its transliteration, its initials."""
    whole, words = _read(one.name)[0], [_read(word)[0] for word in re.split(r"[\s·•・‧･⋅,]+", one.name)]
    yield whole
    if one.organisation:
        return
    if whole and not _is_letter(whole[0]):
        yield from (word for word in words if len(word) > 1)
        latin = [_read(word)[0] for word in one.pinyin.split()]
        if len(latin) > 2:
            yield latin[-1] if len(latin[-1]) > 2 else whole
            yield from _latin(latin[1:-1], latin[0], latin[-1][1:])
            yield from _latin([word.replace("v", "u") for word in latin[1:-1]], latin[0].replace("v", "u"), "")
    elif len(words) > 1:
        named = [word for word in words if word and word not in PARTICLES]
        yield from (word for word in named if len(word) > 2)
        yield from _latin(words[:-1], words[-1], "".join(word[0] for word in named[:-1]))
        yield from _latin(named[:1], words[-1], named[0][0])


def _latin(given: list[str], family: str, initials: str) -> Iterator[str]:
    """Given and family name in either order, also with the given name as one initial or all."""
    for first in {"".join(given), initials, initials[:1]} - {""}:
        yield first + family
        yield family + first
    yield "".join(given) + family[:1]


def _spans(text: str, read: str, places: list[int], form: str) -> Iterator[tuple[int, int]]:
    """Where the form stands in the text; a short one in letters only as a word of its own."""
    at = read.find(form) if len(form) > 1 else -1
    while at >= 0:
        start, stop = places[at], places[at + len(form) - 1] + 1
        while stop < len(text) and unicodedata.category(text[stop]) in ("Mn", "Me", "Mc", "Cf"):
            stop += 1
        inside = any(_is_letter(sign) for sign in (text[start - 1 : start], text[stop : stop + 1]) if sign)
        if not (inside and _is_letter(form[0]) and len(form) < _WORD):
            yield start, stop
        at = read.find(form, at + 1)


def _replaced(text: str, known: tuple[Known, ...]) -> Iterator[tuple[int, int, str]]:
    """What is replaced, in order: start, end, what stands there instead."""
    read, places = _read(text)
    found = [
        (start, stop, one)
        for one in known
        for form in set(_forms(one))
        for start, stop in _spans(text, read, places, form)
    ]
    kept = [(start, stop) for start, stop, one in found if one.organisation]
    names = sorted(
        (start, stop, one.shown)
        for start, stop, one in found
        if not one.organisation and not any(first <= start and stop <= last for first, last in kept)
    )
    if not names:
        return
    start, stop, shown = names[0]
    for first, last, other in names[1:]:
        if first >= stop:
            yield start, stop, shown
            start, stop, shown = first, last, other
        else:
            stop, shown = max(stop, last), shown if other == shown else ANYBODY
    yield start, stop, shown
