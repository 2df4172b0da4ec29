"""The authorities that handle cases, by code and by id, for lists that a resolver of its own makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from datasources.tables.personnel import org
from resolvers.checks import credit_code
from resolvers.errors import BadInput

Row = Mapping[str, Any]


class Context(Protocol):
    """What the databases are asked through."""

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement; raises what the gateway shows when the database does not answer."""
        ...


async def authority(context: Context, uscc: str) -> Row | None:
    """The id of the authority of a code; None when there is none. Raises BadInput."""
    try:
        code = credit_code(uscc)
    except ValueError as error:
        raise BadInput("orgUscc") from error
    rows = await context.rows("personnel", select(org.c.org_id).where(org.c.uscc == code, org.c.sealed.is_(False)))
    return rows[0] if rows else None


async def authorities_of(context: Context, rows: Iterable[Row]) -> dict[Any, Row]:
    """The codes and names of the authorities in rows, by ``org_id``."""
    ids = sorted({row["org_id"] for row in rows})
    if not ids:
        return {}
    wanted = bindparam("ids", ids, type_=ARRAY(Uuid()))
    found = select(org.c.org_id, org.c.uscc, org.c.name).where(org.c.org_id == any_(wanted), org.c.sealed.is_(False))
    return {row["org_id"]: row for row in await context.rows("personnel", found)}
