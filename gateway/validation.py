"""Validation of a document (GraphQL specification, 5) in pieces: graphql-core's rules, led over the syntax tree node by node.

graphql-core's own walk goes from the first node to the last in one call, and of the largest document takes as long as a hundred warm
requests. The findings are the same, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, Node, TypeInfo, specified_rules
from graphql.language import SKIP
from graphql.language.ast import FragmentDefinitionNode
from graphql.language.visitor import Visitor
from graphql.validation import ValidationContext
from graphql.validation.validate import (
    FragmentNestingVisitor,
    ValidationAbortedError,
    query_document_keys_to_validate,
)

from gateway.pace import Pieces

NODES = 150
"""Nodes of one piece: about two milliseconds."""

_NAMES: Final = frozenset({"name", "alias"})
"""Half of all nodes, and no rule looks at them but from the node that they name."""
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    kind: tuple(key for key in keys if key not in _NAMES) for kind, keys in query_document_keys_to_validate.items()
}

_Call = Callable[..., Any]


def findings(schema: GraphQLSchema, document: DocumentNode, most: int) -> Pieces[list[GraphQLError]]:
    """What is wrong with a document: at most so many findings, and then one that says that there were more."""
    errors: list[GraphQLError] = []
    info = TypeInfo(schema)

    def note(error: GraphQLError) -> None:
        if len(errors) >= most:
            raise ValidationAbortedError("Too many validation errors, error limit reached. Validation aborted.")
        errors.append(error)

    context = ValidationContext(schema, document, info, note, hide_suggestions=True)
    rules: list[Visitor] = [rule(context) for rule in specified_rules]
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    try:
        if fragments:
            rules.insert(0, FragmentNestingVisitor(fragments))
        yield from _walk(document, info, _Rules(rules))
    except ValidationAbortedError as error:
        error.__context__ = None
        errors.append(error.with_traceback(None))
    except RecursionError:
        errors.append(ValidationAbortedError("Validation aborted."))
    return errors


class _Rules:
    """The rules as one. A rule that skips a node hears nothing until the walk leaves it."""

    def __init__(self, rules: list[Visitor]) -> None:
        self._rules = rules
        self._calls: dict[str, tuple[list[tuple[int, _Call]], list[tuple[int, _Call]]]] = {}
        self._skipping: list[Node | None] = [None] * len(rules)

    def enter(self, node: Node, *place: Any) -> None:
        skipping = self._skipping
        for index, call in self._of(node.kind)[0]:
            if skipping[index] is None and (result := call(node, *place)) is not None:
                assert result is SKIP or result is False  # no rule of the specification ends the walk or edits
                skipping[index] = node

    def leave(self, node: Node, *place: Any) -> None:
        skipping = self._skipping
        for index, call in self._of(node.kind)[1]:
            if skipping[index] is None:
                call(node, *place)
        for index, skipped in enumerate(skipping):
            if skipped is node:
                skipping[index] = None

    def _of(self, kind: str) -> tuple[list[tuple[int, _Call]], list[tuple[int, _Call]]]:
        found = self._calls.get(kind)
        if found is None:
            calls = [(index, rule.get_enter_leave_for_kind(kind)) for index, rule in enumerate(self._rules)]
            found = self._calls[kind] = (
                [(index, one.enter) for index, one in calls if one.enter],
                [(index, one.leave) for index, one in calls if one.leave],
            )
        return found


def _walk(document: DocumentNode, info: TypeInfo, rules: _Rules) -> Pieces[None]:
    """Every node entered and left, depth first, with what rules are told of its place: key, parent, path, ancestors."""
    ancestors: list[Any] = []
    path: list[Any] = []
    count = 0

    def visit(node: Any, key: Any, parent: Any) -> Pieces[None]:
        nonlocal count
        count += 1
        if not count % NODES:
            yield
        info.enter(node)
        rules.enter(node, key, parent, path, ancestors)
        if parent is not None:
            ancestors.append(parent)
        for name in _KEYS.get(node.kind, ()):
            below = getattr(node, name, None)
            if below is None:
                continue
            path.append(name)
            if isinstance(below, tuple):
                ancestors.append(node)
                for index, one in enumerate(below):
                    path.append(index)
                    yield from visit(one, index, below)
                    path.pop()
                ancestors.pop()
            else:
                yield from visit(below, name, node)
            path.pop()
        if parent is not None:
            ancestors.pop()
        rules.leave(node, key, parent, path, ancestors)
        info.leave(node)

    yield from visit(document, None, None)
