"""What a subject owns today, as a field of the subject."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from datasources.tables.vehicle import ownership, vehicle
from resolvers.args import first_arg
from resolvers.conditions import TODAY, period_covers
from resolvers.fields import PER, link


def vehicles_of(key: ColumnElement[Any], owner_type: ColumnElement[str]) -> Any:
    """``vehicles``: those that the register names this subject, of this type of owner, as today's owner of."""
    return link(
        PER,
        "名下机动车",
        key=key,
        match=ownership.c.owner_ref,
        join=((ownership, ownership.c.vehicle_id == vehicle.c.vehicle_id),),
        where=(
            ownership.c.owner_type == owner_type,
            period_covers(ownership.c.valid_from, ownership.c.valid_to, TODAY),
        ),
        args=(first_arg(10),),
        doc="Owned today",
    )
