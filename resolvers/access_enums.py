"""The enums of the access log; a member's value is the word that the log has for it."""

from __future__ import annotations

import enum

import strawberry


@strawberry.enum(description="What became of a request.（访问结果）")
class AccessOutcome(enum.Enum):
    """``gw.access_record.outcome``."""

    RELEASED = "RELEASED"
    DENIED = "DENIED"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"


@strawberry.enum(description="What a request may be for.（使用目的）")
class AccessPurpose(enum.Enum):
    """What ``extensions.access.purpose`` may say, and ``gw.access_record.purpose``."""

    INSPECTION = "INSPECTION"
    CASE_HANDLING = "CASE_HANDLING"
    SUPERVISION = "SUPERVISION"
    STATISTICS = "STATISTICS"
    PUBLIC_DISCLOSURE = "PUBLIC_DISCLOSURE"
    PARTNER_DISCLOSURE = "PARTNER_DISCLOSURE"
    NON_TAX_PAYMENT = "NON_TAX_PAYMENT"
    CRIMINAL_LINKAGE = "CRIMINAL_LINKAGE"
    DOUBLE_RANDOM = "DOUBLE_RANDOM"
    INTERNET_SUPERVISION = "INTERNET_SUPERVISION"
    AUDIT = "AUDIT"
    SELF_SERVICE = "SELF_SERVICE"


@strawberry.enum(description="Who looked at a person or an enterprise.（查询者类别）")
class LookedBy(enum.Enum):
    """YOU is the caller; the others are ``gw.access_record.caller_kind``, PARTY another person about themselves."""

    YOU = "you"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    PARTNER = "partner"
    PARTY = "citizen"
    PUBLIC = "public"
    AUDITOR = "auditor"


@strawberry.enum(description="How a field was shown.（字段状态）")
class ShownState(enum.Enum):
    """Withheld fields are none: nobody saw them."""

    CLEAR = "CLEAR"
    MASKED = "MASKED"


@strawberry.enum(description="What is out of the ordinary about requests.（异常访问类别）")
class AnomalyKind(enum.Enum):
    """Each has its rule in ``resolvers/anomalies_sql.py``."""

    SELF_LOOKUP = "SELF_LOOKUP"
    RELATIVE_LOOKUP = "RELATIVE_LOOKUP"
    WITHOUT_TASK = "WITHOUT_TASK"
    MANY_SUBJECTS = "MANY_SUBJECTS"
    OFF_HOURS = "OFF_HOURS"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
