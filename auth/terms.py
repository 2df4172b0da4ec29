"""What a sharing agreement (共享协议) and a token narrow a purpose to: fields, cases, tasks. Neither opens anything.

    agreement   what the owner of the data lets a client have (政务数据共享条例, 国务院令第809号: 使用范围)
    token       ``authorization_details`` of type ``tongcha`` (RFC 9396): what the issuer lets a token be used for

Both hold: what is left is what stands in each of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

TYPE = "tongcha"
"""The type of our authorization details."""
TEXT_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Terms:
    """`fields` are schema coordinates, a type (``NonTaxPayment``) or a field of one (``Query.nonTaxPayments``); `cases` are
    case numbers (案号); `quota` is how many requests a day there may be, `rows` how many rows. None: not narrowed. `last_day` is
    the day in China with which an agreement ends.
    """

    fields: frozenset[str] | None = None
    cases: frozenset[str] | None = None
    quota: int | None = None
    rows: int | None = None
    last_day: datetime.date | None = None


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One authorization detail: what the token may be used for, and the terms. None: any."""

    purpose: str | None = None
    agreement: str | None = None
    tasks: frozenset[str] | None = None
    terms: Terms = Terms()

    def numbers(self) -> frozenset[str] | None:
        """The tasks and cases by which a purpose may be shown."""
        if self.tasks is None and self.terms.cases is None:
            return None
        return (self.tasks or frozenset()) | (self.terms.cases or frozenset())


def covers(fields: frozenset[str], coordinate: str) -> bool:
    """Whether a coordinate is among the fields: its type, its field, or what a member of a value object is part of."""
    type_name, _, rest = coordinate.partition(".")
    return type_name in fields or f"{type_name}.{rest.partition('.')[0]}" in fields


def both(one: Terms, other: Terms) -> Terms:
    """What is covered by each of them."""
    fields = one.fields if other.fields is None else other.fields
    if one.fields is not None and other.fields is not None:
        fields = frozenset(name for name in one.fields if covers(other.fields, name))
        fields |= frozenset(name for name in other.fields if covers(one.fields, name))
    cases = one.cases if other.cases is None else other.cases
    if one.cases is not None and other.cases is not None:
        cases = one.cases & other.cases
    return Terms(fields=fields, cases=cases)


def details_of(claim: object) -> tuple[Detail, ...] | None:
    """Reads the claim; None when it says nothing to us. Raises ValueError for what it does not know: it might narrow."""
    if claim is None:
        return None
    if not isinstance(claim, list) or not all(
        isinstance(one, dict) and isinstance(one.get("type"), str) for one in claim
    ):
        raise ValueError("authorization_details")
    ours = [one for one in claim if one["type"] == TYPE]
    return tuple(_detail(one) for one in ours) if ours else None


def _detail(claim: Mapping[str, object]) -> Detail:
    if not claim.keys() <= _MEMBERS:
        raise ValueError("authorization_details")
    return Detail(
        purpose=_text(claim.get("purpose")),
        agreement=_text(claim.get("agreement")),
        tasks=_texts(claim.get("taskNos")),
        terms=Terms(fields=_texts(claim.get("fields")), cases=_texts(claim.get("caseNos"))),
    )


_MEMBERS = frozenset({"type", "purpose", "agreement", "taskNos", "caseNos", "fields"})


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_LENGTH:
        raise ValueError("authorization_details")
    return value


def _texts(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError("authorization_details")
    return frozenset(text for one in value if (text := _text(one)) is not None)
