"""Arguments that leave out what has ended: licences, certificates, offices, listings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_

from datasources.tables import certificate as lic
from resolvers import checks
from resolvers.args import arg, first_arg
from resolvers.conditions import TODAY, equals, when_true
from resolvers.sources import Argument

VALID: ColumnElement[str] = literal_column("'1'")
"""The status 有效 in every list of statuses of licences and certificates."""


def not_ended(end: ColumnElement[Any]) -> ColumnElement[bool]:
    """It has no end, or its last day is not over."""
    return or_(end.is_(None), end >= TODAY)


def valid_only(status: ColumnElement[Any], end: ColumnElement[Any]) -> Argument:
    """``validOnly``: only what has the status 有效 and has not expired, unless the caller says false."""
    where = when_true(and_(status == VALID, not_ended(end)), status, end)
    return arg("validOnly", bool | None, "仅有效", where, default=True)


def current_only(end: ColumnElement[Any]) -> Argument:
    """``currentOnly``: only what has not ended, where the caller asks for it."""
    return arg("currentOnly", bool | None, "仅现行", when_true(not_ended(end), end), default=False)


def certificate_arguments() -> tuple[Argument, ...]:
    """The arguments of a list of certificates: ``typeCode``, ``validOnly``, ``first``."""
    certificate = lic.certificate
    return (
        arg("typeCode", str | None, "证照类型代码", equals(certificate.c.type_code), check=checks.type_code),
        valid_only(certificate.c.status_code, certificate.c.valid_to),
        first_arg(50),
    )
