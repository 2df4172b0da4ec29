"""What a caller may not see is in no statement, by whichever route it is asked for.

For every caller class and every field: the plan is bound and its statements are written, and the columns that stand in
their texts are compared with the decisions. No database is asked. Two kinds of columns may stand there though they are not
open to the caller, and none else: the keys that a granted link goes by, and those in `CONDITIONS`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from graphql import get_nullable_type
from sqlalchemy import MetaData, Table, bindparam

from auth.classes import Action
from auth.policy import Outcome
from gateway.errors import ErrorCode, GatewayError, Refused
from resolvers.catalog import column_names
from resolvers.schema import catalog
from resolvers.sources import Column, Lookup, Order, Role, Where
from tests.gateway.reads import SEAL, STANDINGS, Caller, expression_text, keys_of, keys_within, names_in
from tests.gateway.routes import Edge, Leaf, Path, chunks, edges, example, global_id, leaves, literal, nested, paths, predicates

DEPTH = int(os.environ.get("TONGCHA_DEPTH", "4"))
"""Levels of a document whose every path is tried: root, links, and the field."""

CONDITIONS: Mapping[str, tuple[frozenset[str], str]] = {
    "Disclosure": (
        frozenset({"cas.disclosure.state", "cas.disclosure.sealed", "cas.published_case.sealed"}),
        "what makes a record public; all that is read of it is that it is public",
    ),
    "CaseOfficer": (
        frozenset({"off.assignment.subject_ref", "off.other.subject_ref", "off.other.task_no", "off.other.officer_id"}),
        "an officer whom a task names for several subjects is listed once",
    ),
    "Household": (frozenset({"pop.household_member.left_on"}), "where the person lives, not where they lived"),
    "HouseholdMember": (frozenset({"pop.household_member.left_on"}), "who lives there, not who did"),
    "ECertificate": (frozenset({"lic.certificate.holder_type"}), "part of what a holder is found by"),
    "Vehicle": (
        frozenset({"veh.ownership.owner_type", "veh.ownership.valid_from", "veh.ownership.valid_to"}),
        "today's owner: part of what an owner, and a vehicle of an owner, is found by",
    ),
    "Person": (frozenset({"pop.person.name_pinyin"}), "searched by officers on a task, and shown to nobody"),
}
"""Conditions that a declaration sets and no caller can change, by the record that they are on, with the reason."""


@dataclass(frozen=True)
class End:
    """A path of links and the fields that are asked for at its end; `mark` is in the answer's path to them."""

    path: Path
    asked: tuple[Leaf, ...]
    mark: str = ""

    def followed(self, caller: Caller) -> Path:
        """The links of the path up to the first that the caller may not follow."""
        for place, edge in enumerate(self.path):
            if not caller.follows(edge.coordinate, edge.link):
                return self.path[:place]
        return self.path


class Document:
    """A document with what it asks for."""

    def __init__(self, text: str, *ends: End) -> None:
        self.ends = ends
        self.text = f"query($id: ID!) {text}" if "$id" in text else text
        self.variables = {"id": global_id(ends[0].path[0].target)} if "$id" in text else {}


def allowed(caller: Caller, end: End) -> frozenset[str]:
    """What may stand in the statements of a document because of one of its ends."""
    found = set(caller.readable)
    for edge in end.followed(caller):
        found |= keys_of(edge.link)
        for branch in edge.link.branches:
            found |= keys_within(branch.target)
            found |= CONDITIONS.get(branch.target, (frozenset(), ""))[0]
    for leaf in end.asked:
        for coordinate, source in leaf.parts:
            if isinstance(source, Lookup) and caller.follows(coordinate, source.link):
                found |= keys_of(source.link) | keys_within(source.link.branches[0].target)
    return frozenset(found)


def check(caller: Caller, document: Document) -> None:
    """Asks, and compares what was decided with what stands in the statements."""
    if closed := not_filterable(caller, document):
        assert refusal(caller, document) == {ErrorCode.NOT_FILTERABLE}, (document.text, closed)
        return
    plan, sent = caller.bound(document.text, document.variables)
    named = {name for one in sent for name in caller.named(one.text)}
    may = frozenset().union(*(allowed(caller, end) for end in document.ends))
    assert named <= may, (document.text, named - may)
    for end in document.ends:
        decided = {entry.coordinate for entry in plan.decided if not end.mark or end.mark in entry.path}
        withheld = {entry.coordinate for entry in plan.withheld if not end.mark or end.mark in entry.path}
        reached = end.followed(caller) == end.path
        for coordinate, source in (part for leaf in end.asked for part in leaf.parts):
            told = (document.text, coordinate)
            if not reached:
                assert coordinate not in decided, told
                continue
            expected = verdict(caller, coordinate, source)
            assert (coordinate in withheld) is (expected in (Outcome.WITHHELD, Outcome.ABSENT)), told
            if expected is Outcome.MASKED:
                assert any(caller.masks[coordinate] in one.text for one in sent), told
            elif expected is Outcome.CLEAR:
                assert column_names(inputs(source)) <= named | keys(source), told


def not_filterable(caller: Caller, document: Document) -> frozenset[str]:
    """The columns that the arguments of the links read, and the caller may not filter by."""
    written = [edge for end in document.ends for edge in end.followed(caller)]
    read: set[str] = set()
    for edge in written:
        for argument, _ in predicates(edge.link):
            if argument.name in edge.written and argument.where is not None:
                read |= column_names(argument.where.columns)
    return frozenset(read) - caller.open_columns(Action.FILTER)


