"""The SQLAlchemy dialect whose text asyncpg takes: $1, $2 … with their types."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import dialect

DIALECT: Any = dialect()  # type: ignore[no-untyped-call]
