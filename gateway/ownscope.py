"""Who a citizen is: from the reference in the token to the records that are their own (本人数据)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from auth.viewer import Viewer
from datasources.database import Database
from datasources.references import parse_reference, reference
from datasources.tables.calendar import day_of
from datasources.tables.legal_entity import entity, entity_person
from datasources.tables.population import id_document, person
from gateway.adhoc import compile_adhoc
from gateway.store import Bounded
from resolvers.marks import unmarked, unmarked_person

BELIEVED = 30.0
"""Seconds that it is believed who a citizen is and whom they represent. A no is asked again at the next request."""

REPRESENTS = ("1", "5")
"""法定代表人 (of a branch, its 负责人) and 经营者 of a sole trader: who acts for an organisation by law."""
DEREGISTERED = "3"
"""注销: nobody represents what is no more."""
RESIDENT_CARD, REGISTER = "111", "113"
"""Identity card, and household register (GA/T 517): its number may be somebody else's card, so it proves nothing."""


@dataclass(frozen=True, kw_only=True)
class Own:
    """What a citizen's records are found by: keys and references of the person or the organisations, and their numbers."""

    people: tuple[UUID, ...] = ()
    entities: tuple[UUID, ...] = ()
    cards: tuple[str, ...] = ()
    """Numbers of identity cards."""
    papers: tuple[str, ...] = ()
    """Numbers of other documents."""
    codes: tuple[str, ...] = ()
    """Unified social credit codes."""

    @property
    def references(self) -> tuple[str, ...]:
        """Under which other databases keep them."""
        return tuple(reference("p", key) for key in self.people) + tuple(reference("e", key) for key in self.entities)

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The bound parameters by name."""
        return {
            "scope_own_people": list(self.people),
            "scope_own_entities": list(self.entities),
            "scope_own_refs": list(self.references),
            "scope_own_cards": list(self.cards),
            "scope_own_papers": list(self.papers),
            "scope_own_codes": list(self.codes),
        }


NOBODY = Own()
"""Of everyone who is not a citizen about themselves."""


class OwnLookup:
    """Who a citizen is, from the population database, and whom they represent, from the register of organisations."""

    def __init__(self, databases: Mapping[str, Database], now: Callable[[], datetime]) -> None:
        self._databases = databases
        self._now = now
        self._believed: Bounded[tuple[str, str | None], tuple[float, Own]] = Bounded(10_000)

    async def own_of(self, viewer: Viewer) -> tuple[Own | None, float]:
        """What is the citizen's own, and until when that is believed, by the monotonic clock.

        None when the token names nobody who may see their records: 0 when somebody was looked up. Raises SourceError.

        The person must be in the register today, alive, fourteen or older (for a child its guardian goes to the counter), not
        sealed and not protected. With an ``org_uscc`` in the token they act for that organisation and nobody else, and must
        represent it today.
        """
        key = _person_key(viewer.subject_ref)
        if key is None or viewer.subject_ref is None:
            return None, math.inf
        asked = (viewer.subject_ref, viewer.org_uscc)
        known = self._believed.get(asked)
        if known is not None and known[0] > time.monotonic():
            return known[1], known[0]
        found = await self._looked_up(key, viewer.org_uscc)
        if found is None:
            return None, 0.0
        until = time.monotonic() + BELIEVED
        self._believed.put(asked, (until, found))
        return found, until

    async def _looked_up(self, key: UUID, org_uscc: str | None) -> Own | None:
        documents = await self._rows("population", _person(key, self._now()))
        if not documents:
            return None
        represented = await self._rows("legal_entity", _represented(key, org_uscc, self._now()))
        entities, codes = tuple(row["entity_id"] for row in represented), tuple(row["uscc"] for row in represented)
        if org_uscc is not None:
            return Own(entities=entities, codes=codes) if entities else None
        numbers = {(documents[0]["id_type"], documents[0]["id_no"])}
        numbers |= {(row["paper_type"], row["paper_no"]) for row in documents if row["paper_no"] is not None}
        return Own(
            people=(key,),
            entities=entities,
            cards=tuple(sorted(no for kind, no in numbers if kind == RESIDENT_CARD)),
            papers=tuple(sorted(no for kind, no in numbers if kind not in (RESIDENT_CARD, REGISTER))),
            codes=codes,
        )

    async def _rows(self, database: str, statement: Select[Any]) -> Sequence[Any]:
        text, parameters = compile_adhoc(statement)
        return await self._databases[database].rows(text, parameters)


def _person_key(text: str | None) -> UUID | None:
    try:
        prefix, key = parse_reference(text or "")
    except ValueError:
        return None
    return key if prefix == "p" else None


def _person(key: UUID, now: datetime) -> Select[Any]:
    """The person with each of their documents; no row when they may not see their records."""
    today = day_of(now)
    return (
        select(
            person.c.id_type,
            person.c.id_no,
            id_document.c.id_type.label("paper_type"),
            id_document.c.id_no.label("paper_no"),
        )
        .select_from(person.outerjoin(id_document, id_document.c.person_id == person.c.person_id))
        .where(
            person.c.person_id == key,
            person.c.death_date.is_(None),
            unmarked_person(person),
            or_(person.c.valid_from.is_(None), person.c.valid_from <= today),
            or_(person.c.valid_to.is_(None), person.c.valid_to >= today),
        )
    )


def _represented(key: UUID, uscc: str | None, now: datetime) -> Select[Any]:
    """The organisations that the person represents today; with a USCC, that one or none."""
    today = day_of(now)
    return (
        select(entity.c.entity_id, entity.c.uscc)
        .distinct()
        .select_from(entity_person.join(entity, entity.c.entity_id == entity_person.c.entity_id))
        .where(
            entity_person.c.person_ref == key,
            entity_person.c.role_code.in_(REPRESENTS),
            unmarked(entity_person.c.subject_mark),
            or_(entity_person.c.since.is_(None), entity_person.c.since <= today),
            or_(entity_person.c.until.is_(None), entity_person.c.until >= today),
            entity.c.status_code != DEREGISTERED,
            entity.c.sealed.is_(False),
            *([entity.c.uscc == uscc] if uscc is not None else []),
        )
        .order_by(entity.c.entity_id)
    )
