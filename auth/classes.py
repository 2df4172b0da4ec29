"""The words of access: the classes of data, one per column, and what is done with one."""

from __future__ import annotations

from enum import Enum


class DataClass(Enum):
    """How strictly a value is kept, mildest first: the class of a derived value is the last of its inputs' classes.

    After GB/T 43697-2024 数据安全技术 数据分类分级规则 (annex H, 一般数据分级参考), GB/T 35273-2020
    and PIPL (个人信息保护法).
    """

    PUBLIC = "PUBLIC"
    """公开: must or may be published. GB/T 43697 general data, level 1."""

    INTERNAL = "INTERNAL"
    """内部: for government use, names no person. Level 2."""

    PERSONAL = "PERSONAL"
    """个人信息: identifies a natural person (PIPL art. 4). Level 3."""

    SENSITIVE = "SENSITIVE"
    """敏感个人信息 (PIPL art. 28): biometrics, health, religion, accounts, whereabouts, anyone under 14. Level 4."""

    RESTRICTED = "RESTRICTED"
    """受限: evidence, informants, seized property, protected people. Level 4, or 重要数据 (annex G)."""


class Action(Enum):
    """What is done with the column. A predicate is a read of it."""

    READ = "read"
    FILTER = "filter"
    ORDER = "order"
    AGGREGATE = "aggregate"
    SEARCH = "search"
    CHANGE = "change"
    """A record is made or altered, and none is read."""
