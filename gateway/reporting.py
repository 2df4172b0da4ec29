"""What the police's platform reports of a transfer (两法衔接反馈): which step may follow which, and what each must say.

    SENT → RECEIVED 受理 → FILED 立案 → JUDGED 判决
                         ↘ NOT_FILED 不立案 → RECONSIDERATION 复议 → FILED, NOT_FILED
                                           ↘ SUPERVISED 监督立案 → FILED, NOT_FILED

国务院令 310 as revised by 730: reasons in writing when it is not filed (art. 8), a review on the agency's application or
supervision by the procuratorate (art. 9, 10).
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from auth.viewer import Viewer
from datasources.tables.calendar import day_of
from datasources.tables.gateway import transfer, transfer_report
from gateway.idempotency import KEY_TEXTS, Claim, Faults, Texts, outdated
from gateway.outbox import reported
from resolvers.handover import TransferStatusInput
from resolvers.outbox import TransferProgress as P

OPERATION = "reportTransferStatus"
NUMBER_LENGTH, REASON_LENGTH = 100, 500

FOLLOWS: Mapping[P, frozenset[P]] = MappingProxyType(
    {
        P.SENT: frozenset({P.RECEIVED}),
        P.RECEIVED: frozenset({P.FILED, P.NOT_FILED}),
        P.NOT_FILED: frozenset({P.RECONSIDERATION, P.SUPERVISED}),
        P.RECONSIDERATION: frozenset({P.FILED, P.NOT_FILED}),
        P.SUPERVISED: frozenset({P.FILED, P.NOT_FILED}),
        P.FILED: frozenset({P.JUDGED}),
        P.JUDGED: frozenset(),
    }
)
"""The steps that may follow each."""

NUMBERED = frozenset({P.FILED, P.NOT_FILED, P.SUPERVISED, P.JUDGED})
"""Steps that have a document with a number."""
REASONED = frozenset({P.NOT_FILED})
"""Steps that must say why."""

FAULTS: Texts = {
    **KEY_TEXTS,
    "TRANSFER_NOT_FOUND": (("transferId",), "No such transfer."),
    "STEP_NOT_POSSIBLE": (("status",), "This cannot follow what was reported before."),
    "NUMBER_REQUIRED": (("decisionNo",), "A number of at most 100 characters is required."),
    "NUMBER_INVALID": (("decisionNo",), "A number has at most 100 printable characters."),
    "REASON_REQUIRED": (("reason",), "A reason of at most 500 characters is required."),
    "REASON_INVALID": (("reason",), "A reason has at most 500 printable characters."),
    "DAY_NOT_POSSIBLE": (("decidedOn",), "The day must not be before the step before, nor in the future."),
}

Row = Mapping[str, Any]


class Asked(Protocol):
    """What the databases are asked through: the context of the request."""

    viewer: Viewer
    now: datetime.datetime

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement. Raises GatewayError."""
        ...

    def row_conditions(self, source: Any) -> tuple[Any, ...]:
        """Which rows of a table the caller sees."""
        ...


async def report(asked: Asked, given: TransferStatusInput, *, days: int) -> UUID:
    """The key of the transfer, which was moved on now or under the same idempotency key before. Raises Faults."""
    claim = Claim.of(asked.viewer, OPERATION, given.idempotency_key, given, str(uuid.uuid4()))
    seen = await _seen(asked, given.transfer_id)
    known = await claim.made(asked)
    if known is None:
        wrong = list(_wrong(day_of(asked.now), seen, await _last_day(asked, seen), given))
        if not wrong:
            values = {
                "status": given.status.value,
                "decision_no": given.decision_no,
                "decided_on": given.decided_on,
                "reason": given.reason,
                "reported_at": asked.now,
                "client_id": asked.viewer.client,
            }
            await asked.rows("gateway", outdated(asked.now))
            await asked.rows("gateway", reported(claim, seen, values, asked.now + datetime.timedelta(days=days)))
        known = await claim.made(asked)  # by this request, or by its twin meanwhile
        if known is None:
            raise Faults(*wrong)
    made = select(transfer_report.c.no).where(transfer_report.c.report_id == UUID(known))
    if not await asked.rows("gateway", made):
        raise Faults("STEP_NOT_POSSIBLE")  # another report was quicker
    key: UUID = seen["transfer_id"]
    return key


async def _seen(asked: Asked, text: str) -> Row:
    try:
        key = UUID(text)
    except ValueError:
        raise Faults("TRANSFER_NOT_FOUND") from None
    conditions = (transfer.c.transfer_id == key, *asked.row_conditions(transfer))
    rows = await asked.rows("gateway", select(transfer).where(*conditions))
    if not rows:
        raise Faults("TRANSFER_NOT_FOUND")
    return rows[0]


async def _last_day(asked: Asked, seen: Row) -> datetime.date:
    """The day of the step before."""
    day: datetime.date = day_of(seen["sent_at"])
    last = select(transfer_report.c.decided_on).where(
        transfer_report.c.transfer_id == seen["transfer_id"], transfer_report.c.no == seen["reports"]
    )
    before: list[datetime.date] = [row["decided_on"] for row in await asked.rows("gateway", last)]
    return max([day, *before])


def _wrong(today: datetime.date, seen: Row, last: datetime.date, given: TransferStatusInput) -> Iterator[str]:
    if given.status not in FOLLOWS[P(seen["status"])]:
        yield "STEP_NOT_POSSIBLE"
    if not last <= given.decided_on <= today:
        yield "DAY_NOT_POSSIBLE"
    for text, longest, required, name in (
        (given.decision_no, NUMBER_LENGTH, given.status in NUMBERED, "NUMBER"),
        (given.reason, REASON_LENGTH, given.status in REASONED, "REASON"),
    ):
        if not (text or "").strip():
            if required or text is not None:
                yield f"{name}_REQUIRED"
        elif len(str(text)) > longest or not str(text).replace("\u3000", " ").isprintable():
            yield f"{name}_INVALID"
