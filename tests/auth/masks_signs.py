"""The signs of a value, one by one: what the reference of the masks is made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

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
