"""``tongcha policy``: what a set of policies is, what it changes for whom, and putting it in force."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from auth.differences import Difference, differences
from auth.facts import Profile, profiles
from auth.groups import parse_groups
from auth.policy import SHIPPED, PolicyRefused, PolicySet, read_texts
from auth.table import GROUPS
from datasources.tables import DATABASES
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal
from gateway.policies import install, load_policies
from resolvers.schema import catalog


def check(directory: Annotated[Path, Parameter(show_default=False)] = SHIPPED, /) -> None:
    """Say whether a set of policies can be used.

    Parameters
    ----------
    directory: *.cedar and groups.toml; the policies that come with the gateway unless given.
    """
    started = time.process_time()
    loaded = _loaded(directory)
    seconds = time.process_time() - started
    nowhere = _nowhere(directory, loaded)
    if nowhere:
        raise Refusal(f"tongcha: {directory / GROUPS} names what is nowhere: {', '.join(nowhere)}")
    places = {(fact.coordinate, fact.data_class) for fact in loaded.facts}
    print(
        f"{len(loaded.policies)} policies over {len(places)} fields and links, for {len(list(profiles()))} kinds of caller."
    )
    print(f"Compiled in {seconds:.1f} s. Epoch {loaded.epoch}.")


def diff(old: Path, new: Path, /) -> None:
    """Show which callers gain (+) or lose (-) which fields from one set of policies to another.

    Parameters
    ----------
    old: directory of the set in force.
    new: directory of the set to come.
    """
    print("\n".join(_table(differences(_loaded(old), _loaded(new)))))


def load(directory: Path, /, *, into: Path | None = None) -> None:
    """Put a set of policies in force: gateways that take theirs from the same place follow within seconds.

    Parameters
    ----------
    directory: *.cedar and groups.toml.
    into: symbolic link that gateways take their policies from; the one that TONGCHA_POLICIES names unless given.
    """
    place = into or read_settings().policies
    if place is None:
        raise Refusal("tongcha: say --into, or set TONGCHA_POLICIES")
    loaded = _loaded(directory)
    before = _loaded(place if place.exists() else SHIPPED)
    try:
        install(read_texts(directory), place, loaded.epoch)
    except OSError as error:
        raise Refusal(f"tongcha: {error}") from None
    print("\n".join(_table(differences(before, loaded))))
    print(f"In force at {place}: epoch {loaded.epoch}.")


def _loaded(directory: Path) -> PolicySet:
    try:
        return load_policies(catalog, directory)
    except PolicyRefused as refusal:
        raise Refusal("\n".join(f"tongcha: refused: {reason}" for reason in refusal.reasons)) from None


def _nowhere(directory: Path, loaded: PolicySet) -> list[str]:
    """What the groups name and no table has."""
    tables = [table for metadata in DATABASES.values() for table in metadata.sorted_tables]
    known = {f"{table.fullname}.{column.name}" for table in tables for column in table.columns}
    known |= {f"{table.fullname}.*" for table in tables}
    known |= {column for fact in loaded.facts for column in fact.columns}
    return sorted(parse_groups(read_texts(directory).get(GROUPS, "")).members() - known)


def _table(found: Iterable[Difference]) -> list[str]:
    """A line for each kind of caller and field, with all that changes about it."""
    changes: dict[tuple[str, str], list[Difference]] = {}
    for difference in found:
        for whom in _named(difference.profiles):
            changes.setdefault((whom, difference.coordinate), []).append(difference)
    if not changes:
        return ["No caller gains or loses anything."]
    rows = [
        (
            "+" if all(one.gains for one in ones) else "-" if not any(one.gains for one in ones) else "±",
            whom,
            coordinate,
            _said(ones),
        )
        for (whom, coordinate), ones in sorted(changes.items())
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    lines = [
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    gained, lost = ({row[2] for row in rows if row[0] in (sign, "±")} for sign in "+-")
    return [
        *lines,
        f"{len(gained)} fields gained, {len(lost)} lost, by {len({row[1] for row in rows})} kinds of caller.",
    ]


def _named(whom: Iterable[Profile]) -> list[str]:
    """The profiles in words; authentication is left out where it makes no difference."""
    names = [str(profile) for profile in whom]
    return [
        name for name in names if not (name.endswith(", stepped up") and name.removesuffix(", stepped up") in names)
    ]


def _said(ones: Iterable[Difference]) -> str:
    by_change: dict[str, list[str]] = {}
    for one in ones:
        by_change.setdefault(f"{one.before.value} → {one.after.value}", []).append(one.action.value)
    return "; ".join(f"{', '.join(actions)}: {change}" for change, actions in by_change.items())
