"""The second engine: field by field on graphql-core, links through aiodataloader.

It runs whatever has a resolver of its own, it is what an operator falls back to, and it is the oracle
for the compiled engine: from the same declarations, by another way, it must give the same answer. It
shares the sources, the decision and the statement writer with the compiled engine, and nothing of
its planning, execution, traversal or null handling.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    execute,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from auth.classes import DataClass
from auth.masks import masked
from auth.policy import Action, Decision, Outcome
from auth.seals import Seal
from datasources.database import Database, SourceError
from datasources.loaders import KeyedLoader
from gateway.arguments import Values, check_arguments, given_arguments
from gateway.errors import ErrorCode, GatewayError
from gateway.operation import Operation
from gateway.plan import Shape, Statement, Step
from gateway.rows import ROOT, Row
from resolvers.catalog import Catalog
from resolvers.errors import NotAvailableYet
from resolvers.sources import (
    Branch,
    Coded,
    Column,
    Computed,
    Embed,
    Hop,
    Link,
    Lookup,
    Mapped,
    Named,
    PageRole,
    Plain,
    Record,
    Source,
)

Decide = Callable[[str, DataClass, Action], Decision]
Write = Callable[[Step, Values], Statement]


@dataclass(frozen=True)
class Item:
    """A record as a parent value: its type, and its values by the identity of what was selected."""

    type_name: str
    values: Mapping[Any, Any]
    sort: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Parts:
    """A value object over an item: the sources of its members."""

    item: Item
    sources: Mapping[str, Source]
    coordinate: str


@dataclass
class Page:
    """A connection as a parent value."""

    items: list[Item]
    more: bool
    total: int
    cursor: Callable[[Item], str]
    following: str | None


@dataclass
class Context:
    """What a request brings along; `info.context` of every resolver, hand-written ones too."""

    catalog: Catalog
    decide: Decide
    databases: Mapping[str, Database]
    write: Write
    seal: Seal
    today: datetime.date
    now: datetime.datetime
    variables: Mapping[str, Any]
    loaders: dict[Hashable, KeyedLoader] = field(default_factory=dict)
    sources: dict[str, str | None] = field(default_factory=dict)
    steps: dict[Hashable, Step] = field(default_factory=dict)

    async def rows(self, database: str, statement: Any) -> list[Mapping[str, Any]]:
        """The rows of a SQLAlchemy statement, for hand-written resolvers."""
        from gateway.adhoc import compile_adhoc

        text, parameters = compile_adhoc(statement)
        return [dict(record) for record in await self.ask(database, self.databases[database].rows(text, parameters))]

    def require(self, coordinate: str, data_class: DataClass, action: Action) -> None:
        """Refuses unless the caller may do this in clear; for hand-written resolvers."""
        decision = self.decide(coordinate, data_class, action)
        if decision.outcome is not Outcome.CLEAR:
            raise GatewayError(ErrorCode[str(decision.code or "FORBIDDEN")])

    async def ask(self, database: str, asking: Any) -> Any:
        """Awaits a database and notes what became of it."""
        self.sources.setdefault(database, None)
        try:
            return await asking
        except SourceError as error:
            self.sources[database] = error.code
            raise GatewayError(ErrorCode[error.code], source=error.database) from None


async def run_fieldwise(
    operation: Operation, context: Context, given: Mapping[str, Any]
) -> tuple[Any, list[GatewayError]]:
    """Executes an operation with the variables as the client gave them; gives ``data`` and the errors."""
    result = execute(
        context.catalog.schema,
        operation.document,
        context_value=context,
        variable_values=dict(given),
        operation_name=operation.name,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    return result.data, [_ours(error) for error in result.errors or ()]


def _ours(error: GraphQLError) -> GatewayError:
    original = error.original_error
    path = list(error.path) if error.path is not None else None
    if isinstance(original, GatewayError):
        return GatewayError(original.code, path=path, **original.extra)
    if isinstance(original, NotAvailableYet):
        return GatewayError(ErrorCode.NOT_AVAILABLE_YET, path=path)
    if original is None or isinstance(original, TypeError | ValueError | GraphQLError):
        return GatewayError(ErrorCode.DATA_ERROR, path=path)
    raise original


def attach(catalog: Catalog) -> None:
    """Gives every field with a source its resolver; fields with a resolver of their own keep it."""
    for name, type_ in catalog.object_types.items():
        for field_name, graphql_field in type_.fields.items():
            source = catalog.sources.get((name, field_name))
            if source is not None:
                graphql_field.resolve = _resolver(catalog, name, field_name, graphql_field, source)
    for named in catalog.schema.type_map.values():
        if isinstance(named, GraphQLInterfaceType):
            named.resolve_type = _type_of
        elif isinstance(named, GraphQLObjectType):
            named.is_type_of = None


def _type_of(value: Any, _info: GraphQLResolveInfo, _type: Any) -> str:
    return str(value.type_name)


Resolve = Callable[..., Any]


def _resolver(catalog: Catalog, type_name: str, name: str, field_: GraphQLField, source: Source) -> Resolve:
    if isinstance(source, PageRole):
        return _page_member(source)
    if isinstance(source, Link | Lookup | Embed | Column | Computed):
        return _source_resolver(source, f"{type_name}.{name}", field_)

    def member(parent: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        if isinstance(parent, Parts):
            part = parent.sources[name]
            return _source_resolver(part, f"{parent.coordinate}.{name}", field_)(parent.item, info, **arguments)
        return parent[name]

    return member


def _source_resolver(source: Source, coordinate: str, field_: GraphQLField) -> Resolve:
    if isinstance(source, Embed):
        return lambda item, info: Parts(item, source.parts, coordinate)
    if isinstance(source, Column):
        members = _members(field_)
        return lambda item, info: _shown(item, source, coordinate, info.context, members)
    if isinstance(source, Computed):
        return lambda item, info: _computed(item, source, coordinate, info.context)
    if isinstance(source, Lookup):
        return _lookup_resolver(source, coordinate, field_)
    assert isinstance(source, Link)
    return _link_resolver(source, coordinate, field_)


# --- columns -------------------------------------------------------------------------------------


def _members(field_: GraphQLField) -> Mapping[str, Any]:
    """The internal values of an enum's members, by name."""
    named = get_named_type(field_.type)
    return {name: member.value for name, member in named.values.items()} if isinstance(named, GraphQLEnumType) else {}


