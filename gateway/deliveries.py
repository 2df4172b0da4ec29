"""The proof of delivery: which client was handed out the feed of changes up to where, and when.

A partner has to delete what is withdrawn, and whoever withdraws has to be able to show that it was told. One row a batch is
written after the answer's record and before its first byte; without it the batch is not released.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from auth.viewer import AccessRequest, CallerKind, Viewer
from datasources.database import Database
from datasources.errors import SourceError
from datasources.tables.disclosure import feed_delivery
from gateway.adhoc import compile_adhoc
from gateway.errors import ErrorCode, GatewayError
from gateway.recorder import Recorder
from gateway.request import Answer
from gateway.trace import Fed


class DeliveryRecorder:
    """Writes down what is delivered to partners, behind another recorder."""

    def __init__(self, recorder: Recorder, database: Database, now: Callable[[], datetime.datetime]) -> None:
        self._recorder = recorder
        self._database = database
        self._now = now

    async def record(
        self,
        viewer: Viewer | None,
        access: AccessRequest | None,
        variables: Mapping[str, Any],
        answer: Answer,
        body: bytes,
    ) -> None:
        """See `Recorder`. Raises GatewayError where the delivery cannot be written down."""
        await self._recorder.record(viewer, access, variables, answer, body)
        if answer.trace is None or answer.status_hint != "executed":
            return
        if viewer is None or viewer.kind is not CallerKind.PARTNER:
            return
        rows = list(_rows(viewer, access, answer.trace.fed, self._now()))
        if not rows:
            return
        added = insert(feed_delivery).values(rows).on_conflict_do_nothing()
        text, parameters = compile_adhoc(added.returning(feed_delivery.c.seq))
        try:
            await self._database.rows(text, parameters)
        except SourceError as error:
            raise GatewayError(ErrorCode[error.code]) from None

    def count(self, code: ErrorCode) -> None:
        """See `Recorder`."""
        self._recorder.count(code)

    async def close(self) -> None:
        """See `Recorder`."""
        await self._database.close()
        await self._recorder.close()


def _rows(
    viewer: Viewer, access: AccessRequest | None, batches: Iterable[Fed], at: datetime.datetime
) -> Iterator[dict[str, Any]]:
    furthest: dict[int, int] = {}
    for batch in batches:
        furthest[batch.upto] = min(batch.after, furthest.get(batch.upto, batch.after))
    for upto, after in sorted(furthest.items()):
        yield {
            "client_id": viewer.client,
            "issuer": viewer.issuer,
            "seq": upto,
            "after_seq": after,
            "agreement_no": access.agreement_no if access is not None else None,
            "delivered_at": at,
        }
