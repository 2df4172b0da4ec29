"""Who may see what, a second time and by hand: from the data model's letters, without a policy, a group or a table.

It knows the letters of ``docs/data_model.csv``, what they say of columns that the model does not list, which links lead where
in words of the schema, and nothing of ``auth.policy`` or what stands behind it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from auth.classes import Action, DataClass
from auth.facts import FactKind, Facts
from auth.purpose import Standing
from auth.viewer import CallerKind, Purpose

MODEL = Path(__file__).parents[2] / "docs" / "data_model.csv"
LETTERS = "CPOXSA"

CLEAR, MASKED, WITHHELD, ABSENT = "clear", "masked", "withheld", "absent"
STRICTER = (CLEAR, MASKED, WITHHELD, ABSENT)

FITS: Mapping[CallerKind, frozenset[Purpose]] = {
    CallerKind.OFFICER: frozenset(
        {Purpose.INSPECTION, Purpose.CASE_HANDLING, Purpose.CRIMINAL_LINKAGE, Purpose.PUBLIC_DISCLOSURE}
    ),
    CallerKind.SUPERVISOR: frozenset({Purpose.SUPERVISION, Purpose.STATISTICS, Purpose.PUBLIC_DISCLOSURE}),
    CallerKind.PARTNER: frozenset(
        {
            Purpose.PUBLIC_DISCLOSURE,
            Purpose.PARTNER_DISCLOSURE,
            Purpose.NON_TAX_PAYMENT,
            Purpose.CRIMINAL_LINKAGE,
            Purpose.STATISTICS,
            Purpose.DOUBLE_RANDOM,
            Purpose.INTERNET_SUPERVISION,
        }
    ),
    CallerKind.CITIZEN: frozenset({Purpose.SELF_SERVICE, Purpose.PUBLIC_DISCLOSURE}),
    CallerKind.PUBLIC: frozenset({Purpose.PUBLIC_DISCLOSURE}),
    CallerKind.AUDITOR: frozenset({Purpose.AUDIT, Purpose.PUBLIC_DISCLOSURE}),
}

OTHERWISE: Mapping[tuple[str, str], tuple[str, str]] = {
    ("cas.disclosure.subject_name", "C"): (
        "M",
        "the list is of everybody, not of the caller: a citizen finds their own name in the case",
    ),
}
"""(column, caller) → what is done and why, where it is not what the model says. M without a mask is N, everywhere."""

UNLISTED: Mapping[str, str] = {
    **{f"gw.disclosure.{name}": "MMFMFN" for name in ("facts", "content")},
    "gw.disclosure.subject_name": "MMFFFN",
    "gw.disclosure.case_id": "NNNNNN",
    "mat.matter_supervision.supervision_name": "FNFFFN",
    **{
        f"gw.temporary_task.{name}": "NNFFFN"
        for name in (
            "task_no",
            "purpose",
            "cert_no",
            "co_officer_cert_no",
            "reason",
            "valid_from",
            "valid_to",
            "review_state",
            "reviewed_by",
            "reviewed_at",
            "review_note",
            "division_code",
        )
    },
    "gw.temporary_task.subject_ref": "NNFFMN",
    "cas.review.*": "NNNNFN",
    **{f"gw.sampling_draw.{name}": "NNNNFN" for name in ("*", "population_digest")},
    **dict.fromkeys(
        ("ent.entity.*", "off.officer.*", "pop.household_member.*", "ent.entity_person.*", "mat.matter_supervision.*"),
        "NNNNFN",
    ),
    "gw.payment_report.*": "NNNNNN",
    "cas.evidence.case_id": "NNNNNN",
    "cas.recording.case_id": "NNNNNN",
}
"""Letters of columns that the model does not list, where their class does not say it all."""

LETTERS_OF_CLASS: Mapping[DataClass, str] = {
    DataClass.PUBLIC: "FFFFFN",
    DataClass.INTERNAL: "FNFNFN",
    DataClass.PERSONAL: "FNFNNN",
    DataClass.SENSITIVE: "NNFNNN",
    DataClass.RESTRICTED: "NNFNFN",
}
"""Letters of the other columns that the model does not list, and of values that read no column."""

PUBLISHED_NAMES = frozenset({"cas.disclosure.subject_name", "gw.disclosure.subject_name"})

FOR_FINANCE = frozenset({"cas.payment", "cas.payment_instalment", "cas.payment_receipt", "gw.payment_report"})
NOT_FOR_FINANCE = frozenset(
    {"cas.payment.case_id", "cas.payment.payer_account", "cas.payment.sealed", "gw.payment_report.payment_code"}
)
FOR_POLICE = frozenset(
    {"cas.criminal_transfer", "cas.party", "cas.document", "cas.coercion", "gw.transfer", "gw.transfer_report"}
)
NOT_FOR_POLICE = frozenset(
    {
        "cas.criminal_transfer.case_id",
        "cas.party.case_id",
        "cas.party.party_id",
        "cas.party.subject_ref",
        "cas.document.case_id",
        "cas.document.storage_ref",
        "cas.coercion.case_id",
        "cas.coercion.urgent_report_at",
        "gw.transfer.case_id",
        "gw.transfer.org_id",
        "gw.transfer.suspect_refs",
        "gw.transfer.document_ids",
        "gw.transfer_report.transfer_id",
    }
)

NOT_FOLLOWED_BY_OFFICERS = frozenset({"Officer.trainings", "ECertificate.uses"})
FOLLOWED_BY_EVERY_OFFICER = frozenset(
    {
        "LegalEntity.inspectionQuota",
        "Matter.supervisionMatters",
        "Matter.changeRequests",
        "MatterChangeRequest.applicant",
        "Query.vehicle",
        "Query.temporaryTasks",
    }
)
NOT_FOLLOWED_BY_SUPERVISORS = frozenset({"OperatingSite.unit", "RealEstateUnit.encumbrances"})
TO_PEOPLE_BY_SUPERVISORS = frozenset(
    {
        "Case.subjects",
        "CaseSubject.subject",
        "Assignment.subject",
        "Person.idDocuments",
        "Person.vehicles",
        "LegalEntity.vehicles",
        "Query.vehicles",
        "Query.realEstateUnits",
    }
)
NOT_FOLLOWED_BY_CITIZENS = frozenset(
    {
        "FloatingPopulation.landlord",
        "Officer.trainings",
        "Officer.assignments",
        "Assignment.officer",
        "Case.officers",
        "CaseOfficer.officer",
        "Inspection.officers",
        "Inspection.draw",
        "Case.reviews",
        "CaseEvent.document",
        "CertificateUse.usedBy",
        "NonTaxPayment.reports",
        "Query.temporaryTasks",
    }
)
UNKNOWN_TO_CITIZENS = frozenset({"Matter.changeRequests", "MatterChangeRequest.applicant"})
RESTRICTED_FOR_CITIZENS = frozenset({"RealEstateUnit.encumbrances"})
FOLLOWED_BY_FINANCE = frozenset(
    {
        "Query.nonTaxPayments",
        "NonTaxPayment.instalments",
        "NonTaxPayment.receipts",
        "NonTaxPayment.reports",
        "PaymentReportPayload.payment",
    }
)
FOLLOWED_BY_POLICE = frozenset(
    {
        "Query.criminalTransfers",
        "CriminalTransfer.suspects",
        "CriminalTransfer.documents",
        "CriminalTransfer.transferringOrg",
        "CriminalTransfer.receivingOrg",
        "CriminalTransfer.package",
        "Query.transferOutbox",
        "TransferPackage.suspects",
        "TransferPackage.documents",
        "TransferPackage.seizedItems",
        "TransferPackage.reports",
        "TransferPackage.transferringOrg",
        "TransferPackage.receivingOrg",
        "CriminalTransferPayload.transfer",  # has the ends of the next
        "TransferStatusPayload.transfer",
        "Case.org",  # has the ends of transferringOrg; no link leads this partner to a case
    }
)

FOR_DOUBLE_RANDOM = frozenset({"ent.entity.*", "off.officer.*", "pop.household_member.*", "ent.entity_person.*"})
FOR_INTERNET_SUPERVISION = frozenset({"mat.matter_supervision.*"})
MORE_THAN_THE_PUBLIC = frozenset(
    {Purpose.NON_TAX_PAYMENT, Purpose.CRIMINAL_LINKAGE, Purpose.DOUBLE_RANDOM, Purpose.INTERNET_SUPERVISION}
)

READERS_OF_THE_LOG: Mapping[CallerKind, frozenset[Purpose]] = {
    CallerKind.AUDITOR: frozenset({Purpose.AUDIT}),
    CallerKind.SUPERVISOR: frozenset({Purpose.SUPERVISION}),
    CallerKind.CITIZEN: frozenset({Purpose.SELF_SERVICE}),
}
"""Who is shown something of the access log, and for what; a partner for whatever it states, or nothing."""
NOT_FOR_PARTNERS = frozenset(
    f"gw.access_record.{name}" for name in ("pseudonym_key", "caller_subject", "device", "reason")
)


@cache
def model() -> Mapping[str, Mapping[str, str]]:
    """The rows of the model by ``schema.table.column``."""
    with MODEL.open(encoding="utf-8-sig", newline="") as file:
        return {f"{row['table']}.{row['column']}": row for row in csv.DictReader(file)}


def letter_of(standing: Standing) -> str:
    """Which of the model's callers this is: a purpose counts when it was shown and fits."""
    fits = standing.granted and standing.purpose in FITS[standing.kind]
    purpose = standing.purpose if fits else None
    if standing.kind is CallerKind.OFFICER:
        return "X" if purpose in (None, Purpose.PUBLIC_DISCLOSURE) else "O"
    if standing.kind is CallerKind.SUPERVISOR:
        return "S" if purpose is Purpose.SUPERVISION else "P"
    if standing.kind is CallerKind.CITIZEN:
        return "C" if purpose is Purpose.SELF_SERVICE and standing.own else "P"
    if standing.kind is CallerKind.AUDITOR:
        return "P" if purpose is Purpose.PUBLIC_DISCLOSURE else "A"
    return "P"


