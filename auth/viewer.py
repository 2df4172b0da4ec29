"""Who asks (from the token) and why they say they ask (from ``extensions.access``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from auth.step_up import ORDINARY, USUAL, StepUp
from auth.terms import Detail


class CallerKind(Enum):
    """The kinds of caller; the value is the token's ``kind`` claim."""

    OFFICER = "officer"
    """行政执法人员, holder of an enforcement certificate (执法证)."""
    SUPERVISOR = "supervisor"
    """行政执法监督人员 of a justice bureau (司法局)."""
    PARTNER = "partner"
    """A system of another platform (协同平台) that works under a sharing agreement."""
    CITIZEN = "citizen"
    """A citizen or enterprise (公民、法人和其他组织) about themselves."""
    PUBLIC = "public"
    """公众: a client without a person behind it."""
    AUDITOR = "auditor"
    """审计人员: reads the access log, sees no business data."""


class Purpose(Enum):
    """What a request may be for (使用目的). The value is what ``extensions.access.purpose`` says."""

    INSPECTION = "INSPECTION"
    """行政检查"""
    CASE_HANDLING = "CASE_HANDLING"
    """案件办理"""
    SUPERVISION = "SUPERVISION"
    """行政执法监督"""
    STATISTICS = "STATISTICS"
    """执法统计: figures, and no single case"""
    PUBLIC_DISCLOSURE = "PUBLIC_DISCLOSURE"
    """行政执法公示"""
    PARTNER_DISCLOSURE = "PARTNER_DISCLOSURE"
    """公示信息共享"""
    NON_TAX_PAYMENT = "NON_TAX_PAYMENT"
    """非税收入缴款"""
    CRIMINAL_LINKAGE = "CRIMINAL_LINKAGE"
    """行政执法与刑事司法衔接（两法衔接）"""
    DOUBLE_RANDOM = "DOUBLE_RANDOM"
    """双随机、一公开"""
    INTERNET_SUPERVISION = "INTERNET_SUPERVISION"
    """互联网+监管"""
    AUDIT = "AUDIT"
    """审计"""
    SELF_SERVICE = "SELF_SERVICE"
    """本人查询"""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The caller, as the verified token names them. `cert_no` is always there for officers and supervisors.

    `assurance` is how surely, at this request: 1 an ordinary login, 2 one with a second factor (人脸识别 is one), recent
    enough; `step_up` is what the issuer is asked for to reach 2. `current` is False while revocations may have been missed:
    then no purpose is taken as shown.
    """

    subject: str
    client: str
    kind: CallerKind
    cert_no: str | None = None
    org_uscc: str | None = None
    division_code: str | None = None
    assurance: int = ORDINARY
    step_up: StepUp = USUAL
    current: bool = True
    issuer: str = ""
    """``iss``: two subjects of one name may come from two issuers."""
    token_id: str = ""
    """``jti``"""
    key_id: str = ""
    """``kid`` of the key that signed the token."""
    issued_at: int = 0
    """``iat``, seconds since 1970."""
    auth_time: int | None = None
    """When the person authenticated, seconds since 1970."""
    device: str | None = None
    subject_ref: str | None = None
    """Who a citizen (公民) is in the population database, ``p_7QK2M9``, as the issuer found out at the login."""
    details: tuple[Detail, ...] | None = None
    """``authorization_details`` (RFC 9396): all that the token may be used for. None: it does not say."""


class OnWithheld(Enum):
    """What the caller wants where a field is not theirs to see."""

    NULL = "NULL"
    """The rest of the answer, with null in its place."""
    REJECT = "REJECT"
    """No answer, and nothing read."""


@dataclass(frozen=True, kw_only=True)
class AccessRequest:
    """Why the caller says they ask. Nothing here is believed before ``auth.purpose.establish`` has checked it."""

    purpose: Purpose
    task_no: str | None = None
    case_no: str | None = None
    agreement_no: str | None = None
    reason: str | None = None
    co_officer_cert_no: str | None = None
    on_withheld: OnWithheld = OnWithheld.NULL


class AccessInvalid(Exception):
    """``extensions.access`` cannot be used. `field` is a name out of a closed list, never the caller's text."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,39}", re.ASCII)
CERTIFICATE_NUMBER = re.compile(r"[0-9A-Za-z]{1,20}", re.ASCII)
REASON_LENGTH = 200

_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_KEYS = frozenset({"purpose", "taskNo", "caseNo", "agreementNo", "reason", "coOfficerCertNo", "onWithheld"})


def parse_access(value: object) -> AccessRequest | None:
    """Read ``extensions.access``; None when the request states nothing. Raises AccessInvalid.

    At most one of taskNo, caseNo and agreementNo. Null counts as left out.
    """
    if value is None:
        return None
    if not isinstance(value, dict) or not value.keys() <= _KEYS:
        raise AccessInvalid("access")
    purpose = value.get("purpose")
    if not isinstance(purpose, str) or purpose not in _PURPOSES:
        raise AccessInvalid("access.purpose")
    access = AccessRequest(
        purpose=_PURPOSES[purpose],
        task_no=_number(value.get("taskNo"), "access.taskNo"),
        case_no=_number(value.get("caseNo"), "access.caseNo"),
        agreement_no=_number(value.get("agreementNo"), "access.agreementNo"),
        reason=_reason(value.get("reason")),
        co_officer_cert_no=_number(value.get("coOfficerCertNo"), "access.coOfficerCertNo", CERTIFICATE_NUMBER),
        on_withheld=_on_withheld(value.get("onWithheld")),
    )
    if (access.task_no is not None) + (access.case_no is not None) + (access.agreement_no is not None) > 1:
        raise AccessInvalid("access")
    return access


def _number(value: object, field: str, pattern: re.Pattern[str] = NUMBER) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise AccessInvalid(field)
    return value


def _on_withheld(value: object) -> OnWithheld:
    if value is None:
        return OnWithheld.NULL
    if not isinstance(value, str) or value not in OnWithheld.__members__:
        raise AccessInvalid("access.onWithheld")
    return OnWithheld[value]


def _reason(value: object) -> str | None:
    """Free text that ends in a log: no control, format (bidi) or surrogate characters, which could forge a line of it.

    The spaces of Chinese text (U+3000) are in order, although Python does not count them as printable.
    """
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= REASON_LENGTH:
        raise AccessInvalid("access.reason")
    if not value.replace("\u3000", " ").isprintable():
        raise AccessInvalid("access.reason")
    return value
