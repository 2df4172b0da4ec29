"""What wakes the subscribers of the change feed: notices of the gateway's own database, whoever wrote there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from datasources.notices import Notices
from gateway.adhoc import compile_adhoc
from gateway.settings import Settings
from resolvers.feed import change

CHANNEL = "tongcha_disclosure"
"""The channel that a writer of ``gw.change_log`` notifies once it has committed, with the last number as the payload."""


def changes_of(settings: Settings) -> Callable[[Callable[[], None]], Awaitable[None]] | None:
    """What calls a function whenever the feed may have grown, until it is cancelled; None without the database."""
    dsn = settings.databases.get("gateway")
    if dsn is None:
        return None
    text, _ = compile_adhoc(select(func.max(change.c.seq)))
    return lambda heard: Notices("gateway", dsn, CHANNEL, text, heard).follow()
