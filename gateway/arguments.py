"""Arguments: from the document and the variables (`gateway.given`) to checked values.

Most links of most documents take no variable: what is checked of those is kept with the bound plan (`settled`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import Undefined

from auth.audit.record import Pseudonyms
from auth.seals import Seal
from gateway.errors import ErrorCode, GatewayError
from gateway.plan import Given, Slot
from gateway.subjects import pseudonym_of
from resolvers.sources import Argument, Order, Role


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
    seal: Seal | None,
    needs_one_of: tuple[str, ...] = (),
    forbidden: frozenset[str] = frozenset(),
    pseudonyms: Pseudonyms | None = None,
) -> Values:
    """Evaluates and checks the arguments of one link; of `needs_one_of` at least one must be given.

    Without `pseudonyms` no argument can be a subject that the log is searched for, without `seal` none a cursor or an id.
    Raises GatewayError(BAD_USER_INPUT) with the path of the field; the value is never in the error.
    """
    checker = _Checker(pseudonyms)
    for given in arguments:
        argument = given.argument
        try:
            value = given.evaluate(variables)
            _refuse_nul(value)
            if argument.sealed and value is not Undefined:
                assert seal is not None
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
        assert seal is not None
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


def check_slot(
    slot: Slot, variables: Mapping[str, Any], seal: Seal | None, pseudonyms: Pseudonyms | None = None
) -> Values:
    """The checked arguments of a link. Raises GatewayError (BAD_USER_INPUT, NOT_FILTERABLE)."""
    node = slot.node
    return check_arguments(
        slot.path, node.coordinate, node.arguments, variables, seal, node.link.needs_one_of, slot.forbidden, pseudonyms
    )


def settled(slot: Slot) -> Values | None:
    """The checked arguments of a link that are the same in every request: they take no variable, and the key of no caller and of
    no process opens or names anything in them. None where they are not, or are refused, which is said anew each time.
    """
    if not all(given.constant and _needs_no_key(given) for given in slot.node.arguments):
        return None
    try:
        return check_slot(slot, {}, None)
    except GatewayError:
        return None


def _needs_no_key(given: Given) -> bool:
    """Whether what becomes of a constant depends on nothing else. Its check is a function of the value (`resolvers.checks`)."""
    argument = given.argument
    if argument.sealed or (argument.role is Role.AFTER and given.evaluate({})):
        return False
    return not any(one.where is not None and one.where.pseudonymised for one in (argument, *argument.members))
