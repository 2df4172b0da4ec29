"""The enums of cases, payments, transfers and the disclosure feed; a member's value is the database's code."""

from __future__ import annotations

import enum

import strawberry

from resolvers.sources import Named


@strawberry.enum(description="Kind of case.（案件类别）")
class CaseKind(enum.Enum):
    """The values are the codes of ``cas.case.kind``."""

    INSPECTION = "1"
    PENALTY = "2"
    COERCION = "3"


MATTER_TYPES = {CaseKind.PENALTY: "02", CaseKind.COERCION: "03", CaseKind.INSPECTION: "06"}
"""The matter type (``mat.matter.type_code``) that cases of a kind are filed under."""

KIND_OF_MATTER = Named(names={code: kind.name for kind, code in MATTER_TYPES.items()})
"""The form of a matter type shown as the kind of its cases."""


@strawberry.enum(description="Stage of a case, after the ten stages of the enforcement procedure.（案件阶段）")
class CaseStage(enum.Enum):
    """``cas.case.stage`` and ``cas.event.stage``."""

    SOURCE = "SOURCE"
    FILING = "FILING"
    INVESTIGATION = "INVESTIGATION"
    REVIEW = "REVIEW"
    NOTICE = "NOTICE"
    HEARING = "HEARING"
    DECISION = "DECISION"
    SERVICE = "SERVICE"
    EXECUTION = "EXECUTION"
    CLOSING = "CLOSING"
    ARCHIVE = "ARCHIVE"


@strawberry.enum(description="Status of a case.（案件状态）")
class CaseStatus(enum.Enum):
    """``cas.case.status``."""

    REGISTERED = "REGISTERED"
    FILED = "FILED"
    NOT_FILED = "NOT_FILED"
    INVESTIGATING = "INVESTIGATING"
    SUSPENDED = "SUSPENDED"
    UNDER_LEGAL_REVIEW = "UNDER_LEGAL_REVIEW"
    NOTIFIED = "NOTIFIED"
    HEARING = "HEARING"
    DECIDED = "DECIDED"
    SERVED = "SERVED"
    EXECUTING = "EXECUTING"
    TRANSFERRED = "TRANSFERRED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"


@strawberry.enum(description="Status of a payment to the treasury.（缴款状态）")
class PaymentStatus(enum.Enum):
    """``cas.payment.status``."""

    ISSUED = "ISSUED"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    OVERDUE = "OVERDUE"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"
    SURCHARGE_RUNNING = "SURCHARGE_RUNNING"


@strawberry.enum(description="Status of a transfer of a suspected crime to the police.（移送状态）")
class TransferStatus(enum.Enum):
    """Follows from the dates and the police's decision of ``cas.criminal_transfer``.

    ACCEPTED and RETURNED are answers of the police's own platform; the case database does not hold them.
    """

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    FILED = "FILED"
    NOT_FILED = "NOT_FILED"
    RETURNED = "RETURNED"


@strawberry.enum(description="What happened to a published record.（公示变更类型）")
class DisclosureOp(enum.Enum):
    """``gw.change_log.op``."""

    PUBLISH = "PUBLISH"
    UPDATE = "UPDATE"
    WITHDRAW = "WITHDRAW"


@strawberry.enum(description="Why a published record was withdrawn.（撤下原因）")
class WithdrawReason(enum.Enum):
    """``cas.disclosure.withdraw_reason`` and ``gw.change_log.withdraw_reason``."""

    PERIOD_ENDED = "PERIOD_ENDED"
    DECISION_REVOKED = "DECISION_REVOKED"
    DECISION_CHANGED = "DECISION_CHANGED"
    DECLARED_ILLEGAL = "DECLARED_ILLEGAL"
    CREDIT_REPAIRED = "CREDIT_REPAIRED"
    RECORD_SEALED = "RECORD_SEALED"
    PUBLISHED_IN_ERROR = "PUBLISHED_IN_ERROR"
