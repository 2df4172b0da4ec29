"""``tongcha sample``: a random draw repeated from its record, by whoever may read the databases."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from datasources.database import Database
from datasources.errors import SourceError
from gateway.adhoc import compile_adhoc
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal
from gateway.sampling import of_number, repeated
from resolvers.sampling import DrawOutcome


class Reading:
    """What a draw is repeated through: the databases of the settings."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases

    async def rows(self, database: str, statement: Any) -> list[Mapping[str, Any]]:
        """The rows of a statement. Raises SourceError and Refusal."""
        if database not in self._databases:
            raise Refusal(f"tongcha: not set: TONGCHA_DATABASE_{database.upper()}")
        text, parameters = compile_adhoc(statement)
        return [dict(record) for record in await self._databases[database].rows(text, parameters)]


def verify(draw_no: str, /) -> None:
    """Repeat a draw; exits with 1 unless the list is the recorded one. What is printed below the outcome was drawn now.

    Parameters
    ----------
    draw_no: number of the draw.
    """
    lines, outcome = asyncio.run(_verified(draw_no))
    print("\n".join(lines))
    if outcome is not DrawOutcome.CONFIRMED:
        raise SystemExit(1)


async def _verified(draw_no: str) -> tuple[list[str], DrawOutcome]:
    databases = {name: Database(name, dsn, writable=False) for name, dsn in read_settings().databases.items()}
    reading = Reading(databases)
    try:
        rows = await reading.rows("gateway", of_number(draw_no))
        if not rows:
            raise Refusal("tongcha: no such draw")
        (row,) = rows
        outcome, population, found = await repeated(reading, row)
    except SourceError as error:
        raise Refusal(f"tongcha: {error.database}: {error.code}") from None
    finally:
        for database in databases.values():
            await database.close()
    said = {
        "outcome": outcome.name,
        "algorithm": row["algorithm"],
        "seed": row["seed"],
        "population": f"{row['population_size']} {row['population_digest']}",
        "population now": f"{len(population.members)} {population.digest()}",
    }
    return [
        *(f"{name}: {value}" for name, value in said.items()),
        *(" ".join((one.key, *one.team)) for one in found),
    ], outcome
