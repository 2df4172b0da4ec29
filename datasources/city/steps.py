"""What was done in a case, step by step: the events, the documents they leave, the recordings made meanwhile."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from datasources.city.briefs import COERCE, INSPECT
from datasources.city.casefile import Case
from datasources.city.cases import case
from datasources.city.personas import Operations
from datasources.city.publications import publication
from datasources.city.sizes import TODAY, Domain, Size, day, key
from datasources.references import parse_reference

_TODAY = TODAY.toordinal()
LEAD, SECOND, CHIEF = 0, 1, 2
#: Documents that carry a number of their own: type → word in the number.
_WORDS = {
    "0302": "检通字", "0309": "责改字", "0310": "查扣字", "0312": "解扣字", "0501": "罚告字", "0502": "听告字", "0601": "听通字", "0704": "移字",
    "0901": "缴字", "0902": "催字", "0903": "分缴字", "0904": "加罚字",
}  # fmt: skip
_SOURCES = {
    "1": ("0101", "0101"), "2": ("0102", "0102"), "3": ("0103", "0103"), "4": ("0104", ""), "5": ("0101", "0101"),
    "6": ("0101", "0101"),
}  # fmt: skip
#: Steps of an ordinary penalty until the decision: share of the time, stage, action, document, actor, recorded.
_ORDINARY = (
    (0.0, "FILING", "0201", "0201", CHIEF, False), (0.0, "FILING", "0202", "", LEAD, False),
    (0.08, "INVESTIGATION", "0301", "0303", LEAD, True), (0.25, "INVESTIGATION", "0302", "0304", SECOND, True),
    (0.5, "INVESTIGATION", "0312", "0401", LEAD, False), (0.6, "REVIEW", "0401", "0402", SECOND, False),
    (0.75, "NOTICE", "0501", "0501", LEAD, False), (0.95, "REVIEW", "0403", "0404", CHIEF, False),
)  # fmt: skip
_REACH = {"INVESTIGATING": 0.4, "SUSPENDED": 0.4, "UNDER_LEGAL_REVIEW": 0.7}


class Step(NamedTuple):
    """One event: day (ordinal), second of the day, stage, action, document type or empty, actor, recorded, note."""

    day: int
    second: int
    stage: str
    action: str
    document: str
    actor: int
    recorded: bool
    note: str | None = None


@lru_cache(maxsize=2_500)
def steps_of(size: Size, seed: int, number: int) -> list[Step]:
    """The steps of case `number`."""
    return steps(case(size, seed, number))


def steps(made: Case) -> list[Step]:
    """The steps that have happened, in the order they were done."""
    start = made.brief
    action, document = _SOURCES[start.source]
    begun = start.filed - (0 if made.procedure == "1" else 2)
    found: list[tuple[int, str, str, str, int, bool]] = [(begun, "SOURCE", action, document, LEAD, False)]
    if start.kind == INSPECT:
        found += _inspection(made)
    elif start.kind == COERCE:
        found += _coercion(made)
    else:
        found += _penalty(made)
    shown = publication(made)
    if shown and shown.published:
        found.append((shown.published, "DECISION", "0705", "", SECOND, False))
        if shown.withdrawn:
            found.append((shown.withdrawn, "DECISION", "0706", "", SECOND, False))
    if made.closed and made.status != "NOT_FILED":
        found.append((made.closed, "CLOSING", "1001", "1001", CHIEF, False))
        found.append((made.closed, "CLOSING", "1002", "", LEAD, False))
    if made.archived:
        found.append((made.archived, "ARCHIVE", "1101", "1101", SECOND, False))
    found = [step for step in found if step[0] < _TODAY]
    found.sort(key=_day)
    return _timed(found, made.chance)


def _day(step: tuple[int, str, str, str, int, bool]) -> int:
    return step[0]


def _timed(found: list[tuple[int, str, str, str, int, bool]], chance: float) -> list[Step]:
    """Steps of one day follow each other some minutes apart within office hours."""
    timed = []
    last, second = 0, 0
    for place, (when, stage, action, document, actor, recorded) in enumerate(found):
        second = (
            second + 240 + int(chance * 7_000) % 900
            if when == last
            else 31_500 + int(chance * 1e6 + place * 4_127) % 18_000
        )
        last = when
        timed.append(Step(when, second, stage, action, document, actor, recorded))
    return timed


def _inspection(made: Case) -> list[tuple[int, str, str, str, int, bool]]:
    filed = made.filed
    found = [(filed - 1, "FILING", "0403", "0301", CHIEF, False)]
    if not made.decided:
        return found
    found += [
        (filed, "INVESTIGATION", "0301", "0302", LEAD, False), (filed, "INVESTIGATION", "0301", "0303", LEAD, True),
    ]  # fmt: skip
    if made.result in ("5", "8") or made.chance > 0.7:
        found.append((filed, "INVESTIGATION", "0302", "0304", SECOND, False))
    if made.result == "5":
        found.append((filed, "INVESTIGATION", "0308", "0309", LEAD, False))
        found.append((made.rectify, "INVESTIGATION", "0313", "0314", LEAD, False))
    return found


def _coercion(made: Case) -> list[tuple[int, str, str, str, int, bool]]:
    filed = made.filed
    found = [
        (filed, "REVIEW", "0403", "0404", CHIEF, False), (filed, "DECISION", "0306", "0310", LEAD, True),
        (filed, "DECISION", "0306", "0311", SECOND, False), (filed, "SERVICE", "0801", "0801", LEAD, False),
    ]  # fmt: skip
    if made.extensions:
        found.append((filed + 29, "REVIEW", "0311", "0313", CHIEF, False))
    if made.closed:
        found.append((made.closed, "EXECUTION", "0307", "0312", LEAD, False))
    return found


def _penalty(made: Case) -> list[tuple[int, str, str, str, int, bool]]:
    filed = made.filed
    if made.status == "NOT_FILED":
        return [(made.closed, "FILING", "0203", "0202", CHIEF, False)]
    if made.procedure == "1":
        found = [(filed, "INVESTIGATION", "0301", "0303", LEAD, True), (filed, "DECISION", "0701", "0702", LEAD, False)]
    else:
        end = made.decided or made.transferred or filed + 40
        span = end - filed
        # Work within a case that is still open has come as far as its status says.
        reach = 1.0 if made.decided else _REACH.get(made.status, 0.9)
        found = [
            (filed + int(share * span), stage, action, document, actor, recorded)
            for share, stage, action, document, actor, recorded in _ORDINARY
            if share <= reach
        ]
        if made.chance < 0.5 and reach > 0.3:
            found.append((filed + span // 10, "INVESTIGATION", "0303", "0305", SECOND, False))
        if made.discussed and made.decided:
            found.append((filed + span * 65 // 100, "REVIEW", "0402", "0403", CHIEF, False))
        if made.hearing and made.decided:
            found.append((filed + span * 80 // 100, "HEARING", "0601", "0601", LEAD, False))
            found.append((filed + span * 90 // 100, "HEARING", "0602", "0602", LEAD, True))
        elif made.decided and made.chance > 0.6:
            found.append((filed + span * 80 // 100, "NOTICE", "0502", "0503", SECOND, False))
        if made.decided:
            document = "0703" if made.grade == "不予" else "0701"
            found.append((made.decided, "DECISION", "0702" if document == "0703" else "0701", document, CHIEF, False))
    if made.transferred:
        found += _transfer(made.transferred)
    if made.brief.staged and made.brief.staged.story == "transfer":
        found += _transfer(_TODAY - 1)
    if made.served:
        found.append((made.served, "SERVICE", "0801", "0801", LEAD, False))
    return found + _execution(made)


def _transfer(when: int) -> list[tuple[int, str, str, str, int, bool]]:
    """The four enclosures of a transfer to the police (国务院令 310) and the letter itself."""
    return [
        (when - 12, "INVESTIGATION", "0305", "0308", SECOND, False), (when - 3, "REVIEW", "0312", "0705", LEAD, False),
        (when - 2, "REVIEW", "0303", "0706", SECOND, False), (when, "DECISION", "0703", "0704", CHIEF, False),
    ]  # fmt: skip


def _execution(made: Case) -> list[tuple[int, str, str, str, int, bool]]:
    paid = made.payment
    if not paid:
        return [(made.withdrawn, "DECISION", "0704", "", CHIEF, False)] if made.withdrawn else []
    found = [(made.served, "EXECUTION", "0901", "0901", SECOND, False)]
    if paid.instalments:
        found.append((made.served + 6, "EXECUTION", "0903", "0903", CHIEF, False))
    found += [(when, "EXECUTION", "0902", "", SECOND, False) for when, _ in paid.paid]
    if paid.surcharge:
        found.append((paid.due + 1, "EXECUTION", "0904", "0902", LEAD, False))
        found.append((paid.due + 3, "EXECUTION", "0905", "0904", CHIEF, False))
    if made.withdrawn:
        found.append((made.withdrawn, "DECISION", "0704", "", CHIEF, False))
    return found


def document_key(made: Case, place: int, document: str) -> UUID:
    """The uuid of the document that step `place` left; those of the operations' case are named."""
    if made.brief.case_no == Operations.case_no and document in Operations.documents:
        return parse_reference(f"p_{Operations.documents[document]}")[1]
    return key(Domain.DOCUMENT, made.brief.number * 64 + place)


def document_no(made: Case, document: str, place: int) -> str | None:
    """The number of a document, for those kinds that carry one."""
    if document in ("0701", "0702", "0703"):
        return made.document_no
    word = _WORDS.get(document)
    number = made.brief.number * 64 + place
    return f"{made.org.abbreviation}{word}〔{day(made.filed).year}〕{number}号" if word else None
