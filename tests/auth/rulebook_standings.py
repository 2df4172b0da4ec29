"""Callers for the tests of the policies: the canonical one of each of the data model's letters, and all there can be."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from auth.purpose import Standing
from auth.viewer import CallerKind, Purpose

CANONICAL: Mapping[str, Standing] = {
    "C": Standing(kind=CallerKind.CITIZEN, purpose=Purpose.SELF_SERVICE, granted=True, assurance=2, own=True),
    "P": Standing(kind=CallerKind.PUBLIC, purpose=Purpose.PUBLIC_DISCLOSURE, granted=True),
    "O": Standing(kind=CallerKind.OFFICER, purpose=Purpose.CASE_HANDLING, granted=True, assurance=2),
    "X": Standing(
        kind=CallerKind.OFFICER, purpose=None, granted=False, code="PURPOSE_REQUIRED", needs=("purpose",), assurance=2
    ),
    "S": Standing(kind=CallerKind.SUPERVISOR, purpose=Purpose.SUPERVISION, granted=True, assurance=2),
    "A": Standing(kind=CallerKind.AUDITOR, purpose=Purpose.AUDIT, granted=True),
}
"""The data model's callers (domain section 2.0), each with the authentication that opens all it can open."""

FINANCE = Standing(kind=CallerKind.PARTNER, purpose=Purpose.NON_TAX_PAYMENT, granted=True)
POLICE = Standing(kind=CallerKind.PARTNER, purpose=Purpose.CRIMINAL_LINKAGE, granted=True)


def every_standing(assurances: Iterable[int] = (1, 2)) -> Iterator[Standing]:
    """Every combination, also those that no check of a purpose gives; rows are cut to the caller's own for citizens."""
    purposes: list[Purpose | None] = [None, *Purpose]
    for kind, purpose, granted, assurance in itertools.product(CallerKind, purposes, (True, False), assurances):
        for own in (True, False) if kind is CallerKind.CITIZEN else (False,):
            for full in (True, False) if kind is CallerKind.PARTNER else (False,):
                yield Standing(
                    kind=kind, purpose=purpose, granted=granted, assurance=assurance, own=own, full_names=full
                )
