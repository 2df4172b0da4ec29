"""How large a document may be: measured in one pass before anything of it is validated.

The measure is taken on the tree as it would be executed, with every fragment in its place. A fragment is measured once,
however often it is spread, so that a document of a kilobyte that would unfold into 10^9 fields is refused in the time
that reading it takes. graphql-core's own rules come after: they compare fields of one name pair by pair (CVE-2026-75507),
and `repeats` counts these pairs, so that no document that gets to them keeps the event loop for long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.errors import ErrorCode, GatewayError


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The largest document that is run. The largest of the callers' own operations has 90 fields in 7 levels."""

    operations: int = 1
    fragments: int = 50
    """Definitions; and spreads, inline fragments among them, in one definition."""
    depth: int = 12
    introspection_depth: int = 20
    """Below ``__schema`` and ``__type``: the usual query of tools unfolds a type nine times."""
    fields: int = 1_000
    aliases: int = 30
    roots: int = 10
    directives: int = 50
    repeats: int = 1_000
    """Pairs of fields that have one name in one place, and are merged."""


LIMITS = Limits()

INTROSPECTION = frozenset({"__schema", "__type"})


class Size(NamedTuple):
    """What a part of a document unfolds into."""

    depth: int
    introspection_depth: int
    fields: int
    aliases: int
    directives: int


NOTHING = Size(0, 0, 0, 0, 0)

Fragments = Mapping[str, FragmentDefinitionNode]


def check_size(document: DocumentNode, limits: Limits = LIMITS) -> int:
    """The fields that a document unfolds into.

    Raises GatewayError: TOO_COMPLEX with the `limit` that it is beyond, GRAPHQL_VALIDATION_FAILED for fragments in a circle and
    for those that no operation spreads. Whatever else is not valid may pass.
    """
    try:
        return _check(document, limits)
    except RecursionError:
        raise GatewayError(ErrorCode.TOO_COMPLEX, limit="depth") from None


def _check(document: DocumentNode, limits: Limits) -> int:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    _at_most(limits.operations, len(operations), "operations")
    _at_most(limits.fragments, len(document.definitions) - len(operations), "fragments")
    measure = _Measure(fragments, limits)
    fields = 0
    for operation in operations:
        fields += measure.operation(operation)
        roots, repeats = merged(operation.selection_set, fragments)
        _at_most(limits.roots, roots, "roots")
        _at_most(limits.repeats, repeats, "repeats")
    if operations and (unused := next((name for name in fragments if name not in measure.found), None)):
        raise GatewayError(ErrorCode.GRAPHQL_VALIDATION_FAILED, reason=f"Fragment '{unused}' is never used.")
    return fields


def _at_most(limit: int, found: int, name: str) -> None:
    if found > limit:
        raise GatewayError(ErrorCode.TOO_COMPLEX, limit=name)


class _Measure:
    """The sizes of definitions, each found once."""

    def __init__(self, fragments: Fragments, limits: Limits) -> None:
        self._fragments = fragments
        self._limits = limits
        self.found: dict[str, Size | None] = {}
        """The sizes of fragments, by name; None while one is being measured."""

    def operation(self, node: OperationDefinitionNode) -> int:
        """The fields of an operation. Raises GatewayError."""
        size = self._set(node.selection_set, 0)
        _at_most(self._limits.depth, size.depth, "depth")
        _at_most(self._limits.introspection_depth, size.introspection_depth, "depth")
        self._check(size, len(node.directives or ()))
        return size.fields

    def _check(self, size: Size, directives: int) -> None:
        _at_most(self._limits.fields, size.fields, "fields")
        _at_most(self._limits.aliases, size.aliases, "aliases")
        _at_most(self._limits.directives, size.directives + directives, "directives")

    def _set(self, node: SelectionSetNode, level: int) -> Size:
        """The size of a selection. `level` bounds the recursion."""
        _at_most(self._limits.introspection_depth, level, "depth")
        depth = hidden = fields = aliases = directives = spreads = 0
        for selection in node.selections:
            if selection.directives:
                directives += len(selection.directives)
            if isinstance(selection, FieldNode):
                size = self._field(selection, level)
            else:
                spreads += 1
                size = self._fragment(selection, level)
            depth, hidden = max(depth, size.depth), max(hidden, size.introspection_depth)
            fields, aliases, directives = fields + size.fields, aliases + size.aliases, directives + size.directives
        _at_most(self._limits.fragments, spreads, "fragments")
        return Size(depth, hidden, fields, aliases, directives)

    def _field(self, node: FieldNode, level: int) -> Size:
        inner = self._set(node.selection_set, level + 1) if node.selection_set else NOTHING
        depth, hidden = inner.depth + 1, inner.introspection_depth
        if node.name.value in INTROSPECTION:
            depth, hidden = 1, max(depth, hidden)
        return Size(depth, hidden, inner.fields + 1, inner.aliases + (node.alias is not None), inner.directives)

    def _fragment(self, node: object, level: int) -> Size:
        if isinstance(node, InlineFragmentNode):
            return self._set(node.selection_set, level + 1)
        return self._spread(node.name.value) if isinstance(node, FragmentSpreadNode) else NOTHING

    def _spread(self, name: str) -> Size:
        if name not in self._fragments:
            return NOTHING
        if name in self.found:
            size = self.found[name]
            if size is None:
                reason = f"Cannot spread fragment '{name}' within itself."
                raise GatewayError(ErrorCode.GRAPHQL_VALIDATION_FAILED, reason=reason)
            return size
        self.found[name] = None
        fragment = self._fragments[name]
        size = self._set(fragment.selection_set, 0)
        self._check(size, len(fragment.directives or ()))
        self.found[name] = size
        return size


def merged(root: SelectionSetNode, fragments: Fragments) -> tuple[int, int]:
    """How many fields the root has, and how many pairs of fields are merged anywhere.

    Visits what the document unfolds into, which `_Measure` has found to be small and without a circle.
    """
    repeats = roots = 0
    waiting: list[Sequence[SelectionSetNode]] = [(root,)]
    while waiting:
        groups: dict[str, list[FieldNode]] = {}
        for field in _fields(waiting.pop(), fragments):
            groups.setdefault((field.alias or field.name).value, []).append(field)
        roots = roots or sum(len(group) for group in groups.values())
        for group in groups.values():
            repeats += len(group) * (len(group) - 1) // 2
            if below := [field.selection_set for field in group if field.selection_set]:
                waiting.append(below)
    return roots, repeats


def _fields(sets: Sequence[SelectionSetNode], fragments: Fragments) -> Iterator[FieldNode]:
    """The fields of one place, fragments unfolded."""
    waiting = list(sets)
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value in fragments:
                waiting.append(fragments[selection.name.value].selection_set)
