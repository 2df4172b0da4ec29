"""How long records are kept: whole segments go once their term has passed, they are in the database and witnesses vouch for them.

What a law wants kept for longer is kept here for as long: a segment goes by the term of answers (three years), rows of the
database each by its own. The log says of itself what was removed, before it is.
"""

from __future__ import annotations

import asyncio
import datetime
import itertools
from dataclasses import dataclass
from pathlib import Path

from auth.audit.notice import Notice
from auth.audit.reader import records, segments_of
from auth.audit.terms import now, timestamp
from auth.audit.writer import AuditLog
from datasources.shipped import Shipped


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Days: of the records of answers, and of all others."""

    provision: int
    system: int

    def before(self, days: int) -> datetime.datetime:
        """What is older than this has had its term."""
        return now() - datetime.timedelta(days=days)


def kept_from(directory: Path, before: str, *, shipped: int, witnessed: int) -> int:
    """The first record of the first segment that has to stay. Raises LineInvalid, OSError."""
    segments = segments_of(directory)
    for (first, _), (following, _) in itertools.pairwise(segments):
        (last,) = records(directory, after=following - 2, until=following - 1)
        if last.time >= before or shipped < following - 1 or witnessed < following:
            return first
    return segments[-1][0] if segments else 1


async def retain(log: AuditLog, terms: Terms, *, shipped: int, witnessed: int) -> int:
    """Removes the segments that may go; how many records. Raises LineInvalid, OSError, AuditUnavailable."""
    before = timestamp(terms.before(terms.provision))
    kept = await asyncio.to_thread(kept_from, log.directory, before, shipped=shipped, witnessed=witnessed)
    gone = [(first, path) for first, path in segments_of(log.directory) if first < kept]
    if not gone:
        return 0
    count = kept - gone[0][0]
    await log.append(Notice(kind="retained", fields={"first": kept, "removed": count, "before": before}))
    for _, path in gone:
        path.unlink()
    return count


async def forget(database: Shipped, terms: Terms) -> int:
    """Deletes the rows of the database whose term has passed; how many. Raises SourceError."""
    answers = await database.delete(before=terms.before(terms.provision), released=True)
    return answers + await database.delete(before=terms.before(terms.system), released=False)
