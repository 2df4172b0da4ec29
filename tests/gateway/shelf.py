"""A small schema over one small database, with everything that can go wrong in it on purpose."""

from __future__ import annotations

import enum
from typing import Any

import asyncpg
import strawberry
from sqlalchemy import ARRAY, Column, Integer, MetaData, Numeric, String, Table
from sqlalchemy.schema import CreateTable
from strawberry.schema.config import StrawberryConfig

from auth.classes import Action
from auth.purpose import Standing
from auth.viewer import CallerKind, Viewer
from gateway.dialect import DIALECT
from resolvers.args import after_arg, arg, filter_arg, first_arg, id_arg, key_arg, order_arg, where_field
from resolvers.catalog import Catalog
from resolvers.conditions import any_of, contains, equals, prefix
from resolvers.fields import (
    PER,
    PUB,
    by_hand,
    code,
    column,
    embed,
    hidden,
    link,
    link_source,
    lookup,
    named,
    part,
    root,
    sealed_id,
    source_of,
)
from resolvers.paging import Connection
from resolvers.scalars import SCALARS, Cursor
from resolvers.sources import Branch, Hop, Order
from resolvers.types import filters, record, value
from resolvers.values import Code, Node

metadata = MetaData(schema="shelf")

author_table = Table(
    "author",
    metadata,
    Column("author_id", Integer, primary_key=True),
    Column("name", String),
    Column("gender", String),
    Column("mood", String),
    Column("secret", String),
    Column("nicknames", ARRAY(String)),
)
book_table = Table(
    "book",
    metadata,
    Column("book_id", Integer, primary_key=True),
    Column("title", String),
    Column("price", Numeric(10, 2)),
    Column("author_id", Integer),
)
journal_table = Table(
    "journal",
    metadata,
    Column("journal_id", Integer, primary_key=True),
    Column("title", String),
    Column("issue", Integer),
)
loan_table = Table(
    "loan",
    metadata,
    Column("loan_id", Integer, primary_key=True),
    Column("kind", String),
    Column("item", Integer),
    Column("author_id", Integer),
)

ROWS: dict[Table, list[dict[str, Any]]] = {
    author_table: [
        {"author_id": 1, "name": "Ada", "gender": "2", "mood": "1", "secret": "s1", "nicknames": ["a", "b"]},
        {"author_id": 2, "name": "Bo", "gender": "7", "mood": "9", "secret": None, "nicknames": ["c", None]},
        {"author_id": 3, "name": None, "gender": None, "mood": None, "secret": "s3", "nicknames": None},
    ],
    book_table: [
        {"book_id": 10, "title": "100% real", "price": 12.5, "author_id": 1},
        {"book_id": 11, "title": "100 nights", "price": None, "author_id": 1},
        {"book_id": 12, "title": "Broken", "price": 3, "author_id": 3},
        {"book_id": 13, "title": "Orphan", "price": 7, "author_id": 99},
        {"book_id": 14, "title": "Loose", "price": 8, "author_id": None},
        {"book_id": 15, "title": "Broken too", "price": 3, "author_id": 3},
    ],
    journal_table: [{"journal_id": 20, "title": "Nature", "issue": 7}, {"journal_id": 21, "title": None, "issue": 8}],
    loan_table: [
        {"loan_id": 30, "kind": "b", "item": 10, "author_id": 1},
        {"loan_id": 31, "kind": "j", "item": 20, "author_id": 1},
        {"loan_id": 32, "kind": "j", "item": 21, "author_id": 2},
        {"loan_id": 33, "kind": "x", "item": 1, "author_id": 2},
    ],
}


@strawberry.enum
class Mood(enum.Enum):
    """Values are the codes."""

    CALM = "1"
    WILD = "2"


