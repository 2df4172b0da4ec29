"""Whose rows are, said again by hand: over rows in memory, for a citizen or an enterprise who ask about themselves.

It knows domain column C (only one's own data, or those of the company one legally represents) and nothing of ``auth.own``.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from auth.viewer import Viewer
from datasources.references import parse_reference, reference
from tests.gateway.village import Row, Rows

TODAY = datetime.date(2026, 11, 5)

GUARDED: Mapping[str, frozenset[str]] = {
    "ent.entity": frozenset(
        {
            "legal_rep_id_type", "legal_rep_id_no", "legal_rep_mobile", "contact_name", "contact_phone", "employee_count",
            "annual_revenue",
        }
    ),
    "ent.entity_person": frozenset({"person_id_no"}),
    "ent.operating_site": frozenset({"geo_point", "unit_no"}),
    "lic.certificate": frozenset({"holder_name", "issued_on", "status_code", "trust_level", "surface_data"}),
}  # fmt: skip
"""What is not public in records that everybody finds: hidden in all but one's own."""

BESIDE = (
    "cas.party", "pop.household", "pop.household_member", "rea.right", "rea.encumbrance", "veh.ownership", "lic.use_log",
    "ent.inspection_quota",
)  # fmt: skip
"""Tables of which a citizen finds own rows only, beside the records themselves."""

KEEPS = frozenset(
    {
        "person_id", "household_no", "unit_no", "holder_id_type", "holder_id_no", "holder_type", "owner_type", "owner_ref",
        "vehicle_id", "valid_from", "valid_to", "entity_id", "cert_id", "case_id", "subject_ref", "role_code", "secret_flag",
        "payment_code", "left_on",
    }
)  # fmt: skip
"""What tells whose a row is. Another world has it the same, or a row of somebody else would become the caller's own."""

IDENTITY = frozenset({"pop.person.death_date"})
"""What decides whether there is an own record at all."""


@dataclass(frozen=True)
class Ownership:
    """What is one caller's own among some rows."""

    viewer: Viewer
    rows: Rows

    def owns(self, table: str, row: Row) -> bool:
        """Whether the row is the caller's own."""
        owned: bool = getattr(self, table.replace(".", "_"), lambda _: True)(row)
        return owned

    @cached_property
    def person(self) -> UUID:
        return parse_reference(self.viewer.subject_ref or "")[1]

    @cached_property
    def people(self) -> frozenset[UUID]:
        return frozenset() if self.viewer.org_uscc else frozenset({self.person})

    @cached_property
    def firms(self) -> Mapping[UUID, str]:
        represented = {
            row["entity_id"]
            for row in self.rows["ent.entity_person"]
            if row["person_ref"] == self.person and row["role_code"] in ("1", "5") and row["until"] is None
        }
        return {
            row["entity_id"]: row["uscc"]
            for row in self.rows["ent.entity"]
            if row["entity_id"] in represented and self.viewer.org_uscc in (None, row["uscc"])
        }

    @cached_property
    def numbers(self) -> frozenset[tuple[str, str]]:
        """(kind of holder, number): 1 a person, 2 an organisation."""
        papers = [*self.rows["pop.person"], *self.rows["pop.id_document"]]
        own = {("1", row["id_no"]) for row in papers if row["person_id"] in self.people and row["id_type"] != "113"}
        return frozenset(own | {("2", code) for code in self.firms.values()})

    @cached_property
    def references(self) -> frozenset[str]:
        people = {reference("p", key) for key in self.people}
        return frozenset(people | {reference("e", key) for key in self.firms})

    @cached_property
    def cases(self) -> frozenset[UUID]:
        named = [row for row in self.rows["cas.party"] if row["role_code"] == "1"]
        return frozenset(row["case_id"] for row in named if row["subject_ref"] in self.references)

    @cached_property
    def units(self) -> frozenset[str]:
        return frozenset(row["unit_no"] for row in self.rows["rea.right"] if self.rea_right(row))

    @cached_property
    def vehicles(self) -> frozenset[UUID]:
        return frozenset(row["vehicle_id"] for row in self.rows["veh.ownership"] if self.veh_ownership(row))

    @cached_property
    def certificates(self) -> frozenset[str]:
        return frozenset(row["cert_id"] for row in self.rows["lic.certificate"] if self.lic_certificate(row))

    @cached_property
    def households(self) -> frozenset[str]:
        members = self.rows["pop.household_member"]
        return frozenset(row["household_no"] for row in members if row["person_id"] in self.people)

    # --- by table --------------------------------------------------------------------------------

    def pop_person(self, row: Row) -> bool:
        return row["person_id"] in self.people

    def pop_household(self, row: Row) -> bool:
        return row["household_no"] in self.households

    def pop_household_member(self, row: Row) -> bool:
        return row["person_id"] in self.people

    def ent_entity(self, row: Row) -> bool:
        return row["entity_id"] in self.firms

    def ent_operating_site(self, row: Row) -> bool:
        return row["entity_id"] in self.firms

    def ent_inspection_quota(self, row: Row) -> bool:
        return row["entity_id"] in self.firms

    def ent_entity_person(self, row: Row) -> bool:
        return row["person_ref"] in self.people

    def rea_right(self, row: Row) -> bool:
        kind = {"7": "2", "6": ""}.get(row["holder_id_type"], "1")
        return (kind, row["holder_id_no"]) in self.numbers

    def rea_unit(self, row: Row) -> bool:
        return row["unit_no"] in self.units

    def rea_encumbrance(self, row: Row) -> bool:
        return row["unit_no"] in self.units

    def veh_vehicle(self, row: Row) -> bool:
        return row["vehicle_id"] in self.vehicles

    def veh_ownership(self, row: Row) -> bool:
        owners: Any = self.people if row["owner_type"] == "1" else self.firms
        return row["owner_ref"] in owners and (row["valid_to"] is None or row["valid_to"] >= TODAY)

    def lic_certificate(self, row: Row) -> bool:
        return (row["holder_type"], row["holder_id_no"]) in self.numbers

    def lic_use_log(self, row: Row) -> bool:
        return row["cert_id"] in self.certificates

    def cas_case(self, row: Row) -> bool:
        return row["case_id"] in self.cases and not row.get("secret_flag")

    def cas_party(self, row: Row) -> bool:
        return row["subject_ref"] in self.references
