"""The statements of the outbox: what is made once, its number, and its idempotency key in one transaction.

The numbers of the outbox are given under a lock on their row: whoever has seen a number has seen all below it, so a
reader's cursor passes nothing over.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Insert, Select, Table, exists, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from datasources.tables.gateway import outbox, transfer, transfer_report
from gateway.idempotency import Claim

NAME = "transfer"


def last_attempt(case_id: UUID) -> Select[Any]:
    """The latest transfer of a case."""
    columns = select(transfer.c.attempt, transfer.c.status).where(transfer.c.case_id == case_id)
    return columns.order_by(transfer.c.attempt.desc()).limit(1)


def numbered(name: str, taken: CTE) -> CTE:
    """The next number under a name, given once the key is taken."""
    first = upsert(outbox).from_select(["name", "last_seq"], select(literal(name), literal(1)).select_from(taken))
    added = first.on_conflict_do_update(index_elements=[outbox.c.name], set_={"last_seq": outbox.c.last_seq + 1})
    return added.returning(outbox.c.last_seq).cte("numbered")


def valued(table: Table, row: Mapping[str, Any]) -> list[ColumnElement[Any]]:
    """The values of a row, each with the type of its column."""
    return [literal(value, table.c[name].type) for name, value in row.items()]


def handed_over(claim: Claim, values: Mapping[str, Any], until: datetime.datetime) -> Any:
    """Takes the key, the next number and the place of this attempt; no row where one of them is another's."""
    number = numbered(NAME, claim.taken(until))
    row = {"transfer_id": UUID(claim.result), **values}
    added = upsert(transfer).from_select([*row, "seq"], select(*valued(transfer, row), number.c.last_seq))
    return added.on_conflict_do_nothing().returning(transfer.c.transfer_id)


def reported(claim: Claim, seen: Mapping[str, Any], values: Mapping[str, Any], until: datetime.datetime) -> Insert:
    """Takes the key and moves the transfer on from where it was seen; no report where another one was quicker."""
    taken = claim.taken(until)
    here = transfer.c
    moved = (
        update(transfer)
        .where(
            here.transfer_id == seen["transfer_id"],
            here.reports == seen["reports"],
            exists(select(taken.c.key)),
        )
        .values(status=values["status"], reports=here.reports + 1)
        .returning(here.transfer_id, here.reports)
        .cte("moved")
    )
    row = {"report_id": UUID(claim.result), **values}
    added = insert(transfer_report).from_select(
        ["transfer_id", "no", *row], select(moved.c.transfer_id, moved.c.reports, *valued(transfer_report, row))
    )
    return added.returning(transfer_report.c.report_id)
