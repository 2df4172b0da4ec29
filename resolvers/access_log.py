"""The access log as it can be asked (访问日志): who asked, for what, which fields, with which outcome, and whom by pseudonym.

Auditors read all of it, a partner the records of its own client. There is no business data in it: a subject stands by a
keyed pseudonym, a field by its coordinate, a variable not at all. What is read here is recorded like anything else.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from sqlalchemy import ColumnElement, String, Text, and_, cast, exists, literal_column

from datasources.references import parse_reference
from datasources.tables.access_log import access_record, access_subject
from resolvers.access_enums import AccessOutcome, AccessPurpose
from resolvers.args import after_arg, filter_arg, first_arg, where_field
from resolvers.conditions import any_of, at_least, at_most, equals
from resolvers.fields import INT, PER, column, hidden, link, named, root
from resolvers.keys import number
from resolvers.paging import Connection
from resolvers.scalars import JSON, Cursor
from resolvers.sources import Order, Where
from resolvers.types import filters, record, value

log, subject = access_record, access_subject

TEXT_LENGTH = 200
"""Characters of a subject or a client of a token."""

_PSEUDONYM = re.compile(r"[0-9a-f]{32}", re.ASCII)


def pseudonym(text: str) -> str:
    """A pseudonym as the log shows it: 32 hexadecimal digits."""
    if not _PSEUDONYM.fullmatch(text):
        raise ValueError("not a pseudonym")
    return text


def subject_reference(text: str) -> str:
    """A reference as case systems keep it: ``p_7QK2M9``."""
    parse_reference(text)
    return text


def short(text: str) -> str:
    """A name out of a token."""
    if not 1 <= len(text) <= TEXT_LENGTH or not text.isprintable():
        raise ValueError("not a name of a token")
    return text


def _about() -> Where:
    """The record has a line of the subject with this pseudonym."""

    def build(given: ColumnElement[Any]) -> ColumnElement[bool]:
        here = and_(subject.c.log_id == log.c.log_id, subject.c.seq == log.c.seq)
        return exists().where(here, subject.c.pseudonym == given).correlate(log)

    return Where(columns=(subject.c.pseudonym,), bind=String(), build=build)


def _about_referenced() -> Where:
    """The same, for whoever has a reference and not the key."""
    where = _about()
    return Where(columns=where.columns, bind=where.bind, build=where.build, pseudonymised=True)


@record(
    log,
    "访问记录",
    key=(log.c.log_id, log.c.seq),
    order=Order(columns=(log.c.at, log.c.log_id, log.c.seq), descending=True),
    where=(log.c.count > literal_column("0"),),  # what the log says of itself stands for no request
)
class AccessRecord:
    """One request as the access log has it, or a sum of refusals that came too fast to be written one by one."""

    log_id: str | None = column(log.c.log_id, INT, "日志标识", doc="The log of one process of the gateway")
    seq: str | None = column(cast(log.c.seq, Text), INT, "日志序号", doc="The number of the record in its log")
    at: datetime.datetime | None = column(log.c.at, INT, "访问时间")
    kind: str | None = column(log.c.kind, INT, "记录类别", doc="access, or denied for a sum of refusals")
    outcome: AccessOutcome | None = named(log.c.outcome, INT, "访问结果", AccessOutcome)
    code: str | None = column(log.c.code, INT, "拒绝代码", doc="Why it was refused, or failed")
    count: int | None = column(log.c.count, INT, "次数", doc="1, or the refusals in a sum")
    caller_subject: str | None = column(log.c.caller_subject, PER, "访问主体", doc="The subject of the token")
    caller_client: str | None = column(log.c.caller_client, INT, "访问客户端")
    caller_kind: str | None = column(log.c.caller_kind, INT, "访问者类别")
    cert_no: str | None = column(log.c.cert_no, INT, "执法证号")
    org_uscc: str | None = column(log.c.org_uscc, INT, "访问单位统一社会信用代码")
    device: str | None = column(log.c.device, PER, "访问设备")
    purpose: str | None = column(log.c.purpose, INT, "使用目的", doc="As stated; see the outcome and what was withheld")
    task_no: str | None = column(log.c.task_no, INT, "任务编号")
    case_no: str | None = column(log.c.case_no, INT, "案件编号")
    agreement_no: str | None = column(log.c.agreement_no, INT, "共享协议编号")
    reason: str | None = column(log.c.reason, PER, "访问事由", doc="The caller's own words")
    co_officer_cert_no: str | None = column(log.c.co_officer_cert_no, INT, "协办人员执法证号")
    operation_name: str | None = column(log.c.operation_name, INT, "操作名称")
    operation_sha256: str | None = column(log.c.operation_sha256, INT, "操作摘要")
    variables: str | None = column(
        log.c.variables, INT, "变量摘要", doc="A keyed hash: equal questions have equal ones"
    )
    policy_epoch: str | None = column(log.c.policy_epoch, INT, "策略版本")
    pseudonym_key: str | None = column(log.c.pseudonym_key, INT, "假名密钥标识")
    response_sha256: str | None = column(log.c.response_sha256, INT, "应答摘要")
    clear: list[str] | None = column(log.c.clear, INT, "明文字段", doc="Fields that the answer shows")
    masked: list[str] | None = column(log.c.masked, INT, "脱敏字段", doc="Fields that the answer shows masked")
    withheld: list[str] | None = column(log.c.withheld, INT, "未提供字段", doc="Fields that were withheld")
    rows: JSON | None = column(log.c.rows, INT, "读取行数", doc="Rows read, by database")
    failed: JSON | None = column(
        log.c.failed, INT, "未应答数据库", doc="Databases that gave no answer, and the code of each"
    )
    subjects: Connection[AccessSubject] | None = link(
        PER,
        "数据主体",
        key=(log.c.log_id, log.c.seq),
        match=(subject.c.log_id, subject.c.seq),
        args=(first_arg(50), after_arg(Cursor | None)),
        doc="Whose data the answer shows",
    )


@record(
    subject,
    "访问数据主体",
    key=(subject.c.log_id, subject.c.seq, subject.c.pseudonym, subject.c.type),
    order=Order(columns=(subject.c.pseudonym, subject.c.type)),
    hidden=(
        hidden(subject.c.log_id, INT, "日志标识"),
        hidden(subject.c.seq, INT, "日志序号"),
    ),
)
class AccessSubject:
    """One data subject of a request (Logboek Dataverwerkingen: a line each)."""

    pseudonym: str | None = column(subject.c.pseudonym, PER, "数据主体假名")
    type: str | None = column(subject.c.type, INT, "数据主体类别", doc="The type of the record that was read")


@filters("访问日志筛选")
class AccessLogFilter:
    """Which records."""

    subject: str | None = where_field(_about(), "数据主体假名", check=pseudonym)
    subject_ref: str | None = where_field(
        _about_referenced(),
        "数据主体引用",
        check=subject_reference,
        doc="The gateway makes the pseudonym, for a complaint about one person or enterprise",
    )
    caller_subject: str | None = where_field(equals(log.c.caller_subject), "访问主体", check=short)
    caller_client: str | None = where_field(equals(log.c.caller_client), "访问客户端", check=short)
    cert_no: str | None = where_field(equals(log.c.cert_no), "执法证号", check=number)
    purposes: list[AccessPurpose] | None = where_field(any_of(log.c.purpose), "使用目的")
    outcomes: list[AccessOutcome] | None = where_field(any_of(log.c.outcome), "访问结果")
    at_from: datetime.datetime | None = where_field(at_least(log.c.at), "访问时间不早于")
    at_to: datetime.datetime | None = where_field(at_most(log.c.at), "访问时间不晚于")


@value("访问日志查询")
class AccessLogQuery:
    """The access log."""

    access_log: Connection[AccessRecord] | None = root(
        INT,
        "访问日志",
        args=(filter_arg(AccessLogFilter), first_arg(50), after_arg(Cursor | None)),
        doc="Who asked for what, the newest first",
    )
