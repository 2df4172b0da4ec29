"""The directories of double-random inspections (双随机、一公开: 一单两库) as of a moment, page by page.

What a cursor leads to is of the moment of the first page: the cursor has that moment, and the digest of all that was shown or
could have been. A reading is kept for `SECONDS`. After that, and in another process, the registers are read again, and where
they are not what they were the cursor is none any more: whoever pages begins anew, and never has half of two moments.
"""

from __future__ import annotations

import asyncio
import datetime
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import orjson

from auth.seals import Seal
from auth.viewer import CallerKind
from datasources.digests import digest_of
from datasources.references import reference
from datasources.tables.calendar import day_of
from datasources.tickets import avoidance_line, member_line, officer_line
from gateway.asking import Oneself
from gateway.populations import MOST, Directory, Wanted, directory_of, industry, place_within, tickets
from gateway.store import Bounded
from gateway.trace import Subject, subject_of
from resolvers.checks import credit_code
from resolvers.directories import (
    FIRST,
    OBJECTS,
    OFFICERS,
    DirectoryAsked,
    InspectionObject,
    InspectionObjectPage,
    InspectionOfficer,
    InspectionOfficerPage,
)
from resolvers.errors import BadInput
from resolvers.fields import coded
from resolvers.hand_pages import Place, counted, opened
from resolvers.sampling import DrawKind

KEPT = 4
"""Readings that a process keeps, each of 20,000 objects at the most."""
SECONDS = 30.0
"""For how long one is believed."""
CITY = ""
"""The level of a platform: the whole city, which is all that the registers have."""

Row = Mapping[str, Any]


