"""Partners (协同平台) and their agreements (共享协议) as one file: how a platform is onboarded, without a line of code.

[clients.partner-tax]
name = "税务共享平台"
org_uscc = "11440400MB2D000003"
documents = "REGISTERED"             # runs its registered documents alone; left out: as it is, at first anything

[agreements.GX-2026-0200]
client = "partner-tax"
purpose = "PARTNER_DISCLOSURE"
provider = "珠海市司法局"             # 提供方
basis = "《政务数据共享条例》第…条"   # 使用依据
scenario = "…"                       # 使用场景
scope = "…"                          # 使用范围
mode = "增量接口"                    # 共享方式
fields = ["Query.disclosureChanges", "DisclosureChange", "Disclosure"]
from = 2026-12-01
to = 2027-11-30                      # the last day; left out: without end
quota = 20000                        # requests a day; left out: any number
rows = 200000                        # rows a day; left out: any number
cases = ["ZHXZ-CX-2026-CF-0003071"]  # left out: about all
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects.postgresql import insert

from auth.purpose import PROOFS, Proof
from auth.viewer import NUMBER, CallerKind
from datasources.tables.gateway import agreement, client
from resolvers.catalog import Catalog

REALM, ACTIVE, IN_FORCE = "PARTNER", "1", "1"
PURPOSES = frozenset(
    purpose.value
    for (kind, purpose), proof in PROOFS.items()
    if kind is CallerKind.PARTNER and proof is Proof.AGREEMENT
)

Read = Callable[[Any], Any]


class PartnersInvalid(ValueError):
    """A file that cannot be used; `faults` are all that is wrong with it, each with its place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Partners:
    """Rows of ``gw.client`` and ``gw.agreement``."""

    clients: tuple[Mapping[str, Any], ...]
    agreements: tuple[Mapping[str, Any], ...]

    def statements(self, today: datetime.date) -> Iterator[Insert]:
        """What writes them: a row that is there is brought up to date. The day of a client's registration stays."""
        for row in self.clients:
            yield _written(client, {**row, "registered_on": today}, keep={"registered_on"})
        for row in self.agreements:
            yield _written(agreement, row, keep=set())


def _written(table: Table, row: Mapping[str, Any], keep: set[str]) -> Insert:
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in {*keys, *keep}}
    return insert(table).values(**row).on_conflict_do_update(index_elements=keys, set_=changed)


def parse_partners(text: str, catalog: Catalog) -> Partners:
    """Reads a file. Raises PartnersInvalid."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PartnersInvalid([str(error)]) from None
    faults = [f"{name} is not known" for name in sorted(given.keys() - {"clients", "agreements"})]
    clients = list(_rows(given, "clients", "client_id", _CLIENT, faults))
    agreements = list(_rows(given, "agreements", "agreement_no", _AGREEMENT, faults))
    known = _coordinates(catalog)
    for row in agreements:
        place = f"agreements.{row['agreement_no']}"
        nowhere = sorted(set(row.get("fields") or ()) - known)
        faults += [f"{place}.fields: the schema has no {name}" for name in nowhere]
        if row.get("valid_from") and row.get("valid_to") and row["valid_to"] < row["valid_from"]:
            faults.append(f"{place}.to is before from")
        if not NUMBER.fullmatch(row["agreement_no"]):
            faults.append(f"{place}: no caller can state such a number")
    if faults:
        raise PartnersInvalid(faults)
    return Partners(
        clients=tuple({**_without(row, "documents"), "realm": REALM, "status_code": ACTIVE} for row in clients),
        agreements=tuple({**row, "status_code": IN_FORCE} for row in agreements),
    )


def _without(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The row; a column that was left out stays what it is, or becomes what the table says."""
    return {key: value for key, value in row.items() if key != name or value is not None}


def _coordinates(catalog: Catalog) -> frozenset[str]:
    types = catalog.object_types
    return frozenset({*types, *(f"{name}.{field}" for name, type_ in types.items() for field in type_.fields)})


def _rows(
    given: Mapping[str, Any], part: str, key: str, members: Mapping[str, Member], faults: list[str]
) -> Iterator[dict[str, Any]]:
    tables = given.get(part, {})
    if not isinstance(tables, dict):
        faults.append(f"{part} is not a table")
        return
    for name, table in tables.items():
        place = f"{part}.{name}"
        if not isinstance(table, dict):
            faults.append(f"{place} is not a table")
            continue
        faults += [f"{place}.{other} is not known" for other in sorted(table.keys() - members.keys())]
        row: dict[str, Any] = {key: name}
        for member, wanted in members.items():
            if member not in table:
                if wanted.required:
                    faults.append(f"{place}.{member} is missing")
                row[wanted.column] = None
                continue
            try:
                row[wanted.column] = wanted.read(table[member])
            except ValueError as error:
                faults.append(f"{place}.{member} {error}")
        yield row


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member of a table of the file, and the column that it fills."""

    column: str
    read: Read
    required: bool = True


def _text(longest: int) -> Read:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or not value.isprintable():
            raise ValueError(f"is not a text of 1 to {longest} characters")
        return value

    return read


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValueError("is not a list of texts")
    return list(dict.fromkeys(value))


def _day(value: Any) -> datetime.date:
    if type(value) is not datetime.date:
        raise ValueError("is not a day")
    return value


def _purpose(value: Any) -> str:
    if value not in PURPOSES:
        raise ValueError(f"is not one of {', '.join(sorted(PURPOSES))}")
    return str(value)


def _documents(value: Any) -> str:
    if value not in {"ANY", "REGISTERED"}:
        raise ValueError("is neither ANY nor REGISTERED")
    return str(value)


def _a_day(what: str) -> Read:
    def read(value: Any) -> int:
        if type(value) is not int or not 0 < value < 2**31:
            raise ValueError(f"is not a number of {what} a day")
        return value

    return read


_CLIENT: Mapping[str, Member] = MappingProxyType(
    {
        "name": Member(column="name", read=_text(200)),
        "org_uscc": Member(column="org_uscc", read=_text(18), required=False),
        "documents": Member(column="documents", read=_documents, required=False),
    }
)
_AGREEMENT: Mapping[str, Member] = MappingProxyType(
    {
        "client": Member(column="client_id", read=_text(60)),
        "purpose": Member(column="purpose", read=_purpose),
        "provider": Member(column="provider_org", read=_text(200)),
        "basis": Member(column="legal_basis", read=_text(500)),
        "scenario": Member(column="scenario", read=_text(500)),
        "scope": Member(column="scope", read=_text(500)),
        "mode": Member(column="mode", read=_text(40)),
        "fields": Member(column="fields", read=_texts),
        "cases": Member(column="case_nos", read=_texts, required=False),
        "from": Member(column="valid_from", read=_day),
        "to": Member(column="valid_to", read=_day, required=False),
        "quota": Member(column="quota", read=_a_day("requests"), required=False),
        "rows": Member(column="row_quota", read=_a_day("rows"), required=False),
    }
)
