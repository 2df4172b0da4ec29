"""Whose a record is: what is left of each table to a citizen or an enterprise about themselves (本人数据), as data.

PIPL (个人信息保护法) art. 45 and domain column C: only one's own data, or those of the company one legally represents. Two
things follow from a rule of a table:

    rows      a link above PUBLIC leads to own rows only; a public link to an OPEN table to all that the public is shown
    columns   of an OPEN table, what is above PUBLIC is read in own rows only, and is null in all others

A table without a rule is OPEN and nobody's own: its public columns, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Left(Enum):
    """What is left of a table."""

    ALL = "all"
    """Every row and column that the policies open: nobody's data, such as the catalogue of matters."""
    PUBLIC = "public"
    """Public columns of every row, wherever it is reached from: a register of officers or permits."""
    OPEN = "open"
    """What everybody is shown: public columns of every row. Of own rows the others too."""
    OWN = "own"
    """Own rows."""


class Whose(Enum):
    """How it is told that a row is the caller's own."""

    PERSON = "person"
    """`column` is the key of a person."""
    ENTITY = "entity"
    """`column` is the key of an organisation."""
    OWNER = "owner"
    """``owner_type`` and ``owner_ref`` name today's owner of a vehicle."""
    HOLDER = "holder"
    """``holder_id_type`` and ``holder_id_no`` are the document of who holds a right to real property (TD/T 1066)."""
    CERTIFIED = "certified"
    """``holder_type`` and ``holder_id_no`` are the number of who a certificate was issued to."""
    PARTY = "party"
    """A case in which the caller is the party (当事人), and which is neither secret (涉密) nor sealed (封存)."""
    SNAPSHOT = "snapshot"
    """The caller among the parties of such a case; the others are third persons."""
    THROUGH = "through"
    """A row of the table `of` with the same `column` is."""
    NOBODY = "nobody"
    """Never."""


@dataclass(frozen=True, kw_only=True)
class OwnRule:
    """What is left of a table, and which of its rows are the caller's own."""

    left: Left
    whose: Whose = Whose.NOBODY
    column: str = ""
    of: str = ""


NOTHING_BUT_PUBLIC = OwnRule(left=Left.OPEN)
"""A table without a rule."""

_EVERYBODYS = OwnRule(left=Left.ALL)
_PUBLIC_REGISTER = OwnRule(left=Left.PUBLIC)
_NOT_FOR_PARTIES = OwnRule(left=Left.OWN)


def _own(whose: Whose, column: str = "") -> OwnRule:
    return OwnRule(left=Left.OWN, whose=whose, column=column)


def _through(of: str, column: str) -> OwnRule:
    return OwnRule(left=Left.OWN, whose=Whose.THROUGH, column=column, of=of)


def _open(whose: Whose, column: str = "") -> OwnRule:
    return OwnRule(left=Left.OPEN, whose=whose, column=column)


CASE_TABLE = "cas.case"
_OF_CASE = _through(CASE_TABLE, "case_id")

