"""The course of a case: who, when, how it was decided, served, paid and closed. Everything follows from its brief."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import NamedTuple
from uuid import UUID

from datasources.city import dirty
from datasources.city.acts import FIELDS
from datasources.city.briefs import COERCE, INSPECT, PUNISH, Brief, brief
from datasources.city.casting import OFFICER_BY_CERT
from datasources.city.dice import stream
from datasources.city.matters import version_on
from datasources.city.organisations import XIANGZHOU_MARKET, Officer, Org, officers, orgs, staff
from datasources.city.parties import Party, parties
from datasources.city.places import street

from datasources.city.sizes import TODAY, Domain, Size, day, key
from datasources.city.workdays import next_working

_TODAY = TODAY.toordinal()
_EXPIRED = OFFICER_BY_CERT["19040130244"]
_OPEN = ("REGISTERED", "FILED", "INVESTIGATING", "SUSPENDED", "UNDER_LEGAL_REVIEW", "NOTIFIED", "HEARING")
_SYSTEMS = {0: "SJ-BA", 1: "JT-BA", 3: "ST-BA"}


class Payment(NamedTuple):
    """How the fine was paid; `paid` are (ordinal, yuan) of the receipts, `instalments` (ordinal due, yuan, paid)."""

    due: int
    surcharge: int
    paid: tuple[tuple[int, int], ...]
    instalments: tuple[tuple[int, int, bool], ...]
    status: str


@dataclass(slots=True)
class Case:
    """One case; days are ordinals, 0 when it has not happened."""

    brief: Brief
    key: UUID
    org: Org
    officers: tuple[Officer, Officer, Officer]
    version: int
    cause: str
    cause_name: str
    parties: tuple[Party, ...]
    place: str
    division: str
    system: str
    chance: float
    procedure: str = "2"
    status: str = "INVESTIGATING"
    stage: str = "INVESTIGATION"
    decided: int = 0
    served: int = 0
    closed: int = 0
    archived: int = 0
    excluded: int = 0
    extensions: int = 0
    major: bool = False
    reviewed: bool = False
    discussed: bool = False
    hearing: bool = False
    sealed: bool = False
    secret: bool = False
    fine: int = 0
    confiscated: int = 0
    grade: str | None = None
    kinds: list[str] = field(default_factory=list)
    revoked: str | None = None
    document_no: str = ""
    result: str = ""
    mode: str = ""
    rectify: int = 0
    measure: str = ""
    due: int = 0
    withdrawn: int = 0
    transferred: int = 0
    payment: Payment | None = None
    flags: list[str] = field(default_factory=list)

    @property
    def filed(self) -> int:
        return self.brief.filed

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN


@lru_cache(maxsize=9_000)
def case(size: Size, seed: int, number: int) -> Case:
    """Case `number` of the city."""
    start = brief(size, seed, number)
    dice = stream(seed, Domain.CASE, number)
    org = orgs(size)[start.org]
    causes = start.matter.causes
    cause, cause_name = causes[int(dice.random() * len(causes))]
    place = start.town.prefix + street(dice, start.town)
    fault, chance = dice.random(), dice.random()
    made = Case(
        brief=start, key=key(Domain.CASE, number), org=org, officers=_team(size, seed, start, dice.random()),
        version=version_on(start.matter, start.filed), cause=cause, cause_name=cause_name, parties=(), place=place,
        division=start.town.code, system=_SYSTEMS.get(org.field, "YZF") if chance < 0.4 else "YZF", chance=chance,
        secret=0.5 < fault < 0.501 and start.staged is None,
    )  # fmt: skip
    if start.kind == INSPECT:
        _inspect(made, dice)
    elif start.kind == COERCE:
        _coerce(made, dice)
    else:
        _punish(size, made, dice)
    _stage(made)
    made.parties = parties(size, seed, start)
    _faults(size, seed, made, fault)
    return made


def _team(size: Size, seed: int, start: Brief, pick: float) -> tuple[Officer, Officer, Officer]:
    """The officer in charge, the second officer, and who approves."""
    everyone = officers(size, seed)
    members = staff(size, seed)[start.org]
    if len(members) < 2:
        members = staff(size, seed)[XIANGZHOU_MARKET]
    first = int(pick * len(members))
    team = members[first], members[(first + 1) % len(members)]
    if start.staged and start.staged.officers:
        named = [everyone[OFFICER_BY_CERT[cert_no]] for cert_no in start.staged.officers]
        team = (named[0], named[1] if len(named) > 1 else team[1])
    approver = everyone[OFFICER_BY_CERT["19040100031"]] if start.org == XIANGZHOU_MARKET else members[0]
    return team[0], team[1], approver


def _inspect(made: Case, dice: Random) -> None:
    """An inspection is over in a day; a problem found is put right within weeks or leads to a penalty case."""
    lot, issue = dice.random(), dice.random()
    staged = made.brief.staged
    made.mode = "4" if made.brief.source == "4" else ("1", "1", "1", "2", "2", "3", "5")[int(lot * 7)]
    made.procedure = "2"
    if staged and not staged.decided:
        return
    made.decided = made.filed
    made.served = made.filed
    made.result = "5" if issue < 0.06 else "8" if issue < 0.075 else "4" if issue < 0.08 else "7" if issue < 0.1 else "1"
    if staged and staged.story == "unreachable":
        made.result = "4"
    if made.result == "5":
        made.rectify = made.filed + 15
        made.closed = next_working(made.rectify + 2)
    else:
        made.closed = next_working(made.filed + int(dice.random() * 3))
    made.archived = made.closed + 25


def _coerce(made: Case, dice: Random) -> None:
    """A measure lasts thirty days at most, once extended by thirty."""
    item = made.brief.matter.act
    made.measure = "2" if "扣" in item else "1" if "封" in item else "8" if "代" in item else "4"
    made.decided = made.served = made.filed
    extended = dice.random() < 0.15
    made.extensions = int(extended)
    made.due = made.filed + (60 if extended else 30)
    made.closed = next_working(made.due - 1 - int(dice.random() * 20))
    made.archived = made.closed + 30


def _punish(size: Size, made: Case, dice: Random) -> None:
    staged = made.brief.staged
    lot, length = dice.random(), int(dice.triangular(12, 86, 46))
    late, more = dice.random(), dice.random()
    if not staged:
        rank = made.brief.number
        if rank % (size.penalties // size.transfers) == 7:
            made.transferred = next_working(made.filed + 20 + int(more * 20))
            return
        if lot < 0.02:
            made.status, made.stage = "NOT_FILED", "FILING"
            made.closed = made.filed + 5
            return
    simple = lot < 0.57 if not staged else not staged.ordinary
    if simple:
        made.procedure = "1"
        made.decided = made.served = made.filed
    else:
        if late > 0.97:
            length += 46 + int(more * 60)
        if more < 0.1:
            made.excluded = 5 + int(late * 25)
        made.extensions = int(length + made.excluded > 90)
        made.decided = next_working(made.filed + length + made.excluded)
    if staged:
        made.decided = staged.decided.toordinal() if staged.decided else 0
    _sanction(made, dice, simple=simple)
    if not simple and made.decided:
        made.served = next_working(made.decided + 1 + int(dice.random() * 6))
    made.document_no = _document_no(made, simple=simple)
    _pay(made, dice)


def _sanction(made: Case, dice: Random, *, simple: bool) -> None:
    """The amount: fixed steps in simple procedure (at most 200 and 3,000 yuan), log-normal otherwise."""
    grade, kind, amount = dice.random(), dice.random(), dice.lognormvariate(8.45, 1.5)
    person = made.brief.owner[0] == "p"
    steps = (20, 50, 100, 150, 200) if person else (500, 800, 1_000, 2_000, 3_000)
    made.fine = steps[int(amount) % 5] if simple else max(300, int(amount) // 100 * 100)
    made.grade = "从轻" if grade < 0.2 else "减轻" if grade < 0.25 else "一般" if grade < 0.85 else "从重"
    made.kinds = ["03"]
    staged = made.brief.staged
    if staged:
        made.fine = staged.fine
        made.kinds = ["03"] if staged.fine else ["01"]
    elif kind < (0.2 if simple else 0.08):
        made.fine, made.kinds = 0, ["01"]
    elif kind > 0.98 and not simple:
        made.fine, made.kinds, made.grade = 0, [], "不予"
    elif kind > 0.78 and not simple:
        made.kinds = ["03", "04"] if kind < 0.92 else ["03", "05"]
        made.confiscated = int(amount * 0.4) // 10 * 10
    elif kind > 0.77 and not simple and not person:
        made.kinds = ["03", "08"] if kind < 0.775 else ["03", "10"]
        made.revoked = "食品经营许可证" if kind < 0.775 else None
    if made.brief.repeat and made.fine:
        made.grade = "从重"
    made.major = made.fine >= 100_000 or "08" in made.kinds
    made.reviewed = not simple and (made.major or grade > 0.3)
    made.discussed = made.major
    made.hearing = made.fine >= 50_000 and grade > 0.6


def _document_no(made: Case, *, simple: bool) -> str:
    number = made.brief.case_no.rsplit("-", 1)[1]
    word = "不罚字" if made.grade == "不予" else "当罚字" if simple else "罚字"
    return f"{made.org.abbreviation}{word}〔{day(made.decided or made.filed).year}〕{number}号"


def _pay(made: Case, dice: Random) -> None:
    """88 % pay within the fifteen days, 3 % by instalments, the others late with 3 % a day, or not at all."""
    lot, days = dice.random(), dice.random()
    if not made.served:
        return
    due = made.served + 15
    staged = made.brief.staged
    if not made.fine:
        made.closed = next_working(made.served + 2 + int(days * 6))
    elif lot < 0.03 or (staged and staged.payment_code):
        third = made.fine // 3 // 100 * 100 or made.fine // 3
        parts = ((due, made.fine - 2 * third), (due + 30, third), (due + 60, third))
        settled = tuple((when - 2, amount) for when, amount in parts if when - 2 < _TODAY)
        instalments = tuple((when, amount, when - 2 < _TODAY) for when, amount in parts)
        made.payment = Payment(due, 0, settled, instalments, "PAID" if len(settled) == 3 else "PARTIALLY_PAID")
        made.closed = next_working(due + 61)
    elif lot < 0.91:
        when = made.served + int(days * 15)
        paid = ((when, made.fine),) if when < _TODAY else ()
        made.payment = Payment(due, 0, paid, (), "PAID" if paid else "ISSUED")
        made.closed = next_working(when + 2)
    else:
        when = due + 5 + int(days * 80) if lot < 0.975 else _TODAY + 1
        overdue = min(when, _TODAY) - due
        surcharge = min(made.fine, made.fine * 3 * max(0, overdue) // 100) if lot > 0.93 else 0
        paid = ((when, made.fine + surcharge),) if when < _TODAY else ()
        status = "PAID" if paid else "ISSUED" if due >= _TODAY else "SURCHARGE_RUNNING" if surcharge else "OVERDUE"
        made.payment = Payment(due, surcharge if due < _TODAY else 0, paid, (), status)
        made.closed = next_working(when + 3)
    made.archived = made.closed + 28
    if staged and staged.withdrawn:
        made.withdrawn = staged.withdrawn[0].toordinal()
    elif not staged and 0.4 < days < 0.412 and made.decided < _TODAY - 150:
        made.withdrawn = next_working(made.decided + 90 + int(lot * 50))
    if made.withdrawn and made.payment and made.payment.paid:
        made.payment = made.payment._replace(status="REFUNDED")


def _stage(made: Case) -> None:
    """Take back what lies in the future, and name the status and stage reached by today."""
    if made.status == "NOT_FILED":
        return
    if made.transferred:
        if made.transferred < _TODAY:
            made.status, made.stage = "TRANSFERRED", "DECISION"
        else:
            made.transferred = 0
            made.status, made.stage = "UNDER_LEGAL_REVIEW", "REVIEW"
        return
    if made.decided >= _TODAY or not made.decided:
        _undecided(made)
        return
    reached = (
        (made.archived, "ARCHIVED", "ARCHIVE"), (made.closed, "CLOSED", "CLOSING"), (made.served, "EXECUTING", "EXECUTION"),
        (made.decided, "DECIDED", "DECISION"),
    )  # fmt: skip
    made.status, made.stage = next((status, stage) for when, status, stage in reached if when and when < _TODAY)
    if made.withdrawn:
        made.status, made.stage = "WITHDRAWN", "DECISION"
    if made.served >= _TODAY:
        made.served, made.payment = 0, None
    made.closed = made.closed if made.closed < _TODAY else 0
    made.archived = made.archived if made.archived < _TODAY else 0


def _undecided(made: Case) -> None:
    ran = (_TODAY - made.filed) / max(1, made.decided - made.filed) if made.decided else 0.3
    made.status, made.stage = (
        ("INVESTIGATING", "INVESTIGATION") if ran < 0.55 else ("UNDER_LEGAL_REVIEW", "REVIEW") if ran < 0.75 else
        ("HEARING", "HEARING") if made.hearing else ("NOTIFIED", "NOTICE")
    )  # fmt: skip
    if made.chance > 0.97 and not made.brief.staged:
        made.status = "SUSPENDED"
    made.decided = made.served = made.closed = made.archived = made.withdrawn = 0
    made.payment, made.grade, made.kinds = None, None, []


def _faults(size: Size, seed: int, made: Case, fault: float) -> None:
    """Put in the faults of the data that a case can have, each with its label."""
    start, first = made.brief, made.parties[0]
    staged = start.staged
    made.sealed = bool(staged and staged.sealed)
    if made.is_open and start.kind == PUNISH:
        if start.org == XIANGZHOU_MARKET and not staged and made.chance < 0.3:
            made.officers = (made.officers[0], officers(size, seed)[_EXPIRED], made.officers[2])
        if any(officer.status == "5" for officer in made.officers[:2]):
            made.flags.append(dirty.EXPIRED_OFFICER)
    if staged:
        return
    if first.id_no and first.id_no.endswith("X") and fault < 0.5:
        made.flags.append(dirty.LOWERCASE_X)
        made.parties = (first._replace(id_no=first.id_no.lower()), *made.parties[1:])
    elif fault < 0.005:
        made.flags.append(dirty.PARTY_NAME_DIFFERS)
        made.parties = (first._replace(name=dirty.misnamed(first.name)), *made.parties[1:])
    elif fault < 0.009 and first.phone:
        made.flags.append(dirty.STRAY_SPACES)
        made.parties = (first._replace(phone=dirty.spaced(first.phone)), *made.parties[1:])
    elif fault < 0.05 and start.matter.versions == 2 and made.version == 2:
        made.flags.append(dirty.ABOLISHED_MATTER)
        made.version = 1
    elif fault > 0.985 and start.kind == PUNISH and made.document_no:
        made.flags.append(dirty.WRONG_BRACKETS)
        made.document_no = dirty.rebracketed(made.document_no, start.number)


def item_code(made: Case) -> str:
    """The non-tax item its fine is booked under."""
    return FIELDS[made.brief.matter.field].item_code
