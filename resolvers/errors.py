"""What a resolver raises when it cannot answer; the gateway turns it into an error with a code of its own."""

from __future__ import annotations


class BadInput(ValueError):
    """An argument that cannot be used; `argument` is its GraphQL name."""

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.argument = argument
