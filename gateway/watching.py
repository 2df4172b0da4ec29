"""The persons who are named in what is published: asked about again and again, so that a mark takes their records out in a moment.

Nobody tells when an owner marks a person, and what is delivered is not told apart by when: the owner's table of persons has no
index by it. So the few whose names are published are asked about by their keys, `AT_ONCE` at a time and in turn, whatever the
number of persons in the city. The answer has those alone of whom something may follow: who is marked, and who is young.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Uuid, any_, bindparam, or_, select

from datasources.references import parse_reference
from datasources.tables.population import person
from gateway.candidates import NATURAL_PERSON, Candidate
from gateway.verdicts import OF_AGE, PARTY

AT_ONCE = 5_000
"""Persons in one question: some tens of milliseconds of the owner's database."""
OLDEST = 5
"""Years: what is published is of decisions no older. Of an older one a corrected day of birth is seen by the look of the day."""
ASKED = ("birth_date", "protection_flag", "sealed")
"""What the verdict rests on."""

State = tuple[Any, ...]
Row = Mapping[str, Any]


class Watched:
    """The persons by key, in the order of their turns, each with the disclosures that name them; and of each of these, what was
    known of them when it was judged."""

    def __init__(self) -> None:
        self._named: OrderedDict[UUID, tuple[str, ...]] = OrderedDict()
        self._judged: dict[str, tuple[tuple[UUID, State | None], ...]] = {}

    def __len__(self) -> int:
        return len(self._named)

    def note(self, one: Candidate, today: datetime.date, *, published: bool) -> None:
        """A record was judged: who is punished in it is watched as long as it is published."""
        self.forget(one.key)
        found = {key: _state(row, today) for key, row in _punished(one)} if published else {}
        if found:
            self._judged[one.key] = tuple(found.items())
        for key in found:
            self._named[key] = (*self._named.get(key, ()), one.key)

    def forget(self, disclosure: str) -> None:
        """A record is not published any more."""
        for key, _ in self._judged.pop(disclosure, ()):
            left = tuple(one for one in self._named.pop(key) if one != disclosure)
            if left:
                self._named[key] = left

    def turn(self) -> Sequence[UUID]:
        """Those who are asked about next."""
        found = []
        for _ in range(min(AT_ONCE, len(self._named))):
            key = next(iter(self._named))
            self._named.move_to_end(key)
            found.append(key)
        return found

    def differing(self, asked: Collection[UUID], rows: Iterable[Row], today: datetime.date) -> set[str]:
        """The disclosures of those who are not what they were when these were judged: `rows` are what `question` gave.

        They differ until they are judged again: what could not be done then is found once more at the next turn.
        """
        told = {row["person_id"]: _state(row, today) for row in rows}
        of = {one for key in asked for one in self._named.get(key, ())}
        wanted = set(asked)
        return {one for one in of if any(key in wanted and told.get(key) != state for key, state in self._judged[one])}


def question(keys: Sequence[UUID], today: datetime.date) -> Select[Any]:
    """Those of the persons who are marked or young."""
    wanted = bindparam("keys", list(keys), type_=ARRAY(Uuid()))
    noted = or_(
        person.c.sealed, person.c.protection_flag > 0, person.c.birth_date > bindparam("since", _since(today), Date())
    )
    return select(person.c.person_id, *(person.c[name] for name in ASKED)).where(
        person.c.person_id == any_(wanted), noted
    )


def _since(today: datetime.date) -> datetime.date:
    return datetime.date(today.year - OF_AGE - OLDEST, 1, 1)


def _state(row: Row | None, today: datetime.date) -> State | None:
    """What matters of a person; None when nothing does."""
    if row is None or not (row["sealed"] or row["protection_flag"] or _is_young(row["birth_date"], today)):
        return None
    return tuple(row[name] for name in ASKED)


def _is_young(born: datetime.date | None, today: datetime.date) -> bool:
    return born is not None and born > _since(today)


def _punished(one: Candidate) -> Iterator[tuple[UUID, Row | None]]:
    """The natural persons whom the population database may know, with what it says of them."""
    for party in one.parties:
        if party["role_code"] == PARTY and party["subject_type"] == NATURAL_PERSON:
            try:
                key = parse_reference(party["subject_ref"] or "")[1]
            except ValueError:
                continue
            yield key, one.people.get(party["subject_ref"])
