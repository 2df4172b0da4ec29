"""What an argument that is a key must look like: record ids, and the numbers that authorities give.

Every function returns the form the databases hold, or raises ValueError.
"""

from __future__ import annotations

from uuid import UUID

from resolvers.checks import plain

MAX_KEYS = 200
"""Keys in one argument."""

_BRACKETS = (("〔", "〕"), ("[", "]"), ("(", ")"), ("（", "）"), ("【", "】"))


def record_key(text: str) -> UUID:
    """The id of a record, as the field that shows it writes it."""
    key = UUID(text)
    if str(key) != text.lower():
        raise ValueError("not a record's id")
    return key


def record_keys(texts: list[str]) -> list[UUID]:
    """Ids of records, at most `MAX_KEYS`."""
    return [record_key(text) for text in _few(texts)]


def number(text: str) -> str:
    """A number that an authority gave: a case, a certificate, a matter, a payment; up to 40 characters."""
    found = plain(text)
    if not 1 <= len(found) <= 40 or not found.isprintable():
        raise ValueError("not a number of this kind")
    return found


def numbers(texts: list[str]) -> list[str]:
    """Numbers that an authority gave, at most `MAX_KEYS`."""
    return [number(text) for text in _few(texts)]


def document_number(text: str) -> str:
    """The number of a document (文号), up to 100 characters."""
    found = text.strip()
    if not 1 <= len(found) <= 100 or not found.isprintable():
        raise ValueError("not a document number")
    return found


def bracketings(text: str) -> list[str]:
    """A document number with each kind of bracket around its year: owners store it as it was issued."""
    plain_text = text
    for opening, closing in _BRACKETS[1:]:
        plain_text = plain_text.replace(opening, _BRACKETS[0][0]).replace(closing, _BRACKETS[0][1])
    return [plain_text.replace("〔", opening).replace("〕", closing) for opening, closing in _BRACKETS]


def _few(texts: list[str]) -> list[str]:
    if len(texts) > MAX_KEYS:
        raise ValueError(f"at most {MAX_KEYS} at once")
    return texts
