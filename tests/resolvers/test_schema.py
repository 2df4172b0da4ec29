"""The contract: ``schema.graphql`` is what the code prints, and the callers' operations are valid against it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import (
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from auth.classes import DataClass
from resolvers.fields import SourceField
from resolvers.schema import catalog, print_sdl, schema
from resolvers.sources import Column, Computed, Link, Lookup

ROOT = Path(__file__).parent.parent.parent
OPERATIONS = sorted((ROOT / "tests" / "cases" / "operations").iterdir())


def test_the_contract_is_what_the_code_prints() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == print_sdl()


@pytest.mark.parametrize("folder", OPERATIONS, ids=lambda folder: folder.name)
def test_an_operation_of_a_caller_is_valid(folder: Path) -> None:
    document = parse((folder / "query.graphql").read_text(encoding="utf-8"))
    assert validate(schema._schema, document) == []


@pytest.mark.parametrize("folder", OPERATIONS, ids=lambda folder: folder.name)
def test_the_variables_of_an_operation_are_values_of_their_types(folder: Path) -> None:
    (definition,) = parse((folder / "query.graphql").read_text(encoding="utf-8")).definitions
    assert isinstance(definition, OperationDefinitionNode)
    given = json.loads((folder / "variables.json").read_text(encoding="utf-8"))["variables"]
    found = get_variable_values(schema._schema, definition.variable_definitions or (), given)
    assert not isinstance(found, list) or not any(isinstance(error, GraphQLError) for error in found)


def test_what_may_be_withheld_or_missing_is_nullable() -> None:
    rigid = []
    for (type_name, field_name), source in catalog.sources.items():
        guarded = isinstance(source, Link | Lookup) or (
            isinstance(source, Column | Computed) and source.data_class is not DataClass.PUBLIC
        )
        if guarded and isinstance(catalog.object_types[type_name].fields[field_name].type, GraphQLNonNull):
            rigid.append(f"{type_name}.{field_name}")
    assert rigid == []


def test_every_type_field_and_argument_is_described_in_both_languages() -> None:
    silent: list[str] = []
    for name, type_ in catalog.object_types.items():
        described = {name: type_.description}
        for field_name, field in type_.fields.items():
            described[f"{name}.{field_name}"] = field.description
            described |= {
                f"{name}.{field_name}({argument_name})": argument.description
                for argument_name, argument in field.args.items()
            }
        silent.extend(place for place, text in described.items() if not text or "（" not in text)
    assert silent == []


def test_the_types_of_connections_are_named_after_their_items() -> None:
    for name, type_ in catalog.object_types.items():
        if name.endswith("Connection"):
            assert name == f"{get_named_type(type_.fields['nodes'].type).name}Connection"


def test_every_field_of_a_record_has_a_source() -> None:
    for name in catalog.records:
        type_ = catalog.object_types[name]
        assert isinstance(type_, GraphQLObjectType)
        for field_name, field in type_.fields.items():
            assert isinstance(field.extensions["strawberry-definition"], SourceField)
            assert (name, field_name) in catalog.sources
