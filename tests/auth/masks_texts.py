"""The reference of the masks that read a text: addresses and free texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from auth import patterns
from tests.auth.masks_signs import DIGITS, HIDDEN, LETTERS, folded, is_blank, is_han, without_blanks, words

# --- addresses: all ways to read the head, the longest one counts --------------------------------------------------------

Reader = Callable[[str, int], set[int]]
"""The ends of what can be read at a place."""


def one_of(alternatives: str, text: str, at: int) -> set[int]:
    return {at + len(word) for word in words(alternatives) if text.startswith(word, at)}


def word(text: str, at: int, least: int, most: int) -> set[int]:
    reached = at
    while reached < len(text) and is_han(text[reached]) and text[reached] not in patterns.NOT_IN_NAMES:
        reached += 1
    return {end for end in range(at + least, reached + 1) if end - at <= most}


def named(stems: set[int], text: str, endings: dict[str, tuple[str, tuple[str, ...]]]) -> set[int]:
    """The stems with an ending, unless the character before or the text behind it says that it is none."""
    found = set()
    for stem in stems:
        for ending, (not_after, not_before) in endings.items():
            end = stem + len(ending)
            if (
                text.startswith(ending, stem)
                and text[stem - 1] not in not_after
                and not text.startswith(not_before, end)
            ):
                found.add(end)
    return found


def other_city(text: str, at: int) -> set[int]:
    stems = word(text, at, 2, 8) | one_of("景德镇|镇江|萍乡|新乡", text, at)
    return named(stems, text, dict.fromkeys(("市", "自治州", "地区", "盟"), ("", ("场", "民", "政府"))))


def other_district(text: str, at: int) -> set[int]:
    special = "路桥|路南|路北|市中|市南|市北|沙市|道里|道外|镇海|镇平|镇远|镇安|镇宁|镇雄|镇康|镇沅|镇原|镇巴|镇坪|镇赉"
    endings = {
        "区": ("小社园宅活舍墅厂校库营片业景属", ()),
        "县": ("", ("道",)),
        "旗": ("", ("舰", "镇")),
        "市": ("超夜菜花鱼集闹城都门", tuple("场民政中府口")),
    }
    return named(word(text, at, 1, 14) | one_of(special, text, at), text, endings)


def other_town(text: str, at: int) -> set[int]:
    endings = {
        "街道": ("大老横正行业", tuple("口路边旁")),
        "镇": ("小", ("海路", "江路")),
        "乡": ("", tuple("道村音愁亲情土里间")),
    }
    return named(word(text, at, 1, 10), text, endings)


def then(ends_so_far: set[int], text: str, reader: Reader) -> set[int]:
    return {end for start in ends_so_far for end in reader(text, start)}


def addr_to_town(value: str) -> str:
    text = without_blanks(value)
    start = {0} | one_of("中国|中华人民共和国", text, 0)
    city = then(start | then(start, text, partial(one_of, "广东省")), text, partial(one_of, patterns.CITY))
    home = city | then(city, text, partial(one_of, patterns.DISTRICTS))
    home |= then(start, text, partial(one_of, patterns.OWN_DISTRICTS))
    towns = then(then(home, text, partial(one_of, patterns.TOWNS)), text, partial(one_of, "街道|镇"))
    provinces = then(start, text, partial(one_of, patterns.PROVINCES))
    provinces = {end for end in provinces if not text.startswith(patterns.CITY, end)}
    cities = then(provinces, text, other_city)
    lower = cities | then(cities | provinces, text, other_district)
    return text[: max({0} | home | towns | provinces | lower | then(lower, text, other_town))] + HIDDEN


# --- free text: three passes, each from left to right ----------------------------------------------------------------

SAID = frozenset("0123456789０１２３４５６７８９〇零○一二三四五六七八九幺")
BETWEEN = frozenset("·•・‧･⋅-‐‑‒–—―−－")


def is_digit(character: str) -> bool:
    return character in DIGITS or "０" <= character <= "９"


def is_letter(character: str) -> bool:
    return len(character) == 1 and folded(character) in LETTERS


def between(text: str, at: int) -> bool:
    return at < len(text) and (text[at] in BETWEEN or is_blank(text[at]))


def plate_at(text: str, at: int) -> int:
    """The end of a plate that begins here, or 0."""
    if text[at] not in patterns.PLATE_HEADS or not is_letter(text[at + 1 : at + 2]):
        return 0
    start = end = at + 3 if between(text, at + 2) or text[at + 2 : at + 3] == "." else at + 2
    while end < len(text) and end - start < 5 and (is_digit(text[end]) or is_letter(text[end])):
        end += 1
    if end - start < 4:
        return 0
    last = text[end : end + 1]
    return end + 1 if last and (last in patterns.PLATE_ENDS or is_digit(last) or is_letter(last)) else end


def next_digit(text: str, at: int) -> int:
    """Where the digit after this place is, when the run goes on, or 0."""
    for gap in range(4):
        if at + gap < len(text) and text[at + gap] in SAID:
            return at + gap
        if not between(text, at + gap):
            break
    group = text[at + 1 : at + 4]
    return at + 1 if text[at : at + 1] in (".", "．") and len(group) == 3 and set(group) <= SAID else 0


def number_at(text: str, at: int) -> int:
    first = at + 1 if text[at] in "+＋" else at
    if first >= len(text) or text[first] not in SAID:
        return 0
    end, count = first + 1, 1
    while following := next_digit(text, end):
        end, count = following + 1, count + 1
    if count < 11:
        return 0
    for gap in range(4):
        if text[end + gap : end + gap + 1] in tuple("XxＸｘ") and all(between(text, end + step) for step in range(gap)):
            return end + gap + 1
    return end


def document_at(text: str, at: int) -> int:
    for letters in (2, 1):
        start = end = at + letters
        while end < len(text) and end - start < 10 and is_digit(text[end]):
            end += 1
        if end - start >= 7 and all(map(is_letter, text[at:start])):
            return end
    return 0


def free_text_scan(value: str) -> str:
    text = value
    for finder in (plate_at, number_at, document_at):
        out, at = "", 0
        while at < len(text):
            end = finder(text, at)
            out += HIDDEN if end else text[at]
            at = end or at + 1
        text = out
    return text
