"""How the value of an argument follows from the variables, as graphql-core works it out (`get_argument_values`).

The syntax tree is read once: what is constant is coerced when the plan is compiled, what is a variable is one dictionary look-up
per request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_nullable_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

from gateway.plan import Given
from resolvers.sources import Argument

Evaluate = Callable[[Mapping[str, Any]], Any]


def given_arguments(
    declared: tuple[Argument, ...], node: FieldNode, types: Mapping[str, GraphQLArgument]
) -> tuple[Given, ...]:
    """How each declared argument's value follows from the variables."""
    written = {argument.name.value: argument.value for argument in node.arguments or ()}
    return tuple(
        Given(
            argument=argument,
            evaluate=_evaluate(written.get(argument.name), types[argument.name]),
            written=argument.name in written,
            constant=argument.name not in written or not _has_variable(written[argument.name]),
        )
        for argument in declared
    )


def _evaluate(value: ValueNode | None, declared: GraphQLArgument) -> Evaluate:
    type_ = declared.type
    default = coerce_default_value(declared)
    if value is None:
        return lambda _: default
    if isinstance(value, VariableNode):
        name = value.name.value
        required = isinstance(type_, GraphQLNonNull)

        def from_variable(variables: Mapping[str, Any]) -> Any:
            found = variables.get(name, default)
            if found is None and required:
                raise ValueError(name)
            return found

        return from_variable
    return _compiled(value, type_)


def _compiled(value: ValueNode, type_: GraphQLInputType) -> Evaluate:
    if not _has_variable(value):
        constant = coerce_input_literal(value, type_)
        return lambda _: constant
    if isinstance(value, VariableNode):
        name = value.name.value
        return lambda variables: variables.get(name, Undefined)
    inner = get_nullable_type(type_)
    if isinstance(value, ListValueNode) and isinstance(inner, GraphQLList):
        items = [_compiled(item, inner.of_type) for item in value.values]

        def as_list(variables: Mapping[str, Any]) -> Any:
            found = [item(variables) for item in items]
            return [None if item is Undefined else item for item in found]

        return as_list
    if isinstance(inner, GraphQLList):
        single = _compiled(value, inner.of_type)
        return lambda variables: [single(variables)]
    if isinstance(value, ObjectValueNode) and isinstance(inner, GraphQLInputObjectType):
        given = {field.name.value: field.value for field in value.fields}
        members = {
            name: (_compiled(given[name], field.type) if name in given else None, coerce_default_value(field))
            for name, field in inner.fields.items()
        }

        def as_object(variables: Mapping[str, Any]) -> Any:
            made = {}
            for name, (evaluate, default) in members.items():
                found = evaluate(variables) if evaluate is not None else Undefined
                found = default if found is Undefined else found
                if found is not Undefined:
                    made[name] = found
            return made

        return as_object
    raise TypeError(f"cannot hold a variable: {value.kind}")


def _has_variable(value: ValueNode) -> bool:
    if isinstance(value, VariableNode):
        return True
    if isinstance(value, ListValueNode):
        return any(_has_variable(item) for item in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_has_variable(field.value) for field in value.fields)
    return False
