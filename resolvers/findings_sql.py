"""The statement behind `supervisionFindings`: the rules of one kind (`resolvers.finding_rules`), the latest findings in front."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer, Select, String, func, literal, literal_column, select, tuple_, union_all

from resolvers.finding_rules import RULES, Wanted, bound


def statement(wanted: Wanted, limit: int) -> Select[Any]:
    """The first `limit` findings, the latest in front. What a rule finds twice on one day in one case is one finding."""
    parts = [
        rule.select(wanted).add_columns(literal_column(str(place), Integer()).label("rule"))
        for place, rule in enumerate(RULES)
        if rule.kind is wanted.kind
    ]
    found = union_all(*parts).subquery("findings") if len(parts) > 1 else parts[0].subquery("findings")
    sort = (found.c.day, found.c.case_no, found.c.rule)
    texts = (func.max(found.c.found).label("found"), func.max(found.c.allowed).label("allowed"))
    period = found.c.day.between(bound("first", wanted.first, Date()), bound("last", wanted.last, Date()))
    query = select(*sort, found.c.org_id, *texts).where(period).group_by(*sort, found.c.org_id)
    if wanted.behind is not None:
        types = zip(wanted.behind, (Date(), String(), Integer()), strict=True)
        behind = (bound(f"behind_{place}", value, type_) for place, (value, type_) in enumerate(types))
        query = query.where(tuple_(*sort) < tuple_(*behind))
    return query.order_by(*(one.desc() for one in sort)).limit(literal(limit, Integer()))
