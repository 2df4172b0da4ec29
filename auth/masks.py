"""Masks (脱敏规则): a value as it leaves the database, already masked, so that the clear one never travels.

Every rule is one SQL expression for PostgreSQL 15 or later with a UTF-8 database; no extension. They have in common:

* NULL stays NULL, an empty text stays empty.
* A value that is too short or not of its rule's form is masked whole, as ``***``. Full-width digits, lower-case letters,
  blanks and dashes are read through first; what is shown of a value is shown without them.
* A masked value has its column's type. A rule does not apply to a column of another type: :class:`UnknownMask`.

The defaults follow domain practice for 身份证 6+4, 手机 3+4 and so on; PIPL (个人信息保护法) art. 73 calls it 去标识化.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
)
from sqlalchemy.types import NullType

from auth import patterns

Value: TypeAlias = ColumnElement[Any]

MASK_KEY = "mask_key"
"""The parameter that a statement with a ``token`` needs: a secret text of the caller *and* the purpose, at least 32
characters, from the key store. Without it (NULL or empty) every token is NULL."""

REFUSED: Mapping[str, str] = {
    "per type": "what a certificate shows depends on its type (证照类型): no expression masks them all",
    "one-time link": "a reference to a file is handed out as a link that works once; it has no masked form",
}
"""Rules of the data model that no expression can carry out: their columns are withheld where they would be masked."""


class UnknownMask(LookupError):
    """No mask of this name can be applied to this column: a masked read of it must be withheld."""


def masked(rule: str, expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """The expression's value masked by the rule, of the same type.

    Raises :class:`UnknownMask` for a rule that does not exist, is refused, or is not for values of this type.
    """
    if rule not in _RULES:
        raise UnknownMask(f"{rule}: {REFUSED.get(rule, 'no such mask')}")
    chosen = _RULES[rule]
    if not isinstance(expression.type, chosen.types):
        raise UnknownMask(f"{rule} does not mask {expression.type}")
    if chosen.types is _TEXTS:
        return case((func.coalesce(expression, _text("")) == _text(""), expression), else_=chosen.mask(expression))
    return chosen.mask(expression)


# --- SQL, constants written out: they are ours, and a statement has enough parameters ----------------------------------


def _text(value: str) -> Value:
    quoted = value.replace("'", "''")
    return literal_column(f"'{quoted}'", Text())


def _number(value: int) -> Value:
    return literal_column(str(value), Integer())


_HIDDEN = _text("***")


def _joined(*parts: Value) -> Value:
    """The texts one after the other; NULL when one of them is."""
    return reduce(lambda left, right: left.concat(right), parts)


def _first(value: Value, count: int) -> Value:
    return func.left(value, _number(count), type_=Text())


def _last(value: Value, count: int) -> Value:
    return func.right(value, _number(count), type_=Text())


def _stars(value: Value, shown: int) -> Value:
    """A star for each character of the value but those shown."""
    return func.repeat(_text("*"), func.char_length(value) - _number(shown), type_=Text())


def _ends(value: Value, first: int, last: int) -> Value:
    return _joined(_first(value, first), _stars(value, first + last), _last(value, last))


def _without_blanks(value: Value) -> Value:
    return func.translate(value, _text(patterns.BLANKS), _text(""), type_=Text())


def _folded(value: Value, but: str = "") -> Value:
    """Full-width as ASCII, upper-case, without blanks, dashes and the dots that group characters."""
    dropped = patterns.BLANKS + patterns.DASHES + patterns.DOTS + but
    return func.translate(value, _text(patterns.FOLDED + dropped), _text(patterns.FOLDED_TO), type_=Text())


def _matches(value: Value, pattern: str) -> ColumnElement[bool]:
    return value.regexp_match(_text(pattern))


def _if_matches(value: Value, pattern: str, shown: Value) -> Value:
    return case((_matches(value, pattern), shown), else_=_HIDDEN)


# --- the rules -------------------------------------------------------------------------------------------------------

_RESIDENT = "^[0-9]{17}[0-9X]$"
_OLD_RESIDENT = "^[0-9]{15}$"
_OTHER_DOCUMENT = "^[0-9A-Z]{8,}$"


def _id_6_4(expression: Value) -> Value:
    """440499198603120178 → ``440499********0178``: the birth date is hidden (GB 11643, also 港澳台居民居住证).

    Fifteen digits: the first 6 and the last 3, for the fourth last is of the birth date. Passports, travel permits and
    every other number of eight characters or more: the first and the last 2.
    """
    number = _folded(expression)
    return case(
        (_matches(number, _RESIDENT), _ends(number, 6, 4)),
        (_matches(number, _OLD_RESIDENT), _ends(number, 6, 3)),
        (_matches(number, _OTHER_DOCUMENT), _ends(number, 1, 2)),
        else_=_HIDDEN,
    )


def _id_1_1(expression: Value) -> Value:
    """440499198603120178 → ``4****************8``: for disclosure."""
    number = _folded(expression)
    return _if_matches(number, _OTHER_DOCUMENT, _ends(number, 1, 1))


def _name_surname(expression: Value) -> Value:
    """张伟 → ``张*``, 欧阳明月 → ``欧阳**``, 阿依古丽·买买提 → ``阿***``, John Smith → ``J***``.

    Two to four ideographs are a Chinese name: the surname is kept. Of all others the first character.
    """
    name = _without_blanks(expression)
    return case(
        (func.char_length(name) < _number(2), _HIDDEN),
        (_matches(name, patterns.WITH_COMPOUND_SURNAME), _ends(name, 2, 0)),
        (_matches(name, patterns.CHINESE_NAME), _ends(name, 1, 0)),
        else_=_joined(_first(name, 1), _HIDDEN),
    )


def _disclosure_name(expression: Value) -> Value:
    """张伟 → ``张某``, John Smith → ``J***``; an organisation's name, 张三小吃店 too, stays: it is public.

    What may be a person's name is taken for one, so an organisation whose name does not tell (何记) is masked.
    """
    name = _without_blanks(expression)
    somebody = _text("某")
    return case(
        (_matches(expression, patterns.ORGANISATION), expression),
        (func.char_length(name) < _number(2), _HIDDEN),
        (_matches(name, patterns.WITH_COMPOUND_SURNAME), _joined(_first(name, 2), somebody)),
        (_matches(name, patterns.BEGINS_CHINESE), _joined(_first(name, 1), somebody)),
        else_=_joined(_first(name, 1), _HIDDEN),
    )


def _mobile_3_4(expression: Value) -> Value:
    """13812341234 and +86 138 1234 1234 → ``138****1234``; 0756-8123123 → ``0756-****123``; +853… → ``+853-*****456``."""
    number = _folded(expression, but="()（）")
    return case(
        (
            _matches(number, "^(?:[+]86|0086|86)?1[3-9][0-9]{9}$"),
            _joined(_first(_last(number, 11), 3), _text("****"), _last(number, 4)),
        ),
        (
            _matches(number, "^(?:010|02[0-9])[0-9]{7,8}$"),
            _joined(_first(number, 3), _text("-"), _stars(number, 6), _last(number, 3)),
        ),
        (
            _matches(number, "^0[3-9][0-9]{9,10}$"),
            _joined(_first(number, 4), _text("-"), _stars(number, 7), _last(number, 3)),
        ),
        (
            _matches(number, "^(?:[+]|00)85[23][0-9]{8}$"),
            _joined(_text("+"), _first(_last(number, 11), 3), _text("-*****"), _last(number, 3)),
        ),
        else_=_HIDDEN,
    )


def _addr_to_town(expression: Value) -> Value:
    """广东省珠海市香洲区拱北街道莲花路88号 → ``广东省珠海市香洲区拱北街道***``; to the district when no town is named.

    An address that does not begin with a division known by name is masked whole.
    """
    divisions = func.substring(_without_blanks(expression), _text(patterns.TO_TOWN), type_=Text())
    return _joined(func.coalesce(divisions, _text(""), type_=Text()), _HIDDEN)


def _date_to_year(expression: Value) -> Value:
    """NULL: a year is no date, and 1986-01-01 would be a false one. The year is a field of its own, ``birthYear``."""
    return cast(null(), expression.type)


def _band(expression: Value) -> Value:
    """The edge nearer to zero of the value's band: 0, 2, 5, 10, 20, 50, 100, … (2, 5 and 10 times a power of ten).

    In the column's unit. 0 stands for less than 2, so that no band holds one whole number alone; NULL for NaN.
    """
    whole = cast(func.trunc(func.abs(cast(expression, Numeric()))), Text())
    edge = func.rpad(
        func.translate(_first(whole, 1), _text("346789"), _text("225555")),
        func.char_length(whole),
        _text("0"),
        type_=Text(),
    )
    band = case(
        (_matches(whole, "^[01]$"), cast(_number(0), expression.type)),
        (_matches(whole, "^[0-9]+$"), cast(edge, expression.type)),
    )
    return case((expression < _number(0), -band), else_=band)


def _cut_6(expression: Value) -> Value:
    """440402005001 → ``440402000000`` (GB/T 2260: the district). Also of a functional zone, 4404Z1. Else zeros alone."""
    code = _folded(expression)
    zeros = func.repeat(_text("0"), func.char_length(code) - _number(6), type_=Text())
    nothing = func.repeat(_text("0"), func.char_length(code), type_=Text())
    return case((_matches(code, "^[0-9]{4}[0-9Z][0-9]{1,10}$"), _joined(_first(code, 6), zeros)), else_=nothing)


def _vin_3_4(expression: Value) -> Value:
    """LZZABCDE7RA000123 → ``LZZ**********0123`` (GB 16735: maker, and the end of the serial number)."""
    vin = _folded(expression)
    return _if_matches(vin, "^[0-9A-HJ-NPR-Z]{17}$", _ends(vin, 3, 4))


def _keep_last_4(expression: Value) -> Value:
    """``****`` and the last 4 letters, digits or ideographs, of eight at least."""
    other = f"[^0-9A-Z{patterns.han()}]"
    signs = func.regexp_replace(_folded(expression), _text(other), _text(""), _text("g"), type_=Text())
    return case((func.char_length(signs) < _number(8), _HIDDEN), else_=_joined(_text("****"), _last(signs, 4)))


def _account_last_4(expression: Value) -> Value:
    """6222021011112222333 → ``****2333``: bank accounts of eight characters at least."""
    account = _folded(expression)
    return _if_matches(account, "^[0-9A-Z]{8,}$", _joined(_text("****"), _last(account, 4)))


def _unit_keep_12(expression: Value) -> Value:
    """440499001002GB00123F00010023 → ``440499001002****************`` (GB/T 37346: to the 地籍子区)."""
    unit = _folded(expression)
    return _if_matches(unit, "^[0-9]{12}[0-9A-Z]{16}$", _ends(unit, 12, 0))


def _plate_keep_5(expression: Value) -> Value:
    """粤C12A34 → ``粤C12A**`` (GA 36-2018)."""
    plate = _folded(expression, but=".")
    return _if_matches(plate, patterns.PLATE, _ends(plate, 5, 0))


def _token(expression: Value) -> Value:
    """A pseudonym of 16 hexadecimal digits (64 bits): the same for the same value under the same :data:`MASK_KEY`.

    The head of SHA-256 over key and value; the cut also keeps the hash from being extended.
    """
    key = func.nullif(bindparam(MASK_KEY, type_=Text()), _text(""), type_=Text())
    digest = func.sha256(func.convert_to(_joined(key, expression), _text("UTF8")), type_=LargeBinary())
    return _first(func.encode(digest, _text("hex"), type_=Text()), 16)


def _free_text_scan(expression: Value) -> Value:
    """The text with ``***`` for what looks like a plate, an identity number, a mobile, a bank card, a travel document.

    It errs towards masking: any eleven digits in a row, however grouped. Names and addresses are not found by it.
    """
    text = expression
    for pattern in (patterns.PLATE_IN_TEXT, patterns.NUMBER_IN_TEXT, patterns.DOCUMENT_IN_TEXT):
        text = func.regexp_replace(text, _text(pattern), _HIDDEN, _text("g"), type_=Text())
    return text


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """How a rule masks, and the types of the columns that it is for."""

    mask: Callable[[Value], Value]
    types: tuple[type[Any], ...]


_TEXTS: tuple[type[Any], ...] = (String, NullType)  # a function that declares no type gives a text

_RULES: Mapping[str, _Rule] = {
    **{
        name: _Rule(mask=mask, types=_TEXTS)
        for name, mask in {
            "id_6_4": _id_6_4,
            "id_1_1": _id_1_1,
            "name_surname": _name_surname,
            "disclosure_name": _disclosure_name,
            "mobile_3_4": _mobile_3_4,
            "addr_to_town": _addr_to_town,
            # Whether a sole trader lives there is for the decision to know: where it says masked, every address is.
            "addr_to_town for sole traders at home": _addr_to_town,
            "cut_6": _cut_6,
            "vin_3_4": _vin_3_4,
            "keep_last_4": _keep_last_4,
            "account_last_4": _account_last_4,
            "unit_keep_12": _unit_keep_12,
            "plate_keep_5": _plate_keep_5,
            "token": _token,
            "free_text_scan": _free_text_scan,
        }.items()
    },
    "date_to_year": _Rule(mask=_date_to_year, types=(Date, DateTime)),
    "band": _Rule(mask=_band, types=(Integer, Numeric)),
}

RULES = frozenset(_RULES)
"""The names of the rules that :func:`masked` carries out."""
