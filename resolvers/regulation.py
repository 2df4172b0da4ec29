"""The regulation database (法规库): laws and regulations, and their articles in every version that was ever in force.

A fact is judged by the text in force when it happened (从旧兼从轻, 行政处罚法 art. 37): a look-up of articles takes a day.
"""

from __future__ import annotations

import datetime

import strawberry
from sqlalchemy import Text, cast

from datasources.tables import regulation as t
from resolvers.args import after_arg, arg, filter_arg, first_arg, key_arg, where_field
from resolvers.checks import codes, keyword
from resolvers.conditions import any_of, at_least, at_most, contains, equals, in_force
from resolvers.fields import PUB, code, column, hidden, link, root, sealed_id
from resolvers.keys import record_key
from resolvers.paging import Connection
from resolvers.scalars import Cursor
from resolvers.sources import Order
from resolvers.types import filters, record, value
from resolvers.values import Code, Node, RecordMeta, meta_of

regulation, article = t.regulation, t.article


@record(regulation, "法规", key=regulation.c.regulation_id)
class Regulation(Node):
    """A law, a regulation, a rule or a normative document."""

    id: strawberry.ID = sealed_id(regulation.c.regulation_id)
    regulation_id: strawberry.ID = column(cast(regulation.c.regulation_id, Text), PUB, "法规标识")
    title: str = column(regulation.c.title, PUB, "名称")
    doc_no: str | None = column(regulation.c.doc_no, PUB, "文号")
    level: Code = code(regulation.c.level_code, PUB, "效力级别")
    issuer: str | None = column(regulation.c.issuer, PUB, "制定机关")
    promulgated_on: datetime.date | None = column(regulation.c.promulgated_on, PUB, "公布日期")
    effective_on: datetime.date | None = column(regulation.c.effective_on, PUB, "施行日期")
    repealed_on: datetime.date | None = column(regulation.c.repealed_on, PUB, "废止日期")
    status: Code = code(regulation.c.status_code, PUB, "时效性")
    articles: Connection[RegulationArticle] | None = link(
        PUB,
        "条款",
        key=regulation.c.regulation_id,
        match=article.c.regulation_id,
        args=(
            arg("articleNo", str | None, "条", equals(article.c.article_no)),
            arg(
                "inForceOn",
                datetime.date | None,
                "在此日有效",
                in_force(article.c.effective_from, article.c.effective_to),
            ),
            first_arg(50),
            after_arg(Cursor | None),
        ),
    )
    meta: RecordMeta = meta_of(regulation)


@record(
    article,
    "法规条款",
    key=article.c.article_id,
    hidden=(
        hidden(article.c.regulation_id, PUB, "法规"),
        hidden(article.c.replaces_id, PUB, "替代条款"),
    ),
)
class RegulationArticle:
    """An article (条), paragraph (款) or item (项) as it read from one day to another."""

    article_id: strawberry.ID = column(cast(article.c.article_id, Text), PUB, "条款标识")
    regulation: Regulation | None = link(PUB, "法规", key=article.c.regulation_id, match=t.regulation.c.regulation_id)
    article_no: str = column(article.c.article_no, PUB, "条")
    paragraph: str | None = column(article.c.paragraph_no, PUB, "款")
    item: str | None = column(article.c.item_no, PUB, "项")
    text: str = column(article.c.text, PUB, "条文")
    effective_from: datetime.date = column(article.c.effective_from, PUB, "生效日期")
    effective_to: datetime.date | None = column(article.c.effective_to, PUB, "失效日期")
    replaces: RegulationArticle | None = link(
        PUB, "替代条款", key=article.c.replaces_id, match=article.c.article_id, doc="The wording before this one"
    )


@filters("法规筛选")
class RegulationFilter:
    """Which regulations."""

    keyword: str | None = where_field(contains(regulation.c.title), "名称包含", check=keyword)
    levels: list[str] | None = where_field(any_of(regulation.c.level_code), "效力级别代码", check=codes)
    statuses: list[str] | None = where_field(any_of(regulation.c.status_code), "时效性代码", check=codes)
    effective_from: datetime.date | None = where_field(at_least(regulation.c.effective_on), "施行日期不早于")
    effective_to: datetime.date | None = where_field(at_most(regulation.c.effective_on), "施行日期不晚于")


@value("法规查询")
class RegulationQuery:
    """Regulations and their articles."""

    regulation: Regulation | None = root(
        PUB,
        "按标识查法规",
        by=("regulationId",),
        match=(t.regulation.c.regulation_id,),
        args=(key_arg("regulationId", strawberry.ID, "法规标识", check=record_key),),
    )
    regulations: Connection[Regulation] | None = root(
        PUB,
        "法规列表",
        order=Order(columns=(t.regulation.c.title, t.regulation.c.regulation_id)),
        args=(filter_arg(RegulationFilter), first_arg(20), after_arg(Cursor | None)),
    )
    article: RegulationArticle | None = root(
        PUB,
        "按标识查条款",
        by=("articleId",),
        match=(t.article.c.article_id,),
        args=(key_arg("articleId", strawberry.ID, "条款标识", check=record_key),),
    )