@strawberry.enum
class Direction(enum.Enum):
    """The two directions."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum
class BookOrderField(enum.Enum):
    """What books are ordered by."""

    TITLE = "title"
    ID = "id"


@strawberry.input
class BookOrder:
    """An order of books."""

    field: BookOrderField
    direction: Direction


@value("作品", interface=True)
class Work:
    """Something that can be lent."""

    title: str | None = part("题名")


@value("名片")
class Card:
    """A value object with a member that must be there."""

    name: str = part("姓名")
    secret: str | None = part("秘密")


BORROWED = (
    Branch(target="Book", match=(book_table.c.book_id,), key=lambda kind, item: item if kind == "b" else None),
    Branch(target="Journal", match=(journal_table.c.journal_id,), key=lambda kind, item: item if kind == "j" else None),
)


@record(author_table, "作者", key=author_table.c.author_id)
class Author(Node):
    """An author."""

    id: strawberry.ID = sealed_id(author_table.c.author_id)
    author_id: int = column(author_table.c.author_id, PUB, "标识")
    name: str = column(author_table.c.name, PUB, "姓名")
    nickname: str | None = column(author_table.c.name, PUB, "昵称")
    nicknames: list[str] | None = column(author_table.c.nicknames, PUB, "别名")
    gender: Code | None = code(author_table.c.gender, PUB, "性别", codes="GB/T 2261.1")
    mood: Mood | None = named(author_table.c.mood, PUB, "心情", Mood)
    secret: str | None = column(author_table.c.secret, PER, "秘密")
    card: Card | None = embed(
        "名片",
        {"name": source_of(author_table.c.name, PUB, "姓名"), "secret": source_of(author_table.c.secret, PER, "秘密")},
    )
    books: list[Book] | None = link(PUB, "著作", key=author_table.c.author_id, match=book_table.c.author_id)
    first_books: list[Book] | None = link(
        PUB,
        "著作",
        key=author_table.c.author_id,
        match=book_table.c.author_id,
        args=(first_arg(1), arg("titles", list[str] | None, "题名", any_of(book_table.c.title))),
    )
    book_page: Connection[Book] | None = link(
        PUB,
        "著作",
        key=author_table.c.author_id,
        match=book_table.c.author_id,
        args=(first_arg(1), after_arg(Cursor | None)),
    )
    last_borrowed: Work | None = link(
        PUB,
        "最近借阅",
        key=author_table.c.author_id,
        through=Hop(
            table=loan_table,
            match=(loan_table.c.author_id,),
            columns=(loan_table.c.kind, loan_table.c.item),
            order=Order(columns=(loan_table.c.loan_id,), descending=True),
            one=True,
        ),
        to=BORROWED,
    )
    borrowed: list[Work | None] | None = link(
        PUB,
        "借阅",
        key=author_table.c.author_id,
        through=Hop(
            table=loan_table,
            match=(loan_table.c.author_id,),
            columns=(loan_table.c.kind, loan_table.c.item),
            order=Order(columns=(loan_table.c.loan_id,)),
        ),
        to=BORROWED,
    )


@record(
    book_table,
    "图书",
    key=book_table.c.book_id,
    hidden=(hidden(book_table.c.author_id, PUB, "作者"), hidden(book_table.c.book_id, PUB, "标识")),
)
class Book(Work, Node):
    """A book."""

    id: strawberry.ID = sealed_id(book_table.c.book_id)
    title: str | None = column(book_table.c.title, PUB, "题名")
    price: strawberry.ID | None = column(book_table.c.price, PUB, "价格")
    author: Author | None = link(PUB, "作者", key=book_table.c.author_id, match=author_table.c.author_id)
    author_name: str | None = lookup(
        link_source(PUB, "作者", key=book_table.c.author_id, match=author_table.c.author_id, target="Author"),
        source_of(author_table.c.name, PUB, "姓名"),
        "作者姓名",
    )


@record(journal_table, "期刊", key=journal_table.c.journal_id)
class Journal(Work):
    """A journal."""

    title: str | None = column(journal_table.c.title, PUB, "题名")
    issue: int = column(journal_table.c.issue, PUB, "期号")
    must: str = column(journal_table.c.title, PUB, "必填")


@filters("图书筛选")
class BookFilter:
    """Which books."""

    title_prefix: str | None = where_field(prefix(book_table.c.title), "题名前缀")
    title_contains: str | None = where_field(contains(book_table.c.title), "题名包含")
    author_ids: list[int] | None = where_field(any_of(book_table.c.author_id), "作者")


ORDERS = {"TITLE": Order(columns=(book_table.c.title,)), "ID": Order(columns=(book_table.c.book_id,))}


def _shout(text: str) -> str | None:
    return text.upper()


@strawberry.type
class Query:
    """The roots."""

    author: Author | None = root(
        PUB, "作者", by=("id",), match=(author_table.c.author_id,), args=(key_arg("id", int, "标识"),)
    )
    authors: list[Author] | None = root(PUB, "作者列表", args=(first_arg(10),))
    lenient_authors: list[Author | None] | None = root(PUB, "作者列表", args=(first_arg(10),))
    books: Connection[Book] | None = root(
        PUB,
        "图书列表",
        args=(
            filter_arg(BookFilter),
            order_arg(BookOrder | None, ORDERS),
            first_arg(2, limit=5),
            after_arg(Cursor | None),
            arg("title", str | None, "题名", equals(book_table.c.title)),
        ),
    )
    secret_authors: list[Author] | None = root(
        PUB, "作者列表", args=(first_arg(10), arg("secret", str | None, "秘密", equals(author_table.c.secret)))
    )
    node: Node | None = root(
        PUB,
        "对象",
        by=("id",),
        to=(
            Branch(
                target="Author",
                match=(author_table.c.author_id,),
                key=lambda opened: int(opened[1]) if opened and opened[0] == "Author" else None,
            ),
            Branch(
                target="Book",
                match=(book_table.c.book_id,),
                key=lambda opened: int(opened[1]) if opened and opened[0] == "Book" else None,
            ),
        ),
        args=(id_arg("id", "全局标识"),),
    )

    shout: str | None = by_hand(
        _shout, PUB, "手写", action=Action.READ, database="shelf", columns=(), doc="A resolver of its own"
    )


def make_catalog() -> Catalog:
    """A fresh catalog of the small schema."""
    schema = strawberry.Schema(Query, types=[Journal, Author, Book], config=StrawberryConfig(scalar_map=SCALARS))
    return Catalog(schema, {"shelf": metadata})


async def fill(dsn: str) -> None:
    """Makes the tables with their rows, in place of those that are there."""
    admin = await asyncpg.connect(dsn)
    await admin.execute("DROP SCHEMA IF EXISTS shelf CASCADE; CREATE SCHEMA shelf")
    for table, rows in ROWS.items():
        await admin.execute(str(CreateTable(table).compile(dialect=DIALECT)))
        await admin.copy_records_to_table(
            table.name, schema_name="shelf", columns=list(rows[0]), records=[tuple(row.values()) for row in rows]
        )
    await admin.close()


PUBLIC = Viewer(subject="s", client="c", kind=CallerKind.PUBLIC)
STANDING = Standing(kind=CallerKind.PUBLIC, purpose=None, granted=False)
