"""A random draw that anybody can repeat (可复核随机抽取): the algorithm ``sha256-tickets/1``.

    rank    of a member: the smallest SHA-256 of ``seed|key|i``, i from 0 to below the number of its tickets
    place   of the member whose rank is the r-th smallest of the N in its stratum: (2r - 1) / 2N
    draw    the n members of the smallest place; of equal places the stratum first in the alphabet
    team    of a drawn member: the two officers of the smallest SHA-256 of ``seed|key|officer`` who need not avoid it

With two tickets a member is drawn as two members would be. The places of a stratum are spread evenly between 0 and 1, so that
strata are drawn from in proportion (Sainte-Laguë). The digest of a population is SHA-256 over its lines, sorted by code point and
joined by line feeds: ``member|key|stratum|tickets``, ``officer|number``, ``avoids|number|key``. Texts are UTF-8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

ALGORITHM = "sha256-tickets/1"
TEAM = 2
"""Officers who inspect together (行政处罚法 art. 42)."""


@dataclass(frozen=True, kw_only=True, order=True)
class Member:
    """What can be drawn; `tickets` is at least one."""

    key: str
    stratum: str = ""
    tickets: int = 1


@dataclass(frozen=True, kw_only=True)
class Population:
    """What is drawn from, and the officers that teams are made of. `avoids` are an officer's number and a member's key (回避)."""

    members: tuple[Member, ...]
    officers: tuple[str, ...] = ()
    avoids: frozenset[tuple[str, str]] = frozenset()

    def digest(self) -> str:
        """What tells that two populations are the same, in hexadecimal digits."""
        lines = [member_line(one) for one in self.members]
        lines += [officer_line(number) for number in self.officers]
        lines += [avoidance_line(number, key) for number, key in self.avoids]
        return _hash("\n".join(sorted(lines))).hex()


def member_line(member: Member) -> str:
    """What a digest has of a member."""
    return f"member|{member.key}|{member.stratum}|{member.tickets}"


def officer_line(number: str) -> str:
    """What a digest has of an officer."""
    return f"officer|{number}"


def avoidance_line(number: str, key: str) -> str:
    """What a digest has of an officer who must avoid a member."""
    return f"avoids|{number}|{key}"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A drawn member and its team: two officers' numbers, or none where there are not two who may."""

    key: str
    team: tuple[str, ...] = ()


def draw(seed: str, population: Population, size: int) -> list[Drawn]:
    """The members drawn, in the order of their places; all of them when there are no more."""
    strata: dict[str, list[str]] = {}
    for _, one in sorted((_rank(seed, one), one) for one in population.members):
        strata.setdefault(one.stratum, []).append(one.key)
    places = [
        (Fraction(2 * nth - 1, 2 * len(keys)), stratum, key)
        for stratum, keys in strata.items()
        for nth, key in enumerate(keys, 1)
    ]
    return [Drawn(key=key, team=_team(seed, key, population)) for _, _, key in sorted(places)[:size]]


def _rank(seed: str, member: Member) -> bytes:
    return min(_hash(f"{seed}|{member.key}|{ticket}") for ticket in range(member.tickets))


def _team(seed: str, key: str, population: Population) -> tuple[str, ...]:
    free = [number for number in population.officers if (number, key) not in population.avoids]
    ranked: Sequence[str] = sorted(free, key=lambda number: _hash(f"{seed}|{key}|{number}"))
    return tuple(ranked[:TEAM]) if len(ranked) >= TEAM else ()


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
