"""A small catalog where one implementer of an interface shows something that the other one withholds."""

from __future__ import annotations

from typing import Any

import strawberry
from sqlalchemy import Column, Integer, MetaData, String, Table

from resolvers.args import key_arg
from resolvers.catalog import Catalog
from resolvers.fields import PER, PUB, column, hidden, part, root
from resolvers.sources import Branch
from resolvers.types import record, value
from tests.gateway.hearing import Heard

metadata = MetaData(schema="demo")
people = Table(
    "people", metadata, Column("id", Integer, primary_key=True), Column("name", String), Column("phone", String)
)
firms = Table(
    "firms", metadata, Column("id", Integer, primary_key=True), Column("name", String), Column("line", String)
)


@value("联系方", interface=True)
class Party:
    """A party."""

    contact: str | None = part("联系方式")


@record(people, "自然人", key=people.c.id, hidden=(hidden(people.c.id, PUB, "标识"),))
class Somebody(Party):
    """A person, whose contact is personal."""

    contact: str | None = column(people.c.phone, PER, "电话")
    label: str | None = column(people.c.name, PUB, "名称")


@record(firms, "企业", key=firms.c.id, hidden=(hidden(firms.c.id, PUB, "标识"),))
class Firm(Party):
    """A firm, which overrides the field with a public one."""

    contact: str | None = column(firms.c.line, PUB, "电话")


def _key(prefix: str) -> Any:
    return lambda text: int(text[1:]) if text.startswith(prefix) else None


@strawberry.type
class Query:
    """The root."""

    party: Party | None = root(
        PUB,
        "联系方",
        by=("kind",),
        to=(
            Branch(target="Somebody", match=(people.c.id,), key=_key("p")),
            Branch(target="Firm", match=(firms.c.id,), key=_key("f")),
        ),
        args=(key_arg("kind", str, "类别"),),
    )


def parties() -> Catalog:
    """A fresh catalog."""
    return Catalog(strawberry.Schema(Query, types=[Somebody, Firm]), {"demo": metadata})


def catalog_of(*required: str, **fields: Any) -> Catalog:
    """A catalog of one record with these fields over the same table; `required` may not be null. Raises CatalogError."""
    annotations = {name: "str" if name in required else "str | None" for name in fields}
    kind = type("Somebody", (), {"__annotations__": annotations, "__doc__": "A person.", **fields})
    made = record(people, "自然人", key=people.c.id)(kind)
    roots = {"__annotations__": {"people": list[made] | None}, "people": root(PUB, "人")}  # type: ignore[valid-type]
    return Catalog(strawberry.Schema(strawberry.type(type("Query", (), roots))), {"demo": metadata})


class Nothing(Heard):
    """A database without rows."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    async def keyed(self, text: str, *_: Any, **__: Any) -> Any:
        self.log.append(text)
        return {}
