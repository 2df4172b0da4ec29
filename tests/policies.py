"""Policies for tests that are not about who may see what."""

from __future__ import annotations

from auth.policy import Policies, PolicySet
from gateway.facts import facts_of
from resolvers.catalog import Catalog

OPEN = {"open.cedar": '@id("open")\npermit (principal, action, resource);\n'}
"""Everything to everybody."""


def open_policies(catalog: Catalog) -> Policies:
    """Policies that withhold nothing."""
    return Policies(PolicySet.load(OPEN, facts_of(catalog)))
