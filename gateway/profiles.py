"""Disclosure profiles (公示共享方案): what of the published records a partner gets, and in which form, by its agreement.

A profile is a row of ``gw.disclosure_profile``; the row `PUBLIC_PROFILE` is that of everybody who has none of their own.
Without either nothing published is seen.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Select, select

from auth.policy import ENFORCEMENT
from auth.purpose import Standing
from auth.terms import Terms, both
from auth.viewer import Purpose
from datasources.tables.disclosure import PUBLIC_PROFILE, disclosure_profile
from gateway.rowscope import Scope


class Names(Enum):
    """How the punished natural person is named; the value is that of ``gw.disclosure_profile.name_rule``."""

    FULL = "FULL"
    MASKED = "MASKED"
    """张某"""
    SURNAME = "SURNAME"
    """张**"""


@dataclass(frozen=True, kw_only=True)
class DisclosureProfile:
    """A row of ``gw.disclosure_profile``: kinds of cases, names, and the fields (None: those of the agreement); counts below
    `suppress_below` are hidden in figures, the others rounded to `round_to`."""

    kinds: tuple[str, ...] = ()
    names: Names = Names.MASKED
    fields: frozenset[str] | None = None
    suppress_below: int = 10
    round_to: int = 5

    def applied(self, standing: Standing, scope: Scope) -> tuple[Standing, Scope]:
        """What is left of a standing, and of the rows."""
        standing = dataclasses.replace(
            standing,
            full_names=self.names is Names.FULL and is_shared(standing),
            covers=both(Terms(fields=standing.covers), Terms(fields=self.fields)).fields,
        )
        scope = dataclasses.replace(
            scope,
            kinds=self.kinds,
            names=self.names.value,
            suppress_below=self.suppress_below,
            round_to=self.round_to,
        )
        return standing, scope


NOTHING = DisclosureProfile(suppress_below=sys.maxsize)
"""What is seen while nobody can say."""


def has_profile(standing: Standing) -> bool:
    """Whether a profile says what this kind of caller sees. Staff see what is published as it is."""
    return standing.kind not in ENFORCEMENT


def is_told_figures(standing: Standing) -> bool:
    """Whether figures are told under an agreement."""
    return standing.granted and standing.purpose is Purpose.STATISTICS


def is_shared(standing: Standing) -> bool:
    """Whether published records are shared under an agreement."""
    return standing.granted and standing.purpose is Purpose.PARTNER_DISCLOSURE


def asked_for(agreement_no: str | None) -> Select[Any]:
    """The rows of the agreement's profile and of the public's."""
    profile = disclosure_profile.c
    numbers = [PUBLIC_PROFILE, *([agreement_no] if agreement_no else [])]
    return select(
        profile.profile_no,
        profile.kinds,
        profile.name_rule,
        profile.fields,
        profile.suppress_below,
        profile.round_to,
    ).where(profile.profile_no.in_(numbers))


def read(rows: Sequence[Mapping[str, Any]], agreement_no: str | None) -> DisclosureProfile:
    """The profile in the rows. A rule for names that there is not masks them."""
    by_number = {row["profile_no"]: row for row in rows}
    row = by_number.get(agreement_no or PUBLIC_PROFILE) or by_number.get(PUBLIC_PROFILE)
    if row is None:
        return NOTHING
    names = row["name_rule"] if row["name_rule"] in Names.__members__ else Names.MASKED.value
    fields = None if row["fields"] is None else frozenset(row["fields"])
    own = row["profile_no"] == agreement_no
    return DisclosureProfile(
        kinds=tuple(sorted(row["kinds"])),
        names=Names[names],
        fields=fields if own else None,
        suppress_below=max(1, row["suppress_below"]),
        round_to=max(1, row["round_to"]),
    )
