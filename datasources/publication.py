"""Whether a case is published, within how many working days, and for how long: what the rule tables say of it.

    circumstances(case)  →  SIMPLE, MINOR …       each must have a rule, and none may forbid it
    kind, act, grade     →  months                 the longest of the rules that fit best

The rules are rows of ``gw.disclosure_rule`` and ``gw.disclosure_period``; what no row speaks of is not published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from datasources.tables.disclosure import ANY


class Obligation(Enum):
    """应当公开, 可以公开, 不得公开; the value is that of ``gw.disclosure_rule.obligation``."""

    MUST = "1"
    MAY = "2"
    MUST_NOT = "3"


class Circumstance(Enum):
    """What about a case decides on its publication; the value is that of ``gw.disclosure_rule.circumstance``."""

    SIMPLE = "SIMPLE"
    """简易程序"""
    ORDINARY = "ORDINARY"
    """普通程序"""
    FAST = "FAST"
    """快速办理"""
    NO_PENALTY = "NO_PENALTY"
    """不予行政处罚"""
    ON_REQUEST = "ON_REQUEST"
    """依申请公开"""
    CLOSED = "CLOSED"
    """不予公开"""
    MINOR = "MINOR"
    """未成年人"""
    PROTECTED = "PROTECTED"
    """证人、举报人 and others who are not named anywhere"""
    SEALED = "SEALED"
    """封存"""
    SECRET = "SECRET"  # noqa: S105 - 涉密, no password
    """涉密"""


PROCEDURES: Mapping[str | None, Circumstance] = {
    "1": Circumstance.SIMPLE,
    "2": Circumstance.ORDINARY,
    "3": Circumstance.FAST,
    None: Circumstance.ORDINARY,
}
"""``cas.case.procedure_code``."""
CLASSES: Mapping[str | None, Circumstance] = {"2": Circumstance.ON_REQUEST, "3": Circumstance.CLOSED}
"""``cas.case.disclosure_class``: 1 is 主动公开."""
NO_PENALTY = "不予"
"""``cas.decision.discretion_grade``."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row of ``gw.disclosure_rule``."""

    kind: str
    circumstance: str
    obligation: Obligation
    within_days: int | None


@dataclass(frozen=True, kw_only=True)
class Period:
    """A row of ``gw.disclosure_period``.

    `field` is a word of the illegal act (违法行为类型), `severity` the discretion grade (裁量档次).
    """

    kind: str
    field: str
    severity: str
    months: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All of them."""

    rules: tuple[Rule, ...]
    periods: tuple[Period, ...]

    def within_days(self, kind: str, found: Iterable[Circumstance]) -> int | None:
        """The working days within which a case must be published; 0 where it may be; None where it must not."""
        rules = [self._rule(kind, one) for one in found]
        duties = [rule.obligation if rule is not None else Obligation.MUST_NOT for rule in rules]
        if not duties or Obligation.MUST_NOT in duties:
            return None
        if Obligation.MAY in duties:
            return 0
        return min(rule.within_days or 0 for rule in rules if rule is not None)

    def _rule(self, kind: str, circumstance: Circumstance) -> Rule | None:
        fit = [rule for rule in self.rules if rule.circumstance == circumstance.value and rule.kind in (kind, ANY)]
        return max(fit, key=lambda rule: (rule.obligation.value, rule.kind == kind), default=None)

    def months(self, kind: str, act: str | None, grade: str | None) -> int | None:
        """For how many months it is published; None where no rule says: then it is not."""
        fit = [
            (period.field != ANY, period.months)
            for period in self.periods
            if period.kind == kind
            and (period.field == ANY or period.field in (act or ""))
            and period.severity in (ANY, grade)
        ]
        return max(fit)[1] if fit else None


def circumstances(case: Mapping[str, Any], *, minor: bool, mark: int) -> Iterator[Circumstance]:
    """What about a case decides, by the columns of ``cas.case`` and the grade of its decision.

    `minor` says that the punished had not come of age at the decision; `mark` is 1 for who is under fourteen or sealed,
    2 for who is protected.
    """
    yield PROCEDURES.get(case["procedure_code"], Circumstance.CLOSED)
    if case["discretion_grade"] == NO_PENALTY:
        yield Circumstance.NO_PENALTY
    if case["disclosure_class"] in CLASSES:
        yield CLASSES[case["disclosure_class"]]
    if minor or mark == 1:
        yield Circumstance.MINOR
    if mark > 1:
        yield Circumstance.PROTECTED
    if case["sealed"]:
        yield Circumstance.SEALED
    if case["secret_flag"]:
        yield Circumstance.SECRET


def rules_of(rules: Iterable[Mapping[str, Any]], periods: Iterable[Mapping[str, Any]]) -> Rules:
    """The rules in the rows of the two tables. Raises ValueError for an obligation that there is not."""
    return Rules(
        rules=tuple(
            Rule(
                kind=row["kind"],
                circumstance=row["circumstance"],
                obligation=Obligation(row["obligation"]),
                within_days=row["within_days"],
            )
            for row in rules
        ),
        periods=tuple(
            Period(kind=row["kind"], field=row["field"], severity=row["severity"], months=row["months"])
            for row in periods
        ),
    )
