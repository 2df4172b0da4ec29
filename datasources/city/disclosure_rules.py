"""The city's rules of publication, and what each partner gets of what is published."""

from __future__ import annotations

from collections.abc import Iterator

from datasources.city.sizes import Size
from datasources.publication import Rules, rules_of
from datasources.tables.disclosure import ANY, PUBLIC_PROFILE

Rows = Iterator[tuple[object, ...]]

_INSPECTION, _PENALTY, _COERCION = "1", "2", "3"
_MUST, _MAY, _MUST_NOT = "1", "2", "3"
_NOTICE = "国办发〔2018〕118号"
_RULES = (
    (_PENALTY, "ORDINARY", _MUST, 7, f"行政处罚法第四十八条；{_NOTICE}"),
    (_PENALTY, "FAST", _MUST, 7, f"行政处罚法第四十八条；{_NOTICE}"),
    (_PENALTY, "SIMPLE", _MUST_NOT, None, "适用简易程序作出的行政处罚不予公示"),
    (_PENALTY, "NO_PENALTY", _MAY, None, "行政处罚法第三十三条"),
    (_INSPECTION, "ORDINARY", _MUST, 20, _NOTICE),
    (_COERCION, "ORDINARY", _MUST, 20, _NOTICE),
    (ANY, "ON_REQUEST", _MUST_NOT, None, "政府信息公开条例第二十七条"),
    (ANY, "CLOSED", _MUST_NOT, None, "政府信息公开条例第十四条至第十六条"),
    (ANY, "MINOR", _MUST_NOT, None, "未成年人保护法第一百零三条"),
    (ANY, "PROTECTED", _MUST_NOT, None, "个人信息保护法第二十八条"),
    (ANY, "SEALED", _MUST_NOT, None, "治安管理处罚法第一百三十六条"),
    (ANY, "SECRET", _MUST_NOT, None, "保守国家秘密法；政府信息公开条例第十四条"),
)
_REPAIR = "失信行为纠正后的信用信息修复管理办法"
_PERIODS = (
    (_INSPECTION, ANY, ANY, 36, _NOTICE),
    (_COERCION, ANY, ANY, 36, _NOTICE),
    (_PENALTY, ANY, "不予", 3, _REPAIR),
    (_PENALTY, ANY, "减轻", 3, _REPAIR),
    (_PENALTY, ANY, "从轻", 12, _REPAIR),
    (_PENALTY, ANY, "一般", 36, _REPAIR),
    (_PENALTY, ANY, "从重", 36, _REPAIR),
    (_PENALTY, "食品", "减轻", 12, _REPAIR),
    (_PENALTY, "药品", "减轻", 12, _REPAIR),
    (_PENALTY, "安全生产", "减轻", 12, _REPAIR),
    (_PENALTY, "消防", "减轻", 12, _REPAIR),
)
_PROFILES = (
    (PUBLIC_PROFILE, [_INSPECTION, _PENALTY, _COERCION], "MASKED", None, 10, 5),
    ("GX-2026-0131", [_INSPECTION, _PENALTY, _COERCION], "MASKED", None, 10, 5),
    ("GX-2026-0140", [_PENALTY], "FULL", None, 5, 5),
)

RULES: Rules = rules_of(
    [dict(zip(("kind", "circumstance", "obligation", "within_days"), row, strict=False)) for row in _RULES],
    [dict(zip(("kind", "field", "severity", "months"), row, strict=False)) for row in _PERIODS],
)
"""What the city itself goes by."""


def rule_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.disclosure_rule."""
    del size, seed, start, stop
    yield from _RULES


def period_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.disclosure_period."""
    del size, seed, start, stop
    yield from _PERIODS


def profile_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.disclosure_profile: the public, the site of the authorities, and the credit platform (信用中国)."""
    del size, seed, start, stop
    for number, kinds, *rest in _PROFILES:
        yield number, list(kinds), *rest
