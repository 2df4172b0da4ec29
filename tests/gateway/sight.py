"""Which rows and columns a caller may not see, said again by hand: in Python, over rows in memory.

It knows domain section 2.0, the data model's letters, and nothing of ``auth.rows`` and ``gateway.rowscope``. Where it is in
doubt, it says that a row is seen: what is said to be hidden is what the worlds of a pair differ in.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from auth.classes import Action
from auth.facts import FactKind
from auth.purpose import Standing
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.references import reference
from gateway.facts import facts_of
from resolvers.schema import catalog
from tests.auth.rulebook import CLEAR, MASKED, caller_of, evaluate
from tests.gateway.asked import CONDITIONS, links_of
from tests.gateway.ownership import IDENTITY, Ownership
from tests.gateway.reads import keys_of, keys_within
from tests.gateway.village import TABLES, Row, Rows

TODAY = datetime.date(2026, 11, 5)

PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "cas.case": tuple(
        (f"cas.{name}", "case_id")
        for name in ("party", "decision", "inspection", "coercion", "event", "document", "evidence", "recording", "criminal_transfer", "review", "disclosure", "payment")  # noqa: E501
    ),
    "cas.payment": (("cas.payment_instalment", "payment_code"), ("cas.payment_receipt", "payment_code")),
    "pop.person": (("pop.id_document", "person_id"), ("pop.floating_population", "person_id"),
                   ("pop.household_member", "person_id")),
    "ent.entity": tuple(
        (f"ent.{name}", "entity_id")
        for name in ("operating_site", "licence", "abnormal_listing", "inspection_quota", "legacy_code")
    ),
    "veh.vehicle": (("veh.ownership", "vehicle_id"), ("veh.transport_permit", "vehicle_id")),
    "lic.certificate": (("lic.use_log", "cert_id"),),
}  # fmt: skip
"""What is reached through a record alone, and hidden with it: table → (table of the parts, the record's key in it)."""

SHOWN_OF_PUBLISHED = frozenset({"cas.decision", "cas.inspection", "cas.disclosure"})
"""Parts of a case of which the public list shows something."""
OF_PUBLISHED = frozenset(
    {"kind", "cause_code", "org_id", "division_code", "decided_on", "implementation_code", "sealed"}
)
"""What the public list shows of the case itself, or tells by its being there."""

CUT_TO_OWN = frozenset({"pop.person", "rea.unit", "veh.vehicle", "lic.certificate", "cas.case"})
"""Records of which a citizen finds own ones only; of certificates those of organisations too."""

CASEWORKERS = (CallerKind.OFFICER, CallerKind.SUPERVISOR)


@dataclass(frozen=True)
class Sight:
    """What one caller may see of some rows."""

    viewer: Viewer
    access: AccessRequest | None
    standing: Standing
    rows: Rows

    # --- rows ------------------------------------------------------------------------------------

    def hides(self, table: str, row: Row) -> bool:
        """Whether the row of a record is as if it were not there."""
        if row.get("protection_flag") or row.get("subject_mark") == 2:
            return True
        if (row.get("sealed") or row.get("is_minor_14") or row.get("subject_mark")) and not self._lifted:
            return True
        if row.get("secret_flag") and not (self._lifted and self._at_hand(row)):
            return True
        if self.own is not None and table in CUT_TO_OWN:
            public = table == "lic.certificate" and row["holder_type"] == "2"
            return not public and not self.own.owns(table, row)
        if table == "cas.case":
            return not self._in_scope(row)
        if table == "cas.disclosure" and not self._published(row):
            return self.hides("cas.case", self._cases[row["case_id"]])
        if table == "cas.payment" and self.standing.kind is not CallerKind.PARTNER:
            return self.hides("cas.case", self._cases[row["case_id"]])
        return False

    def is_third(self, table: str, row: Row) -> bool:
        """Whether the subject of the row is one whom the officer's task does not name."""
        if self.standing.kind is not CallerKind.OFFICER or not self.standing.granted:
            return False
        if table == "cas.party":
            case = self._cases.get(row["case_id"])  # one that only the other world has is not at hand
            return case is None or bool(case["case_no"] != self._number)
        prefix, key = {"pop.person": ("p", "person_id"), "ent.entity": ("e", "entity_id")}[table]
        return reference(prefix, row[key]) not in self._named

    @property
    def _number(self) -> str | None:
        return None if self.access is None else self.access.task_no or self.access.case_no

    @cached_property
    def _named(self) -> frozenset[str]:
        """The references that the assignments of this task and of anybody have: more than the officer's, never fewer."""
        return frozenset(row["subject_ref"] for row in self.rows["off.assignment"] if row["task_no"] == self._number)

    @cached_property
    def own(self) -> Ownership | None:
        """What is the caller's own, where they ask about themselves."""
        return Ownership(self.viewer, self.rows) if self.standing.own else None

    def lists(self, case: Row) -> bool:
        """Whether the public list shows something of the case."""
        disclosure = self._disclosures.get(case["case_id"])
        return disclosure is not None and self._published(disclosure)

    @property
    def _lifted(self) -> bool:
        return self.standing.granted and self.standing.assurance > 1 and self.standing.kind in CASEWORKERS

    def _published(self, disclosure: Row) -> bool:
        case = self._cases[disclosure["case_id"]]
        runs = disclosure["publish_until"] is None or disclosure["publish_until"] >= TODAY
        sealed = (
            disclosure.get("sealed") or disclosure.get("subject_mark") or case.get("sealed") or case.get("secret_flag")
        )
        return disclosure["state"] == "2" and disclosure["published_at"] is not None and runs and not sealed

    def _in_scope(self, case: Row) -> bool:
        if self.standing.kind is CallerKind.OFFICER:
            return case["org_id"] in self._orgs or self._at_hand(case)
        if self.standing.kind is CallerKind.SUPERVISOR:
            return bool(case["division_code"].startswith(self._division))
        linked = self.standing.purpose is Purpose.CRIMINAL_LINKAGE and case["case_id"] in self._transferred
        return self.lists(case) or linked

    def _at_hand(self, case: Row) -> bool:
        officers = self.standing.granted and self.standing.kind is CallerKind.OFFICER
        return officers and bool(case["case_no"] == self._number)

    @cached_property
    def _transferred(self) -> frozenset[UUID]:
        return frozenset(row["case_id"] for row in self.rows["cas.criminal_transfer"])

    @cached_property
    def _cases(self) -> Mapping[UUID, Row]:
        return {row["case_id"]: row for row in self.rows["cas.case"]}

    @cached_property
    def _disclosures(self) -> Mapping[UUID, Row]:
        return {row["case_id"]: row for row in self.rows["cas.disclosure"]}

    @cached_property
    def _home(self) -> Row:
        (org_id,) = (row["org_id"] for row in self.rows["off.officer"] if row["cert_no"] == self.viewer.cert_no)
        return next(row for row in self.rows["off.org"] if row["org_id"] == org_id)

    @cached_property
    def _orgs(self) -> frozenset[UUID]:
        found = {self._home["org_id"]}
        while True:
            below = {row["org_id"] for row in self.rows["off.org"] if row["parent_org_id"] in found}
            if below <= found:
                return frozenset(found)
            found |= below

    @cached_property
    def _division(self) -> str:
        code: str = self._home["division_code"]
        return next((code[:digits] for digits in (2, 4, 6, 9) if not code[digits:].strip("0")), code)

    # --- columns ---------------------------------------------------------------------------------

    @cached_property
    def outcomes(self) -> Mapping[str, frozenset[str]]:
        """What becomes of each column in all that reads it, and whatever it is read for."""
        caller = caller_of(self.standing)
        found: dict[str, set[str]] = {}
        for facts in _PLACES.values():
            read = evaluate(caller, facts, Action.READ)
            others = {evaluate(caller, facts, action) for action in Action if action is not Action.READ}
            for fact in facts:
                for column in map(_stored, fact.columns):
                    found.setdefault(column, set()).update({read, *(others & {CLEAR})})
        return {column: frozenset(outcomes) for column, outcomes in found.items()}

    @cached_property
    def withheld(self) -> Mapping[str, frozenset[str]]:
        """The columns by table whose values this caller may see in no form, and no link goes by."""
        return self._columns(lambda outcomes: not outcomes & {CLEAR, MASKED})

    @cached_property
    def masked(self) -> Mapping[str, frozenset[str]]:
        """The columns by table that this caller sees masked and in no other form."""
        return self._columns(lambda outcomes: MASKED in outcomes and CLEAR not in outcomes)

    def _columns(self, chosen: Any) -> Mapping[str, frozenset[str]]:
        return {
            table: frozenset(
                column
                for column in of.c.keys()  # noqa: SIM118 - iterated over, it gives the columns
                if f"{table}.{column}" in self.outcomes
                and chosen(self.outcomes[f"{table}.{column}"])
                and f"{table}.{column}" not in STRUCTURE
                and not (self.standing.own and f"{table}.{column}" in IDENTITY)
            )
            for table, of in TABLES.items()
        }


def _stored(column: str) -> str:
    """The column itself where the name of an alias stands for it: ``gw.publication.state``."""
    schema, table, name = column.split(".")
    return f"{schema}.{ALIASES.get(table, table)}.{name}"


ALIASES = {"publication": "disclosure", "later": "change_log", "newest": "change_log"}
"""Other names of a table, by which a second reading of it is classified apart."""


def _places() -> Mapping[tuple[str, Any], list[Any]]:
    found: dict[tuple[str, Any], list[Any]] = {}
    for fact in facts_of(catalog):
        if fact.kind is not FactKind.LINK:
            found.setdefault((fact.coordinate, fact.data_class), []).append(fact)
    return found


_PLACES = _places()


def _structure() -> frozenset[str]:
    """What holds rows together: keys, conditions of declarations, and what decides which rows are seen."""
    found = {"cas.case.org_id", "cas.case.division_code", "pop.person.protection_flag", "pop.person.is_minor_14"}
    found |= {f"cas.disclosure.{name}" for name in ("state", "published_at", "publish_until")}
    found |= {f"gw.disclosure.{name}" for name in ("state", "publish_until")}
    found |= {f"{table}.sealed" for table in TABLES}
    found |= {"cas.case.secret_flag", "cas.party.legal_rep_mark", "ent.entity.legal_rep_mark", "cas.payment.payer_mark"}
    found |= {f"{table}.subject_mark" for table in TABLES}
    for (type_name, field), source in catalog.sources.items():
        for _, link in links_of(f"{type_name}.{field}", source):
            found |= keys_of(link)
    for type_name in catalog.records:
        found |= keys_within(type_name) | CONDITIONS.get(type_name, (frozenset(), ""))[0]
    return frozenset(found)


STRUCTURE = _structure()
