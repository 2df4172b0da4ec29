"""Subject references: the short text under which other systems keep a person or an organisation, such as ``p_7QK2M9``.

A reference is a prefix (``p`` person, ``e`` legal entity, ``v`` vehicle), an underscore and the key as a number in
Crockford base32: digits and upper-case letters without I, L, O and U, so that it survives being read out over a radio.
It says nothing about the subject and is the same in every database that stores it.
"""

from __future__ import annotations

from uuid import UUID

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_PREFIXES = frozenset({"p", "e", "v"})
_LONGEST = 26
"""Digits of the largest key: 128 bits at five bits a digit."""


def reference(prefix: str, key: UUID) -> str:
    """The reference of a subject. ``prefix`` is ``p``, ``e`` or ``v``; anything else is a ``ValueError``."""
    if prefix not in _PREFIXES:
        raise ValueError(f"unknown prefix {prefix!r}")
    number, digits = key.int, ""
    while number:
        digits = _PAIRS[number & 1023] + digits
        number >>= 10
    return f"{prefix}_{digits.lstrip('0') or '0'}"


def parse_reference(text: str) -> tuple[str, UUID]:
    """The prefix and the key of a reference; ``ValueError`` when it is not exactly what :func:`reference` writes.

    Lower case, look-alike letters and leading zeros are refused: one subject has one reference, or a look-up by text
    would miss its rows.
    """
    prefix, separator, digits = text.partition("_")
    if prefix not in _PREFIXES or not separator or not 0 < len(digits) <= _LONGEST:
        raise ValueError("not a subject reference")
    if digits[0] == "0" and digits != "0":
        raise ValueError("not a subject reference")
    number = 0
    for digit in digits:
        value = _VALUES.get(digit)
        if value is None:
            raise ValueError("not a subject reference")
        number = number * 32 + value
    if number >> 128:
        raise ValueError("not a subject reference")
    return prefix, UUID(int=number)
