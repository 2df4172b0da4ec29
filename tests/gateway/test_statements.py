"""What a caller may not see is in no statement, by whichever route it is asked for.

For every caller class and every field: the plan is bound and its statements are written, and the columns that stand in
their texts are compared with the decisions. No database is asked until the end, where both engines' own log is read.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator

import pytest
from graphql import get_nullable_type, parse
from sqlalchemy import MetaData, Table, bindparam

from auth.classes import Action, DataClass
from auth.policy import Outcome
from gateway.document import judge
from gateway.errors import ErrorCode
from gateway.masking import masked_column
from gateway.pace import at_once
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.catalog import column_names
from resolvers.schema import catalog
from resolvers.sources import Order, Record, Role, Where
from tests.gateway.asked import (
    CONDITIONS,
    Document,
    End,
    Shown,
    allowed,
    check,
    not_filterable,
    reachable,
    refusal,
    shortest,
    unknown,
    verdict,
)
from tests.gateway.hearing import Heard
from tests.gateway.operations import Generator
from tests.gateway.reads import (
    FACTS,
    HALF_OPEN,
    OPEN_TO_ALL,
    PUBLIC_COLUMNS,
    SEAL,
    STANDINGS,
    Caller,
    expression_text,
    keys_of,
    keys_within,
    names_in,
    plain,
)
from tests.gateway.routes import (
    Edge,
    Leaf,
    Path,
    chunks,
    edges,
    example,
    global_id,
    leaves,
    literal,
    nested,
    paths,
    predicates,
)
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

DEPTH = int(os.environ.get("TONGCHA_DEPTH", "4"))
"""Levels of a document whose every path is tried: root, links, and the field."""


# --- routes --------------------------------------------------------------------------------------


def routes(caller: Caller) -> Iterator[Document]:
    """Every record's fields by every way of writing them, along the shortest path to the record."""
    for target, path in shortest(caller).items():
        yield from written(caller, target, path, known_leaves(caller, target))


def known_leaves(caller: Caller, target: str) -> tuple[Leaf, ...]:
    """The fields of a record that are in this caller's schema."""
    return tuple(leaf for leaf in leaves(target) if not any(absent(caller, part) for part in leaf.parts))


def absent(caller: Caller, part: tuple[str, Shown]) -> bool:
    return verdict(caller, *part) is Outcome.ABSENT


def written(caller: Caller, target: str, path: Path, known: tuple[Leaf, ...]) -> Iterator[Document]:
    fields, end = " ".join(leaf.text for leaf in known), End(path, known)
    yield Document(nested(path, fields), end)
    aliased = " ".join(f"n{place}: {leaf.text}" for place, leaf in enumerate(known))
    yield Document(nested(path, aliased), end)
    yield from under_open_names(caller, path, known)
    yield Document(nested(path, f"... {{ ... on {target} {{ {fields} }} }}"), end)
    spread = nested(path, "...F")
    fragments = f"fragment F on {target} {{ ... on {target} {{ ...G }} }} fragment G on {target} {{ {fields} }}"
    yield Document(f"{spread} {fragments}", end)
    merged = nested(path, "__typename", " ".join(path[-1].around(leaf.text) for leaf in known))
    yield Document(merged, end)
    for interface in catalog.object_types[target].interfaces:
        shared = tuple(leaf for leaf in known if leaf.name in interface.fields)
        by_interface = " ".join(leaf.text for leaf in shared)
        yield Document(nested(path, f"... on {interface.name} {{ {by_interface} }}"), End(path, shared))
    if path[-1].pages:
        for page in ("nodes", "edges"):
            yield Document(nested(path, "", path[-1].around(f"__typename {fields}", page=page)), end)
        counted = nested(path, "", path[-1].around("", page="totalCount pageInfo").replace("{  }", "{ endCursor }"))
        yield Document(counted, End(path, ()))


def under_open_names(caller: Caller, path: Path, known: tuple[Leaf, ...]) -> Iterator[Document]:
    """Fields that are not open under the names of fields that are: the name of an answer's member decides nothing."""
    outcomes = [(leaf, {verdict(caller, *part) for part in leaf.parts}) for leaf in known]
    open_names = [leaf.name for leaf, found in outcomes if found == {Outcome.CLEAR}] or ["id"]
    closed = [leaf for leaf, found in outcomes if found != {Outcome.CLEAR}]
    for some in chunks(closed, len(open_names)):
        text = " ".join(f"{name}: {leaf.text}" for name, leaf in zip(open_names, some, strict=False))
        yield Document(nested(path, text), End(path, tuple(some)))


