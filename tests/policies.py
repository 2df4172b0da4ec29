"""Policies for tests that are not about who may see what."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause

from auth.policy import Policies, PolicySet
from auth.purpose import Standing
from gateway.facts import facts_of
from resolvers.catalog import Catalog

OPEN = {"open.cedar": '@id("open")\npermit (principal, action, resource);\n'}
"""Everything to everybody."""


def every_row(_standing: Standing, _source: FromClause, **_how: object) -> tuple[ColumnElement[bool], ...]:
    """Row rules that cut nothing."""
    return ()


def everybody(_standing: Standing, _table: str) -> None:
    """A rule for which every subject is named."""


def open_policies(catalog: Catalog) -> Policies:
    """Policies that withhold nothing."""
    return Policies(PolicySet.load(OPEN, facts_of(catalog)))
