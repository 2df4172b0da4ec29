"""The groups that policies name, read from ``groups.toml``: sets of columns, and of the columns that links go by."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MEMBER = re.compile(r"[a-z_]+\.[a-z_0-9]+\.(?:[a-z_0-9]+|\*)")
NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")


class GroupsInvalid(ValueError):
    """``groups.toml`` cannot be used; the text says where."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A set of ``schema.table.column`` under a name, with its Chinese term and the reason for it."""

    label: str
    why: str
    members: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The groups of columns and the groups of links, by name."""

    columns: Mapping[str, Group]
    links: Mapping[str, Group]

    def of_column(self, column: str) -> frozenset[str]:
        """The names of the groups that a column is in."""
        return _holding(self.columns, column)

    def of_link(self, column: str) -> frozenset[str]:
        """The names of the groups of links that a column is in."""
        return _holding(self.links, column)

    def members(self) -> frozenset[str]:
        """Every column that some group names."""
        return frozenset(member for group in (*self.columns.values(), *self.links.values()) for member in group.members)


def _holding(groups: Mapping[str, Group], column: str) -> frozenset[str]:
    return frozenset(name for name, group in groups.items() if column in group.members)


def parse_groups(text: str) -> Groups:
    """Read the text of ``groups.toml``. Raises GroupsInvalid."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GroupsInvalid(f"groups.toml: {error}") from None
    unknown = found.keys() - {"columns", "links"}
    if unknown:
        raise GroupsInvalid(f"groups.toml: unknown part {_first(unknown)}")
    return Groups(columns=_parse_part(found, "columns"), links=_parse_part(found, "links"))


def _parse_part(found: Mapping[str, object], part: str) -> Mapping[str, Group]:
    tables = found.get(part, {})
    if not isinstance(tables, dict):
        raise GroupsInvalid(f"groups.toml: {part} is not a table")
    return {name: _parse_group(f"{part}.{name}", name, table) for name, table in tables.items()}


def _parse_group(place: str, name: str, table: object) -> Group:
    if not NAME.fullmatch(name):
        raise GroupsInvalid(f"groups.toml: {place} is no name of a group")
    if not isinstance(table, dict) or table.keys() != {"label", "why", "members"}:
        raise GroupsInvalid(f"groups.toml: {place} needs label, why and members, and nothing else")
    label, why, members = table["label"], table["why"], table["members"]
    if not isinstance(label, str) or not isinstance(why, str) or not label or not why:
        raise GroupsInvalid(f"groups.toml: {place} needs a label and a reason")
    if not isinstance(members, list) or not members or not all(_is_member(member) for member in members):
        raise GroupsInvalid(f"groups.toml: members of {place} are schema.table.column")
    if len(set(members)) < len(members):
        raise GroupsInvalid(f"groups.toml: {place} names a column twice")
    return Group(label=label, why=why, members=frozenset(members))


def _is_member(member: object) -> bool:
    return isinstance(member, str) and MEMBER.fullmatch(member) is not None


def _first(names: Iterable[str]) -> str:
    return min(names)