class Asked(Protocol):
    """What the databases are asked through: the context of the request."""

    now: datetime.datetime
    seal: Seal
    oneself: Oneself
    counts: Counter[str]
    subjects: list[Subject]

    async def read(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement, which are not those of the answer. Raises GatewayError."""
        ...


class Behind(NamedTuple):
    """Where a page goes on: the moment and the digest of the reading, and the key of the item before."""

    at: datetime.datetime
    digest: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Both directories at one moment, with their digests: `digest` is of all that is shown of them."""

    directory: Directory
    digest: str
    of_objects: str
    of_officers: str
    of_population: str
    until: float


class Directories:
    """The readings of a process."""

    def __init__(self) -> None:
        self._kept: Bounded[tuple[Wanted, str | datetime.datetime], Reading] = Bounded(2 * KEPT)
        """By digest, for those who page, and by the moment of the request that had it made."""
        self._making = asyncio.Lock()

    async def objects(self, asked: Asked, given: DirectoryAsked) -> InspectionObjectPage | None:
        """A page of the objects. Raises BadInput, GatewayError."""
        page = await self._page(asked, given, OBJECTS, "uscc", lambda found: found.directory.objects)
        if page is None:
            return None
        asked.counts["legal_entity"] += len(page.rows)
        asked.subjects += [("LegalEntity", reference("e", row["entity_id"])) for row in page.rows]
        return InspectionObjectPage(
            as_of=page.at,
            total=len(page.reading.directory.objects),
            digest=page.reading.of_objects,
            population_digest=page.reading.of_population,
            nodes=[_object(row) for row in page.rows],
            page_info=page.place,
        )

    async def officers(self, asked: Asked, given: DirectoryAsked) -> InspectionOfficerPage | None:
        """A page of the officers. Raises BadInput, GatewayError."""
        page = await self._page(asked, given, OFFICERS, "cert_no", lambda found: found.directory.officers)
        if page is None:
            return None
        asked.counts["personnel"] += len(page.rows)
        asked.subjects += [subject_of("Officer", (row["officer_id"],)) for row in page.rows]
        avoids: dict[str, list[str]] = {}
        for number, key in sorted(page.reading.directory.avoids):
            avoids.setdefault(number, []).append(key)
        return InspectionOfficerPage(
            as_of=page.at,
            total=len(page.reading.directory.officers),
            digest=page.reading.of_officers,
            population_digest=page.reading.of_population,
            nodes=[_officer(row, avoids.get(row["cert_no"], [])) for row in page.rows],
            page_info=page.place,
        )

    async def _page(
        self,
        asked: Asked,
        given: DirectoryAsked,
        coordinate: str,
        key: str,
        listed: Callable[[Reading], Sequence[Row]],
    ) -> _Page | None:
        count = counted(given.first, FIRST)
        behind = opened(given.after, asked.seal, coordinate, _read)
        at = asked.now if behind is None else behind.at
        reading = await self._reading(asked, _wanted(asked, given, at), behind)
        if reading is None:
            return None
        rest = [row for row in listed(reading) if behind is None or row[key] > behind.key]
        rows = rest[:count]
        place: Any = Place(
            items=rows,
            more=len(rest) > count,
            seal=asked.seal,
            coordinate=coordinate,
            sort=lambda row: (at.isoformat(), reading.digest, row[key]),
        )
        return _Page(reading=reading, at=at, rows=rows, place=place)

    async def _reading(self, asked: Asked, wanted: Wanted, behind: Behind | None) -> Reading | None:
        """One is made at a time: several of one request, and requests of several callers, must not read the registers side by side."""
        key = (wanted, asked.now if behind is None else behind.digest)
        async with self._making:
            kept = self._kept.get(key)
            if kept is not None and kept.until > time.monotonic():
                return kept
            made = await self._made(asked, wanted, behind)
            if made is not None:
                self._kept.put((wanted, asked.now), made)
                self._kept.put((wanted, made.digest), made)
            return made

    async def _made(self, asked: Asked, wanted: Wanted, behind: Behind | None) -> Reading | None:
        directory = await directory_of(_Uncounted(asked), wanted)
        if directory is None:
            return None
        if len(directory.objects) > MOST:
            raise BadInput("divisionPrefix")
        made = await asyncio.to_thread(_made, directory)
        if behind is not None and made.digest != behind.digest:
            raise BadInput("after")
        return made


@dataclass(frozen=True, kw_only=True)
class _Page:
    reading: Reading
    at: datetime.datetime
    rows: Sequence[Row]
    place: Any


@dataclass(frozen=True)
class _Uncounted:
    """A directory is read as a whole for its digests: of the answer are the rows of the page."""

    asked: Asked

    async def rows(self, database: str, statement: Any) -> list[Row]:
        return await self.asked.read(database, statement)


def _read(values: Sequence[Any]) -> Behind:
    at, digest, key = values
    return Behind(datetime.datetime.fromisoformat(at), str(digest), str(key))


def _wanted(asked: Asked, given: DirectoryAsked, at: datetime.datetime) -> Wanted:
    low, _ = asked.oneself.divisions
    level = CITY if asked.oneself.kind == CallerKind.PARTNER.value else low
    place, branch = given.division_prefix, given.industry_prefix
    return Wanted(
        kind=DrawKind.DOUBLE_RANDOM,
        org_uscc=_checked("orgUscc", credit_code, given.org_uscc),
        level=level,
        day=day_of(at),
        place_prefix=None
        if place is None
        else _checked("divisionPrefix", lambda text: place_within(text, level), place),
        industry_prefix=None if branch is None else _checked("industryPrefix", industry, branch),
    )


def _checked(argument: str, check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise BadInput(argument) from error


def _made(directory: Directory) -> Reading:
    population = directory.population
    officers = [officer_line(number) for number in population.officers]
    shown = (*directory.objects, *directory.officers)
    return Reading(
        directory=directory,
        digest=digest_of([*(orjson.dumps(row, default=str).decode() for row in shown), population.digest()]),
        of_objects=digest_of(member_line(one) for one in population.members),
        of_officers=digest_of([*officers, *(avoidance_line(*one) for one in population.avoids)]),
        of_population=population.digest(),
        until=time.monotonic() + SECONDS,
    )


_RISK = coded("entity.risk_class")


def _object(row: Row) -> InspectionObject:
    same = ("uscc", "name", "division_code", "industry_code")
    risk = row["risk_class"]
    code: Any = None
    if risk is not None:
        code = {"list": _RISK.list_name, "code": risk, "label": _RISK.labels.get(risk, risk)}
    return InspectionObject(**{name: row[name] for name in same}, risk_class=code, tickets=tickets(risk))


def _officer(row: Row, avoids: list[str]) -> InspectionOfficer:
    return InspectionOfficer(
        cert_no=row["cert_no"],
        name=row["name"],
        fields=list(row["cert_fields"]),
        cert_valid_to=row["cert_valid_to"],
        avoids=avoids,
    )
