"""``tongcha schema``: the contract."""

from __future__ import annotations

from resolvers.schema import print_sdl


def schema() -> None:
    """Print the schema with its directives, as schema.graphql holds it."""
    print(print_sdl().strip())
