"""A SQLAlchemy statement of a hand-written resolver, as text and parameters."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import ClauseElement

from gateway.dialect import DIALECT


def compile_adhoc(statement: ClauseElement) -> tuple[str, list[Any]]:
    """The statement's text with $1, $2 … and their values."""
    compiled: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), [compiled.params[name] for name in compiled.positiontup or ()]
