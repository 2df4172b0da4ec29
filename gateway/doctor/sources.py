"""The databases: whether each answers, over what, with what is needed and nothing else; and agreements that are about to end."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import AsyncIterator, Iterator

from sqlalchemy import select

from datasources.database import Database
from datasources.errors import SourceError
from datasources.privileges import Rights, rights_in
from datasources.provision import WRITABLE
from datasources.tables import DATABASES
from datasources.tables.calendar import day_of
from datasources.tables.gateway import agreement
from gateway.adhoc import compile_adhoc
from gateway.doctor.findings import Finding, bad, good, listed, warning
from gateway.settings import Settings

APART = 1.0
"""Seconds between two clocks that are worth a look; tokens allow for thirty."""
SOON = datetime.timedelta(days=30)
IN_FORCE = "1"

_CONNECTION = """
SELECT extract(epoch FROM clock_timestamp())::float8, coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
       inet_client_addr() IS NULL OR inet_client_addr() <<= inet '127.0.0.0/8' OR inet_client_addr() = inet '::1'
"""


async def look_at_databases(settings: Settings) -> AsyncIterator[Finding]:
    """All that are set, side by side."""
    known = {name: dsn for name, dsn in settings.databases.items() if name in DATABASES}
    for found in await asyncio.gather(*(_look_at(name, dsn) for name, dsn in known.items())):
        for finding in found:
            yield finding


async def _look_at(name: str, dsn: str) -> list[Finding]:
    area = f"database: {name}"
    database = Database(name, dsn, connections=1, writable=name in WRITABLE)
    try:
        began = time.time()
        ((there, encrypted, here),) = await database.rows(_CONNECTION, ())
        ahead = there - (began + time.time()) / 2
        rights = await rights_in(database, DATABASES[name], writes=name in WRITABLE)
        ending = await _ending(database) if name == "gateway" and not rights.missing else []
    except SourceError as error:
        return [bad(area, f"it does not answer: {error.code}", "look at its address, its role and the way there")]
    finally:
        await database.close()
    found = [*_connection(area, ahead, encrypted=encrypted, here=here), *_rights(area, rights), *ending]
    return found or [good(area, "answers, with what is needed and nothing else")]


def _connection(area: str, ahead: float, *, encrypted: bool, here: bool) -> Iterator[Finding]:
    if not encrypted and not here:
        yield warning(area, "the connection is not encrypted", "add ?sslmode=verify-full to its address")
    if abs(ahead) > APART:
        yield warning(area, f"its clock is {ahead:+.1f} s from ours", "set both clocks by one source (NTP)")


def _rights(area: str, rights: Rights) -> Iterator[Finding]:
    if rights.missing:
        yield bad(area, f"not there, or not to be read: {listed(rights.missing)}", "ask its owner")
    if rights.attributes:
        yield bad(area, f"the role is {', '.join(rights.attributes)}", "ALTER ROLE … NO… for each")
        if "SUPERUSER" in rights.attributes:
            return  # it may do everything
    wide = (
        (rights.roles, "the role may act as", "REVOKE these roles from it"),
        (rights.owned, "the role owns", "ALTER TABLE … OWNER TO somebody who administers"),
        (rights.written, "the role may write to", "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER"),
        (rights.read, "the role may read what is not shared:", "REVOKE SELECT"),
        (rights.creates, "the role may make tables in", "REVOKE CREATE ON SCHEMA, from PUBLIC too"),
    )
    for names, said, todo in wide:
        if names:
            yield bad(area, f"{said} {listed(names)}", todo)


async def _ending(database: Database) -> list[Finding]:
    today = day_of(datetime.datetime.now(datetime.UTC))
    ends = agreement.c.valid_to
    query = (
        select(agreement.c.agreement_no, ends)
        .where(agreement.c.status_code == IN_FORCE, ends >= today, ends <= today + SOON)
        .order_by(ends, agreement.c.agreement_no)
    )
    text, parameters = compile_adhoc(query)
    rows = await database.rows(text, parameters)
    if not rows:
        return []
    said = listed([f"{number} on {day}" for number, day in rows])
    return [warning("agreements", f"about to end: {said}", "renew them, or tell the partners")]
