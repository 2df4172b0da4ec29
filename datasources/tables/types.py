"""Column types that SQLAlchemy does not bring along."""

from __future__ import annotations

from typing import Any

from sqlalchemy.types import UserDefinedType


class Point(UserDefinedType[tuple[float, float]]):
    """PostgreSQL ``point``: (longitude, latitude) in degrees, CGCS2000 (GB/T 30168, EPSG 4490).

    asyncpg reads and writes it as a pair of floats. The base type needs no extension, which every owner's database has.
    """

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "point"
