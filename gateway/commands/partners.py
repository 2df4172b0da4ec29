"""``tongcha partners``: the partner systems and their agreements in the gateway's own database."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
from asyncpg.connect_utils import SessionAttribute
from sqlalchemy import Update, select, update
from sqlalchemy.sql import ClauseElement

from datasources.connection import Lost, first_of
from datasources.tables.calendar import CHINA
from datasources.tables.gateway import agreement, client
from gateway.adhoc import compile_adhoc
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal
from gateway.partners import PartnersInvalid, parse_partners
from resolvers.schema import catalog

ENDED = "3"
"""终止."""
STANDING = {"1": "in force", "2": "suspended", "3": "ended"}

Connection = Any


def load(file: Path, /) -> None:
    """Register the clients and agreements of a file, all or none; gateways take them at the next request that states one.

    Parameters
    ----------
    file: TOML, as docs/operating.md shows it.
    """
    try:
        partners = parse_partners(file.read_text(encoding="utf-8"), catalog)
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"tongcha: {file}: {error}") from None
    except PartnersInvalid as error:
        raise Refusal("\n".join(f"tongcha: {file}: {fault}" for fault in error.faults)) from None

    async def write(connection: Connection) -> None:
        named = {row["client_id"] for row in partners.agreements} - {row["client_id"] for row in partners.clients}
        known = await _rows(connection, select(client.c.client_id).where(client.c.client_id.in_(named)))
        unknown = sorted(named - {row["client_id"] for row in known})
        if unknown:
            raise Refusal(f"tongcha: {file}: no such client: {', '.join(unknown)}")
        for statement in partners.statements(_today()):
            await _rows(connection, statement)

    _within(write)
    print(f"Registered: {len(partners.clients)} clients, {len(partners.agreements)} agreements.")


def show() -> None:
    """List the agreements, each with its client, purpose, term, quota and standing."""
    columns = [
        agreement.c[name]
        for name in ("agreement_no", "client_id", "purpose", "valid_from", "valid_to", "quota", "row_quota")
    ]

    async def read(connection: Connection) -> list[Any]:
        return await _rows(connection, select(*columns, agreement.c.status_code).order_by(agreement.c.agreement_no))

    for row in _within(read):
        over = row["valid_to"] is not None and row["valid_to"] < _today()
        standing = "over" if over else STANDING.get(row["status_code"], row["status_code"])
        term = f"{row['valid_from']} to {row['valid_to'] or 'no end'}"
        limits = {"requests": row["quota"], "rows": row["row_quota"]}
        counted = ", ".join(f"{limit} {what}" for what, limit in limits.items() if limit is not None)
        quota = f"{counted} a day" if counted else "no quota"
        print(f"{row['agreement_no']}  {row['client_id']}  {row['purpose']}  {term}  {quota}  {standing}")


def expire(agreement_no: str, /) -> None:
    """End an agreement (终止): no gateway takes it after 30 seconds.

    Parameters
    ----------
    agreement_no: its number.
    """
    ended: Update = update(agreement).where(agreement.c.agreement_no == agreement_no).values(status_code=ENDED)

    async def write(connection: Connection) -> list[Any]:
        return await _rows(connection, ended.returning(agreement.c.client_id))

    if not _within(write):
        raise Refusal(f"tongcha: no such agreement: {agreement_no}")
    print(f"Ended: {agreement_no}.")


def _today() -> datetime.date:
    return datetime.datetime.now(CHINA).date()


async def _rows(connection: Connection, statement: ClauseElement) -> list[Any]:
    text, parameters = compile_adhoc(statement)
    return list(await connection.fetch(text, *parameters))


def _within(work: Callable[[Connection], Awaitable[Any]]) -> Any:
    """What the work gives, done in one transaction in the gateway's own database."""
    dsn = read_settings().databases.get("gateway")
    if dsn is None:
        raise Refusal("tongcha: not set: TONGCHA_DATABASE_GATEWAY")

    async def worked() -> Any:
        connection, _ = await first_of(dsn, _connected)
        try:
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(worked())
    except (Lost, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise Refusal(f"tongcha: TONGCHA_DATABASE_GATEWAY: {type(error).__name__}") from None


async def _connected(url: str, part: float) -> Connection:
    return await asyncpg.connect(url, timeout=10 * part, target_session_attrs=SessionAttribute.primary)