def extra_of(standing: Standing) -> Purpose | None:
    """The partners that see more than the public, and whoever asks for figures only."""
    counting = standing.kind in (CallerKind.SUPERVISOR, CallerKind.PARTNER)
    if counting and standing.granted and standing.purpose is Purpose.STATISTICS:
        return Purpose.STATISTICS
    more = standing.kind is CallerKind.PARTNER and standing.granted
    return standing.purpose if more and standing.purpose in MORE_THAN_THE_PUBLIC else None


@dataclass(frozen=True, kw_only=True)
class Caller:
    """All that matters of a standing."""

    letter: str
    extra: Purpose | None
    kind: CallerKind
    weak: bool
    """A person who has not authenticated strongly."""
    hands_over: bool
    """An officer whose task is that a case goes to the police."""
    reads_the_log: bool
    full_names: bool
    """A platform whose agreement has the punished by name."""
    audits: bool


def caller_of(standing: Standing) -> Caller:
    person = standing.kind in (CallerKind.OFFICER, CallerKind.SUPERVISOR, CallerKind.CITIZEN)
    return Caller(
        letter=letter_of(standing),
        extra=extra_of(standing),
        kind=standing.kind,
        weak=person and standing.assurance < 2,
        hands_over=standing.kind is CallerKind.OFFICER
        and standing.granted
        and standing.purpose is Purpose.CRIMINAL_LINKAGE,
        reads_the_log=standing.kind is CallerKind.PARTNER
        or (
            standing.granted
            and standing.purpose in READERS_OF_THE_LOG.get(standing.kind, ())
            and (standing.own or standing.kind is not CallerKind.CITIZEN)
        ),
        full_names=standing.kind is CallerKind.PARTNER
        and standing.granted
        and standing.purpose is Purpose.PARTNER_DISCLOSURE
        and standing.full_names,
        audits=standing.kind is CallerKind.AUDITOR and standing.granted and standing.purpose is Purpose.AUDIT,
    )


