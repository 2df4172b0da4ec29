"""The tables of the nine owners' databases and the gateway's own, as SQLAlchemy Core: one module per database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasources.tables import (
    access_log,
    certificate,
    enforcement,
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
    "gateway": access_log.access_record.metadata,
}