def _shown(item: Item, source: Column, coordinate: str, context: Context, members: Mapping[str, Any]) -> Any:
    decision = context.decide(coordinate, source.data_class, Action.READ)
    if decision.outcome is Outcome.WITHHELD:
        return None
    place = (id(source.expression), decision.outcome)
    return _in_form(item.values[place], source, item.type_name, context, members)


def _in_form(
    value: Any, source: Column, type_name: str, context: Context, members: Mapping[str, Any] = MappingProxyType({})
) -> Any:
    if value is None:
        return None
    form = source.form
    if isinstance(form, Plain):
        return value
    if isinstance(form, Mapped):
        return form.show(value)
    if isinstance(form, Named):
        if value not in form.names:
            raise GatewayError(ErrorCode.DATA_ERROR)
        return members[form.names[value]]
    if isinstance(form, Coded):
        codes: list[dict[str, str]] = [{"list": form.list_name, "code": code, "label": form.labels.get(code, code)} for code in value]
        if form.many:
            return codes
        return {"list": form.list_name, "code": value, "label": form.labels.get(value, value)}
    return context.seal.close("id", "", [type_name, value])


def _computed(item: Item, source: Computed, coordinate: str, context: Context) -> Any:
    decision = context.decide(coordinate, source.data_class, Action.READ)
    if decision.outcome is not Outcome.CLEAR:
        return None
    values = [item.values[id(column.expression), Outcome.CLEAR] for column in source.inputs]
    return source.function(*values, today=context.today)