def evaluate(caller: Caller, facts: Sequence[Facts], action: Action) -> str:
    """What becomes of a coordinate with these facts."""
    letter, extra, kind = caller.letter, caller.extra, caller.kind
    if any(column.startswith("gw.access_") for fact in facts for column in fact.columns):
        return CLEAR if caller.reads_the_log and all(of_the_log(kind, fact, action) for fact in facts) else WITHHELD
    outcomes: list[str] = []
    for fact in facts:
        if fact.kind in (FactKind.LINK, FactKind.KEY) and action is not Action.READ:
            continue
        if fact.kind is FactKind.LINK:
            outcomes.append(followed(letter, extra, fact))
        elif fact.kind is FactKind.KEY:
            outcomes += [column_used(letter, extra, column, fact, Action.FILTER) for column in fact.columns]
        elif action is Action.AGGREGATE and fact.columns == {"gw.sampling_draw.population_digest"}:
            outcomes.append(CLEAR if caller.letter == "S" or caller.audits else WITHHELD)
        elif action is Action.CHANGE:
            outcomes.append(CLEAR if may_change(caller, fact) else WITHHELD)
        else:
            columns = sorted(fact.columns) or [""]
            if caller.full_names and action is Action.READ:
                columns = [column for column in columns if column not in PUBLISHED_NAMES]
                outcomes.append(CLEAR)
            outcomes += [column_used(letter, extra, column, fact, action) for column in columns]
        if caller.weak and fact.data_class in (DataClass.SENSITIVE, DataClass.RESTRICTED):
            outcomes.append(WITHHELD)
    if kind is CallerKind.CITIZEN and any(fact.coordinate in UNKNOWN_TO_CITIZENS for fact in facts):
        return ABSENT
    values = [fact for fact in facts if fact.kind in (FactKind.COLUMN, FactKind.HIDDEN)]
    if kind is CallerKind.CITIZEN and any(said(column, "C") == "-" for fact in values for column in fact.columns):
        return ABSENT
    return max(outcomes, key=STRICTER.index, default=WITHHELD)


