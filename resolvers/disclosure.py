"""What the public sees of cases (行政执法公示), and the feed of its changes.

A record is visible while it is published and its period runs (行政处罚法 art. 48; 国办发〔2018〕118号); withdrawn, expired and
sealed records are in no list, count or search. It is what the gateway made of the case at publication, in a database of its own.
"""

from __future__ import annotations

import datetime
import decimal
import enum

import strawberry
from sqlalchemy import ColumnElement, Numeric, and_, case, cast, func, literal_column, or_

from datasources.tables import enforcement as cas
from datasources.tables import matter as mat
from datasources.tables import personnel as off
from datasources.tables.codes import CODE_LISTS
from datasources.tables.disclosure import disclosure
from resolvers.args import after_arg, filter_arg, first_arg, key_arg, order_arg, where_field
from resolvers.case_enums import CaseKind, WithdrawReason
from resolvers.checks import code as code_text
from resolvers.checks import codes, credit_code, keyword
from resolvers.conditions import TODAY, any_of, at_least, at_most, contains, equals, overlaps, prefix
from resolvers.fields import INT, PUB, code, column, hidden, link, link_source, lookup, named, root, source_of
from resolvers.keys import bracketings, document_number, number, record_keys
from resolvers.paging import Connection, OrderDirection
from resolvers.personnel import Division, EnforcementOrg
from resolvers.scalars import Cursor
from resolvers.sources import Order, Where
from resolvers.subject import SubjectType
from resolvers.types import filters, record, value
from resolvers.values import Code, RecordMeta, meta_of

handled = cas.disclosure
publication = disclosure.alias("publication")

PUBLISHED: ColumnElement[str] = literal_column("'2'")
"""公示中."""

VISIBLE = (
    disclosure.c.state == PUBLISHED,
    or_(disclosure.c.publish_until.is_(None), disclosure.c.publish_until >= TODAY),
    disclosure.c.sealed.is_(False),
)

NATURAL_PERSON = disclosure.c.subject_uscc.is_(None)
"""Natural persons are published without a number; every organisation has a USCC."""

SUBJECT_TYPE = case(
    (NATURAL_PERSON, literal_column("'1'")),
    (disclosure.c.subject_uscc.like(literal_column("'92%'")), literal_column("'3'")),
    (disclosure.c.subject_uscc.like(literal_column("'91%'")), literal_column("'2'")),
    else_=literal_column("'4'"),
)
"""What the subject is, by the first digits of its USCC (GB 32100: 91 an enterprise, 92 a sole trader)."""

FINE = func.coalesce(disclosure.c.fine_amount, literal_column("0", Numeric(18, 2)))
"""元; none counts as zero."""

RESULTS = CODE_LISTS["inspection.result_code"]
AS_PUBLISHED = "As published: without names of persons; null while held"


def in_ten_thousands(amount: ColumnElement[decimal.Decimal]) -> ColumnElement[decimal.Decimal]:
    """An amount of 元 in 万元, six places (双公示)."""
    return cast(amount / literal_column("10000"), Numeric(18, 6))


def from_ten_thousands(amount: decimal.Decimal) -> decimal.Decimal:
    """An amount of 万元 in 元."""
    return amount * 10_000


def without_identifiers(text: ColumnElement[str]) -> ColumnElement[str]:
    """A text without its identity numbers, telephone numbers, plates and accounts: no search finds out what they are."""
    return func.regexp_replace(text, literal_column("'[0-9A-Za-z*]{5,}'"), literal_column("''"), literal_column("'g'"))


def mentions() -> Where:
    """The illegal act, the facts as published or the name of an organisation contains the text; never a person's name."""
    acts = contains(disclosure.c.illegal_act_type, without_identifiers(disclosure.c.facts))
    names = contains(disclosure.c.subject_name)
    return Where(
        columns=(*acts.columns, disclosure.c.subject_uscc, *names.columns),
        bind=acts.bind,
        build=lambda text: or_(acts.build(text), and_(~NATURAL_PERSON, names.build(text))),
        encode=acts.encode,
        open_to_all=True,
    )


def under_document_no() -> Where:
    """The decision has this number, whatever its brackets."""
    condition = any_of(disclosure.c.document_no)
    return Where(columns=condition.columns, bind=condition.bind, build=condition.build, encode=bracketings)


def fined_at_least() -> Where:
    """The fine is not below this amount of 万元."""
    fine = disclosure.c.fine_amount
    return Where(columns=(fine,), bind=fine.type, build=lambda amount: fine >= amount, encode=from_ten_thousands)


