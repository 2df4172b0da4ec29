"""A SQLAlchemy statement of a hand-written resolver, as text and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.sql import ClauseElement

from gateway.dialect import DIALECT


def compile_adhoc(statement: ClauseElement, given: Mapping[str, Any] | None = None) -> tuple[str, list[Any]]:
    """The statement's text with $1, $2 … and their values; `given` are those of parameters without a value of their own."""
    compiled: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    values = {**compiled.params, **{name: value for name, value in (given or {}).items() if name in compiled.params}}
    return str(compiled), [values[name] for name in compiled.positiontup or ()]