@pytest.mark.parametrize("name", STANDINGS)
def test_by_every_way_of_writing_a_field(name: str) -> None:
    caller = Caller(name)
    for document in routes(caller):
        check(caller, document)


@pytest.mark.parametrize("name", STANDINGS)
def test_by_every_path(name: str) -> None:
    """Path closure: from whichever root, over whichever links, a field has one verdict."""
    caller, count = Caller(name), 0
    for length in range(DEPTH - 1):
        for path in paths(length):
            if not any(unknown(caller, edge) for edge in path):
                for document in fanned_out(caller, path):
                    check(caller, document)
                    count += len(document.ends)
    assert count > 600


def fanned_out(caller: Caller, path: Path) -> Iterator[Document]:
    """The fields of all records one link beyond a path, in one document; each link that must be refused in its own."""
    texts: list[str] = []
    ends: list[End] = []
    for place, edge in enumerate(edges(path[-1].target if path else "Query")):
        if unknown(caller, edge):
            continue
        known = known_leaves(caller, edge.target)
        end = End((*path, edge), known, f"e{place}")
        text = f"{end.mark}: {edge.around(' '.join(leaf.text for leaf in known))}"
        if not_filterable(caller, Document("", end)) or "$id" in text:
            yield Document(nested(path, text), end)
        else:
            texts.append(text)
            ends.append(end)
    if texts:
        yield Document(nested(path, " ".join(texts)), *ends)


# --- predicates ----------------------------------------------------------------------------------


def test_one_condition_is_open_to_all() -> None:
    """The keyword of the public list: identifiers are cut out of the texts that it is compared with, and persons left out."""
    assert set(OPEN_TO_ALL) == {"Query.disclosures(keyword)"}


@pytest.mark.parametrize("name", STANDINGS)
def test_by_every_condition(name: str) -> None:
    """A filter, a search and the argument of a link are reads, also where only a total is asked for."""
    caller = Caller(name)
    used = 0
    for end, where, given in conditions(caller):
        may, read = caller.askable(end.path[-1].link), column_names(where.columns)
        freely = where.open_to_all
        for page in ("nodes", "totalCount") if end.path[-1].pages else ("nodes",):
            inner = "" if page == "totalCount" else "__typename"
            last = end.path[-1].around(inner, given, page=page).replace("totalCount {  }", "totalCount")
            document = Document(nested(end.path, "", last), end)
            at_once(judge(catalog.schema, parse(document.text)))
            beside = set() if end.path[-1].link.needs_one_of else not_filterable(caller, Document("", end))
            if end.followed(caller) == end.path and not (freely or read | beside <= may):
                assert refusal(caller, document) == {ErrorCode.NOT_FILTERABLE}, (document.text, read - may)
                continue
            _, sent = caller.bound(document.text, document.variables)
            named = {name for one in sent for name in caller.named(one.text)}
            built = where.build(bindparam("argument", type_=where.bind))
            joined = names_in(expression_text(Table("x", MetaData()), built)) - column_names([built])
            reached = end.followed(caller) == end.path
            assert named <= allowed(caller, end) | (joined if reached else set()), (document.text, named)
            written = {
                name for one in sent for name in names_in(one.text)
            }  # a condition may be written as a row rule is
            assert not reached or freely or read <= written, (document.text, read - written)
            used += reached
    assert used > 20 or name == "auditor"