def of_the_log(kind: CallerKind, fact: Facts, action: Action) -> bool:
    """Whether a reader of the log is shown this of it. All of it is in every schema."""
    if fact.kind is FactKind.LINK:
        return action is Action.READ and (
            kind is CallerKind.AUDITOR or (kind is CallerKind.PARTNER and fact.coordinate == "Query.accessLog")
        )
    if fact.coordinate == "Query.accessAnomalies":
        return action is Action.AGGREGATE and kind in (CallerKind.AUDITOR, CallerKind.SUPERVISOR)
    if action in (Action.AGGREGATE, Action.CHANGE):
        return False
    if fact.coordinate == "Query.whoLookedAtMe":
        return kind is CallerKind.CITIZEN
    if kind is CallerKind.PARTNER:
        return not any(column.startswith("gw.access_subject.") or column in NOT_FOR_PARTNERS for column in fact.columns)
    return kind is CallerKind.AUDITOR


def may_change(caller: Caller, fact: Facts) -> bool:
    """Officers open temporary tasks, supervisors review them and draw samples, officers hand cases over, and the police report on them."""
    if fact.columns == {"gw.sampling_draw.*"}:
        return caller.letter == "S"
    if fact.columns and fact.columns <= {"gw.temporary_task.review_state", "gw.temporary_task.reviewed_by"}:
        return caller.letter == "S"
    if fact.columns == {"gw.temporary_task.*"}:
        return caller.kind is CallerKind.OFFICER
    if fact.columns == {"gw.payment_report.*"}:
        return caller.extra is Purpose.NON_TAX_PAYMENT
    if fact.columns == {"gw.transfer_report.*"}:
        return caller.extra is Purpose.CRIMINAL_LINKAGE
    return caller.hands_over and fact.columns == {"gw.transfer.*"}


def said(column: str, letter: str) -> str | None:
    """The model's letter."""
    row = model().get(column)
    return row[letter] if row else None