def _selected(context: Context, type_name: str) -> list[tuple[Any, Any]]:
    """Everything of a record that the caller may see, and the keys of its links: (place, expression)."""
    selected: dict[Any, Any] = {}
    for (owner, name), source in context.catalog.sources.items():
        if owner == type_name:
            _select(context, f"{owner}.{name}", source, selected)
    return list(selected.items())


def _select(context: Context, coordinate: str, source: Source, selected: dict[Any, Any]) -> None:
    if isinstance(source, Embed):
        for name, part in source.parts.items():
            _select(context, f"{coordinate}.{name}", part, selected)
    elif isinstance(source, Link | Lookup):
        for key in source.key if isinstance(source, Link) else source.link.key:
            selected[id(key), "key"] = key
    elif isinstance(source, Column | Computed):
        outcome = context.decide(coordinate, source.data_class, Action.READ).outcome
        inputs = (source,) if isinstance(source, Column) else source.inputs
        for column in inputs:
            if outcome is Outcome.CLEAR:
                selected[id(column.expression), Outcome.CLEAR] = column.expression
            elif outcome is Outcome.MASKED and isinstance(source, Column):
                selected[id(column.expression), Outcome.MASKED] = masked(column.mask, column.expression)


# --- links ---------------------------------------------------------------------------------------


def _shape_of(catalog: Catalog, type_: GraphQLOutputType) -> Shape:
    if is_list_type(get_nullable_type(type_)):
        return Shape.LIST
    named = get_named_type(type_)
    if isinstance(named, GraphQLObjectType) and named.name not in catalog.records:
        return Shape.PAGE
    return Shape.ONE


def _allowed(link: Link, coordinate: str, node: FieldNode, context: Context) -> bool:
    if context.decide(coordinate, link.data_class, Action.READ).outcome is not Outcome.CLEAR:
        return False
    written = {argument.name.value for argument in node.arguments or ()}
    for argument in _declared(link):
        if argument.name not in written:
            continue
        reads: list[tuple[Any, Action]] = [
            (member.where, Action.FILTER) for member in (argument, *argument.members) if member.where is not None
        ]
        reads += [(order, Action.ORDER) for order in (argument.orders or {}).values()]
        for where, action in reads:
            for reader in context.catalog.readers(where):
                if context.decide(reader.coordinate, reader.data_class, action).outcome is not Outcome.CLEAR:
                    return False
    return True


def _declared(link: Link) -> tuple[Any, ...]:
    return (link.through.arguments if link.through else ()) + link.arguments


def _link_resolver(link: Link, coordinate: str, field_: GraphQLField) -> Resolve:
    async def resolve(parent: Any, info: GraphQLResolveInfo, **_arguments: Any) -> Any:
        context: Context = info.context
        node = info.field_nodes[0]
        if not _allowed(link, coordinate, node, context):
            return None
        shape = _shape_of(context.catalog, field_.type)
        values = _values(link, coordinate, field_, node, info)
        found = await _follow(link, coordinate, shape, values, parent, context)
        if shape is Shape.ONE:
            return next((item for group in found for item in group.items), None)
        if shape is Shape.LIST:
            items = [item for group in found for item in group.items]
            if link.merge is not None:
                branches = [index for index, group in enumerate(found) for _ in group.items]
                ranked = sorted(
                    zip((item.sort for item in items), branches, items, strict=True),
                    key=lambda entry: entry[:2],
                    reverse=True,
                )
                return [item for _, _, item in ranked][: values.first]
            return items
        return found[0] if found else _empty_page(link, values)

    return resolve