def refusal(caller: Caller, document: Document) -> set[ErrorCode]:
    """The codes with which a document is refused, before it has any statement."""
    try:
        caller.bound(document.text, document.variables)
    except Refused as refused:
        return {error.code for error in refused.errors}
    except GatewayError as error:
        return {error.code}
    return set()


def verdict(caller: Caller, coordinate: str, source: object) -> Outcome:
    """What the policies say of a field: of a look-up, the stricter of the link's and the column's."""
    if isinstance(source, Lookup):
        if not caller.follows(coordinate, source.link):
            return Outcome.WITHHELD
        return caller.outcome(coordinate, source.column.data_class)
    outcome = caller.outcome(coordinate, source.data_class)  # type: ignore[attr-defined]
    maskable = isinstance(source, Column) and coordinate in caller.masks
    return Outcome.WITHHELD if outcome is Outcome.MASKED and not maskable else outcome


def inputs(source: object) -> list[object]:
    if isinstance(source, Lookup):
        return [source.column.expression]
    columns = (source,) if isinstance(source, Column) else source.inputs  # type: ignore[attr-defined]
    return [column.expression for column in columns]


def keys(source: object) -> frozenset[str]:
    return column_names([source.expression]) if isinstance(source, Column) and source.opaque else frozenset()


def shortest(caller: Caller) -> Mapping[str, Path]:
    """The shortest path to each record that the caller may follow; the shortest of all where there is none."""
    found: dict[str, Path] = {}
    for open_only in (True, False):
        waiting: list[Path] = [()]
        while waiting:
            path = waiting.pop(0)
            for edge in edges(path[-1].target if path else "Query"):
                new = edge.target not in found
                if new and (not open_only or caller.follows(edge.coordinate, edge.link)) and not unknown(caller, edge):
                    found[edge.target] = (*path, edge)
                    waiting.append(found[edge.target])
    return found


def unknown(caller: Caller, edge: Edge) -> bool:
    """Whether the link is not in this caller's schema: a document that names it does not fit it."""
    return caller.outcome(edge.coordinate, edge.link.data_class) is Outcome.ABSENT


# --- routes --------------------------------------------------------------------------------------


def routes(caller: Caller) -> Iterator[Document]:
    """Every record's fields by every way of writing them, along the shortest path to the record."""
    for target, path in shortest(caller).items():
        yield from written(caller, target, path, known_leaves(caller, target))


def known_leaves(caller: Caller, target: str) -> tuple[Leaf, ...]:
    """The fields of a record that are in this caller's schema."""
    return tuple(leaf for leaf in leaves(target) if not any(absent(caller, part) for part in leaf.parts))


def absent(caller: Caller, part: tuple[str, object]) -> bool:
    coordinate, source = part
    data_class = source.column.data_class if isinstance(source, Lookup) else source.data_class  # type: ignore[attr-defined]
    return caller.outcome(coordinate, data_class) is Outcome.ABSENT


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

OPEN_TO_ALL = {"Query.disclosures(keyword)"}
"""Conditions that everyone may use though they read what is shown masked: identifiers are cut out of the texts that they
compare, and persons are left out.
"""


@pytest.mark.parametrize("name", STANDINGS)
def test_by_every_condition(name: str) -> None:
    """A filter, a search and the argument of a link are reads, also where only a total is asked for."""
    caller = Caller(name)
    may, used = caller.open_columns(Action.FILTER), 0
    for end, argument, where, given in conditions(caller):
        read = column_names(where.columns)
        freely = f"{end.path[-1].coordinate}({argument})" in OPEN_TO_ALL
        assert where.open_to_all is freely
        for page in ("nodes", "totalCount") if end.path[-1].pages else ("nodes",):
            inner = "" if page == "totalCount" else "__typename"
            last = end.path[-1].around(inner, given, page=page).replace("totalCount {  }", "totalCount")
            document = Document(nested(end.path, "", last), end)
            if end.followed(caller) == end.path and not (freely or read <= may):
                assert refusal(caller, document) == {ErrorCode.NOT_FILTERABLE}, (document.text, read - may)
                continue
            _, sent = caller.bound(document.text, document.variables)
            named = {name for one in sent for name in caller.named(one.text)}
            built = where.build(bindparam("argument", type_=where.bind))
            joined = {name for name in names_in(expression_text(Table("x", MetaData()), built))} - column_names([built])
            reached = end.followed(caller) == end.path
            assert named <= allowed(caller, end) | (joined | (read if freely else set()) if reached else set())
            assert not reached or read <= named, (document.text, read - named)
            used += reached
    assert used > 20 or name == "auditor"


def conditions(caller: Caller) -> Iterator[tuple[End, str, Where, dict[str, str]]]:
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
                    text = literal(example(condition.name, type_), type_)
                else:
                    of = get_nullable_type(type_).fields[condition.name].type
                    text = f"{{ {condition.name}: {literal(example(condition.name, of), of)} }}"
                yield end, condition.name, condition.where, {argument.name: text}


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
                scope = f"{edge.coordinate}|{(field, True) if field else None}"
                width = len(order.columns) + (len(catalog.records[edge.target].key) if field else 0)
                given["after"] = f'"{SEAL.close("cursor", scope, ["1"] * width)}"'
                document = Document(nested(end.path, "", edge.around("__typename", given, page="edges")), end)
                if field and reached and not read <= may:
                    assert refusal(caller, document) == {ErrorCode.NOT_FILTERABLE}, (document.text, read - may)
                    continue
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
    for name in STANDINGS:
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
