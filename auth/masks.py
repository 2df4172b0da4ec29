"""Masks (脱敏规则): a value as it leaves the database, already masked, so that the clear one never travels.

The table of rules and the one function that applies them. PostgreSQL 15 or later, a UTF-8 database, no extension.
De-identification in the sense of PIPL (个人信息保护法) art. 73, 去标识化: who can see the rest of the record may still know
whom it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Integer, Numeric, String, case, func
from sqlalchemy.types import NullType

from auth import mask_rules
from auth.mask_rules import MASK_KEY, text

__all__ = ["MASK_KEY", "REFUSED", "RULES", "UnknownMask", "masked"]


class UnknownMask(LookupError):
    """No mask of this name can be applied to this column: a masked read of it must be withheld."""


REFUSED: Mapping[str, str] = {
    "per type": "what a certificate shows depends on its type (证照类型): no expression masks them all",
    "one-time link": "a reference to a file is handed out as a link that works once: it has no masked form",
}
"""Rules of the data model that no expression can carry out, with the reason."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """How a rule masks, and the types of the columns that it is for."""

    mask: Callable[[ColumnElement[Any]], ColumnElement[Any]]
    types: tuple[type[Any], ...]


_TEXTS: tuple[type[Any], ...] = (String, NullType)  # of a function that declares no type


def _of_texts(mask: Callable[[ColumnElement[Any]], ColumnElement[Any]]) -> _Rule:
    """A rule for texts: NULL stays NULL, the empty text stays empty."""

    def kept_or_masked(expression: ColumnElement[Any]) -> ColumnElement[Any]:
        nothing = func.coalesce(expression, text("")) == text("")
        return case((nothing, expression), else_=mask(expression))

    return _Rule(mask=kept_or_masked, types=_TEXTS)


_RULES: Mapping[str, _Rule] = {
    "id_6_4": _of_texts(mask_rules.id_6_4),
    "id_1_1": _of_texts(mask_rules.id_1_1),
    "name_surname": _of_texts(mask_rules.name_surname),
    "disclosure_name": _of_texts(mask_rules.disclosure_name),
    "published_name": _of_texts(mask_rules.published_name),
    "mobile_3_4": _of_texts(mask_rules.mobile_3_4),
    "addr_to_town": _of_texts(mask_rules.addr_to_town),
    # Whether a sole trader lives there is for the decision to know: where it says masked, the address is.
    "addr_to_town for sole traders at home": _of_texts(mask_rules.addr_to_town),
    "cut_6": _of_texts(mask_rules.cut_6),
    "vin_3_4": _of_texts(mask_rules.vin_3_4),
    "keep_last_4": _of_texts(mask_rules.keep_last_4),
    "account_last_4": _of_texts(mask_rules.account_last_4),
    "unit_keep_12": _of_texts(mask_rules.unit_keep_12),
    "plate_keep_5": _of_texts(mask_rules.plate_keep_5),
    "token": _of_texts(mask_rules.token),
    "free_text_scan": _of_texts(mask_rules.free_text_scan),
    "date_to_year": _Rule(mask=mask_rules.date_to_year, types=(Date, DateTime)),
    "band": _Rule(mask=mask_rules.band, types=(Integer, Numeric)),
}

RULES = frozenset(_RULES)
"""The names of the rules that :func:`masked` carries out."""


def masked(rule: str, expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value of an expression masked by a rule, of the same type; NULL stays NULL.

    Raises :class:`UnknownMask` for a rule that does not exist, is refused, or is not for values of this type. The rule
    ``token`` adds the parameter :data:`MASK_KEY` to the statement.
    """
    if rule not in _RULES:
        raise UnknownMask(f"{rule}: {REFUSED.get(rule, 'no such mask')}")
    chosen = _RULES[rule]
    if not isinstance(expression.type, chosen.types):
        raise UnknownMask(f"{rule} does not mask {expression.type!r}")
    return chosen.mask(expression)
