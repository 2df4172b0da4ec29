"""Looks in words (被查询记录): published names of officers and organisations, the Chinese terms of fields.

Of whoever looked for an authority, what the personnel database publishes; of another person nothing but that it was one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import strawberry
from sqlalchemy import ARRAY, String, any_, bindparam, select

from datasources.tables.calendar import day_of
from datasources.tables.personnel import officer, org
from resolvers.access_enums import AccessPurpose, LookedBy, ShownState
from resolvers.catalog import Catalog
from resolvers.hand_pages import Sealing
from resolvers.sources import Embed

Row = Mapping[str, Any]


class Caller(Protocol):
    """Who asks about themselves: `subject` of the token, and whom the login proved to be."""

    @property
    def subject(self) -> str: ...

    @property
    def references(self) -> tuple[str, ...]:
        """To the person and the organisations that they represent, ``p_7QK2M9``."""
        ...


class Context(Protocol):
    """What this resolver finds in ``info.context``."""

    catalog: Catalog
    now: datetime.datetime
    seal: Sealing
    oneself: Caller

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement; raises what the gateway shows when the database does not answer."""
        ...

    def pseudonym(self, reference: str) -> str:
        """What the log calls the subject of a reference; raises what the gateway shows when there is no log."""
        ...


@strawberry.type(description="The fields of one kind of record that were shown.（被查询字段）")
class LookedFields:
    """By the Chinese terms of the fields."""

    record: str = strawberry.field(description="Kind of record.（记录类别）")
    state: ShownState = strawberry.field(description="Whether they were shown in clear or masked.（字段状态）")
    fields: list[str] = strawberry.field(description="The fields.（字段）")


@strawberry.type(description="One look at the caller's data.（被查询记录）")
class AccessLook:
    """Members that do not apply are null."""

    at: datetime.datetime = strawberry.field(description="When.（查询时间）")
    by: LookedBy = strawberry.field(description="Who, in general.（查询者类别）")
    organisation: str | None = strawberry.field(description="Whose system or officer it was.（查询单位）")
    organisation_uscc: str | None = strawberry.field(
        description="Unified social credit code of that organisation.（查询单位统一社会信用代码）"
    )
    cert_no: str | None = strawberry.field(description="Certificate number of the officer.（执法证号）")
    officer_name: str | None = strawberry.field(
        description="Name of the officer, as the personnel database has it published.（执法人员姓名）"
    )
    purpose: AccessPurpose | None = strawberry.field(description="What for; null when none was stated.（使用目的）")
    case_no: str | None = strawberry.field(description="The case, once it is released.（案件编号）")
    data: list[LookedFields] = strawberry.field(description="What was shown.（被查询数据）")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is needed to tell looks in words: published names of officers and organisations, terms of fields."""

    catalog: Catalog
    subject: str
    released: frozenset[str]
    officers: Sequence[Row]
    orgs: Mapping[str, str]

    @classmethod
    async def of(cls, context: Context, page: Sequence[Row], cases: Iterable[str]) -> Told:
        return cls(
            catalog=context.catalog,
            subject=context.oneself.subject,
            released=frozenset(cases),
            officers=await _officers(context, {row["cert_no"] for row in page if row["cert_no"]}),
            orgs=await _orgs(context, {row["org_uscc"] for row in page if row["org_uscc"]}),
        )

    def look(self, row: Row) -> AccessLook:
        by = LookedBy(row["caller_kind"])
        if by is LookedBy.PARTY:
            by = LookedBy.YOU if row["caller_subject"] == self.subject else by
            row = {**row, "cert_no": None, "org_uscc": None, "client_uscc": None, "client_name": None}
        held = self._officer(row["cert_no"], row["at"])
        uscc = row["org_uscc"] or (held["uscc"] if held else None) or row["client_uscc"]
        name = self.orgs.get(uscc or "") or (held["org_name"] if held and held["uscc"] == uscc else None)
        return AccessLook(
            at=row["at"],
            by=by,
            organisation=name or row["client_name"],
            organisation_uscc=uscc,
            cert_no=row["cert_no"],
            officer_name=held["name"] if held else None,
            purpose=AccessPurpose(row["purpose"]) if row["purpose"] else None,
            case_no=row["number"] if row["number"] in self.released else None,
            data=list(self._fields(row)),
        )

    def _officer(self, cert_no: str | None, at: datetime.datetime) -> Row | None:
        """Who held the certificate on the day: numbers are issued again after a transfer."""
        day = day_of(at)
        return next(
            (
                one
                for one in self.officers
                if one["cert_no"] == cert_no
                and (one["valid_from"] is None or one["valid_from"] <= day)
                and (one["valid_to"] is None or one["valid_to"] >= day)
            ),
            None,
        )

    def _fields(self, row: Row) -> Iterable[LookedFields]:
        """Of the kinds of record that the caller was found in: the other fields of the answer may be of somebody else."""
        for type_name in sorted(set(row["types"])):
            for state, coordinates in ((ShownState.CLEAR, row["clear"]), (ShownState.MASKED, row["masked"])):
                fields = [self._term(one) for one in coordinates if one.startswith(f"{type_name}.")]
                if fields:
                    yield LookedFields(record=self._kind(type_name), state=state, fields=list(dict.fromkeys(fields)))

    def _kind(self, type_name: str) -> str:
        record = self.catalog.records.get(type_name)
        return record.label if record is not None else type_name

    def _term(self, coordinate: str) -> str:
        """The Chinese term of a field; of one that the schema no longer has, its coordinate."""
        type_name, field, *part = coordinate.split(".")
        source = self.catalog.sources.get((type_name, field))
        if isinstance(source, Embed) and part:
            source = source.parts.get(part[0])
        return getattr(source, "label", coordinate)


async def _officers(context: Context, numbers: set[str]) -> list[Row]:
    """The holders of certificates, with their organisations; nobody is asked for when there is no certificate."""
    if not numbers:
        return []
    wanted = bindparam("numbers", sorted(numbers), type_=ARRAY(String()))
    return await context.rows(
        "personnel",
        select(
            officer.c.cert_no, officer.c.name, officer.c.valid_from, officer.c.valid_to,
            org.c.uscc, org.c.name.label("org_name"),
        )
        .select_from(officer.join(org, org.c.org_id == officer.c.org_id))
        .where(officer.c.cert_no == any_(wanted), officer.c.sealed.is_(False))
        .order_by(officer.c.cert_no, officer.c.officer_id),
    )  # fmt: skip


async def _orgs(context: Context, codes: set[str]) -> dict[str, str]:
    if not codes:
        return {}
    wanted = bindparam("codes", sorted(codes), type_=ARRAY(String()))
    found = await context.rows("personnel", select(org.c.uscc, org.c.name).where(org.c.uscc == any_(wanted)))
    return {row["uscc"]: row["name"] for row in found}
