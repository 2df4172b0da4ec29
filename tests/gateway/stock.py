"""The same mistakes in stock Strawberry: what published bypasses look like, so that a test is seen to bite."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import FieldNode, OperationDefinitionNode, parse
from strawberry.extensions import DisableIntrospection, SchemaExtension
from strawberry.permission import BasePermission

SECRET = "440499198603120178"


class Never(BasePermission):
    """Nobody."""

    message = "no"

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return False


@strawberry.interface
class Party:
    """The field is guarded here, once and for all, one would think."""

    name: str

    @strawberry.field(permission_classes=[Never])  # type: ignore[untyped-decorator]
    def secret(self) -> str | None:
        return SECRET


@strawberry.type
class Person(Party):
    """It inherits the guarded field."""


@strawberry.type
class Firm(Party):
    """It overrides the field, and the guard is gone."""

    @strawberry.field
    def secret(self) -> str | None:
        return SECRET


@strawberry.type
class Strict:
    """A guarded field that may not be null."""

    name: str

    @strawberry.field(permission_classes=[Never])  # type: ignore[untyped-decorator]
    def secret(self) -> str:
        return SECRET


@strawberry.type
class Query:
    """The roots."""

    @strawberry.field
    def party(self, kind: str) -> Party:
        return Firm(name="f") if kind == "firm" else Person(name="p")

    @strawberry.field
    def strict(self) -> Strict:
        return Strict(name="s")

    @strawberry.field
    def plain(self) -> Plain:
        return Plain(name="a", national_id=SECRET)


@strawberry.type
class Plain:
    """Nothing is guarded here: the rules below are laid over it."""

    name: str
    national_id: str


class RedactedByKey(SchemaExtension):
    """Takes values out of the answer by their name in it."""

    def on_execute(self) -> Any:
        yield
        result: Any = self.execution_context.result
        for record in (result.data or {}).values():
            if "nationalId" in record:
                record["nationalId"] = None


class RefusedByTopLevelNames(SchemaExtension):
    """Looks for forbidden names among the fields of the document, and not in its fragments."""

    def on_validate(self) -> Any:
        document: Any = self.execution_context.graphql_document
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode) and names_of(definition.selection_set) & {"nationalId"}:
                raise PermissionError
        yield


def names_of(selections: Any) -> set[str]:
    """The names of the fields in a selection, without those of fragments."""
    found: set[str] = set()
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            found |= {selection.name.value}
            found |= names_of(selection.selection_set) if selection.selection_set else set()
    return found


GUARDED_COORDINATES = frozenset({"Person.secret", "Firm.secret"})
"""Rules on the implementers only."""


def refused_by_static_type(text: str) -> bool:
    """Whether a rule finds a guarded coordinate when it goes by the types as the document names them."""
    (definition,) = parse(text).definitions
    assert isinstance(definition, OperationDefinitionNode)
    (party,) = definition.selection_set.selections
    assert isinstance(party, FieldNode)
    assert party.selection_set is not None
    return bool({f"Party.{name}" for name in names_of(party.selection_set)} & GUARDED_COORDINATES)


def ask(text: str, *extensions: type[SchemaExtension]) -> Any:
    """The data and the errors of stock Strawberry."""
    return strawberry.Schema(Query, types=[Person, Firm], extensions=list(extensions)).execute_sync(text)


@strawberry.federation.type(keys=["id"])
class Entity:
    """Something a supergraph can ask for."""

    id: strawberry.ID


@strawberry.type
class FederatedQuery:
    """The root of a subgraph."""

    entity: Entity


def ask_subgraph(text: str) -> Any:
    """The same of a subgraph that has introspection switched off."""
    return strawberry.federation.Schema(FederatedQuery, extensions=[DisableIntrospection]).execute_sync(text)
