"""Every way from a root to a field, as documents: what a caller can write to get at a column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_leaf_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from resolvers.schema import catalog
from resolvers.sources import Argument, Column, Computed, Embed, Link, Lookup, Role, Source
from tests.gateway.reads import SEAL

EXAMPLES: Mapping[str, Any] = {
    "subject": "0123456789abcdef" * 2,
    "atFrom": "2026-01-01T00:00:00+00:00", "atTo": "2026-01-01T00:00:00+00:00",
    "text": "张伟", "division": "4404", "keyword": "食品", "name": "张伟", "subjectRef": "p_7QK2M9",
    "idNo": "440499198603120178", "uscc": "92440499MA7X0A12X1", "orgUscc": "1144049900700088X4", "issuerUscc": "1144049900700088X4",
    "unitNo": "440402005001GB00001F00010001", "plateNo": "粤C12A34", "platePrefix": "粤C", "plateType": "02", "vin": "LSVAA4182E2000001",
    "certId": "c1", "typeCode": "11440499007000011Q001", "certNo": "19040130215", "certNos": ["19040130215"],
    "regulationId": "00000000-0000-0000-0000-000000000001", "articleId": "00000000-0000-0000-0000-000000000001",
    "orgIds": ["00000000-0000-0000-0000-000000000001"], "implementationCode": "M1", "matterCode": "M1",
    "caseNo": "CF-1", "caseNos": ["CF-1"],
    "disclosureId": "GS1", "paymentCodes": ["44040026000000412376"], "documentNo": "珠市监罚〔2026〕1号", "minFine10k": "0.5",
    "updatedAfter": "2026-01-01T00:00:00+00:00", "isFunctionalZone": True, "openOnly": True, "majorOnly": True,
    "validOnly": True, "currentOnly": True, "year": 2026, "version": 1, "articleNo": "第一条", "residencePrefix": "4404",
    "registeredPrefix": "4404", "divisionPrefix": "4404", "codePrefix": "4404", "industryPrefix": "F5", "legacyCode": "440400600012345",
    "after": "ZGM6MDAwMDAwMDAwMDEyMzQ1Ng==",
}  # fmt: skip
"""A value that each argument takes, by its name; dates, codes and enums by their type."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A field that shows something of a record: how it is selected, and its coordinate and source, part by part."""

    name: str
    text: str
    parts: tuple[tuple[str, Column | Computed | Lookup], ...]


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A link of a type to records of `target`; `part` is the member of the value object that holds it."""

    owner: str
    field: str
    part: str
    target: str
    coordinate: str
    link: Link

    def around(self, inner: str, arguments: Mapping[str, str] = {}, *, page: str = "nodes") -> str:
        """The selection of the link around a selection of its target; `page` is how a connection is read."""
        if self.part:
            return f"{self.field} {{ {self.part} {{ {inner} }} }}"
        declared = catalog.object_types[self.owner].fields[self.field]
        named = get_named_type(declared.type)
        if isinstance(named, GraphQLInterfaceType):
            inner = f"... on {self.target} {{ {inner} }}"
        elif named.name not in catalog.records:
            inner = _paged(named, page, inner)
        given = {**({} if set(self.link.needs_one_of) & set(arguments) else self.written), **arguments}
        written = ", ".join(f"{name}: {text}" for name, text in given.items())
        return f"{self.field}{f'({written})' if written else ''} {{ {inner} }}"

    @property
    def written(self) -> dict[str, str]:
        """The arguments without which the link cannot be asked for, as they are written."""
        if self.part:
            return {}
        declared = catalog.object_types[self.owner].fields[self.field].args
        needed = [name for name, argument in declared.items() if argument_is_needed(argument)]
        return {
            name: "$id" if name == "id" else literal(example(name, declared[name].type), declared[name].type)
            for name in (*needed, *self.link.needs_one_of[:1])
        }

    @property
    def pages(self) -> bool:
        """Whether the link gives a connection."""
        named = get_named_type(catalog.object_types[self.owner].fields[self.field].type)
        return not self.part and isinstance(named, GraphQLObjectType) and "pageInfo" in named.fields


Path = tuple[Edge, ...]


def nested(path: Path, inner: str, last: str | None = None) -> str:
    """The document that follows a path; `last` replaces the text of its last link."""
    text = last if last is not None else inner
    for edge in reversed(path[:-1] if last is not None else path):
        text = edge.around(text)
    return f"{{ {text} }}"


def _paged(named: Any, page: str, inner: str) -> str:
    if "nodes" not in named.fields:
        return f"changes {{ {inner} }}"
    if page == "edges":
        return f"edges {{ cursor node {{ {inner} }} }} pageInfo {{ endCursor hasNextPage }}"
    return f"{page} {{ {inner} }}"


def argument_is_needed(argument: GraphQLArgument) -> bool:
    """Whether a document must give it."""
    return isinstance(argument.type, GraphQLNonNull) and coerce_default_value(argument) is Undefined


def example(name: str, type_: Any) -> Any:
    """A value for an argument that its check takes."""
    if name in EXAMPLES:
        return EXAMPLES[name]
    named = get_named_type(type_)
    value: Any = {"Date": "2026-01-01", "Int": 1, "Boolean": True}.get(named.name, "02")
    if isinstance(named, GraphQLEnumType):
        value = next(iter(named.values))
    return [value] if "[" in str(type_) else value


def literal(value: Any, type_: Any) -> str:
    """A value as it is written in a document."""
    if isinstance(get_named_type(type_), GraphQLEnumType):
        return f"[{value[0]}]" if isinstance(value, list) else str(value)
    return json.dumps(value, ensure_ascii=False)


def global_id(type_name: str) -> str:
    """A global id of a record of this type."""
    key = "c1" if type_name in ("ECertificate", "RealEstateUnit") else "00000000-0000-0000-0000-000000000001"
    return SEAL.close("id", "", [type_name, key])


# --- the graph -----------------------------------------------------------------------------------


@cache
def leaves(type_name: str) -> tuple[Leaf, ...]:
    """What a record shows of itself."""
    return tuple(
        Leaf(name=field, text=text, parts=tuple(parts))
        for (owner, field), source in catalog.sources.items()
        if owner == type_name and not isinstance(source, Link)
        for text, parts in [_leaf(f"{owner}.{field}", field, source, catalog.object_types[owner].fields[field].type)]
        if parts
    )


def _leaf(
    coordinate: str, name: str, source: Source, type_: Any
) -> tuple[str, list[tuple[str, Column | Computed | Lookup]]]:
    if isinstance(source, Embed):
        inner = get_named_type(type_)
        found = [
            _leaf(f"{coordinate}.{part}", part, of, inner.fields[part].type)
            for part, of in source.parts.items()
            if not isinstance(of, Link)
        ]
        return f"{name} {{ {' '.join(text for text, _ in found)} }}", [one for _, parts in found for one in parts]
    assert isinstance(source, Column | Computed | Lookup)
    return f"{name}{_inside(type_)}", [(coordinate, source)]


def _inside(type_: Any) -> str:
    """The selection of all members of a value object."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    return " { " + " ".join(f"{name}{_inside(field.type)}" for name, field in named.fields.items()) + " }"


