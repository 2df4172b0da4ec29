"""The schema as one kind of caller knows it: what is not theirs to know of is not in it.

The same cut schema answers introspection and judges documents, so a field that a caller may not know
of and a field that does not exist give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SelectionSetNode,
    build_ast_schema,
    parse,
    print_ast,
    visit,
)
from graphql.language.visitor import Visitor

from auth.classes import DataClass
from auth.facts import Facts, profiles
from auth.policy import Action, Decision, Outcome, PolicySet
from auth.viewer import CallerKind
from gateway.errors import ErrorCode, GatewayError
from gateway.operation import Operation


def absent_fields(decide: Callable[[str, DataClass, Action], Decision], facts: Iterable[Facts]) -> Iterator[str]:
    """The fields (``Type.field``) that the caller may not know of."""
    for fact in facts:
        field = fact.coordinate.count(".") == 1 and "(" not in fact.coordinate
        if field and decide(fact.coordinate, fact.data_class, Action.READ).outcome is Outcome.ABSENT:
            yield fact.coordinate


def knows_all(policies: PolicySet, kind: CallerKind) -> bool:
    """Whether every field is in the schema of this kind of caller, with whatever purpose and assurance."""
    callers = [profile for profile in profiles() if profile.kind == kind.value]
    return not any(
        policies.outcome(profile, fact, Action.READ) is Outcome.ABSENT for fact in policies.facts for profile in callers
    )


INTROSPECTION = frozenset({"__schema", "__type"})


def cut_sdl(sdl: str, absent: frozenset[str]) -> str:
    """The schema definition without the fields in `absent` (``Type.field``) and the types that only they lead to."""
    return print_ast(_cut(parse(sdl), absent)) + "\n"


def cut_schema(sdl: str, absent: frozenset[str]) -> GraphQLSchema:
    """The same as a schema. To who may know of nothing it has no field, and no document fits it."""
    return build_ast_schema(_cut(parse(sdl), absent), assume_valid=True)


def _cut(document: DocumentNode, absent: frozenset[str]) -> DocumentNode:
    class Cut(Visitor):
        def enter_field_definition(
            self, node: FieldDefinitionNode, _key: Any, _parent: Any, _path: Any, ancestors: Any
        ) -> Any:
            owner = next(one for one in reversed(ancestors) if hasattr(one, "name"))
            return REMOVE if f"{owner.name.value}.{node.name.value}" in absent else None

    document = visit(document, Cut())
    known = {getattr(node, "name", None) and node.name.value: node for node in document.definitions}  # type: ignore[attr-defined]
    reached = _reached(
        known, ["Query", "Mutation", "Subscription", *(name for name in known if name in DIRECTIVE_TYPES)]
    )
    kept = tuple(
        node
        for node in document.definitions
        if not hasattr(node, "name") or node.name.value in reached or node.kind == "directive_definition"
    )
    return DocumentNode(definitions=kept)


DIRECTIVE_TYPES = frozenset({"DataClass"})
"""Types that only directives mention."""


def _reached(known: dict[Any, Any], roots: Iterable[str]) -> set[str]:
    reached: set[str] = set()
    waiting = [name for name in roots if name in known]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in known:
            continue
        reached.add(name)
        waiting.extend(_mentioned(known[name]))
        if isinstance(known[name], InterfaceTypeDefinitionNode):
            waiting.extend(
                other
                for other, node in known.items()
                if isinstance(node, ObjectTypeDefinitionNode)
                and name in {interface.name.value for interface in node.interfaces or ()}
                and _is_led_to(known, other)
            )
    return reached


def _is_led_to(known: dict[Any, Any], name: str) -> bool:
    return any(name in _mentioned(node) for other, node in known.items() if other != name)


def _mentioned(node: Any) -> set[str]:
    found: set[str] = set()

    class Names(Visitor):
        def enter_named_type(self, named: Any, *_: Any) -> None:
            found.add(named.name.value)

    visit(node, Names())
    return found


def asks_about_schema(operation: Operation) -> bool:
    """Whether the operation asks for ``__schema`` or ``__type``. Raises GatewayError when it asks for data as well."""
    names = set(_root_names(operation, operation.definition.selection_set, set()))
    if not names & INTROSPECTION:
        return False
    if names - INTROSPECTION - {"__typename"}:
        raise GatewayError(ErrorCode.GRAPHQL_VALIDATION_FAILED, reason="Introspection is asked for on its own.")
    return True


def _root_names(operation: Operation, selections: SelectionSetNode, seen: set[str]) -> Iterable[str]:
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, FragmentSpreadNode):
            if selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = operation.fragments[selection.name.value]
                yield from _root_names(operation, fragment.selection_set, seen)
        else:
            yield from _root_names(operation, selection.selection_set, seen)  # type: ignore[attr-defined]
