"""Which matters apply where: the authorities with jurisdiction over a place, and the matters they carry out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, and_, any_, func, literal_column, select

from datasources.tables.matter import matter
from datasources.tables.personnel import division, org, org_jurisdiction
from resolvers.args import after_arg, arg, first_arg
from resolvers.case_enums import CaseKind
from resolvers.conditions import TODAY, period_covers
from resolvers.fields import PUB, link
from resolvers.matter import of_kind
from resolvers.scalars import Cursor
from resolvers.sources import Hop

_LIST: ColumnElement[str] = literal_column("''", String())
"""Stands for a key that no column has: its type is what counts."""
_COMMA: ColumnElement[str] = literal_column("','")


def _upward(code: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """A division and those it lies in (GB/T 2260, GB/T 10114): town, district, city."""
    return [code] + [
        func.left(code, literal_column(str(digits))).concat(literal_column(f"'{'0' * (12 - digits)}'"))
        for digits in (9, 6, 4)
    ]


def _authorities(listed: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of every authority with jurisdiction over the division of the row: `listed`, joined by commas."""
    return (
        select(func.string_agg(listed.distinct(), _COMMA))
        .select_from(org_jurisdiction.join(org, org.c.org_id == org_jurisdiction.c.org_id))
        .where(
            org_jurisdiction.c.division_code.in_(_upward(division.c.code)),
            period_covers(org_jurisdiction.c.valid_from, org_jurisdiction.c.valid_to, TODAY),
        )
        .correlate(division)
        .scalar_subquery()
    )


def _listed(text: ColumnElement[Any]) -> ColumnElement[Any]:
    return any_(func.string_to_array(text, _COMMA, type_=ARRAY(String())))


JURISDICTION = Hop(
    table=division,
    match=(division.c.code,),
    columns=(_authorities(org.c.uscc), _authorities(org.c.uscc.concat(org_jurisdiction.c.matter_type))),
)
"""One row a division, with the codes of its authorities, and these with the types of matter each may carry out."""


def applicable_matters(division_code: ColumnElement[Any]) -> Any:
    """``applicableMatters``: what the authorities over this division may do there, as the catalogue stands today."""
    return link(
        PUB,
        "适用事项",
        key=division_code,
        through=JURISDICTION,
        match=(_LIST, _LIST),
        condition=lambda authorities, types: and_(
            matter.c.org_uscc == _listed(authorities), matter.c.org_uscc.concat(matter.c.type_code) == _listed(types)
        ),
        where=(
            matter.c.status_code == literal_column("'1'"),
            period_covers(matter.c.effective_from, matter.c.effective_to, TODAY),
        ),
        args=(
            arg("kind", CaseKind | None, "案件类别", of_kind()),
            first_arg(20),
            after_arg(Cursor | None),
        ),
        doc="Matters in force today, of the authorities with jurisdiction over the registered address",
    )
