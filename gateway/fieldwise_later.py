"""What the field-by-field engine's resolvers give for what is not there yet.

graphql-core wraps what a resolver gives into a task of its own. When the request is cancelled before that task has taken its first
step, nobody ever awaits what is wrapped: a coroutine would be left that was begun and never awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any


class Later:
    """It begins when it is awaited."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._begin().__await__()


def when_awaited(resolve: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Later]:
    """A resolver that begins when what it gives is awaited."""

    def resolved(*parent: Any, **arguments: Any) -> Later:
        return Later(partial(resolve, *parent, **arguments))

    return resolved