OWN_RULES: Mapping[str, OwnRule] = MappingProxyType(
    {
        # 人口: oneself. Of a household its others are third persons.
        "pop.person": _own(Whose.PERSON, "person_id"),
        "pop.id_document": _own(Whose.PERSON, "person_id"),
        "pop.floating_population": _own(Whose.PERSON, "person_id"),
        "pop.household_member": _own(Whose.PERSON, "person_id"),
        "pop.household": _through("pop.household_member", "household_no"),
        # 法人: the register is public; what is not, of the own organisation. A number of a third person stays theirs.
        "ent.entity": _open(Whose.ENTITY, "entity_id"),
        "ent.entity_person": _open(Whose.PERSON, "person_ref"),
        "ent.operating_site": _open(Whose.ENTITY, "entity_id"),
        "ent.licence": _open(Whose.ENTITY, "entity_id"),
        "ent.abnormal_listing": _open(Whose.ENTITY, "entity_id"),
        "ent.legacy_code": _open(Whose.ENTITY, "entity_id"),
        "ent.inspection_quota": _own(Whose.ENTITY, "entity_id"),
        # 不动产: own rights, and the units under them. Those who share a unit (共有) do not see each other.
        "rea.right": _own(Whose.HOLDER),
        "rea.unit": _through("rea.right", "unit_no"),
        "rea.encumbrance": _through("rea.right", "unit_no"),
        # 车辆: what one owns today. Owners before are third persons.
        "veh.vehicle": _through("veh.ownership", "vehicle_id"),
        "veh.ownership": _own(Whose.OWNER),
        "veh.transport_permit": _PUBLIC_REGISTER,
        # 电子证照: one's own, and what everybody sees of those of organisations.
        "lic.certificate": _open(Whose.CERTIFIED),
        "lic.use_log": _through("lic.certificate", "cert_id"),
        # 案件: where one is the party. The list of what is published is everybody's.
        CASE_TABLE: _own(Whose.PARTY),
        "cas.party": _own(Whose.SNAPSHOT),
        "cas.decision": _OF_CASE,
        "cas.inspection": _OF_CASE,
        "cas.coercion": _OF_CASE,
        "cas.event": _OF_CASE,
        "cas.document": _OF_CASE,
        "cas.payment": _OF_CASE,
        "cas.payment_instalment": _through("cas.payment", "payment_code"),
        "cas.payment_receipt": _through("cas.payment", "payment_code"),
        "cas.disclosure": _EVERYBODYS,
        "cas.evidence": _NOT_FOR_PARTIES,
        "cas.recording": _NOT_FOR_PARTIES,
        "cas.criminal_transfer": _NOT_FOR_PARTIES,
        "cas.sampling_draw": _NOT_FOR_PARTIES,
        "cas.review": _NOT_FOR_PARTIES,
        # 事项, 法规, 执法主体, 区划: of nobody. Files and tasks of officers are not for parties.
        "mat.matter": _EVERYBODYS,
        "mat.matter_cause": _EVERYBODYS,
        "mat.matter_basis": _EVERYBODYS,
        "mat.matter_supervision": _EVERYBODYS,
        "mat.discretion": _EVERYBODYS,
        "mat.change_request": _NOT_FOR_PARTIES,
        "reg.regulation": _EVERYBODYS,
        "reg.article": _EVERYBODYS,
        "off.org": _EVERYBODYS,
        "off.org_jurisdiction": _EVERYBODYS,
        "off.officer": _PUBLIC_REGISTER,
        "off.assignment": _NOT_FOR_PARTIES,
        "off.training": _NOT_FOR_PARTIES,
        "div.division": _EVERYBODYS,
        # the gateway's own
        "gw.disclosure": _EVERYBODYS,
        "gw.change_log": _EVERYBODYS,
        "gw.disclosure_rule": _EVERYBODYS,
        "gw.disclosure_period": _EVERYBODYS,
        "gw.disclosure_profile": _NOT_FOR_PARTIES,
        "gw.feed_delivery": _NOT_FOR_PARTIES,
        "gw.source_batch": _EVERYBODYS,
        "gw.holiday": _EVERYBODYS,
        "gw.agreement": _NOT_FOR_PARTIES,
        "gw.client": _NOT_FOR_PARTIES,
        "gw.document": _NOT_FOR_PARTIES,
        "gw.access_record": _NOT_FOR_PARTIES,
        "gw.access_subject": _NOT_FOR_PARTIES,
        "gw.access_shipped": _NOT_FOR_PARTIES,
        "gw.temporary_task": _NOT_FOR_PARTIES,
        "gw.sampling_draw": _NOT_FOR_PARTIES,
        "gw.transfer": _NOT_FOR_PARTIES,
        "gw.transfer_report": _NOT_FOR_PARTIES,
        "gw.payment_report": _NOT_FOR_PARTIES,
        "gw.outbox": _NOT_FOR_PARTIES,
        "gw.idempotency": _NOT_FOR_PARTIES,
    }
)
"""By table. What belongs to a case follows its case."""


def own_rule(table: str) -> OwnRule:
    """The rule of a table, ``schema.table``."""
    return OWN_RULES.get(table, NOTHING_BUT_PUBLIC)
