"""The columns that every federated record carries: where it came from, how fresh it is, whether it is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, String, text

if TYPE_CHECKING:
    from collections.abc import Collection

RECORD_COLUMNS = (
    "source_system",
    "source_org_uscc",
    "source_updated_at",
    "fetched_at",
    "stale",
    "sealed",
    "record_version",
    "valid_from",
    "valid_to",
    "quality_flags",
    "is_synthetic",
)


def record_columns(present: Collection[str] = ()) -> list[Column[object]]:
    """Fresh ``RecordMeta`` columns for one table, without those the table declares itself (``present``)."""
    columns: list[Column[object]] = [
        Column("source_system", String(40), nullable=False),
        Column("source_org_uscc", String(18)),
        Column("source_updated_at", DateTime(timezone=True)),
        Column("fetched_at", DateTime(timezone=True), nullable=False),
        Column("stale", Boolean, nullable=False, server_default=text("false")),
        Column("sealed", Boolean, nullable=False, server_default=text("false")),
        Column("record_version", Integer, nullable=False, server_default=text("1")),
        Column("valid_from", Date),
        Column("valid_to", Date),
        Column("quality_flags", ARRAY(String), nullable=False, server_default=text("'{}'")),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("true")),
    ]
    return [column for column in columns if column.name not in present]