def conditions(caller: Caller) -> Iterator[tuple[End, Where, dict[str, str]]]:
    """Every condition of every link on the shortest path to it, with the argument as it is written."""
    found = {"Query": (), **shortest(caller)}
    for owner, path in found.items():
        for edge in edges(owner):
            if edge.part or unknown(caller, edge) or edge.target != edges_of(edge)[0].target:
                continue
            end = End((*path, edge), ())
            if not_filterable(caller, Document("", End(path, ()))):
                continue
            declared = catalog.object_types[owner].fields[edge.field].args
            for condition, argument in predicates(edge.link):
                assert condition.where is not None
                type_ = declared[argument.name].type
                if condition is argument:
                    begin = edge.link.cursor if condition.name == "after" else None
                    value = example(condition.name, type_) if begin is None else begin(condition.absent, None)
                    text = literal(value, type_)
                else:
                    of = get_nullable_type(type_).fields[condition.name].type
                    text = f"{{ {condition.name}: {literal(example(condition.name, of), of)} }}"
                yield end, condition.where, {argument.name: text}


def edges_of(edge: Edge) -> list[Edge]:
    return [one for one in edges(edge.owner) if one.coordinate == edge.coordinate]


@pytest.mark.parametrize("name", STANDINGS)
def test_by_every_order_and_cursor(name: str) -> None:
    caller = Caller(name)
    may = caller.open_columns(Action.ORDER)
    for owner, path in {"Query": (), **shortest(caller)}.items():
        for edge in edges(owner):
            end = End((*path, edge), ())
            if not edge.pages or unknown(caller, edge) or not_filterable(caller, Document("", end)):
                continue
            reached = end.followed(caller) == end.path
            for field, order in orders(edge):
                given = {"orderBy": f"{{ field: {field}, direction: DESC }}"} if field else {}
                read = column_names(order.columns)
                width = len(order.columns) + (len(catalog.records[edge.target].key) if field else 0)
                document = Document(nested(end.path, "", edge.around("__typename", given, page="edges")), end)
                if field and reached and not read <= may:
                    assert refusal(caller, document) == {ErrorCode.NOT_FILTERABLE}, (document.text, read - may)
                    continue
                scope = caller.list_of_cursor(document.text, document.variables)
                given["after"] = f'"{SEAL.close("cursor", scope, ["1"] * width)}"'
                document = Document(nested(end.path, "", edge.around("__typename", given, page="edges")), end)
                _, sent = caller.bound(document.text, document.variables)
                named = {name for one in sent for name in caller.named(one.text)}
                assert named <= allowed(caller, end), (document.text, named - allowed(caller, end))
                assert not reached or any("$::VARCHAR" in one.text and "LIMIT" in one.text for one in sent)


def orders(edge: Edge) -> Iterator[tuple[str, Order]]:
    """The orders of a list: its own, under an empty name, and those that the caller may choose."""
    (branch,) = edge.link.branches
    yield "", branch.order or catalog.records[edge.target].order
    for argument in edge.link.arguments:
        if argument.role is Role.ORDER:
            yield from (argument.orders or {}).items()


def test_every_exception_is_one() -> None:
    """The conditions of `CONDITIONS` do read what somebody may not see, who may follow the link."""
    found: dict[str, set[str]] = {target: set() for target in CONDITIONS}
    for name in ("officer", "supervisor", "public"):
        caller = Caller(name)
        for length in (1, 2, 3):
            for path in paths(length):
                target = path[-1].target
                end = End(path, ())
                if target in found and end.followed(caller) == path and not not_filterable(caller, Document("", end)):
                    document = Document(nested(path, "__typename"), end)
                    _, sent = caller.bound(document.text, document.variables)
                    found[target] |= {name for one in sent for name in caller.named(one.text)} - caller.readable
    unused = {target: names - found[target] for target, (names, _) in CONDITIONS.items() if names - found[target]}
    assert not unused


OWN = ("citizen-own-records", "citizen-own-records-by-an-ordinary-login")


@pytest.mark.parametrize("name", OWN)
def test_what_is_above_public_is_read_in_own_rows_only(name: str) -> None:
    """Of a record that a citizen finds of everybody, nothing above PUBLIC stands outside the condition that it is theirs."""
    caller = Caller(name)
    closed = {column for fact in FACTS for column in fact.columns} - PUBLIC_COLUMNS
    for target, path in shortest(caller).items():
        if target not in HALF_OPEN:
            continue
        document = nested(path, " ".join(leaf.text for leaf in known_leaves(caller, target)))
        variables = {"id": global_id(path[0].target)} if "$id" in document else {}
        _, sent = caller.bound(f"query($id: ID!) {document}" if variables else document, variables)
        bare = {one for statement in sent for one in caller.named_in_any_row(statement.text)}
        own = {column for column in bare & closed if column.startswith(table_of(target))}
        assert own <= keys_within(target) | keys_of(path[-1].link), (target, own)


