"""Every rule of masking once more, in plain Python and character by character: what `auth.mask_rules` must agree with.

The word lists are those of `auth.patterns`; the patterns are not used.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial

from auth import patterns

KEY = "a key of a caller and a purpose, for the tests"
HIDDEN = "***"
DIGITS = frozenset("0123456789")
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def words(alternatives: str) -> list[str]:
    return alternatives.split("|")


def is_han(character: str) -> bool:
    return character == "〇" or unicodedata.name(character, "").startswith(
        ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")
    )


def is_blank(character: str) -> bool:
    return character in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff" or character.isspace()


def without_blanks(value: str) -> str:
    return "".join(character for character in value if not is_blank(character))


def folded(value: str, but: str = "") -> str:
    out = ""
    for character in value:
        wide = unicodedata.normalize("NFKC", character) if "\uff00" < character < "\uff5f" else character
        plain = wide if wide.isalnum() or wide == "+" else character
        if not is_blank(character) and plain not in "-‐‑‒–—―−－·•・‧･⋅" + but:
            out += plain.upper() if plain.isascii() else plain
    return out


def ends(value: str, first: int, last: int) -> str:
    return value[:first] + "*" * (len(value) - first - last) + value[len(value) - last :]


def made_of(value: str, *kinds: Iterable[str]) -> bool:
    return all(any(character in kind for kind in kinds) for character in value)


# --- numbers ---------------------------------------------------------------------------------------------------------


def id_6_4(value: str) -> str:
    number = folded(value)
    if len(number) == 18 and made_of(number[:17], DIGITS) and made_of(number[17], DIGITS, "X"):
        return ends(number, 6, 4)
    if len(number) == 15 and made_of(number, DIGITS):
        return ends(number, 6, 3)
    return ends(number, 1, 2) if len(number) >= 8 and made_of(number, DIGITS, LETTERS) else HIDDEN


def id_1_1(value: str) -> str:
    number = folded(value)
    return ends(number, 1, 1) if len(number) >= 8 and made_of(number, DIGITS, LETTERS) else HIDDEN


def mobile_3_4(value: str) -> str:
    number = folded(value, but="()（）")
    local = number
    for prefix in ("+86", "0086", "86"):
        if number.startswith(prefix) and len(number) == len(prefix) + 11:
            local = number.removeprefix(prefix)
    if len(local) == 11 and made_of(local, DIGITS) and local[0] == "1" and local[1] in "3456789":
        return local[:3] + "****" + local[7:]
    for prefix in ("+", "00"):
        abroad = number.removeprefix(prefix)
        if abroad != number and len(abroad) == 11 and made_of(abroad, DIGITS) and abroad[:3] in ("852", "853"):
            return f"+{abroad[:3]}-*****{abroad[-3:]}"
    if number.startswith("0") and made_of(number, DIGITS):
        area = 3 if number.startswith(("010", "02")) else 4
        if len(number) - area in (7, 8) and number[1] != "0" and (area == 3 or number[1] in "3456789"):
            return f"{number[:area]}-{'*' * (len(number) - area - 3)}{number[-3:]}"
    return HIDDEN


def cut_6(value: str) -> str:
    code = folded(value)
    fits = 6 <= len(code) <= 15 and made_of(code[:4] + code[5:], DIGITS) and made_of(code[4], DIGITS, "Z")
    return code[:6].ljust(len(code), "0") if fits else "0" * len(code)


def vin_3_4(value: str) -> str:
    vin = folded(value)
    return ends(vin, 3, 4) if len(vin) == 17 and made_of(vin, DIGITS, LETTERS - set("IOQ")) else HIDDEN


def keep_last_4(value: str) -> str:
    signs = [sign for sign in folded(value) if sign in DIGITS or sign in LETTERS or is_han(sign)]
    return "****" + "".join(signs[-4:]) if len(signs) >= 8 else HIDDEN


def account_last_4(value: str) -> str:
    account = folded(value)
    return "****" + account[-4:] if len(account) >= 8 and made_of(account, DIGITS, LETTERS) else HIDDEN


def unit_keep_12(value: str) -> str:
    unit = folded(value)
    fits = len(unit) == 28 and made_of(unit[:12], DIGITS) and made_of(unit, DIGITS, LETTERS)
    return ends(unit, 12, 0) if fits else HIDDEN


def plate_keep_5(value: str) -> str:
    plate = folded(value, but=".")
    fits = (
        len(plate) in (7, 8)
        and plate[0] in patterns.PLATE_HEADS
        and plate[1] in LETTERS
        and made_of(plate[2:-1], DIGITS, LETTERS)
        and made_of(plate[-1], DIGITS, LETTERS, patterns.PLATE_ENDS)
    )
    return ends(plate, 5, 0) if fits else HIDDEN


def token(value: str) -> str:
    return hashlib.sha256((KEY + value).encode()).hexdigest()[:16]


def band(value: Decimal) -> Decimal:
    if value.is_nan():
        raise ValueError("no band")
    edge = Decimal(0)
    for power in range(20):
        for step in (1, 2, 5):
            if 2 <= step * 10**power <= abs(value):
                edge = Decimal(step * 10**power)
    return edge.copy_sign(value) if edge else edge


# --- names -----------------------------------------------------------------------------------------------------------


def surname(name: str) -> str:
    compound = 3 <= len(name) <= 4 and all(map(is_han, name)) and name[:2] in words(patterns.COMPOUND_SURNAMES)
    return name[:2] if compound else name[:1]


def name_surname(value: str) -> str:
    name = without_blanks(value)
    if len(name) < 2:
        return HIDDEN
    if len(name) <= 4 and all(map(is_han, name)):
        return surname(name) + "*" * (len(name) - len(surname(name)))
    return name[0] + HIDDEN


def disclosure_name(value: str) -> str:
    if is_organisation(value):
        return value
    name = without_blanks(value)
    if len(name) < 2:
        return HIDDEN
    return surname(name) + "某" if is_han(name[0]) else name[0] + HIDDEN


def is_organisation(value: str) -> bool:
    return is_western_organisation(value) or is_chinese_organisation(value)


def is_chinese_organisation(value: str) -> bool:
    candidates = [value]
    for opening in "(（":
        head, found, form = value[:-1].rpartition(opening)
        if found and value[-1] in ")）" and 2 <= len(form) <= 12 and all(map(is_han, form)):
            candidates.append(head)
    for candidate in candidates:
        for ending in words(patterns.ORGANISATION_ENDINGS):
            body = candidate.removesuffix(ending)
            if body != candidate and len(body) >= 3 and all(map(may_be_in_a_firm, body)):
                return True
    return False


def may_be_in_a_firm(character: str) -> bool:
    plain = unicodedata.normalize("NFKC", character)
    return is_han(character) or (plain.isascii() and plain.isalnum()) or character in "()（）〔〕“”&·-"


def is_western_organisation(value: str) -> bool:
    head, _, form = value.removesuffix(".").rpartition(" ")
    latin = all(
        "\u00c0" <= sign <= "\u024f" or sign in " .,&()'-" or (sign.isascii() and sign.isalnum()) for sign in head
    )
    return form in words(patterns.LEGAL_FORMS) and latin and bool(head) and head[0] not in " .,&()'-"


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
    for gap in range(3):
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
    for gap in range(3):
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


TEXT_RULES: dict[str, Callable[[str], str]] = {
    "id_6_4": id_6_4,
    "id_1_1": id_1_1,
    "name_surname": name_surname,
    "disclosure_name": disclosure_name,
    "mobile_3_4": mobile_3_4,
    "addr_to_town": addr_to_town,
    "addr_to_town for sole traders at home": addr_to_town,
    "cut_6": cut_6,
    "vin_3_4": vin_3_4,
    "keep_last_4": keep_last_4,
    "account_last_4": account_last_4,
    "unit_keep_12": unit_keep_12,
    "plate_keep_5": plate_keep_5,
    "token": token,
    "free_text_scan": free_text_scan,
}