def column_used(letter: str, extra: Purpose | None, column: str, fact: Facts, action: Action) -> str:
    if action is Action.AGGREGATE:
        figures = extra is Purpose.STATISTICS and column == "cas.case.*"
        mapping = extra is Purpose.INTERNET_SUPERVISION and column in FOR_INTERNET_SUPERVISION
        return CLEAR if figures or mapping or may_count(letter, column, fact) else WITHHELD
    if extra is not None and among_extras(extra, column):
        return CLEAR
    given = letter_for(letter, column, fact.data_class)
    if action is Action.READ:
        if given == "M":
            return MASKED if fact.mask is not None else WITHHELD
        return CLEAR if given == "F" else WITHHELD
    if column == "pop.person.name_pinyin":
        return CLEAR if letter == "O" and action in (Action.FILTER, Action.SEARCH) else WITHHELD
    return CLEAR if given == "F" else WITHHELD


def letter_for(letter: str, column: str, data_class: DataClass) -> str:
    if (column, letter) in OTHERWISE:
        return OTHERWISE[column, letter][0]
    modelled = said(column, letter)
    if modelled is not None:
        return modelled
    position = LETTERS.index(letter)
    if column.endswith(".sealed") and letter == "C":
        return "N"
    if column in UNLISTED:
        return UNLISTED[column][position]
    return LETTERS_OF_CLASS[data_class][position]


def may_count(letter: str, column: str, fact: Facts) -> bool:
    """Public data by everybody who sees it, where everybody sees it in clear; internal data by supervisors."""
    everybody = all(letter_for(one, column, fact.data_class) == "F" for one in "CPOXS")
    if fact.data_class is DataClass.PUBLIC:
        return everybody and letter != "A"
    return fact.data_class is DataClass.INTERNAL and letter == "S" and letter_for("S", column, fact.data_class) == "F"


def among_extras(extra: Purpose, column: str) -> bool:
    if extra is Purpose.STATISTICS:
        return False
    if extra is Purpose.DOUBLE_RANDOM:
        return column in FOR_DOUBLE_RANDOM
    if extra is Purpose.INTERNET_SUPERVISION:
        return column in FOR_INTERNET_SUPERVISION
    table, _, name = column.rpartition(".")
    listed = column in model() or table in FOR_FINANCE or name in ("document_no", "payer_name")
    record = name.startswith("source_") or name in (
        "fetched_at",
        "stale",
        "is_synthetic",
        "record_version",
        "quality_flags",
    )
    if column == "cas.case.case_no":
        return True
    if extra is Purpose.NON_TAX_PAYMENT:
        return table in FOR_FINANCE and column not in NOT_FOR_FINANCE and listed and not record
    return table in FOR_POLICE and column not in NOT_FOR_POLICE and not record and name != "*"


def followed(letter: str, extra: Purpose | None, fact: Facts) -> str:
    """Whether a link is followed, by its name: Type.field."""
    if letter == "A":
        return WITHHELD
    yes = fact.data_class is DataClass.PUBLIC
    if letter == "O":
        yes = fact.coordinate not in NOT_FOLLOWED_BY_OFFICERS
    elif letter == "X":
        yes = yes or fact.coordinate in FOLLOWED_BY_EVERY_OFFICER
    elif letter == "S":
        near = fact.data_class in (DataClass.PUBLIC, DataClass.INTERNAL, DataClass.RESTRICTED)
        yes = near and fact.coordinate not in NOT_FOLLOWED_BY_SUPERVISORS
        yes = yes or fact.coordinate in TO_PEOPLE_BY_SUPERVISORS
    elif letter == "C":
        near = fact.data_class in (DataClass.PUBLIC, DataClass.INTERNAL, DataClass.PERSONAL)
        yes = near and fact.coordinate not in NOT_FOLLOWED_BY_CITIZENS
        yes = yes or fact.coordinate in RESTRICTED_FOR_CITIZENS
    if extra is Purpose.NON_TAX_PAYMENT:
        yes = yes or fact.coordinate in FOLLOWED_BY_FINANCE
    if extra is Purpose.CRIMINAL_LINKAGE:
        yes = yes or fact.coordinate in FOLLOWED_BY_POLICE
    return CLEAR if yes else WITHHELD
