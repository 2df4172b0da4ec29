"""A document with what it asks for, checked: its statements name what the caller may read, and nothing else.

Two kinds of columns may stand in a statement though they are not open to the caller, and none else: the keys that a granted
link goes by, and those in `CONDITIONS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from auth.policy import Outcome
from gateway.errors import ErrorCode, GatewayError, Refused
from resolvers.catalog import column_names
from resolvers.schema import catalog
from resolvers.sources import Column, Computed, Embed, Link, Lookup, Source
from tests.gateway.reads import Caller, keys_of, keys_within
from tests.gateway.routes import Edge, Leaf, Path, edges, global_id, predicates

CONDITIONS: Mapping[str, tuple[frozenset[str], str]] = {
    "Disclosure": (
        frozenset(
            {
                "gw.disclosure.state",
                "gw.disclosure.sealed",
            }
        ),
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

Shown: TypeAlias = Column | Computed | Lookup


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


def reachable(caller: Caller) -> frozenset[str]:
    """What may stand in any statement of this caller besides what may be read: keys of links that may be followed, and
    conditions."""
    found: set[str] = set()
    for (type_name, field), source in catalog.sources.items():
        for coordinate, link in links_of(f"{type_name}.{field}", source):
            if caller.follows(coordinate, link):
                found |= keys_of(link)
                for branch in link.branches:
                    found |= keys_within(branch.target) | CONDITIONS.get(branch.target, (frozenset(), ""))[0]
    return frozenset(found)


def links_of(coordinate: str, source: Source) -> Iterator[tuple[str, Link]]:
    """The links in a source, with their coordinates."""
    if isinstance(source, Link):
        yield coordinate, source
    elif isinstance(source, Lookup):
        yield coordinate, source.link
    elif isinstance(source, Embed):
        for name, part in source.parts.items():
            yield from links_of(f"{coordinate}.{name}", part)


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
    closed: set[str] = set()
    for edge in written:
        for argument, _ in predicates(edge.link):
            if argument.name in edge.written and argument.where is not None:
                closed |= column_names(argument.where.columns) - caller.askable(edge.link)
    return frozenset(closed)


def refusal(caller: Caller, document: Document) -> set[ErrorCode]:
    """The codes with which a document is refused, before it has any statement."""
    try:
        caller.bound(document.text, document.variables)
    except Refused as refused:
        return {error.code for error in refused.errors}
    except GatewayError as error:
        return {error.code}
    return set()


def verdict(caller: Caller, coordinate: str, source: Shown) -> Outcome:
    """What the policies say of a field: of a look-up, the stricter of the link's and the column's."""
    if isinstance(source, Lookup):
        if not caller.follows(coordinate, source.link):
            return Outcome.WITHHELD
        return caller.outcome(coordinate, source.column.data_class)
    outcome = caller.outcome(coordinate, source.data_class)
    maskable = isinstance(source, Column) and coordinate in caller.masks
    return Outcome.WITHHELD if outcome is Outcome.MASKED and not maskable else outcome


def inputs(source: Shown) -> list[object]:
    """The expressions that a field shows."""
    if isinstance(source, Lookup):
        return [source.column.expression]
    columns = (source,) if isinstance(source, Column) else source.inputs
    return [column.expression for column in columns]


def keys(source: Shown) -> frozenset[str]:
    """The key that a pseudonym is made of."""
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
