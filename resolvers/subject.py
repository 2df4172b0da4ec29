"""Whom a look-up or a case is about: persons and legal entities behind one interface."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Date, func, literal_column

from datasources.references import parse_reference, reference
from datasources.tables import legal_entity as ent
from datasources.tables import population as pop
from resolvers.fields import part
from resolvers.sources import Branch, Order
from resolvers.types import value
from resolvers.values import RecordMeta


@strawberry.enum(description="Kind of subject.（主体类型）")
class SubjectType(enum.Enum):
    """The values are the codes of ``cas.party.subject_type``."""

    PERSON = "1"
    LEGAL_ENTITY = "2"
    SOLE_TRADER = "3"
    OTHER_ORG = "4"


@value("主体", interface=True)
class Subject:
    """A natural person or an organisation that a record is about."""

    subject_ref: strawberry.ID = part("主体引用", doc="How case systems refer to the subject")
    subject_type: SubjectType = part("主体类型")
    display_name: str | None = part("显示名称")
    meta: RecordMeta = part("记录元数据")


def person_reference(key: UUID) -> str:
    """The subject reference of a person."""
    return reference("p", key)


def entity_reference(key: UUID) -> str:
    """The subject reference of a legal entity."""
    return reference("e", key)


def _referenced(prefix: str) -> Callable[[Any], UUID | None]:
    def key(text: Any) -> UUID | None:
        if not isinstance(text, str):
            return None
        try:
            found, uuid = parse_reference(text)
        except ValueError:
            return None
        return uuid if found == prefix else None

    return key


BY_REFERENCE = (
    Branch(target="Person", match=(pop.person.c.person_id,), key=_referenced("p")),
    Branch(target="LegalEntity", match=(ent.entity.c.entity_id,), key=_referenced("e")),
)
"""Persons and legal entities by subject reference (``cas.party.subject_ref``)."""


def by_kind(person_code: str = "1", entity_code: str = "2") -> tuple[Branch, ...]:
    """Persons and legal entities by (kind, uuid), as ``veh.ownership`` has them."""
    return (
        Branch(
            target="Person",
            match=(pop.person.c.person_id,),
            key=lambda kind, ref: ref if kind == person_code else None,
        ),
        Branch(
            target="LegalEntity",
            match=(ent.entity.c.entity_id,),
            key=lambda kind, ref: ref if kind == entity_code else None,
        ),
    )


def reference_by_kind(kind: str | None, ref: UUID | None) -> str | None:
    """The subject reference of an (owner type, uuid) pair; None when there is none."""
    if ref is None:
        return None
    return person_reference(ref) if kind == "1" else entity_reference(ref)


_NO_END = literal_column("DATE 'infinity'", Date())

CURRENT_FIRST = Order(
    columns=(
        func.coalesce(pop.person.c.valid_to, _NO_END),
        pop.person.c.id_type == literal_column("'111'"),
        pop.person.c.person_id,
    ),
    descending=True,
)
"""Of several records under one number: the current one, and of two living people the one with the identity card."""


def by_number(organisations: frozenset[str], *, unknown: frozenset[str] = frozenset()) -> tuple[Branch, ...]:
    """Persons and legal entities by (kind of holder, number of the document or USCC), as registers of rights have them.

    `organisations` are the kinds that carry a USCC, `unknown` those whose number leads to neither.
    """
    return (
        Branch(
            target="Person",
            match=(pop.person.c.id_no,),
            key=lambda kind, number: None if kind in organisations or kind in unknown else number,
            order=CURRENT_FIRST,
        ),
        Branch(
            target="LegalEntity",
            match=(ent.entity.c.uscc,),
            key=lambda kind, number: number if kind in organisations else None,
        ),
    )
