"""The decision per field: who may see what. Policies are read in Cedar and looked up in a table.

    PolicySet      one set of policies over the facts of one catalog, compiled; immutable
    Policies       the set that new requests take; running ones keep theirs

What a policy does not permit is withheld, and so is what is not in the facts.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from auth.cedar import PolicyRefused
from auth.classes import Action, DataClass
from auth.decision import DEFAULT_DENY, FORBIDDEN, Decision, Opens, Outcome
from auth.facts import Facts, Profile, profile_of
from auth.purpose import PURPOSE_DENIED, PURPOSE_REQUIRED, Standing
from auth.table import GROUPS, Tables, compile_tables
from auth.terms import covers
from auth.viewer import CallerKind

__all__ = [
    "SHIPPED", "Action", "Coordinate", "Decision", "Facts", "Outcome", "Policies", "PolicyRefused", "PolicySet", "read_texts",
]  # fmt: skip

Coordinate: TypeAlias = str
"""A schema coordinate, ``Type.field``. The type is the concrete one that is read, never the interface."""

SHIPPED = Path(__file__).parent / "policies"
"""The policies that come with the gateway."""

ENFORCEMENT = frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR})

_NOT_KNOWN = Decision(outcome=Outcome.WITHHELD, policy=DEFAULT_DENY, code=FORBIDDEN)


def read_texts(directory: Path) -> dict[str, str]:
    """The files of a set of policies by name: ``*.cedar`` and ``groups.toml``. Raises PolicyRefused."""
    try:
        paths = sorted(path for path in directory.iterdir() if path.suffix == ".cedar" or path.name == GROUPS)
        return {path.name: path.read_text(encoding="utf-8") for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyRefused([f"{directory}: {error}"]) from None


class PolicySet:
    """One set of policies, compiled for one catalog."""

    def __init__(self, *, facts: tuple[Facts, ...], epoch: str, policies: tuple[str, ...], tables: Tables) -> None:
        self.facts = facts
        self.epoch = epoch
        """SHA-256 over policies and facts: what was decided under another epoch was decided by other rules."""
        self.policies = policies
        """The ids of the policies."""
        self._tables = tables

    @classmethod
    def load(cls, texts: Mapping[str, str], facts: Iterable[Facts]) -> PolicySet:
        """Compiles the policy files in `texts` (name → text): half a second of CPU. Raises PolicyRefused."""
        known = tuple(facts)
        policies, tables = compile_tables(texts, known)
        return cls(facts=known, epoch=epoch_of(texts, known), policies=policies, tables=tables)

    def decide(self, standing: Standing, coordinate: Coordinate, data_class: DataClass, action: Action) -> Decision:
        """Decide on one field. Pure; asked when a plan is bound, never per value.

        An officer is told what to state, and so is a citizen whose purpose does not stand: their register may be out of
        reach. Whoever is a person is told how to authenticate; else the field is simply not open.
        What the agreement or the token does not cover is as without the purpose, and PURPOSE_DENIED where that closes it.
        """
        place = self._tables.places.get((coordinate, data_class))
        if place is None:
            return _NOT_KNOWN
        decision, opens = self._tables.by_profile[profile_of(standing)][place][action]
        if standing.covers is not None and not covers(standing.covers, coordinate):
            narrowed = dataclasses.replace(standing, granted=False, covers=None, code=PURPOSE_DENIED)
            without = self.decide(narrowed, coordinate, data_class, action)
            beyond = decision.outcome.shown and not without.outcome.shown
            return dataclasses.replace(without, code=PURPOSE_DENIED, needs=()) if beyond else without
        told = standing.kind in ENFORCEMENT or (standing.kind is CallerKind.CITIZEN and not standing.granted)
        if opens is not Opens.BY_PURPOSE or not told:
            return decision
        if standing.code is None:  # a purpose that holds, and does not open it
            return dataclasses.replace(decision, code=PURPOSE_REQUIRED, needs=("purpose",))
        return dataclasses.replace(decision, code=standing.code, needs=standing.needs)

    def loads(self, texts: Mapping[str, str]) -> bool:
        """Whether it is what these files load."""
        return epoch_of(texts, self.facts) == self.epoch

    def outcome(self, profile: Profile, fact: Facts, action: Action) -> Outcome:
        """What becomes of one of the facts' coordinates, for a profile."""
        place = self._tables.places[fact.coordinate, fact.data_class]
        return self._tables.by_profile[profile][place][action][0].outcome


def epoch_of(texts: Mapping[str, str], facts: Iterable[Facts]) -> str:
    """The hexadecimal SHA-256 over policy files and facts."""
    digest = hashlib.sha256()

    def add(*parts: str) -> None:
        for part in parts:
            digest.update(f"{len(part.encode())}:{part}".encode())

    for name in sorted(texts):
        add("file", name, texts[name])
    for fact in facts:
        add("fact", fact.coordinate, fact.data_class.value, fact.database, fact.mask or "", fact.kind.value)
        add(*sorted(fact.columns))
    return digest.hexdigest()


class Policies:
    """The set that new requests take. It is replaced whole; a request works with the one it began with."""

    def __init__(self, current: PolicySet) -> None:
        self._current = current
        self._replacing = asyncio.Lock()

    @property
    def current(self) -> PolicySet:
        """The set in force now."""
        return self._current

    def close(self) -> None:
        """Gives back what it holds: nothing, unless somebody keeps it up to date."""

    async def replace(self, texts: Mapping[str, str]) -> PolicySet:
        """Compiles `texts` in a thread and puts them in force. Raises PolicyRefused; then the old set stays."""
        async with self._replacing:
            made = await asyncio.to_thread(PolicySet.load, texts, self._current.facts)
            self._current = made
        return made
