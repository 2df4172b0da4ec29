"""Disclosure of decisions and results: when published, changed and withdrawn, or why not published at all."""

from __future__ import annotations

from typing import NamedTuple

from datasources.city.briefs import COERCE, INSPECT, PUNISH
from datasources.city.casefile import Case
from datasources.city.disclosure_rules import RULES
from datasources.city.sizes import TODAY, day
from datasources.city.workdays import working_days_after
from datasources.publication import Circumstance
from datasources.tables.calendar import months_after

_TODAY = TODAY.toordinal()
WAITING, PUBLISHED, WITHDRAWN, NONE = "1", "2", "3", "4"
#: Working days in which a result is to be published.
WITHIN = {kind: RULES.within_days(kind, [Circumstance.ORDINARY]) or 0 for kind in (INSPECT, PUNISH, COERCE)}
_REASONS = {
    "PERIOD_ENDED": "公示期限届满。", "DECISION_REVOKED": "原行政处罚决定被撤销。", "DECISION_CHANGED": "原行政处罚决定被变更，另行公示。",
    "DECLARED_ILLEGAL": "原行政处罚决定被确认违法。", "CREDIT_REPAIRED": "当事人完成信用修复。", "PUBLISHED_IN_ERROR": "公示信息有误。",
    "RECORD_SEALED": "记录依法封存。",
}  # fmt: skip


class Publication(NamedTuple):
    """The state of a disclosure; days are ordinals, seconds of the day in `clock`, 0 days did not happen."""

    disclosure_id: str
    state: str
    version: int
    published: int
    clock: int
    updated: int
    withdrawn: int
    until: int
    basis: str | None
    reason: str | None
    public_reason: str | None


def publication(made: Case) -> Publication | None:
    """The disclosure of a case, once it is decided; none for inspections whose result is not published."""
    start = made.brief
    if not made.decided or (not made.document_no and start.kind == PUNISH):
        return None
    lot = made.chance * 997 % 1
    if start.kind == INSPECT and made.result == "1" and made.mode not in ("2", "4") and lot > 0.22:
        return None
    identifier = f"GS{day(made.decided).year}{start.kind}{start.number:09d}"
    clock = 30_600 + int(lot * 33_000)
    basis = _withheld(made)
    if basis:
        return Publication(identifier, NONE, 1, 0, 0, 0, 0, 0, basis, None, None)
    limit = WITHIN[start.kind]
    late = made.chance * 89 % 1 > 0.94
    days = limit + 1 + int(lot * 21) if late else 1 + int(lot * limit)
    published = working_days_after(made.decided, days)
    act = f"{start.matter.subject}{start.matter.act}" if start.kind == PUNISH else None
    months = RULES.months(start.kind, act, made.grade) or 0
    until = months_after(day(published), months).toordinal()
    if published >= _TODAY:
        return Publication(identifier, WAITING, 1, 0, 0, 0, 0, until, None, None, None)
    withdrawn, reason = _withdrawal(made, published, until)
    updated = published + 20 + int(lot * 60) if made.chance * 61 % 1 < 0.015 else 0
    if updated >= _TODAY or (withdrawn and updated >= withdrawn):
        updated = 0
    text = _REASONS[reason] if reason else None
    if start.staged and start.staged.withdrawn:
        text = start.staged.withdrawn[2]
    return Publication(
        identifier, WITHDRAWN if withdrawn else PUBLISHED, 2 if updated else 1, published, clock, updated, withdrawn, until,
        None, reason, text,
    )  # fmt: skip


def _withheld(made: Case) -> str | None:
    staged = made.brief.staged
    if staged and staged.undisclosed:
        return staged.undisclosed
    if made.secret:
        return "涉及国家秘密，依法不予公开。"
    if made.parties and made.parties[0].mark:
        return "公开当事人信息可能危及其安全或者权益，依法不予公开。"
    if made.procedure == "1" and made.brief.kind == PUNISH:
        return "简易程序案件，依规定不予公示。"
    return None


def _withdrawal(made: Case, published: int, until: int) -> tuple[int, str | None]:
    """(ordinal, reason): revoked on review, ended by time, or one of the rarer reasons; two in a hundred in all."""
    staged = made.brief.staged
    if made.withdrawn:
        reason = staged.withdrawn[1] if staged and staged.withdrawn else "DECISION_REVOKED"
        return working_days_after(max(made.withdrawn, published), 3), reason
    if until < _TODAY:
        return until + 1, "PERIOD_ENDED"
    lot = made.chance * 43 % 1
    if lot < 0.015 and not staged:
        when = working_days_after(published, 5 + int(lot * 6_000))
        if when < _TODAY:
            common = ("PUBLISHED_IN_ERROR", "DECISION_CHANGED")
            reasons = (
                (*common, "CREDIT_REPAIRED", "DECLARED_ILLEGAL", "CREDIT_REPAIRED")
                if made.brief.kind == PUNISH
                else common
            )
            return when, reasons[int(lot * 1e5) % len(reasons)]
    return 0, None