def _lookup_resolver(source: Lookup, coordinate: str, field_: GraphQLField) -> Resolve:
    async def resolve(parent: Item, info: GraphQLResolveInfo, **_arguments: Any) -> Any:
        context: Context = info.context
        link = source.link
        if not _allowed(link, coordinate, info.field_nodes[0], context):
            return None
        outcome = context.decide(coordinate, source.column.data_class, Action.READ).outcome
        if outcome is Outcome.WITHHELD:
            return None
        values = _values(link, coordinate, field_, info.field_nodes[0], info)
        found = await _follow(link, coordinate, Shape.ONE, values, parent, context, extra=source.column)
        item = next((item for group in found for item in group.items), None)
        if item is None:
            return None
        return _in_form(item.values[id(source.column.expression), "extra"], source.column, item.type_name, context)

    return resolve


def _values(
    link: Link, coordinate: str, field_: GraphQLField, node: FieldNode, info: GraphQLResolveInfo
) -> Values:
    context: Context = info.context
    given = given_arguments(_declared(link), node, field_.args)
    path = tuple(str(key) for key in info.path.as_list() if isinstance(key, str))
    return check_arguments(path, coordinate, given, context.variables, context.seal)


async def _follow(
    link: Link, coordinate: str, shape: Shape, values: Values, parent: Any, context: Context, extra: Column | None = None
) -> list[Page]:
    """The page of each branch that applies to the parent."""
    starts: list[tuple[Any, ...]]
    if link.by:
        starts = [tuple(values.key[name] for name in link.by)]
    elif link.key:
        starts = [tuple(parent.values[id(key), "key"] for key in link.key)]
    else:
        starts = [()]
    keyed = bool(link.by or link.key)
    if link.through is not None:
        key = _key(starts[0], None)
        if key is None:
            return []
        hop = _loader((coordinate, "hop", values.signature, _frozen(values)), link, link.through, None, shape, values, context)
        starts = [
            tuple(item.values[id(column), "hop"] for column in link.through.columns)
            for item in (await hop.load(key)).items
        ]
    pages: list[Page] = []
    for start in starts:
        for index, branch in enumerate(link.branches):
            key = _key(start, branch) if keyed else ROOT
            if key is not None:
                loader = _loader(
                    (coordinate, index, values.signature, _frozen(values)),
                    link, context.catalog.records[branch.target], branch, shape, values, context, extra,
                )  # fmt: skip
                pages.append(await loader.load(key))
    return pages


def _frozen(values: Values) -> Hashable:
    return repr((sorted(values.parameters.items()), values.first, values.after))


def _key(values: tuple[Any, ...], branch: Branch | None) -> Any:
    if branch is not None and branch.key is not None:
        return branch.key(*values)
    if None in values:
        return None
    return values[0] if len(values) == 1 else values


def _loader(
    identity: Hashable,
    link: Link,
    target: Record | Hop,
    branch: Branch | None,
    shape: Shape,
    values: Values,
    context: Context,
    extra: Column | None = None,
) -> KeyedLoader:
    if identity not in context.loaders:
        if isinstance(target, Hop):
            places = [((id(column), "hop"), column) for column in target.columns]
        else:
            assert branch is not None
            places = _selected(context, branch.target)
            if extra is not None:
                places.append(((id(extra.expression), "extra"), extra.expression))
        step = _step(link, target, branch, shape, places, context)

        async def batch(keys: Sequence[Any]) -> Mapping[Any, Page]:
            return await _load(step, branch, link, values, places, keys, context)

        context.loaders[identity] = KeyedLoader(batch, _empty_page(link, values))
    return context.loaders[identity]


def _step(
    link: Link, target: Record | Hop, branch: Branch | None, shape: Shape, places: list[tuple[Any, Any]], context: Context
) -> Step:
    keyed = bool(link.by or link.key)
    width = len(target.match) if isinstance(target, Hop) else len(branch.match) if branch is not None else 0
    hop = isinstance(target, Hop)
    return Step(
        index=0,
        database=context.catalog.database_of(target.table),
        target=target,
        branch=branch,
        columns=tuple(expression for _, expression in places),
        parent=None,
        key_positions=tuple(range(max(width, 1))) if keyed else (),
        by=(),
        arguments=tuple(_as_given(argument) for argument in (target.arguments if isinstance(target, Hop) else link.arguments)),
        slot=0,
        shape=Shape.LIST if hop else shape,
        rows_wanted=True,
        total_wanted=shape is Shape.PAGE and not hop,
        cursor_wanted=(shape is Shape.PAGE or link.merge is not None) and not hop,
    )


