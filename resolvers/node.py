"""Any record again by its global id (Relay), whatever its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid

from resolvers.args import id_arg
from resolvers.case import Case
from resolvers.certificate import ECertificate
from resolvers.fields import PUB, root
from resolvers.legal_entity import LegalEntity
from resolvers.personnel import EnforcementOrg, Officer
from resolvers.population import Person
from resolvers.property import RealEstateUnit
from resolvers.regulation import Regulation
from resolvers.sources import Branch, Record
from resolvers.types import value
from resolvers.values import Node
from resolvers.vehicle import Vehicle

NODES: tuple[type, ...] = (
    Person,
    LegalEntity,
    RealEstateUnit,
    Vehicle,
    ECertificate,
    EnforcementOrg,
    Officer,
    Regulation,
    Case,
)
"""Every record with a global id; its key is one column."""


def _opened(name: str, parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """The key in an opened id, a (type, key) pair, when it names this type."""

    def key(opened: Any) -> Any:
        return parse(opened[1]) if opened is not None and opened[0] == name else None

    return key


def _branch(node: type) -> Branch:
    record: Record = node.__record__  # type: ignore[attr-defined]
    (column,) = record.key
    parse = UUID if isinstance(column.type, Uuid) else str
    return Branch(target=node.__name__, match=(column,), key=_opened(node.__name__, parse))


@value("全局对象查询")
class NodeQuery:
    """Records by global id."""

    node: Node | None = root(
        PUB,
        "按全局标识查对象",
        by=("id",),
        to=tuple(_branch(node) for node in NODES),
        args=(id_arg("id", "全局标识"),),
        doc="The record with this global id; an id that was given to another client leads nowhere",
    )
