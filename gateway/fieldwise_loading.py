"""Loaders of the field-by-field engine: one per link, arguments and request, each over one step."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from auth.classes import DataClass
from auth.masks import MASK_KEY
from datasources.loaders import KeyedLoader
from gateway.arguments import Values
from gateway.drafts import rows_cut
from gateway.fieldwise_places import Places, selected_of
from gateway.fieldwise_values import Context, Item, Page
from gateway.plan import Given, Shape, Statement, Step
from gateway.rows import ROOT, Row
from gateway.thirds import absent_unless_named, named_among, named_only, naming_of_record, split, with_third
from gateway.trace import fed, subject_of
from resolvers.sources import Branch, Hop, Link, Record


def loader_of(
    identity: tuple[Hashable, ...],
    link: Link,
    target: Record | Hop,
    branch: Branch | None,
    shape: Shape,
    values: Values,
    context: Context,
    extra: tuple[Any, Any] | None = None,
) -> KeyedLoader:
    """The loader of this request for a link, whose coordinate `identity` begins with, and its arguments."""
    if identity not in context.loaders:
        if isinstance(target, Hop):
            places: Places = {(id(column), "hop"): (column, column) for column in target.columns}
        else:
            assert branch is not None
            places = selected_of(context, branch.target)
            for key in target.key:
                shown = context.own_only(branch.target, key, DataClass.INTERNAL)
                places[id(key), "subject"] = (shown, shown)
            if target.named_by:
                places["named"] = (target.named_by[0], target.named_by[0])
            if extra is not None:
                places["extra"] = extra
        step = _step(link, target, branch, shape, places, context)
        naming = naming_of_record(context.naming_of, target)
        if naming is not None and not absent_unless_named(naming, direct=not link.key):
            assert branch is not None
            assert isinstance(target, Record)
            thirds = [of_third for _, of_third in places.values()]
            named, own = (list(places).index(place) for place in ("named", (id(target.key[0]), "subject")))
            step = with_third(step, f"{identity[0]} {branch.target}", thirds, named, own, ())

        async def batch(keys: Sequence[Any]) -> Mapping[Any, Page]:
            return await _load(step, branch, link, values, places, keys, context)

        context.loaders[identity] = KeyedLoader(batch, empty_page(link, values))
    return context.loaders[identity]


def _step(
    link: Link,
    target: Record | Hop,
    branch: Branch | None,
    shape: Shape,
    places: Places,
    context: Context,
) -> Step:
    keyed = bool(link.by or link.key)
    match = target.match if isinstance(target, Hop) else branch.match if branch is not None else ()
    width = len(match) or len(link.key)
    hop = isinstance(target, Hop)
    return Step(
        index=0,
        database=context.catalog.database_of(target.table),
        target=target,
        branch=branch,
        columns=tuple(expression for expression, _ in places.values()),
        parent=None,
        key_positions=tuple(range(max(width, 1))) if keyed else (),
        by=(),
        arguments=tuple(
            _as_given(argument) for argument in (target.arguments if isinstance(target, Hop) else link.arguments)
        ),
        cut=_cut(link, target, branch, context),
        slot=0,
        shape=Shape.LIST if hop else shape,
        rows_wanted=True,
        total_wanted=shape is Shape.PAGE and not hop,
        count_limit=context.count_limit,
        cursor_wanted=(shape is Shape.PAGE or link.merge is not None) and not hop,
    )


def _cut(link: Link, target: Record | Hop, branch: Branch | None, context: Context) -> tuple[ColumnElement[bool], ...]:
    cut = rows_cut(context.rows_seen, target, branch, False, link.data_class is DataClass.PUBLIC)
    if isinstance(target, Hop):
        return cut
    naming = naming_of_record(context.naming_of, target)
    return (*cut, named_only(target)) if absent_unless_named(naming, direct=not link.key) else cut


def _as_given(argument: Any) -> Any:
    return Given(argument=argument, evaluate=lambda _: None, written=True, constant=True)


async def _load(
    step: Step,
    branch: Branch | None,
    link: Link,
    values: Values,
    places: Places,
    keys: Sequence[Any],
    context: Context,
) -> Mapping[Any, Page]:
    if context.drift.takes_out(step):
        context.refuse_drifted(step.database)
    third = step.third
    if third is None:
        return await _ask(step, branch, link, values, places, keys, context)
    known, others = split(third, keys if step.keyed else None, context.named)
    clear = await _ask(step, branch, link, values, places, known, context) if known else {}
    asked = keys if others is None else others
    pages = await _ask(third.step, branch, link, values, places, asked, context) if asked else {}
    items = [item for page in pages.values() for item in page.items]
    again = named_among(third, [item.values["named"] for item in items], context.named)
    if third.again is not None and again:
        own = list(places)[third.own]
        keys = list(dict.fromkeys(item.values[own] for item in items if item.values["named"] in again))
        found = await _ask(third.again, branch, link, Values.none(), places, keys, context)
        for page in pages.values():
            page.items = [found[key].items[0] if (key := item.values[own]) in found else item for item in page.items]
    repeated = sum(item.values["named"] in again for item in items)
    context.reached.note(
        third.link, thirds=len(items) - repeated, named=sum(len(page.items) for page in clear.values()) + repeated
    )
    return {**clear, **pages}


async def _ask(
    step: Step,
    branch: Branch | None,
    link: Link,
    values: Values,
    places: Places,
    keys: Sequence[Any],
    context: Context,
) -> Mapping[Any, Page]:
    statement = context.write(step, values)
    parameters = [_parameter(name, statement, step, values, keys, context) for name in statement.parameters]
    records = await context.ask(step.database, context.databases[step.database].rows(statement.text, parameters))
    context.counts[step.database] += len(records)
    pages: dict[Any, Page] = {}
    sort_at, key_at = statement.columns, statement.columns + statement.sort_width
    for record in records:
        key = _record_key(record, key_at, statement.key_width)
        page = pages.setdefault(key, empty_page(link, values, context))
        if statement.counted:
            total = record[key_at + statement.key_width]
            page.total = total if step.count_limit is None else min(total, step.count_limit)
            page.capped = total > page.total
            if record[key_at + statement.key_width + 1] is None:
                continue
        found = {place: record[index] for index, place in enumerate(places)}
        page.items.append(
            Item(
                type_name=branch.target if branch is not None else "", values=found, sort=tuple(record[sort_at:key_at])
            )
        )
        if branch is not None and isinstance(step.target, Record):
            key_values = [found[id(column), "subject"] for column in step.target.key]
            if None not in key_values:  # null where nothing guarded was read
                context.subjects.append(subject_of(branch.target, key_values))
    for page in pages.values():
        if step.shape is Shape.PAGE and values.first is not None and len(page.items) > values.first:
            page.more = True
            del page.items[values.first :]
        if link.cursor is not None and page.items:
            page.following = link.cursor(values.parameters["argument_after"], page.items[-1].sort)
            if link.delivered:
                context.fed.append(fed(values.parameters["argument_after"], page.items[-1].sort))
    return pages


def _record_key(record: Row, at: int, width: int) -> Any:
    if width == 0:
        return ROOT
    return record[at] if width == 1 else tuple(record[at : at + width])


def _parameter(
    name: str, statement: Statement, step: Step, values: Values, keys: Sequence[Any], context: Context
) -> Any:
    if name in statement.constants:
        return statement.constants[name]
    if name.startswith("key"):
        return list(keys) if statement.key_width == 1 else [key[int(name[3:])] for key in keys]
    if name.startswith("argument_"):
        return values.parameters[name]
    if name == "today":
        return context.today
    if name == MASK_KEY:
        return context.mask_key
    if name.startswith("scope_"):
        return context.scope[name]
    if name == "limit":
        return (values.first or 0) + (step.shape is Shape.PAGE)
    assert values.after is not None
    return values.after[int(name.removeprefix("after"))]


def empty_page(link: Link, values: Values, context: Context | None = None) -> Page:
    """A page without items."""

    def cursor(item: Item) -> str:
        assert context is not None
        return context.seal.close("cursor", values.seal_scope, list(item.sort))

    following = link.cursor(values.parameters["argument_after"], None) if link.cursor is not None else None
    return Page(items=[], more=False, total=0, cursor=cursor, following=following)