@cache
def edges(type_name: str) -> tuple[Edge, ...]:
    """The links of a type, one for each kind of record that they lead to."""
    return tuple(
        Edge(owner=type_name, field=field, part=part, target=branch.target, coordinate=coordinate, link=link)
        for (owner, field), source in catalog.sources.items()
        if owner == type_name
        for part, coordinate, link in _links(f"{owner}.{field}", source)
        for branch in link.branches
    )


def _links(coordinate: str, source: Source) -> Iterator[tuple[str, str, Link]]:
    if isinstance(source, Link):
        yield "", coordinate, source
    elif isinstance(source, Embed):
        for part, of in source.parts.items():
            if isinstance(of, Link):
                yield part, f"{coordinate}.{part}", of


def paths(length: int) -> Iterator[Path]:
    """Every path of so many links from the root."""
    if length == 0:
        yield ()
        return
    for path in paths(length - 1):
        yield from ((*path, edge) for edge in edges(path[-1].target if path else "Query"))


def predicates(link: Link) -> Iterator[tuple[Argument, Argument]]:
    """The arguments of a link that are conditions: (argument, or the member of a filter, with the filter)."""
    for argument in (*(link.through.arguments if link.through else ()), *link.arguments):
        if argument.role is Role.WHERE:
            yield argument, argument
        yield from ((member, argument) for member in argument.members)


def chunks(items: Sequence[Leaf], size: int) -> Iterator[Sequence[Leaf]]:
    """The items in groups of at most `size`."""
    for start in range(0, len(items), max(size, 1)):
        yield items[start : start + max(size, 1)]
