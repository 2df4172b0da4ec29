"""The cases in which a subject is the party (当事人), as a field of the subject."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, func, literal_column

from datasources.tables import enforcement as cas
from resolvers.args import after_arg, arg, first_arg
from resolvers.case_enums import CaseKind
from resolvers.conditions import after, any_of
from resolvers.fields import INT, link
from resolvers.scalars import Cursor
from resolvers.sources import Order

case, party = cas.case_, cas.party

PARTY: ColumnElement[str] = literal_column("'1'")
"""The role of the one the case is about; witnesses and agents (roles 2 to 5) have no case of their own."""

PARTIES = ((party, party.c.case_id == case.c.case_id),)

NEWEST_FIRST = Order(
    columns=(func.coalesce(case.c.filed_on, literal_column("DATE '0001-01-01'", Date())), case.c.case_id),
    descending=True,
)


def cases_of(key: ColumnElement[Any], reference: Callable[[UUID], str]) -> Any:
    """``cases``: those of the subject whose `key` has this subject reference."""
    return link(
        INT,
        "案件",
        key=key,
        match=party.c.subject_ref,
        transform=reference,
        join=PARTIES,
        where=(party.c.role_code == PARTY,),
        order=NEWEST_FIRST,
        args=(
            arg("kinds", list[CaseKind] | None, "案件类别", any_of(case.c.kind)),
            arg("decidedAfter", datetime.date | None, "决定日期晚于", after(case.c.decided_on)),
            first_arg(10),
            after_arg(Cursor | None),
        ),
        doc="Cases in which the subject is the party, the newest first",
    )
