"""Arguments: from the document and the variables to checked values.

The value of an argument is worked out as graphql-core does it (`get_argument_values`), but its
syntax tree is read once: what is constant is coerced when the plan is compiled, what is a variable
is one dictionary look-up per request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
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

from auth.audit.record import Pseudonyms
from auth.seals import Seal
from gateway.errors import ErrorCode, GatewayError
from gateway.plan import Given, Slot
from gateway.subjects import pseudonym_of
from resolvers.sources import Argument, Order, Role

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """The checked arguments of one link in one request.

    `signature` names what the statement's text depends on (which conditions, which order, whether
    there is a cursor); `parameters` are the values by parameter name; `key` those of a root's key.
    `seal_scope` is what a cursor of the list is bound to.
    """

    signature: tuple[Any, ...]
    parameters: Mapping[str, Any]
    key: Mapping[str, Any]
    first: int | None
    after: tuple[Any, ...] | None
    order: Order | None
    seal_scope: str

    @classmethod
    def none(cls) -> Values:
        """No argument is given."""
        return cls(signature=(None, False), parameters={}, key={}, first=None, after=None, order=None, seal_scope="")


def check_arguments(
    path: tuple[str, ...],
    coordinate: str,
    arguments: tuple[Given, ...],
    variables: Mapping[str, Any],
    seal: Seal,
    needs_one_of: tuple[str, ...] = (),
    forbidden: frozenset[str] = frozenset(),
    pseudonyms: Pseudonyms | None = None,
) -> Values:
    """Evaluates and checks the arguments of one link; of `needs_one_of` at least one must be given.

    Without `pseudonyms` no argument can be a subject that the log is searched for.
    Raises GatewayError(BAD_USER_INPUT) with the path of the field; the value is never in the error.
    """
    checker = _Checker(pseudonyms)
    for given in arguments:
        argument = given.argument
        try:
            value = given.evaluate(variables)
            _refuse_nul(value)
            if argument.sealed and value is not Undefined:
                value = _opened_id(value, seal)
            if argument.check is not None and value is not Undefined:
                value = value if value is None and argument.role is not Role.FIRST else argument.check(value)
            checker.take(argument, argument.absent if value is Undefined or value is None else value)
        except ValueError as error:
            raise GatewayError(ErrorCode.BAD_USER_INPUT, path=path, argument=argument.name) from error
    if forbidden:
        used = forbidden & _used(checker, arguments)
        if used:
            raise GatewayError(ErrorCode.NOT_FILTERABLE, path=path, argument=min(used))
        checker.drop(forbidden)
    if needs_one_of and not set(needs_one_of) & set(checker.conditions):
        raise GatewayError(ErrorCode.BAD_USER_INPUT, path=path, argument=needs_one_of[0])
    scope = checker.scope(coordinate) if checker.paged else ""
    after = None
    if checker.after is not None:
        after = _opened(checker.after, scope, seal, path)
    return Values(
        signature=(*checker.conditions, checker.order_name, after is not None),
        parameters=checker.parameters,
        key=checker.key,
        first=checker.first,
        after=after,
        order=checker.order,
        seal_scope=scope,
    )


def _used(checker: _Checker, arguments: tuple[Given, ...]) -> set[str]:
    """What the caller filters and orders by. A default that was not written is not the caller's: it is left out where the
    caller may not filter by what it reads, for with and without it would tell the value.
    """
    own = {given.argument.name for given in arguments if not given.written}
    orders = {f"orderBy.{checker.order_name[0]}"} if checker.order_name else set()
    return {name for name in checker.conditions if name not in own} | orders


class _Checker:
    """Gathers the values of one link's arguments by what they are for."""

    def __init__(self, pseudonyms: Pseudonyms | None) -> None:
        self._pseudonyms = pseudonyms
        self.conditions: list[str] = []
        self.parameters: dict[str, Any] = {}
        self.key: dict[str, Any] = {}
        self.first: int | None = None
        self.after: str | None = None
        self.order: Order | None = None
        self.order_name: Any = None
        self.paged = False

    def take(self, argument: Argument, value: Any) -> None:
        if argument.role is Role.WHERE:
            self._condition(argument, value)
        elif argument.role is Role.KEY:
            self.key[argument.name] = value
        elif argument.role is Role.FIRST:
            self.first = value
        elif argument.role is Role.AFTER:
            self.after = value or None
            self.paged = True
        elif value is not None and argument.role is Role.ORDER:
            self._order(argument, value)
        elif value is not None and argument.role is Role.GROUP:
            for member in argument.members:
                found = value.get(member.name)
                if found is not None and found is not Undefined:
                    self._condition(member, found if member.check is None else member.check(found))

    def scope(self, coordinate: str) -> str:
        """Which list a cursor is of: the field with its order and with what it was narrowed by, however that was written."""
        narrowed = [(name, self.parameters.get(f"argument_{name}")) for name in self.conditions]
        return coordinate + orjson.dumps([self.order_name, self.key, narrowed], default=str).decode()

    def drop(self, names: frozenset[str]) -> None:
        """Leaves out conditions."""
        self.conditions = [name for name in self.conditions if name not in names]

    def _condition(self, argument: Argument, value: Any) -> None:
        where = argument.where
        if value is None or where is None or (where.bind is None and value is False):
            return
        self.conditions.append(argument.name)
        if where.bind is not None:
            value = pseudonym_of(value, self._pseudonyms) if where.pseudonymised else value
            self.parameters[f"argument_{argument.name}"] = where.encode(value) if where.encode else value

    def _order(self, argument: Argument, value: Any) -> None:
        name, descending = value["field"].name, value["direction"].name == "DESC"
        assert argument.orders is not None
        self.order = Order(columns=argument.orders[name].columns, descending=descending)
        self.order_name = (name, descending)


def _refuse_nul(value: Any) -> None:
    """PostgreSQL has no text with NUL in it; a document can spell one."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("NUL")
    elif isinstance(value, list):
        for item in value:
            _refuse_nul(item)
    elif isinstance(value, dict):
        for item in value.values():
            _refuse_nul(item)


def _opened_id(value: Any, seal: Seal) -> tuple[Any, ...] | None:
    """What a global id stands for; another client's id, or none of ours, stands for nothing."""
    try:
        return tuple(seal.open("id", "", value))
    except ValueError:
        return None


def _opened(text: str, scope: str, seal: Seal, path: tuple[str, ...]) -> tuple[Any, ...]:
    try:
        return tuple(seal.open("cursor", scope, text))
    except ValueError as error:
        raise GatewayError(ErrorCode.BAD_USER_INPUT, path=path, argument="after") from error


def check_slot(slot: Slot, variables: Mapping[str, Any], seal: Seal, pseudonyms: Pseudonyms | None = None) -> Values:
    """The checked arguments of a link. Raises GatewayError (BAD_USER_INPUT, NOT_FILTERABLE)."""
    node = slot.node
    return check_arguments(
        slot.path, node.coordinate, node.arguments, variables, seal, node.link.needs_one_of, slot.forbidden, pseudonyms
    )
