"""A small set of facts for tests of the machinery: a handful of fields of one database."""

from __future__ import annotations

from auth.classes import DataClass
from auth.facts import FactKind, Facts


def fact(
    coordinate: str, data_class: DataClass, *columns: str, mask: str | None = None, kind: FactKind = FactKind.COLUMN
) -> Facts:
    return Facts(
        coordinate=coordinate, data_class=data_class, database="shop", columns=frozenset(columns), mask=mask, kind=kind
    )


SHOP = (
    fact("Shop.name", DataClass.PUBLIC, "shop.shop.name"),
    fact("Shop.owner", DataClass.PERSONAL, "shop.shop.owner", mask="name_surname"),
    fact("Shop.phone", DataClass.PERSONAL, "shop.shop.phone"),
    fact("Shop.card", DataClass.PERSONAL, "shop.shop.name", "shop.shop.owner"),
    fact("Shop.safe", DataClass.RESTRICTED, "shop.shop.safe"),
    fact("Shop.(rank)", DataClass.INTERNAL, "shop.shop.rank", kind=FactKind.HIDDEN),
    fact("Shop.guests", DataClass.PERSONAL, "shop.shop.shop_id", "shop.guest.shop_id", kind=FactKind.LINK),
    fact("Query.shop", DataClass.PERSONAL, "shop.shop.owner", kind=FactKind.LINK),
    fact("Query.shop", DataClass.PERSONAL, "shop.shop.owner", kind=FactKind.KEY),
)
