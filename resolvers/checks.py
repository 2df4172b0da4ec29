"""What an argument must look like before it reaches a database: identifiers as people type them, made plain.

Every function takes the text of an argument and returns the form that the databases hold, or raises ValueError. What is
refused here cannot exist, so a refusal says nothing about anyone.
"""

from __future__ import annotations

import re

_HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}", re.ASCII)
_USCC = re.compile(r"[0-9A-Z]{18}", re.ASCII)
_UNIT = re.compile(r"[0-9A-Z]{28}", re.ASCII)
_CODE = re.compile(r"[0-9A-Z]{1,12}", re.ASCII)
_TYPE = re.compile(r"[0-9A-Z]{1,24}", re.ASCII)
_VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}", re.ASCII)


def plain(text: str) -> str:
    """Without spaces around it, full-width letters and digits made half-width, Latin letters in capitals."""
    return text.translate(_HALF_WIDTH).strip().upper()


def identity_number(text: str) -> str:
    """The number of an identity document.

    A resident identity number (GB 11643-1999) has 17 digits and a digit or X, one of before 1999 has 15 digits. Numbers
    of other documents (GA/T 517) have 5 to 32 letters and digits: up to 12 when they are digits alone.
    """
    number = plain(text)
    if _RESIDENT.fullmatch(number):
        return number
    longest = 12 if number.isdigit() else 32
    if not number.isalnum() or not 5 <= len(number) <= longest:
        raise ValueError("not the number of an identity document")
    return number


def credit_code(text: str) -> str:
    """A unified social credit code (GB 32100-2015): 18 letters and digits."""
    return _matched(_USCC, text)


def plate(text: str) -> str:
    """A plate number (GA 36-2018), also as it is painted: 粤C·12A34."""
    number = plain(text).replace("·", "").replace(" ", "")
    if not number.isalnum() or not 2 <= len(number) <= 15:
        raise ValueError("not a plate number")
    return number


def vehicle_number(text: str) -> str:
    """A vehicle identification number (GB 16735): 17 letters and digits without I, O and Q."""
    return _matched(_VIN, text)


def unit_number(text: str) -> str:
    """A real-property unit number (GB/T 37346-2019): 28 letters and digits."""
    return _matched(_UNIT, text)


def code(text: str) -> str:
    """A code of a code list, a division code, or the beginning of one: up to 12 letters and digits."""
    return _matched(_CODE, text)


def type_code(text: str) -> str:
    """The code of a type of certificate (GB/T 36902): up to 24 letters and digits."""
    return _matched(_TYPE, text)


def certificate_id(text: str) -> str:
    """The identifier of an electronic certificate (GB/T 36904): up to 64 characters without spaces."""
    found = text.translate(_HALF_WIDTH).strip()
    if not 1 <= len(found) <= 64 or not found.isprintable() or " " in found:
        raise ValueError("not the identifier of a certificate")
    return found


def codes(given: list[str]) -> list[str]:
    """A list of codes."""
    return [code(text) for text in given]


def keyword(text: str) -> str:
    """A part of a name: at least two characters."""
    part = " ".join(text.translate(_HALF_WIDTH).split())
    if not 2 <= len(part) <= 100:
        raise ValueError("a search needs 2 to 100 characters")
    return part


def year(number: int) -> int:
    """A calendar year."""
    if not 1900 <= number <= 2200:
        raise ValueError("not a year")
    return number


def _matched(form: re.Pattern[str], text: str) -> str:
    found = plain(text)
    if form.fullmatch(found) is None:
        raise ValueError("not of the form of this identifier")
    return found