@record(
    disclosure,
    "公示信息",
    key=disclosure.c.disclosure_id,
    order=Order(columns=(disclosure.c.decided_on, disclosure.c.disclosure_id), descending=True),
    where=VISIBLE,
    hidden=(
        hidden(disclosure.c.case_id, INT, "案件"),
        hidden(disclosure.c.state, INT, "公示状态"),
        hidden(disclosure.c.cause_code, PUB, "案由代码"),
        hidden(disclosure.c.org_id, PUB, "办案单位"),
        hidden(disclosure.c.division_code, PUB, "案发地区划"),
        hidden(disclosure.c.fine_amount, PUB, "罚款金额(元)"),
        hidden(disclosure.c.confiscated_amount, PUB, "没收金额(元)"),
    ),
)
class Disclosure:
    """The public record of the result of a case, with the fields of the 双公示 record."""

    disclosure_id: strawberry.ID = column(disclosure.c.disclosure_id, PUB, "公示标识")
    kind: CaseKind = named(disclosure.c.kind, PUB, "案件类别", CaseKind)
    document_no: str | None = column(disclosure.c.document_no, PUB, "决定书文号")
    subject_name: str = column(
        disclosure.c.subject_name, PUB, "行政相对人名称", mask="published_name", mask_where=NATURAL_PERSON
    )
    subject_type: SubjectType = named(SUBJECT_TYPE, PUB, "行政相对人类型", SubjectType)
    subject_uscc: str | None = column(disclosure.c.subject_uscc, PUB, "统一社会信用代码")
    cause_name: str | None = lookup(
        link_source(
            PUB, "案由", key=disclosure.c.cause_code, match=mat.matter_cause.c.cause_code, target="MatterCause"
        ),
        source_of(mat.matter_cause.c.cause_name, PUB, "案由名称"),
        "案由名称",
    )
    illegal_act_type: str | None = column(disclosure.c.illegal_act_type, PUB, "违法行为类型", doc=AS_PUBLISHED)
    facts: str | None = column(
        disclosure.c.facts,
        PUB,
        "违法事实",
        mask="free_text_scan",
        doc=AS_PUBLISHED,
    )
    basis: str | None = column(disclosure.c.basis, PUB, "处罚依据", doc=AS_PUBLISHED)
    penalty_kinds: list[Code] | None = code(
        disclosure.c.penalty_kinds, PUB, "处罚类别", codes="行政处罚法第九条", many=True
    )
    content: str | None = column(
        disclosure.c.content,
        PUB,
        "处罚内容",
        mask="free_text_scan",
        doc=AS_PUBLISHED,
    )
    fine_amount10k: decimal.Decimal | None = column(
        in_ten_thousands(disclosure.c.fine_amount), PUB, "罚款金额(万元)", doc="In 万元, six places"
    )
    confiscated_amount10k: decimal.Decimal | None = column(
        in_ten_thousands(disclosure.c.confiscated_amount), PUB, "没收金额(万元)", doc="In 万元, six places"
    )
    revoked_licence: str | None = column(
        disclosure.c.revoked_licence, PUB, "暂扣或吊销证照名称及编号", doc=AS_PUBLISHED
    )
    result: str | None = column(disclosure.c.result_code, PUB, "检查结果", show=RESULTS.label)
    decided_on: datetime.date = column(disclosure.c.decided_on, PUB, "决定日期")
    valid_until: datetime.date | None = column(disclosure.c.valid_until, PUB, "处罚有效期")
    published_at: datetime.datetime | None = column(disclosure.c.published_at, PUB, "公示时间")
    publish_until: datetime.date | None = column(disclosure.c.publish_until, PUB, "公示截止期")
    org: EnforcementOrg | None = link(PUB, "处罚机关", key=disclosure.c.org_id, match=off.org.c.org_id)
    division: Division | None = link(PUB, "案发地区划", key=disclosure.c.division_code, match=off.division.c.code)
    matter_code: str | None = column(disclosure.c.implementation_code, PUB, "事项实施编码")
    version: int = column(disclosure.c.version, PUB, "版本")
    meta: RecordMeta = meta_of(disclosure)


@record(publication, "公示发布情况", key=publication.c.disclosure_id)
class Publication:
    """What the gateway has made of the publication of a case: also of one that is withdrawn."""

    disclosure_id: strawberry.ID = column(publication.c.disclosure_id, PUB, "公示标识")
    state: Code | None = code(publication.c.state, INT, "公示状态", codes="disclosure.state")
    version: int = column(publication.c.version, PUB, "版本")
    published_at: datetime.datetime = column(publication.c.published_at, PUB, "公示时间")
    publish_until: datetime.date | None = column(publication.c.publish_until, PUB, "公示截止期")
    due_on: datetime.date | None = column(
        publication.c.due_on, INT, "应公示日期", doc="By when it was to be published; null where nothing says so"
    )
    due_provisional: bool | None = column(
        publication.c.due_provisional, INT, "是否暂定", doc="It ends in a year whose days off were not announced yet"
    )
    text_held: bool | None = column(
        publication.c.text_held,
        INT,
        "公示文本是否暂缓",
        doc="The text had a number of a person in it: it waits for a look",
    )
    withdrawn_at: datetime.datetime | None = column(publication.c.withdrawn_at, PUB, "撤下时间")
    withdraw_reason: WithdrawReason | None = named(publication.c.withdraw_reason, PUB, "撤下原因", WithdrawReason)


