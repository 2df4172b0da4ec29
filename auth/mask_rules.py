"""The rules of masking (脱敏规则), each as one SQL expression over the clear value. Constants are written out in the text.

A rule for texts is asked for neither NULL nor an empty text, see :func:`auth.masks.masked`. What is too short or not of the
rule's form becomes :data:`HIDDEN` whole. Full-width digits, lower-case letters, blanks and dashes are read through
first; what is shown of a value is shown without them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    FunctionElement,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
)

from auth import patterns

Value: TypeAlias = ColumnElement[Any]

MASK_KEY = "mask_key"
"""The parameter that a statement with a ``token`` needs: a secret text of the caller *and* the purpose, at least 32
characters, from the key store. Without it (NULL or empty) every token is NULL."""


NAMES = "scope_names"
"""The parameter that a statement with a ``published_name`` needs: how punished natural persons are named."""


def text(value: str) -> Value:
    """A constant text."""
    quoted = value.replace("'", "''")
    return literal_column(f"'{quoted}'", Text())


def _number(value: int) -> Value:
    return literal_column(str(value), Integer())


HIDDEN = text("***")
"""All that is shown of a value that no rule fits."""


def _joined(*parts: Value) -> Value:
    """The texts one after the other; NULL when one of them is."""
    return reduce(lambda left, right: left.concat(right), parts)


def _first(value: Value, count: int) -> Value:
    return func.left(value, _number(count), type_=Text())


def _last(value: Value, count: int) -> Value:
    return func.right(value, _number(count), type_=Text())


def _repeated(sign: str, value: Value, but: int) -> Value:
    """The sign as often as the value has characters but so many."""
    return func.repeat(text(sign), func.char_length(value) - _number(but), type_=Text())


def _ends(value: Value, first: int, last: int) -> Value:
    """The first and last characters, a star for each one between them."""
    shown = [_first(value, first), _repeated("*", value, first + last)]
    return _joined(*shown, _last(value, last)) if last else _joined(*shown)


def _without_blanks(value: Value) -> FunctionElement[str]:
    return func.translate(value, text(patterns.BLANKS), text(""), type_=Text())


def _folded(value: Value, but: str = "") -> FunctionElement[str]:
    """Full-width as ASCII, upper-case, without blanks, dashes, the dots that group characters, and ``but``."""
    dropped = patterns.BLANKS + patterns.DASHES + patterns.DOTS + but
    return func.translate(value, text(patterns.FOLDED + dropped), text(patterns.FOLDED_TO), type_=Text())


def _of(value: FunctionElement[str], rule: Callable[[Value], Value]) -> Value:
    """The rule over a value that is computed once: ``(SELECT rule FROM value)``."""
    return select(rule(value.column_valued("value"))).scalar_subquery()


def _matches(value: Value, pattern: str) -> ColumnElement[bool]:
    return value.regexp_match(text(pattern))


def _shown_if(pattern: str, shown: Callable[[Value], Value]) -> Callable[[Value], Value]:
    return lambda value: case((_matches(value, pattern), shown(value)), else_=HIDDEN)


def id_6_4(expression: Value) -> Value:
    """440499198603120178 → ``440499********0178``: the birth date is hidden (GB 11643, also 港澳台居民居住证).

    Fifteen digits: the first 6 and the last 3, for the fourth last is of the birth date. Passports, travel permits and
    every other number of eight characters or more: the first and the last 2.
    """
    return _of(
        _folded(expression),
        lambda number: case(
            (_matches(number, "^[0-9]{17}[0-9X]$"), _ends(number, 6, 4)),
            (_matches(number, "^[0-9]{15}$"), _ends(number, 6, 3)),
            (_matches(number, "^[0-9A-Z]{8,}$"), _ends(number, 1, 2)),
            else_=HIDDEN,
        ),
    )


def id_1_1(expression: Value) -> Value:
    """440499198603120178 → ``4****************8``: for disclosure. Of every number of eight characters or more."""
    return _of(_folded(expression), _shown_if("^[0-9A-Z]{8,}$", lambda number: _ends(number, 1, 1)))


def name_surname(expression: Value) -> Value:
    """张伟 → ``张*``, 欧阳明月 → ``欧阳**``, 阿依古丽·买买提 → ``阿***``, John Smith → ``J***``.

    Two to four ideographs are a Chinese name: the surname is kept. Of all others the first character.
    """
    return _of(
        _without_blanks(expression),
        lambda name: case(
            (func.char_length(name) < _number(2), HIDDEN),
            (_matches(name, patterns.WITH_COMPOUND_SURNAME), _ends(name, 2, 0)),
            (_matches(name, patterns.CHINESE_NAME), _ends(name, 1, 0)),
            else_=_joined(_first(name, 1), HIDDEN),
        ),
    )


def disclosure_name(expression: Value) -> Value:
    """张伟 → ``张某``, John Smith → ``J***``; an organisation's name, 张三小吃店 too, stays: it is public.

    What may be a person's name is taken for one, so an organisation whose name does not tell (何记) is masked.
    """
    somebody = text("某")
    person = _of(
        _without_blanks(expression),
        lambda name: case(
            (func.char_length(name) < _number(2), HIDDEN),
            (_matches(name, patterns.WITH_COMPOUND_SURNAME), _joined(_first(name, 2), somebody)),
            (_matches(name, patterns.BEGINS_CHINESE), _joined(_first(name, 1), somebody)),
            else_=_joined(_first(name, 1), HIDDEN),
        ),
    )
    return case((_matches(expression, patterns.ORGANISATION), expression), else_=person)


def published_name(expression: Value) -> Value:
    """张伟 → ``张某``, or ``张**`` where :data:`NAMES` is SURNAME: what the profile of the agreement wants (公示共享方案).

    As :func:`disclosure_name` in all else; the stars are two, however long the name is. No organisation ends in 某.
    """
    wanted = bindparam(NAMES, type_=Text()) == text("SURNAME")
    somebody = case((wanted, text("**")), else_=text("某"))
    return func.regexp_replace(disclosure_name(expression), text("某$"), somebody, type_=Text())


def mobile_3_4(expression: Value) -> Value:
    """13812341234 and +86 138 1234 1234 → ``138****1234``; 0756-8123123 → ``0756-****123``; +853 … → ``+853-*****456``."""
    return _of(
        _folded(expression, but="()（）"),
        lambda number: case(
            (
                _matches(number, "^(?:[+]86|0086|86)?1[3-9][0-9]{9}$"),
                _joined(_first(_last(number, 11), 3), text("****"), _last(number, 4)),
            ),
            (
                _matches(number, "^(?:010|02[0-9])[0-9]{7,8}$"),
                _joined(_first(number, 3), text("-"), _repeated("*", number, 6), _last(number, 3)),
            ),
            (
                _matches(number, "^0[3-9][0-9]{9,10}$"),
                _joined(_first(number, 4), text("-"), _repeated("*", number, 7), _last(number, 3)),
            ),
            (
                _matches(number, "^(?:[+]|00)85[23][0-9]{8}$"),
                _joined(text("+"), _first(_last(number, 11), 3), text("-*****"), _last(number, 3)),
            ),
            else_=HIDDEN,
        ),
    )


def addr_to_town(expression: Value) -> Value:
    """广东省珠海市香洲区拱北街道莲花路88号 → ``广东省珠海市香洲区拱北街道***``; to the district when no town is named.

    An address that does not begin with a division known by name is masked whole.
    """
    divisions = func.substring(_without_blanks(expression), text(patterns.TO_TOWN), type_=Text())
    return _joined(func.coalesce(divisions, text(""), type_=Text()), HIDDEN)


def date_to_year(expression: Value) -> Value:
    """NULL: a year is no date, and 1986-01-01 would be a false one. The year is a field of its own, ``birthYear``."""
    return cast(null(), expression.type)


def band(expression: Value) -> Value:
    """The edge nearer to zero of the value's band: 0, 2, 5, 10, 20, 50, 100, … (2, 5 and 10 times a power of ten).

    In the column's unit. 0 stands for less than 2, so that no band holds one whole number alone. NULL for NaN.
    """
    number = cast(expression, Numeric())
    whole = func.substring(cast(func.trunc(number), Text()), text("^-?[0-9]+$"), type_=Text())
    leading = func.regexp_replace(whole, text("(?<=[0-9])[0-9]"), text("0"), text("g"), type_=Text())
    edge = func.translate(leading, text("346789"), text("225555"), type_=Text())
    return case((func.abs(number) < _number(2), cast(_number(0), expression.type)), else_=cast(edge, expression.type))


def cut_6(expression: Value) -> Value:
    """440402005001 → ``440402000000`` (GB/T 2260: the district), and a functional zone's 4404Z1; else zeros alone."""
    return _of(
        _folded(expression),
        lambda code: case(
            (_matches(code, "^[0-9]{4}[0-9Z][0-9]{1,10}$"), _joined(_first(code, 6), _repeated("0", code, 6))),
            else_=_repeated("0", code, 0),
        ),
    )


