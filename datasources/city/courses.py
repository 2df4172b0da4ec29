"""The course a case takes: an inspection, a coercive measure, a penalty with its sanction and payment."""

from __future__ import annotations

from random import Random

from datasources.city.casefile import Case, Payment
from datasources.city.excesses import OVERLONG_DAYS, lasts_too_long
from datasources.city.sizes import TODAY, Size, day
from datasources.city.workdays import next_working

_TODAY = TODAY.toordinal()


def inspect(made: Case, dice: Random) -> None:
    """An inspection is over in a day; a problem found is put right within weeks or leads to a penalty case."""
    lot, issue = dice.random(), dice.random()
    staged = made.brief.staged
    made.mode = "4" if made.brief.source == "4" else ("1", "1", "1", "2", "2", "3", "5")[int(lot * 7)]
    made.procedure = "2"
    if staged and not staged.decided:
        return
    made.decided = made.filed
    made.served = made.filed
    made.result = (
        "5" if issue < 0.06 else "8" if issue < 0.075 else "4" if issue < 0.08 else "7" if issue < 0.1 else "1"
    )
    if staged and staged.story == "unreachable":
        made.result = "4"
    if made.result == "5":
        made.rectify = made.filed + 15
        made.closed = next_working(made.rectify + 2)
    else:
        made.closed = next_working(made.filed + int(dice.random() * 3))
    made.archived = made.closed + 25


def coerce(made: Case, dice: Random) -> None:
    """A measure lasts thirty days at most, once extended by thirty; a few outlast that."""
    item = made.brief.matter.act
    made.measure = "2" if "扣" in item else "1" if "封" in item else "8" if "代" in item else "4"
    made.decided = made.served = made.filed
    extended = dice.random() < 0.15
    made.extensions = int(extended)
    made.due = made.filed + (60 if extended else 30)
    made.closed = next_working(made.due - 1 - int(dice.random() * 20))
    if lasts_too_long(made.brief.number):
        made.closed = next_working(made.due + OVERLONG_DAYS)
    made.archived = made.closed + 30


def punish(size: Size, made: Case, dice: Random) -> None:
    """A penalty: simple and on the spot, or ordinary within ninety days, or not filed, or handed to the police."""
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
        made.served = made.decided if simple else 0
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
    made.grade = "从轻" if grade < 0.1 else "减轻" if grade < 0.13 else "一般" if grade < 0.9 else "从重"
    made.kinds = ["03"]
    staged = made.brief.staged
    if staged:
        made.fine = staged.fine
        made.kinds = ["03"] if staged.fine else ["01"]
    elif kind < (0.2 if simple else 0.08):
        made.fine, made.kinds, made.grade = 0, ["01"], "从轻"
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


def settle(made: Case) -> None:
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
