"""Identifiers with valid check digits on things that cannot exist.

Natural persons carry area 440499, which GB/T 2260 never assigned; organisations are registered there too.
"""

from __future__ import annotations

from operator import mul

AREA = "440499"
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
#: What the code points of the digits add: "0" is 48.
_RESIDENT_OFFSET = 48 * sum(_RESIDENT_WEIGHTS)
_RESIDENT_CHECK = "10X98765432"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = {character: value for value, character in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def resident_number(body: str) -> str:
    """Seventeen digits (area, birth date, order) with the check character of GB 11643 (ISO 7064 MOD 11-2)."""
    return body + _RESIDENT_CHECK[(sum(map(mul, body.encode(), _RESIDENT_WEIGHTS)) - _RESIDENT_OFFSET) % 11]


def organisation_code(body: str) -> str:
    """Eight characters with the check character of GB 11714."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return body + "0123456789X0"[(11 - total % 11) % 11]


def uscc(prefix: str, organisation: str) -> str:
    """A unified social credit code (GB 32100): two characters of category, area 440499, GB 11714 code, mod 31 check."""
    body = prefix + AREA + organisation_code(organisation)
    return body + uscc_check(body)


def uscc_check(body: str) -> str:
    """The eighteenth character for the first seventeen."""
    total = 0
    for character, weight in zip(body, _USCC_WEIGHTS, strict=True):
        total += _USCC_VALUES[character] * weight
    return _USCC_ALPHABET[-total % 31]


def base31(number: int, width: int) -> str:
    """`number` in the alphabet of GB 32100, zero-filled."""
    digits = ""
    for _ in range(width):
        number, rest = divmod(number, 31)
        digits = _USCC_ALPHABET[rest] + digits
    return digits


def vin(start: str, end: str) -> str:
    """A vehicle identification number (GB 16735): positions 1-8 and 10-17, the check at position 9."""
    body = start + "0" + end
    total = 0
    for character, weight in zip(body, _VIN_WEIGHTS, strict=True):
        total += _VIN_VALUES[character] * weight
    return start + "0123456789X"[total % 11] + end


def unit_number(district: int, section: int, parcel: int, building: int, room: int) -> str:
    """A real-property unit number (GB/T 37346): 6+3+3+2+5 of the parcel, F for a building, 4+4 of the room."""
    return f"{AREA}{district:03d}{section:03d}GB{parcel:05d}F{building:04d}{room:04d}"