def vin_3_4(expression: Value) -> Value:
    """LZZABCDE7RA000123 → ``LZZ**********0123`` (GB 16735: maker, and the end of the serial number)."""
    return _of(_folded(expression), _shown_if("^[0-9A-HJ-NPR-Z]{17}$", lambda vin: _ends(vin, 3, 4)))


def keep_last_4(expression: Value) -> Value:
    """``****`` and the last 4 letters, digits or ideographs, of eight at least."""
    others = text(f"[^0-9A-Z{patterns.HAN}]")
    signs = func.regexp_replace(_folded(expression), others, text(""), text("g"), type_=Text())
    return _of(signs, _shown_if("^.{8,}$", lambda value: _joined(text("****"), _last(value, 4))))


def account_last_4(expression: Value) -> Value:
    """6222021011112222333 → ``****2333``: of bank accounts of eight characters at least."""
    return _of(
        _folded(expression), _shown_if("^[0-9A-Z]{8,}$", lambda account: _joined(text("****"), _last(account, 4)))
    )


def unit_keep_12(expression: Value) -> Value:
    """440499001002GB00123F00010023 → ``440499001002****************`` (GB/T 37346: to the 地籍子区)."""
    return _of(_folded(expression), _shown_if("^[0-9]{12}[0-9A-Z]{16}$", lambda unit: _ends(unit, 12, 0)))


