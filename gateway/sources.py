"""The databases of the settings, as requests ask them. Each is connected to when first asked."""

from __future__ import annotations

from datasources.database import Database
from datasources.queueing import Waiting
from gateway.settings import Settings

OWN = "gateway"
"""The gateway's own database, the only one that it writes to."""


def databases_of(settings: Settings, *, sharing: bool = True) -> dict[str, Database]:
    """By name. Without `sharing` every request sends statements of its own."""
    waiting = Waiting(
        partner=settings.source_wait_partner, batch=settings.source_wait_batch, room=settings.source_queue
    )
    return {
        name: Database(
            name,
            address,
            budget=settings.source_budgets.get(name, settings.source_budget),
            longest=settings.report_deadline,
            writable=name == OWN,
            sharing=sharing,
            waiting=waiting,
        )
        for name, address in settings.databases.items()
    }
