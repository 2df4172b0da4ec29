"""Rows of off.assignment: which officer may look at whom, for which task, from when to when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from datasources.city.briefs import total as total_cases
from datasources.city.casefile import Case
from datasources.city.cases import case
from datasources.city.casting import OFFICER_BY_CERT
from datasources.city.entities import entity
from datasources.city.money_rows import review_batch
from datasources.city.organisations import officers
from datasources.city.parties import GUARDIAN, PARTY
from datasources.city.personas import Operations
from datasources.city.sizes import Size, instant
from datasources.city.staging import STAGED
from datasources.references import reference

Rows = Iterator[tuple[object, ...]]


def _subjects(size: Size, seed: int, made: Case) -> list[str]:
    """References of the parties and their guardians; of a firm's representative too when the case is a story's."""
    found = [party.ref for party in made.parties if party.role in (PARTY, GUARDIAN)]
    what, number = made.brief.owner
    if made.brief.staged and what == "e":
        found.append(reference("p", entity(size, seed, number).representative.key))
    return list(dict.fromkeys(found))


def assignment_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows for the cases `start` to `stop`; open tasks have no end."""
    for number in range(start, min(stop, total_cases(size))):
        made = case(size, seed, number)
        begins = instant(made.filed - 2, 32_400)
        ends = (
            instant(made.closed, 64_800)
            if made.closed
            else instant(made.transferred, 64_800)
            if made.transferred
            else None
        )
        origin = "2" if made.brief.source == "4" else "3" if made.chance > 0.95 else "1"
        team = [(made.officers[0], "1"), (made.officers[1], "2")]
        if made.brief.case_no == Operations.case_no:
            team.append((made.officers[2], "4"))
        for subject in _subjects(size, seed, made):
            for officer, role in team:
                yield made.brief.case_no, officer.key, role, subject, begins, ends, origin


def review_assignment_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows for the batches of file review: the supervisor may look at the parties of the cases in the batch."""
    del start, stop
    supervisor = officers(size, seed)[OFFICER_BY_CERT[Operations.supervisor]]
    seen = set()
    for number in (
        *range(len(STAGED)),
        *range(len(STAGED) + size.inspections, len(STAGED) + size.inspections + size.penalties),
    ):
        if number % 12 != 5 and number >= len(STAGED):
            continue
        made = case(size, seed, number)
        batch = review_batch(made)
        if batch is None:
            continue
        year, quarter = int(batch[3:7]), int(batch[-1])
        begins = instant(_first_day(year, quarter), 32_400)
        ends = None if batch == Operations.review_batch else instant(_first_day(year, quarter) + 88, 64_800)
        for subject in _subjects(size, seed, made):
            if (batch, subject) not in seen:
                seen.add((batch, subject))
                yield batch, supervisor.key, "4", subject, begins, ends, "1"


def _first_day(year: int, quarter: int) -> int:
    return date(year, quarter * 3 - 2, 1).toordinal()
