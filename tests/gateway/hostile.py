"""Documents that are made to be slow: a small population that is mutated towards what took longest."""

from __future__ import annotations

import heapq
import random

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_composite_type

from gateway.document import MAX_DOCUMENT

KEPT = 40
"""The slowest documents so far, from which the next ones are made."""

SEEDS = (
    "{ a }",
    "{ __typename " + "a " * 40 + "}",
    'query($v: String = "x") { a(b: $v) @skip(if: true) { c } }',
    "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { a }",
    "{ " + "{ a ".join([""] * 10) + "}" * 9 + " }",
    '{ a(b: "' + "\\u4e2d" * 200 + '") }',
    "{ a(b: [" + "[" * 40 + "]" * 40 + "]) }",
    "{ a } " + "# comment\n" * 100,
)


class Hostile:
    """Proposes documents of at most the size that is read, and learns how long each took."""

    def __init__(self, chance: random.Random, schema: GraphQLSchema) -> None:
        self._chance = chance
        self._schema = schema
        self._best: list[tuple[float, int, str]] = [(0.0, n, text) for n, text in enumerate(SEEDS)]
        self._count = len(SEEDS)

    def propose(self) -> str:
        """The next document."""
        roll = self._chance.random()
        text = self._fitting() if roll < 0.4 else self._chance.choice(self._best)[2]
        for _ in range(self._chance.randint(1, 4)):
            text = self._mutated(text)
        return text.encode()[:MAX_DOCUMENT].decode(errors="ignore")

    def learn(self, text: str, seconds: float) -> None:
        """Keeps what took longest."""
        self._count += 1
        heapq.heappush(self._best, (seconds, self._count, text))
        if len(self._best) > KEPT:
            heapq.heappop(self._best)

    def leaf(self, type_name: str) -> str:
        """A field of a type that has none below."""
        kind = self._schema.type_map[type_name]
        assert isinstance(kind, GraphQLObjectType)
        leaves: list[str] = [
            name for name, field in kind.fields.items() if not is_composite_type(get_named_type(field.type))
        ]
        return self._chance.choice(leaves)

    def _mutated(self, text: str) -> str:
        chance = self._chance
        start, length = chance.randrange(len(text) + 1), chance.randint(1, 400)
        piece = text[start : start + length]
        match chance.randrange(5):
            case 0:  # the same again, many times
                return text[:start] + piece * chance.randint(2, 30) + text[start + length :]
            case 1:
                return text[:start] + text[start + length :]
            case 2:
                return (
                    text[:start]
                    + chance.choice(("{", "}", "...", "@skip(if: true) ", "a: ", '"', "[", "$v "))
                    + text[start:]
                )
            case 3:  # a part of another one
                other = chance.choice(self._best)[2]
                at = chance.randrange(len(other) + 1)
                return text[:start] + other[at : at + length] + text[start:]
            case _:
                return text[:start] + self._fitting().strip("{ }") + text[start:]

    def _fitting(self) -> str:
        """An operation that fits the schema but for its arguments, near the limits."""
        assert self._schema.query_type is not None
        return self._selection(self._schema.query_type, 0)

    def _selection(self, kind: GraphQLObjectType, level: int) -> str:
        chance = self._chance
        names = chance.choices(list(kind.fields), k=chance.choice((1, 2, 4, 40)))
        parts = []
        for name in names:
            inner = get_named_type(kind.fields[name].type)
            alias = f"a{chance.randrange(50)}: " if chance.random() < 0.1 else ""
            if not is_composite_type(inner):
                parts.append(alias + name)
            elif isinstance(inner, GraphQLObjectType) and level < 5:
                parts.append(alias + name + self._selection(inner, level + 1))
        return "{ " + " ".join(parts or ["__typename"]) + " }"
