"""``tongcha disclosure``: publish now, and show who has been handed out what."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from auth.audit.terms import timestamp
from datasources.errors import SourceError
from datasources.published import Delivery, Published
from gateway.background import READ, publisher_of
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal
from gateway.publishing import Counts
from gateway.settings import DATABASE_PREFIX


def run() -> None:
    """Look at every case once: publish what is due, publish anew what has changed, withdraw what may not stay."""
    databases = _databases(*READ, "gateway")
    counts = asyncio.run(_run(databases))
    if counts is None:
        raise Refusal("tongcha: another process publishes")
    print(
        ", ".join(f"{counts[name]} {name}" for name in ("published", "updated", "withdrawn", "held", "late", "waiting"))
    )
    if counts["vanished"]:
        raise Refusal(f"tongcha: {counts['vanished']} published records are not in the case database: nothing was done")


def delivered(change: str) -> None:
    """List which clients have fetched the feed past a change, and when they first did.

    Parameters
    ----------
    change: the number of a change, or of a disclosure: then of its last change.
    """
    for one in asyncio.run(_delivered(_databases("gateway")["gateway"], change)):
        print(f"{one.client}\t{timestamp(one.at)}")


def _databases(*names: str) -> Mapping[str, str]:
    databases = read_settings().databases
    missing = [f"{DATABASE_PREFIX}{name.upper()}" for name in names if name not in databases]
    if missing:
        raise Refusal(f"tongcha: not set: {', '.join(missing)}")
    return databases


async def _run(databases: Mapping[str, str]) -> Counts | None:
    publisher = publisher_of(databases)
    try:
        return await publisher.run(everything=True)
    except SourceError as error:
        raise Refusal(f"tongcha: {error.code}") from None
    except ValueError:
        raise Refusal("tongcha: gw.disclosure_rule has an obligation that there is not") from None
    finally:
        await publisher.close()


async def _delivered(dsn: str, change: str) -> list[Delivery]:
    published = Published(dsn)
    try:
        seq = int(change) if change.isdecimal() else await published.last_change_of(change)
        if seq is None:
            raise Refusal("tongcha: no such change")
        return list(await published.delivered(seq))
    except SourceError as error:
        raise Refusal(f"tongcha: {error.code}") from None
    finally:
        await published.close()
