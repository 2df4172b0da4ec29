"""Which rows a kind of caller sees: rules as data, cut in the same statement that reads the columns.

A row outside is as if it were not there: in the answer, in counts, in pages, in errors. The values that the
rules compare with come from the certificate of the caller and a task that was checked, never from an argument.

    OWN_AGENCY   cases of the caller's organisation and those below it (本机关及下级), and the case at hand
    OWN_LEVEL    cases of the caller's division (本级): the city, a district, a town, a functional zone
    PUBLISHED    cases whose result is published now (公示中)
    TRANSFERRED  cases that the authority decided to hand to the police (移送涉嫌犯罪案件)
    NAMED        beside another cut: the cases that an agreement or a token names, and no other
    OWN          temporary tasks (临时任务) that the caller opened, or is the second officer of
    PROFILE      of what is published, the kinds of cases in the profile (公示共享方案) of the partner's agreement, or the public's

The outbox of transfers is cut like the cases: OWN_AGENCY, OWN_LEVEL; the linkage platform sees all of it, for what is in it was
handed over; nobody else any.

Beside them marks in a record raise its class (GB/T 43697; PIPL art. 28, 31; 治安管理处罚法 on sealed records): sealed,
under fourteen, protected, secret. Such rows are for those alone who may see the raised class. What is marked is the
person: rows elsewhere that name the person are hidden with them.

The access log has rules of its own: auditors see all of it, a partner the requests of its own client.

    OWN_CLIENT   requests of the caller's own client
    NONE         nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from auth.classes import DataClass
from auth.purpose import Standing
from auth.viewer import CallerKind, Purpose


class Cut(Enum):
    """What is left of a table."""

    OWN_AGENCY = "own_agency"
    OWN_LEVEL = "own_level"
    PUBLISHED = "published"
    TRANSFERRED = "transferred"
    NAMED = "named"
    OWN_CLIENT = "own_client"
    NONE = "none"
    OWN = "own"
    PROFILE = "profile"


CASE_TABLE = "cas.case"
"""The table the rules are written for; what belongs to a case (`CASE_KEY`) follows its case."""
CASE_KEY = "case_id"
CASE_SCHEMA = "cas"

CASE_CUTS = {
    CallerKind.OFFICER: Cut.OWN_AGENCY,
    CallerKind.SUPERVISOR: Cut.OWN_LEVEL,
    CallerKind.CITIZEN: Cut.PUBLISHED,
    CallerKind.PUBLIC: Cut.PUBLISHED,
    CallerKind.AUDITOR: Cut.PUBLISHED,
    CallerKind.PARTNER: Cut.PUBLISHED,
}
"""What each kind of caller sees of the cases."""

UNCUT = frozenset({"cas.disclosure", "cas.sampling_draw", "cas.payment_receipt", "cas.payment_instalment"})
"""Tables of the case database with a rule of their own (what is published), or found through their case only."""

PAYMENT_TABLE = "cas.payment"
"""Payments: the treasury sees them under its agreement, everyone else through their case."""


def case_cut(standing: Standing, table: str) -> Cut | None:
    """The cut of the rows of a table of the case database for a kind of caller; None: all of them."""
    if not table.startswith(f"{CASE_SCHEMA}.") or table in UNCUT:
        return None
    if table == PAYMENT_TABLE and standing.kind is CallerKind.PARTNER:
        return None
    if standing.granted and (standing.kind, standing.purpose) == (CallerKind.PARTNER, Purpose.CRIMINAL_LINKAGE):
        return Cut.TRANSFERRED
    return CASE_CUTS[standing.kind]


DISCLOSURE_TABLES = frozenset({"gw.disclosure", "gw.change_log"})
"""What is published, and the feed of its changes."""


def disclosure_cut(standing: Standing, table: str) -> Cut | None:
    """The cut of what is published: staff see all of it, everybody else what their profile has."""
    return Cut.PROFILE if table in DISCLOSURE_TABLES and standing.kind not in CASEWORKERS else None


def figures_cut(standing: Standing, table: str) -> Cut | None:
    """The cut of the cases that figures are made of; None: all of them.

    A partner whose agreement is about figures (STATISTICS) is told those of all cases, none of which it sees. Where single
    cases are named it is told nothing: a list of one's own choosing is a question about each of them.
    """
    if standing.granted and (standing.kind, standing.purpose) == (CallerKind.PARTNER, Purpose.STATISTICS):
        return Cut.NONE if standing.named else None
    return case_cut(standing, table)


TEMPORARY_TABLE = "gw.temporary_task"
"""The tasks that officers open for themselves."""


def temporary_cut(standing: Standing) -> Cut:
    """The cut of the temporary tasks: an officer's own, those of their level for supervisors, and for nobody else any."""
    if standing.kind is CallerKind.OFFICER:
        return Cut.OWN
    if standing.kind is CallerKind.SUPERVISOR and standing.granted and standing.purpose is Purpose.SUPERVISION:
        return Cut.OWN_LEVEL
    return Cut.NONE


