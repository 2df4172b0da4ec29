"""The schema, its catalogue, and the contract that ``schema.graphql`` holds."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from datasources.tables import DATABASES
from resolvers.catalog import Catalog
from resolvers.query import Mutation, Query, Subscription
from resolvers.scalars import SCALARS

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=dict(SCALARS), disable_field_suggestions=True),
)

catalog = Catalog(schema, DATABASES)


def print_sdl() -> str:
    """The schema in its definition language, with the directives of its fields; it ends with a line break."""
    return schema.as_str().rstrip() + "\n"
