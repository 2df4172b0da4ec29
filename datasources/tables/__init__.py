"""The tables of the nine owners' databases and the gateway's own, as SQLAlchemy Core: one module per database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasources.tables import (
    access_log,
    certificate,
    disclosure,
    enforcement,
    gateway,
    legal_entity,
    matter,
    personnel,
    population,
    regulation,
    vehicle,
)
from datasources.tables import property as real_property

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_OF_THE_GATEWAY = (gateway, access_log, disclosure)
"""Modules that have one metadata."""

DATABASES: dict[str, MetaData] = {
    "population": population.metadata,
    "legal_entity": legal_entity.metadata,
    "matter": matter.metadata,
    "regulation": regulation.metadata,
    "personnel": personnel.metadata,
    "property": real_property.metadata,
    "vehicle": vehicle.metadata,
    "certificate": certificate.metadata,
    "enforcement": enforcement.metadata,
    "gateway": _OF_THE_GATEWAY[0].metadata,
}