def _as_given(argument: Any) -> Any:
    from gateway.plan import Given

    return Given(argument=argument, evaluate=lambda _: None, written=True)


async def _load(
    step: Step,
    branch: Branch | None,
    link: Link,
    values: Values,
    places: list[tuple[Any, Any]],
    keys: Sequence[Any],
    context: Context,
) -> Mapping[Any, Page]:
    statement = context.write(step, values)
    parameters = [_parameter(name, statement, step, values, keys, context) for name in statement.parameters]
    records = await context.ask(step.database, context.databases[step.database].rows(statement.text, parameters))
    pages: dict[Any, Page] = {}
    sort_at, key_at = statement.columns, statement.columns + statement.sort_width
    for record in records:
        key = _record_key(record, key_at, statement.key_width)
        page = pages.setdefault(key, _empty_page(link, values, context))
        if statement.counted:
            page.total = record[key_at + statement.key_width]
            if record[key_at + statement.key_width + 1] is None:
                continue
        page.items.append(
            Item(
                type_name=branch.target if branch is not None else "",
                values={place: record[index] for index, (place, _) in enumerate(places)},
                sort=tuple(record[sort_at:key_at]),
            )
        )
    for page in pages.values():
        if step.shape is Shape.PAGE and values.first is not None and len(page.items) > values.first:
            page.more = True
            del page.items[values.first :]
        if link.cursor is not None and page.items:
            page.following = link.cursor(page.items[-1].sort[0])
    return pages


def _record_key(record: Row, at: int, width: int) -> Any:
    if width == 0:
        return ROOT
    return record[at] if width == 1 else tuple(record[at : at + width])


def _parameter(name: str, statement: Statement, step: Step, values: Values, keys: Sequence[Any], context: Context) -> Any:
    if name in statement.constants:
        return statement.constants[name]
    if name.startswith("key"):
        return list(keys) if statement.key_width == 1 else [key[int(name[3:])] for key in keys]
    if name.startswith("argument_"):
        return values.parameters[name]
    if name == "today":
        return context.today
    if name == "limit":
        return (values.first or 0) + (step.shape is Shape.PAGE)
    assert values.after is not None
    return values.after[int(name.removeprefix("after"))]


def _empty_page(link: Link, values: Values, context: Context | None = None) -> Page:
    def cursor(item: Item) -> str:
        assert context is not None
        return context.seal.close("cursor", values.seal_scope, list(item.sort))

    following = link.cursor(values.parameters.get("argument_after", 0)) if link.cursor is not None else None
    return Page(items=[], more=False, total=0, cursor=cursor, following=following)


def _page_member(role: PageRole) -> Resolve:
    return lambda page, info: _PAGE_MEMBERS[role](page, info.context)


_PAGE_MEMBERS: Mapping[PageRole, Callable[[Any, Context], Any]] = {
    PageRole.NODES: lambda page, context: page.items,
    PageRole.EDGES: lambda page, context: [(page, item) for item in page.items],
    PageRole.TOTAL: lambda page, context: page.total,
    PageRole.PAGE_INFO: lambda page, context: page,
    PageRole.HAS_NEXT: lambda page, context: page.more,
    PageRole.CAUGHT_UP: lambda page, context: not page.more,
    PageRole.END_CURSOR: lambda page, context: page.cursor(page.items[-1]) if page.items else None,
    PageRole.NEXT_CURSOR: lambda page, context: page.following,
    PageRole.EDGE_NODE: lambda edge, context: edge[1],
    PageRole.EDGE_CURSOR: lambda edge, context: edge[0].cursor(edge[1]),
    PageRole.MOMENT: lambda page, context: context.now,
}

