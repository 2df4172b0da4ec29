"""What becomes of the publication of one case: the record as it is to be, or why there is to be none. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from datasources.publication import Circumstance, Rules, circumstances
from datasources.published import CONTENT
from datasources.redaction import ANYBODY, Known, disclosed, published
from datasources.tables.calendar import Calendar, day_of, months_after
from datasources.tables.record import RECORD_COLUMNS
from gateway.candidates import NATURAL_PERSON, Candidate, Row

PENALTY = "2"
"""``cas.case.kind``."""
PARTY = "1"
"""``cas.party.role_code``: the punished."""
NOT_WANTED = {"3": "", "4": "PUBLISHED_IN_ERROR"}
"""``cas.disclosure.state``: withdrawn, for the reason in the row; not to be published."""
REVOKED = frozenset({"WITHDRAWN"})
"""``cas.case.status``."""
TEXTS = ("illegal_act_type", "facts", "basis", "content", "revoked_licence")
"""What somebody has written in a decision, and may have named anybody in."""
OF_AGE = 18
"""Years (民法典 art. 17)."""


@dataclass(frozen=True, kw_only=True)
class Publish:
    """The columns of the record; `late` says that its day (应公示日期) has passed."""

    record: Row
    late: bool


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    """Why there is to be none: a code of ``WithdrawReason``."""

    reason: str


Verdict: TypeAlias = Publish | Withdraw


def verdict(one: Candidate, rules: Rules, calendar: Calendar, now: datetime.datetime) -> Verdict:
    """What the rules say of a case at a moment."""
    row, today = one.row, day_of(now)
    if row["state"] in NOT_WANTED:
        return Withdraw(reason=NOT_WANTED[row["state"]] or row["withdraw_reason"] or "PUBLISHED_IN_ERROR")
    if row["status"] in REVOKED:
        return Withdraw(reason="DECISION_REVOKED")
    found = tuple(_circumstances(one))
    within = rules.within_days(row["kind"], found)
    months = rules.months(row["kind"], row["illegal_act_type"], row["discretion_grade"])
    decided = row["decided_on"] is not None and (row["kind"] != PENALTY or row["document_no"] is not None)
    if within is None or months is None or not decided:
        return Withdraw(reason="RECORD_SEALED" if Circumstance.SEALED in found else "PUBLISHED_IN_ERROR")
    due = calendar.working_days_after(row["decided_on"], within) if within else None
    record = {
        **{name: row[name] for name in CONTENT if name in row},
        **{name: row[name] for name in RECORD_COLUMNS},
        **_texts(one),
        "case_id": row["case_id"],
        "kind": row["kind"],
        "owner_version": row["version"],
        "publish_until": months_after(today, months),
        "due_on": due,
        "due_provisional": due is not None and not calendar.is_known(due),
    }
    return Publish(record=record, late=due is not None and due < today)


def _circumstances(one: Candidate) -> Iterator[Circumstance]:
    """What about the case decides. The marks of the punished count as they are now, their age as it was at the decision."""
    row = one.row
    punished = [person for party in one.parties if party["role_code"] == PARTY and (person := _person(one, party))]
    marks = [
        row["subject_mark"] or 0,
        *(party["subject_mark"] or 0 for party in one.parties if party["role_code"] == PARTY),
    ]
    marks += [2 for person in punished if person["protection_flag"]]
    yield from circumstances(
        {**row, "sealed": row["sealed"] or row["case_sealed"] or any(person["sealed"] for person in punished)},
        minor=any(_minor(person["birth_date"], row["decided_on"]) for person in punished),
        mark=max(marks),
    )


def _person(one: Candidate, party: Row) -> Row | None:
    return one.people.get(party["subject_ref"]) if party["subject_type"] == NATURAL_PERSON else None


def _minor(born: datetime.date | None, on: datetime.date | None) -> bool:
    return born is not None and on is not None and months_after(born, 12 * OF_AGE) > on


def _texts(one: Candidate) -> dict[str, Any]:
    """The texts of a decision as they are published. An inspection or a coercive measure has none."""
    row = one.row
    if row["document_no"] is None:
        return {**dict.fromkeys(TEXTS), "text_held": False}
    known = tuple(_known(one))
    made = {name: published(row[name], known, public=row["subject_uscc"]) for name in TEXTS}
    return {**made, "text_held": any(row[name] is not None and made[name] is None for name in made)}


def _known(one: Candidate) -> Iterator[Known]:
    """Who and what the case names, and what stands for them in public."""
    for party in one.parties:
        name = party["name_at_decision"]
        if party["subject_type"] != NATURAL_PERSON:
            if name:
                yield Known(name=name, organisation=True)
            if party["legal_rep_name"]:
                yield Known(name=party["legal_rep_name"])
        elif name:
            person = _person(one, party)
            punished = party["role_code"] == PARTY and not party["subject_mark"]
            pinyin = (person["name_pinyin"] or "") if person is not None else ""
            yield Known(name=name, shown=disclosed(name) if punished else ANYBODY, pinyin=pinyin)
