"""``tongcha audit affected``: whose data were given out, for the duty to tell them (个人信息保护法 art. 57)."""

from __future__ import annotations

import asyncio
import datetime
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from auth.audit.reader import records
from auth.audit.terms import timestamp
from datasources.errors import SourceError
from datasources.shipped import Affected, Shipped
from gateway.commands.audit import logs_of
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal

From = Annotated[datetime.datetime, Parameter(name="--from")]
To = Annotated[datetime.datetime | None, Parameter(name="--to")]


def affected(
    *,
    since: From,
    until: To = None,
    client: str | None = None,
    caller: str | None = None,
    segments: Path | None = None,
) -> None:
    """List the subjects whose data a client or a caller was given in a period: type, pseudonym, answers, first, last.

    Parameters
    ----------
    since: beginning, ISO 8601; UTC without an offset.
    until: end, not included; now unless given.
    client: client_id of the system.
    caller: sub of the caller.
    segments: directory with logs that are read in place of the database.
    """
    if client is None and caller is None:
        raise Refusal("tongcha: say --client or --caller")
    begin, end = _utc(since), _utc(until) if until is not None else datetime.datetime.now(datetime.UTC)
    if segments is not None:
        found: Sequence[Affected] = list(_affected_in(segments, client, caller, timestamp(begin), timestamp(end)))
    else:
        found = asyncio.run(_affected_in_database(client, caller, begin, end))
    for one in found:
        print(f"{one.type}\t{one.pseudonym}\t{one.answers}\t{timestamp(one.first)}\t{timestamp(one.last)}")
    print(f"{len(found)} subjects.", file=sys.stderr)


def _utc(at: datetime.datetime) -> datetime.datetime:
    return at.replace(tzinfo=datetime.UTC) if at.tzinfo is None else at


async def _affected_in_database(
    client: str | None, caller: str | None, begin: datetime.datetime, end: datetime.datetime
) -> Sequence[Affected]:
    dsn = read_settings().databases.get("gateway")
    if dsn is None:
        raise Refusal("tongcha: not set: TONGCHA_DATABASE_GATEWAY (or say --segments)")
    database = Shipped(dsn)
    try:
        return await database.affected(client=client, caller=caller, since=begin, until=end)
    except SourceError as error:
        raise Refusal(f"tongcha: TONGCHA_DATABASE_GATEWAY: {error.code}") from None
    finally:
        await database.close()


def _affected_in(root: Path, client: str | None, caller: str | None, begin: str, end: str) -> Iterator[Affected]:
    counts: Counter[tuple[str, str]] = Counter()
    times: dict[tuple[str, str], tuple[str, str]] = {}
    for log in logs_of(root):
        for stored in records(log):
            by = stored.entry.get("caller", {})
            if (
                stored.entry.get("outcome") == "RELEASED"
                and begin <= stored.time < end
                and client in {None, by.get("client")}
                and caller in {None, by.get("subject")}
            ):
                for line in stored.subjects:
                    key = line["type"], line["pseudonym"]
                    counts[key] += 1
                    first, last = times.get(key, (stored.time, stored.time))
                    times[key] = min(first, stored.time), max(last, stored.time)
    for (kind, pseudonym), count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        began, ended = map(datetime.datetime.fromisoformat, times[kind, pseudonym])
        yield Affected(kind, pseudonym, count, began, ended)
