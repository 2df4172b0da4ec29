"""Random operations that a schema allows, over keys that exist: what the two engines are compared on.

Everything follows from the seed. The generator knows the schema only; values come from `pools`, by
the name of the argument, and from the type where a pool has none.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

FIELDS = 40
"""Selected fields per operation, about."""


@dataclass
class Generated:
    """An operation with the variables that it declares."""

    text: str
    variables: dict[str, Any]


@dataclass
class Generator:
    """Makes operations. `pools` maps an argument's name to values that find something."""

    schema: GraphQLSchema
    pools: Mapping[str, Sequence[Any]]
    dice: random.Random
    left: int = 0
    variables: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def operation(self) -> Generated:
        """One operation of one to three root fields."""
        self.left = self.dice.randint(4, FIELDS)
        self.variables, self.declared, self.fragments = {}, {}, []
        query = self.schema.query_type
        assert query is not None
        roots = [name for name in query.fields if name not in HAND_WRITTEN]
        chosen = self.dice.sample(roots, self.dice.choice((1, 1, 1, 2, 3)))
        body = " ".join(self._field(f"r{index}: ", query.fields[name], name, 5) for index, name in enumerate(chosen))
        head = ", ".join(f"${name}: {type_}" for name, type_ in self.declared.items())
        text = f"query G{f'({head})' if head else ''} {{ {body} }} {' '.join(self.fragments)}"
        return Generated(text, self.variables)

    # --- selections ------------------------------------------------------------------------------

    def _field(self, alias: str, declared: GraphQLField, name: str, depth: int) -> str:
        self.left -= 1
        arguments = self._arguments(declared.args)
        named = get_named_type(declared.type)
        if is_leaf_type(named):
            return f"{alias}{name}{arguments}{self._condition()}"
        inner = self._selection(named, depth - 1)
        condition = self._condition()
        if self.dice.random() < 0.08:
            other = self._selection(named, depth - 1)
            return f"{alias}{name}{arguments}{condition} {inner} {alias}{name}{arguments}{condition} {other}"
        return f"{alias}{name}{arguments}{condition} {inner}"

    def _selection(self, type_: Any, depth: int) -> str:
        if isinstance(type_, GraphQLInterfaceType):
            kinds = self.schema.get_possible_types(type_)
            chosen = self.dice.sample(list(kinds), min(len(kinds), 2))
            shared = self._members(type_, depth, 2)
            parts = [f"... on {kind.name} {self._selection(kind, depth)}" for kind in chosen]
            return "{ " + " ".join([shared, *parts]) + " }"
        assert isinstance(type_, GraphQLObjectType)
        members = self._members(type_, depth, self.dice.randint(1, 6))
        chance = self.dice.random()
        if chance < 0.1:
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {type_.name} {{ {members} }}")
            return f"{{ ...{name} ...{name} }}"
        if chance < 0.2:
            return f"{{ __typename ... on {type_.name} {{ {members} }} }}"
        return f"{{ {members} }}"

    def _members(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int, count: int) -> str:
        leaves = [name for name, one in type_.fields.items() if is_leaf_type(get_named_type(one.type))]
        nested = [name for name in type_.fields if name not in leaves]
        if depth <= 0 or self.left <= 0:
            plain = [name for name in nested if self._is_flat(type_.fields[name])]
            names = self.dice.sample(leaves, min(count, len(leaves))) or plain[:1]
        else:
            names = self.dice.sample([*leaves, *nested], min(count, len(leaves) + len(nested)))
        if not names:
            return "__typename"
        parts = []
        for index, name in enumerate(names):
            alias = f"a{self.dice.randint(0, 999)}{index}: " if self.dice.random() < 0.15 else ""
            if name in nested and (depth <= 0 or self.left <= 0) and not self._is_flat(type_.fields[name]):
                continue
            parts.append(self._field(alias, type_.fields[name], name, depth))
        return " ".join(parts) or "__typename"

    def _is_flat(self, declared: GraphQLField) -> bool:
        named = get_named_type(declared.type)
        return isinstance(named, GraphQLObjectType) and all(
            is_leaf_type(get_named_type(one.type)) for one in named.fields.values()
        )

    def _condition(self) -> str:
        if self.dice.random() > 0.05:
            return ""
        holds = self.dice.random() < 0.7
        directive = "include" if self.dice.random() < 0.5 else "skip"
        value = "true" if (directive == "include") is holds else "false"
        if self.dice.random() < 0.5:
            return f" @{directive}(if: {value})"
        return f" @{directive}(if: ${self._variable('Boolean!', value == 'true')})"

    # --- arguments -------------------------------------------------------------------------------

    def _arguments(self, declared: Mapping[str, GraphQLArgument]) -> str:
        given = []
        for name, argument in declared.items():
            required = isinstance(argument.type, GraphQLNonNull)
            if not required and self.dice.random() < (0.96 if name == "after" else 0.5):
                continue
            value = self._value(name, argument.type)
            if self.dice.random() < 0.3:
                given.append(f"{name}: ${self._variable(str(argument.type), value)}")
            else:
                given.append(f"{name}: {self._literal(value, argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.declared)}"
        self.declared[name] = type_
        self.variables[name] = value
        return name

    def _value(self, name: str, type_: Any) -> Any:
        inner = get_nullable_type(type_)
        if not isinstance(type_, GraphQLNonNull) and self.dice.random() < 0.05:
            return None
        if isinstance(inner, GraphQLList):
            return [self._value(name, inner.of_type) for _ in range(self.dice.randint(0, 3))]
        if isinstance(inner, GraphQLInputObjectType):
            return {
                member: self._value(member, one.type)
                for member, one in inner.fields.items()
                if isinstance(one.type, GraphQLNonNull) or self.dice.random() < 0.35
            }
        if isinstance(inner, GraphQLEnumType):
            return self.dice.choice(list(inner.values))
        if name in self.pools and self.dice.random() < 0.95:
            return self.dice.choice(self.pools[name])
        return self._by_type(name, str(inner))

    def _by_type(self, name: str, type_: str) -> Any:
        if type_ == "Int":
            return self.dice.randint(1, 6) if name == "first" else self.dice.choice((2026, 2025, 3))
        if type_ == "Boolean":
            return self.dice.random() < 0.5
        if type_ == "Date":
            day = datetime.date(2021, 1, 1) + datetime.timedelta(days=self.dice.randint(0, 2_200))
            return day.isoformat()
        if type_ == "DateTime":
            return "2026-01-01T00:00:00+00:00"
        if type_ == "Decimal":
            return self.dice.choice(("0.5", "1", "2000.00"))
        return self.dice.choice(("4404", "440402", "珠海", "食品", "a%_", "1"))

    def _literal(self, value: Any, type_: Any) -> str:
        inner = get_nullable_type(type_)
        if value is None:
            return "null"
        if isinstance(inner, GraphQLList):
            return "[" + ", ".join(self._literal(item, inner.of_type) for item in value) + "]"
        if isinstance(inner, GraphQLInputObjectType):
            return (
                "{"
                + ", ".join(f"{key}: {self._literal(one, inner.fields[key].type)}" for key, one in value.items())
                + "}"
            )
        if isinstance(inner, GraphQLEnumType):
            return str(value)
        return json.dumps(value, ensure_ascii=False)


HAND_WRITTEN = frozenset(
    {
        "enforcementStats",
        "whoLookedAtMe",
        "accessAnomalies",
        "deadlineRisks",
        "supervisionFindings",
        "sampleDraw",
        "sampleVerification",
        "inspectionObjects",
        "inspectionOfficers",
        "unmappedMatters",
        "matterCoverage",
    }
)
"""Roots with a resolver of their own: both engines run them by the same one."""