def table_of(target: str) -> str:
    (key, *_) = sorted(column_names(catalog.records[target].key))
    return key.rpartition(".")[0] + "."


# --- the log -------------------------------------------------------------------------------------

ASKED = int(os.environ.get("TONGCHA_LOGGED", "60"))
"""Operations per caller and engine whose statements are read in the databases' own log."""


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
@pytest.mark.parametrize("name", CALLERS)
async def test_what_the_databases_are_sent(world: World, name: str, engine: str) -> None:
    """Random operations over the city by both engines: every text that reaches a database."""
    log: list[str] = []
    databases = {one: Heard(database, log) for one, database in world.databases.items()}
    pipeline = Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
    pipeline.reception = world.pipeline().reception  # what the gateway asks for itself is not what the caller asks for
    viewer, access = CALLERS[name]
    asking = await pipeline.reception.asking(viewer, access)
    caller = Caller(name, asking.standing)
    may = caller.readable | reachable(caller)
    pools = await world.pools()
    dice = random.Random(name)
    for _ in range(ASKED):
        made = Generator(catalog.schema, pools, dice).operation()
        log.clear()
        await pipeline.answer(GraphQLRequest(query=made.text, variables=made.variables), viewer, access)
        named = {one for text in log for one in caller.named(plain(text))}
        assert named <= may, (made.text, made.variables, named - may)


# --- third persons -------------------------------------------------------------------------------

KEY_GIVEN = re.compile(r"\S+ AS k[0-9]+")
"""The key that was asked for, given back with its rows."""
GUARDED = (DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.RESTRICTED)


@pytest.mark.parametrize("name", ["officer", "officer-stepped-up"])
def test_of_third_persons_nothing_guarded_is_read_but_through_its_mask(name: str) -> None:
    """By every path to whom a task can name: what leaves the database are masks, nulls, public columns and keys of links
    that stay open."""
    caller, steps = Caller(name), 0
    masks = sorted(masks_of_thirds(caller), key=len, reverse=True)
    for length in range(DEPTH - 1):
        for path in paths(length + 1):
            record = catalog.records[path[-1].target]
            if not record.named_by or any(not caller.follows(edge.coordinate, edge.link) for edge in path):
                continue
            known = known_leaves(caller, path[-1].target)
            inner = " ".join([*(leaf.text for leaf in known), *links_beyond(caller, path[-1].target)])
            document = Document(nested(path, inner), End(path, known))
            if not_filterable(caller, document):
                continue
            for step, text in caller.thirds(document.text, document.variables):
                assert isinstance(step.target, Record)
                for mask in masks:
                    text = text.replace(mask, "...")  # noqa: PLW2901
                shown = KEY_GIVEN.sub("", text.partition(" WHERE ")[0].partition(" ORDER BY ")[0])
                guarded = {name for name, data_class in classes(step.target).items() if data_class in GUARDED}
                assert not names_in(shown) & guarded, (document.text, names_in(shown) & guarded)
                steps += 1
    assert steps > 40


def masks_of_thirds(caller: Caller) -> set[str]:
    """Every mask of a record that a task can name, as it stands in a statement."""
    found = set(caller.masks.values())
    for coordinate, column in catalog.columns():
        record = catalog.records.get(coordinate.partition(".")[0])
        if record is not None and record.named_by and (hidden := masked_column(column)) is not None:
            found.add(expression_text(record.table, hidden))
    return found


def classes(record: Record) -> dict[str, DataClass]:
    """The class of each column of the record's table."""
    (table,) = {column.table for column in record.key}
    return {
        f"{table}.{column.name}": known.data_class
        for column, known in catalog.classes.items()
        if column.table is table and column not in record.named_by
    }


def links_beyond(caller: Caller, target: str) -> Iterator[str]:
    """The record's own links, so that their keys are asked for."""
    for edge in edges(target):
        if caller.follows(edge.coordinate, edge.link) and not edge.part and not edge.link.needs_one_of:
            yield f"l{len(edge.coordinate)}{edge.field}{edge.target}: {edge.around('__typename')}"
