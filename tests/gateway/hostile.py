"""Documents that are made to be slow: a small population that is mutated towards what took longest."""

from __future__ import annotations

import heapq
import random

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from gateway.document import MAX_DOCUMENT
from tests.gateway.routes import EXAMPLES

KEPT = 40
"""The slowest documents so far, from which the next ones are made."""

FIELDS = 400
"""Of an operation that fits the schema: more would be beyond the limit of tokens."""

SEEDS = (
    "{ __schema { types { fields { name args { type { name } } type { ofType { name } } } } } }",
    '{ vehicle(plateNo: "x") { owner { ...P } } } fragment P on Person { vehicles { owner { ...Q ...Q } } } fragment Q on Person { name }',
    "{ a }",
    "{ __typename " + "a " * 40 + "}",
    'query($v: String = "x") { a(b: $v) @skip(if: true) { c } }',
    "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { a }",
    "{ " + "{ a ".join([""] * 10) + "}" * 9 + " }",
    '{ a(b: "' + "\\u4e2d" * 200 + '") }',
    "{ a(b: [" + "[" * 40 + "]" * 40 + "]) }",
    "{ a } " + "# comment\n" * 100,
)


_EXAMPLES = {name: f'"{value}"' for name, value in EXAMPLES.items() if isinstance(value, str)}


class Hostile:
    """Proposes documents of at most the size that is read, and learns how long each took."""

    def __init__(self, chance: random.Random, schema: GraphQLSchema) -> None:
        self._chance = chance
        self._schema = schema
        self._best: list[tuple[float, int, str]] = [(0.0, n, text) for n, text in enumerate(SEEDS)]
        self._count = len(SEEDS)
        self._left = 0

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

    def _arguments(self, field: GraphQLField) -> str:
        """What must be given, and how long a page is."""
        given = [f"{name}: {_EXAMPLES.get(name, '1')}" for name, one in field.args.items() if is_required_argument(one)]
        if "first" in field.args and self._chance.random() < 0.5:
            given.append(f"first: {self._chance.randint(1, 5)}")
        return f"({', '.join(given)})" if given else ""

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
        """An operation that fits the schema, near the limits."""
        assert self._schema.query_type is not None
        self._left = FIELDS
        return self._selection(self._schema.query_type, 0)

    def _selection(self, kind: GraphQLObjectType, level: int) -> str:
        chance = self._chance
        names = chance.choices(list(kind.fields), k=min(chance.choice((1, 2, 4, 40)), max(self._left, 1)))
        self._left -= len(names)
        parts = []
        for name in names:
            field = kind.fields[name]
            inner = get_named_type(field.type)
            alias = f"a{chance.randrange(50)}: " if chance.random() < 0.1 else ""
            asked = alias + name + self._arguments(field)
            if not is_composite_type(inner):
                parts.append(asked)
            elif isinstance(inner, GraphQLObjectType) and level < 5:
                parts.append(asked + self._selection(inner, level + 1))
            elif isinstance(inner, GraphQLInterfaceType) and level < 5:
                kinds = chance.sample(self._schema.get_possible_types(inner), 2)
                parts.append(
                    asked
                    + "{ "
                    + " ".join(f"... on {one.name} {self._selection(one, level + 1)}" for one in kinds)
                    + " }"
                )
        return "{ " + " ".join(parts or ["__typename"]) + " }"
