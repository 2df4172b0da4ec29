"""Variables: JSON values → coerced values, as graphql-core coerces them, with the work on their types done once.

A value that does not fit gives None here; what is wrong with it graphql-core is asked to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLInputType, GraphQLNonNull, GraphQLSchema, Undefined, is_leaf_type
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import get_variable_values
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_value

from gateway.errors import ErrorCode, GatewayError, Refused
from gateway.operation import Operation

Coerce = Callable[[Any], Any]
"""A JSON value → its coerced value; Undefined, or any exception, for one that does not fit."""

MAX_ERRORS = 10


class Variables:
    """The variables of one operation, ready to be coerced."""

    def __init__(self, schema: GraphQLSchema, operation: Operation) -> None:
        self._schema = schema
        self._definitions = operation.definition.variable_definitions or ()
        self._declared: list[tuple[str, Coerce, Any, bool]] = []
        """Name, coercion, default, and whether a value must be given."""
        for definition in self._definitions:
            signature = get_variable_signature(schema, definition)
            assert not isinstance(signature, Exception)  # the document is valid
            default = coerce_default_value(signature)
            required = default is Undefined and isinstance(signature.type, GraphQLNonNull)
            self._declared.append((signature.name, _coercion(signature.type), default, required))

    def coerced(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The coerced values. Raises Refused with one error per variable that has a wrong value."""
        if not self._declared:
            return {}
        found = self._fitting(given)
        return self._judged(given) if found is None else found

    def _fitting(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        coerced: dict[str, Any] = {}
        try:
            for name, coerce, default, required in self._declared:
                if name in given:
                    value = coerce(given[name])
                    if value is Undefined:
                        return None
                    coerced[name] = value
                elif required:
                    return None
                elif default is not Undefined:
                    coerced[name] = default
        except Exception:  # noqa: BLE001 - whatever a scalar raises means that the value does not fit
            return None
        return coerced

    def _judged(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        found = get_variable_values(self._schema, self._definitions, dict(given), max_errors=MAX_ERRORS)
        if not isinstance(found, list):
            return found.coerced
        raise Refused(
            [
                GatewayError(
                    ErrorCode.BAD_USER_INPUT,
                    locations=[{"line": place.line, "column": place.column} for place in error.locations or ()],
                )
                for error in found
            ]
        )


def _coercion(type_: GraphQLInputType) -> Coerce:
    """Of a leaf the scalar's or enum's own function; lists and input objects are walked by graphql-core."""
    if isinstance(type_, GraphQLNonNull):
        if is_leaf_type(type_.of_type):
            required: Coerce = type_.of_type.coerce_input_value
            return lambda value: Undefined if value is None else required(value)
    elif is_leaf_type(type_):
        leaf: Coerce = type_.coerce_input_value
        return lambda value: None if value is None else leaf(value)
    return lambda value: coerce_input_value(value, type_)