TRANSFER_TABLE, REPORT_TABLE = "gw.transfer", "gw.transfer_report"
"""The outbox of transfers, and what was reported of them; a report is found by its transfer."""


def transfer_cut(standing: Standing) -> Cut | None:
    """The cut of the outbox for a kind of caller; None: all of it."""
    if standing.kind is CallerKind.PARTNER and standing.granted and standing.purpose is Purpose.CRIMINAL_LINKAGE:
        return None
    return CASE_CUTS[standing.kind] if standing.kind in CASEWORKERS and standing.granted else Cut.NONE


def only_named(standing: Standing, table: str) -> bool:
    """Whether of a table of the case database only the cases are left that an agreement or a token names."""
    of_cases = table.startswith(f"{CASE_SCHEMA}.") and table not in UNCUT
    return standing.named and (of_cases or table == TRANSFER_TABLE)


LOG_CUTS: Mapping[tuple[CallerKind, str], Cut | None] = {
    (CallerKind.AUDITOR, "gw.access_record"): None,
    (CallerKind.AUDITOR, "gw.access_subject"): None,
    (CallerKind.PARTNER, "gw.access_record"): Cut.OWN_CLIENT,
}
"""What is left of the tables of the access log; of these tables everybody else sees nothing.

Who took part in a request may have its record (as peers of X-Road and FSC do), not the pseudonyms in it: they are the same
for everybody, and two partners could compare theirs.
"""
LOG_TABLES = frozenset({"gw.access_record", "gw.access_subject"})


def log_cut(standing: Standing, table: str) -> Cut | None:
    """The cut of the rows of a table of the access log for a kind of caller; None: all of them, or no table of the log."""
    return LOG_CUTS.get((standing.kind, table), Cut.NONE) if table in LOG_TABLES else None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A column whose value raises the record's class. A row is shown up to `shown`; false is 0, true is 1.

    A mark that is missing (NULL) hides the row, unless `open_when_missing`.
    """

    column: str
    raises: DataClass
    shown: int = 0
    open_when_missing: bool = False
    at_hand: bool = False
    """Whether the row is shown nevertheless while it is the case that the caller works on."""


PERSON_TABLE = "pop.person"
"""Where persons are marked."""

SUBJECT_MARK = "subject_mark"
"""The person's marks in the rows of other databases that name the person, as their owner delivers them."""
ORDINARY, RAISED, PROTECTED = 0, 1, 2
"""Its values: nothing; under fourteen or sealed; protected. What an organisation holds is ordinary."""

OF_A_PERSON = {
    "pop.id_document": "person_id",
    "pop.household_member": "person_id",
    "pop.floating_population": "person_id",
}
"""Tables beside the persons, whose rows are hidden with the person of this key."""

SEALED = Mark(column="sealed", raises=DataClass.RESTRICTED)
MINOR = Mark(column="is_minor_14", raises=DataClass.SENSITIVE)
WITNESS = Mark(column="protection_flag", raises=DataClass.RESTRICTED)
"""A protected person (证人、举报人) is shown to nobody through this door."""
SECRET = Mark(column="secret_flag", raises=DataClass.RESTRICTED, open_when_missing=True)
"""A secret case (涉密案件): in no list, no count and no figure, but to the officer who works on it."""


STRONG = 2
"""The assurance (acr) from which raised classes are shown."""


def marks_against(standing: Standing, table: str) -> tuple[Mark, ...]:
    """The marks that hide a row of the table from this kind of caller.

    An officer or a supervisor on an established task and with a strong login sees minors and sealed records; the officer
    sees the secret case at hand as well. Nobody sees protected people.
    """
    on_a_case = standing.granted and standing.kind in CASEWORKERS and standing.purpose in CASEWORK
    lifted = on_a_case and standing.assurance >= STRONG
    subject = Mark(column=SUBJECT_MARK, raises=DataClass.RESTRICTED, shown=RAISED if lifted else ORDINARY)
    found = [subject] if lifted else [SEALED, subject]
    if table == PERSON_TABLE:
        found += [WITNESS] if lifted else [MINOR, WITNESS]
    if table == CASE_TABLE:
        found.append(replace(SECRET, at_hand=lifted and standing.kind is CallerKind.OFFICER))
    return tuple(found)


CASEWORK = frozenset({Purpose.INSPECTION, Purpose.CASE_HANDLING, Purpose.CRIMINAL_LINKAGE, Purpose.SUPERVISION})
"""The purposes that are shown by a task or a case."""

CASEWORKERS = frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR})