def plate_keep_5(expression: Value) -> Value:
    """粤C12A34 → ``粤C12A**`` (GA 36-2018)."""
    return _of(_folded(expression, but="."), _shown_if(patterns.PLATE, lambda plate: _ends(plate, 5, 0)))


def token(expression: Value) -> Value:
    """A pseudonym of 16 hexadecimal digits (64 bits): the same for the same value under the same :data:`MASK_KEY`.

    The head of SHA-256 over key and value; the cut also keeps the hash from being extended.
    """
    key = func.nullif(bindparam(MASK_KEY, type_=Text()), text(""), type_=Text())
    digest = func.sha256(func.convert_to(_joined(key, expression), text("UTF8")), type_=LargeBinary())
    return _first(func.encode(digest, text("hex"), type_=Text()), 16)


def token_of(key: str, value: str) -> str:
    """What :func:`token` gives for a value under a key, outside the database."""
    return hashlib.sha256((key + value).encode()).hexdigest()[:16]


def free_text_scan(expression: Value) -> Value:
    """The text with ``***`` for what looks like a plate, an identity number, a mobile, a bank card, a travel document.

    It errs towards masking: any eleven digits in a row, however grouped. Names and addresses are not found by it.
    """
    scanned = expression
    for pattern in (patterns.PLATE_IN_TEXT, patterns.NUMBER_IN_TEXT, patterns.DOCUMENT_IN_TEXT):
        scanned = func.regexp_replace(scanned, text(pattern), HIDDEN, text("g"), type_=Text())
    return scanned
