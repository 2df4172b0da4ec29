"""Every rule of masking once more, in plain Python and character by character: what `auth.mask_rules` must agree with.

The word lists are those of `auth.patterns`; the patterns are not used.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from auth import patterns
from tests.auth.masks_signs import DIGITS, HIDDEN, LETTERS, ends, folded, is_han, made_of, without_blanks, words
from tests.auth.masks_texts import addr_to_town, free_text_scan

KEY = "a key of a caller and a purpose, for the tests"

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


def published_name(value: str) -> str:
    """As where the profile wants the surname alone."""
    name = disclosure_name(value)
    return name if is_organisation(value) or not name.endswith("某") else f"{name[:-1]}**"


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


TEXT_RULES: dict[str, Callable[[str], str]] = {
    "id_6_4": id_6_4,
    "id_1_1": id_1_1,
    "name_surname": name_surname,
    "disclosure_name": disclosure_name,
    "published_name": published_name,
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