@record(handled, "公示办理情况", key=handled.c.disclosure_id, hidden=(hidden(handled.c.case_id, INT, "案件"),))
class DisclosureHandling:
    """How far the publication of a case is: also what is not published yet, not any more, or never."""

    disclosure_id: strawberry.ID = column(handled.c.disclosure_id, PUB, "公示标识")
    state: Code | None = code(handled.c.state, INT, "公示状态")
    subject_name: str = column(
        handled.c.subject_name,
        PUB,
        "行政相对人名称",
        mask="disclosure_name",
        mask_where=handled.c.subject_uscc.is_(None),
    )
    subject_uscc: str | None = column(handled.c.subject_uscc, PUB, "统一社会信用代码")
    version: int = column(handled.c.version, PUB, "版本")
    published_at: datetime.datetime | None = column(handled.c.published_at, PUB, "公示时间")
    publish_until: datetime.date | None = column(handled.c.publish_until, PUB, "公示截止期")
    non_disclosure_basis: str | None = column(handled.c.non_disclosure_basis, INT, "不公开依据")
    withdraw_reason: WithdrawReason | None = named(handled.c.withdraw_reason, PUB, "撤下原因", WithdrawReason)
    publication: Publication | None = link(
        INT,
        "公示发布情况",
        key=handled.c.disclosure_id,
        match=publication.c.disclosure_id,
        doc="What the gateway has published of it; null when it never was",
    )


@filters("公示筛选")
class DisclosureFilter:
    """Which published records."""

    kinds: list[CaseKind] | None = where_field(any_of(disclosure.c.kind), "案件类别")
    division_prefix: str | None = where_field(prefix(disclosure.c.division_code), "案发地区划前缀", check=code_text)
    org_ids: list[strawberry.ID] | None = where_field(any_of(disclosure.c.org_id), "处罚机关", check=record_keys)
    decided_from: datetime.date | None = where_field(at_least(disclosure.c.decided_on), "决定日期不早于")
    decided_to: datetime.date | None = where_field(at_most(disclosure.c.decided_on), "决定日期不晚于")
    keyword: str | None = where_field(
        mentions(), "关键词", check=keyword, doc="In the illegal act, the facts, or the name of an organisation"
    )
    uscc: str | None = where_field(equals(disclosure.c.subject_uscc), "统一社会信用代码", check=credit_code)
    document_no: str | None = where_field(under_document_no(), "决定书文号", check=document_number)
    matter_code: str | None = where_field(equals(disclosure.c.implementation_code), "事项实施编码", check=number)
    penalty_kinds: list[str] | None = where_field(overlaps(disclosure.c.penalty_kinds), "处罚类别代码", check=codes)
    min_fine10k: decimal.Decimal | None = where_field(fined_at_least(), "罚款金额不低于(万元)", doc="In 万元")


@strawberry.enum(description="What published records can be ordered by.（公示排序字段）")
class DisclosureOrderField(enum.Enum):
    """The day of the decision, the moment of publication, or the fine."""

    DECIDED_ON = "DECIDED_ON"
    PUBLISHED_AT = "PUBLISHED_AT"
    FINE = "FINE"


@strawberry.input(description="In which order; records that are equal in it follow their id.（公示排序）")
class DisclosureOrder:
    """A field and a direction."""

    field: DisclosureOrderField = strawberry.field(description="The field.（字段）")
    direction: OrderDirection = strawberry.field(description="The direction.（方向）")


ORDERS = {
    DisclosureOrderField.DECIDED_ON.name: Order(columns=(disclosure.c.decided_on,)),
    DisclosureOrderField.PUBLISHED_AT.name: Order(columns=(disclosure.c.published_at,)),
    DisclosureOrderField.FINE.name: Order(columns=(FINE,)),
}


@value("公示查询")
class DisclosureQuery:
    """Published records."""

    disclosure: Disclosure | None = root(
        PUB,
        "按标识查公示信息",
        by=("disclosureId",),
        match=(disclosure.c.disclosure_id,),
        args=(key_arg("disclosureId", strawberry.ID, "公示标识", check=number),),
    )
    disclosures: Connection[Disclosure] | None = root(
        PUB,
        "公示列表",
        args=(
            filter_arg(DisclosureFilter),
            order_arg(DisclosureOrder | None, ORDERS),
            first_arg(20),
            after_arg(Cursor | None),
        ),
        doc="Published records, the latest decision first",
    )
