"""Plain Strawberry with aiodataloader, as its documentation recommends: a loader per link in the context of the request, parsing and
validation cached by the extensions that come with it.
"""

from __future__ import annotations

import contextlib
import datetime
import enum
from collections.abc import AsyncIterator, Iterable
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from bench.peers import KINDS, TODAY, USED, Databases, labels, serve
from bench.peers.context import Context, Info


@strawberry.enum
class CaseKind(enum.Enum):
    INSPECTION = "1"
    PENALTY = "2"
    COERCION = "3"


@strawberry.type
class Code:
    code: str
    label: str

    @classmethod
    def of(cls, code: str, names: Any) -> Code:
        return cls(code=code, label=names.get(code, code))


@strawberry.type
class ECertificate:
    cert_no: str | None
    valid_to: datetime.date | None
    issuer_uscc: strawberry.Private[str | None]

    @strawberry.field
    async def issuing_org(self, info: Info) -> str | None:
        if self.issuer_uscc is None:
            return None
        found = await info.context.issuers.load(self.issuer_uscc)
        return found["name"] if found else None


@strawberry.type
class RealEstateRight:
    certificate_no: str | None
    registered_on: datetime.date | None


def certificates(rows: Iterable[Any]) -> list[ECertificate]:
    return [ECertificate(cert_no=r["certNo"], valid_to=r["validTo"], issuer_uscc=r["issuer_uscc"]) for r in rows]


def rights(rows: Iterable[Any]) -> list[RealEstateRight]:
    return [RealEstateRight(certificate_no=r["certificateNo"], registered_on=r["registeredOn"]) for r in rows]


@strawberry.interface
class Subject:
    display_name: str | None


@strawberry.type
class Person(Subject):
    id_no: str
    mobile: str | None

    @strawberry.field
    async def certificates(self, info: Info, first: int = 50) -> list[ECertificate] | None:
        return certificates(await info.context.persons_certificates.load(self.id_no))

    @strawberry.field
    async def real_estate_rights(self, info: Info, first: int = 10) -> list[RealEstateRight] | None:
        return rights(await info.context.persons_rights.load(self.id_no))


@strawberry.type
class LegalEntity(Subject):
    uscc: str
    name: str | None = None
    established_on: datetime.date | None = None
    term_end: datetime.date | None = None
    registered_capital: str | None = None
    registration_org: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    employee_count: int | None = None
    business_scope: str | None = None

    @strawberry.field
    async def certificates(self, info: Info, first: int = 50) -> list[ECertificate] | None:
        return certificates(await info.context.organisations_certificates.load(self.uscc))

    @strawberry.field
    async def real_estate_rights(self, info: Info, first: int = 10) -> list[RealEstateRight] | None:
        return rights(await info.context.organisations_rights.load(self.uscc))


@strawberry.type
class Vehicle:
    plate_no: str | None
    vin: str | None
    brand_model: str | None
    first_registered_on: datetime.date | None
    inspection_valid_to: datetime.date | None
    status_code: strawberry.Private[str | None]
    owner_type: strawberry.Private[str | None]
    owner_ref: strawberry.Private[Any]

    @strawberry.field
    def status(self, info: Info) -> list[Code] | None:
        if self.status_code is None:
            return None
        return [Code.of(code, info.context.statuses) for code in self.status_code]

    @strawberry.field
    async def owner(self, info: Info) -> Subject | None:
        if self.owner_type == "1":
            row = await info.context.persons.load(self.owner_ref)
            return Person(display_name=row["displayName"], id_no=row["idNo"], mobile=row["mobile"]) if row else None
        row = await info.context.owners.load(self.owner_ref)
        if row is None:
            return None
        return LegalEntity(display_name=row["displayName"], uscc=row["uscc"], established_on=row["establishedOn"])


@strawberry.type
class EnforcementOrg:
    name: str
    level_code: strawberry.Private[str]
    parent_org_id: strawberry.Private[Any]

    @strawberry.field
    def level(self, info: Info) -> Code:
        return Code.of(self.level_code, info.context.levels)

    @strawberry.field
    async def parent(self, info: Info) -> EnforcementOrg | None:
        return org(await info.context.orgs.load(self.parent_org_id)) if self.parent_org_id is not None else None


def org(row: Any) -> EnforcementOrg | None:
    if row is None:
        return None
    return EnforcementOrg(name=row["name"], level_code=row["level"], parent_org_id=row["parent_org_id"])


@strawberry.type
class Division:
    code: str
    name: str


@strawberry.type
class Disclosure:
    disclosure_id: strawberry.ID
    kind: CaseKind
    document_no: str | None
    subject_uscc: str | None
    decided_on: datetime.date
    publish_until: datetime.date | None
    cause_code: strawberry.Private[str]
    org_id: strawberry.Private[Any]
    division_code: strawberry.Private[str]

    @strawberry.field
    async def cause_name(self, info: Info) -> str | None:
        found = await info.context.causes.load(self.cause_code)
        return found["name"] if found else None

    @strawberry.field
    async def org(self, info: Info) -> EnforcementOrg | None:
        return org(await info.context.orgs.load(self.org_id))

    @strawberry.field
    async def division(self, info: Info) -> Division | None:
        found = await info.context.divisions.load(self.division_code)
        return Division(code=found["key"], name=found["name"]) if found else None


@strawberry.type
class DisclosureConnection:
    nodes: list[Disclosure]


@strawberry.type
class LegalEntityConnection:
    nodes: list[LegalEntity]


@strawberry.input
class DisclosureFilter:
    kinds: list[CaseKind] | None = None
    division_prefix: str = ""
    decided_to: datetime.date = datetime.date.max


@strawberry.input
class LegalEntityFilter:
    established_from: datetime.date


@strawberry.type
class Query:
    @strawberry.field
    async def vehicle(self, info: Info, plate_no: str, plate_type: str) -> Vehicle | None:
        rows = await info.context.databases.rows("vehicle", "vehicle", plate_no, TODAY)
        return Vehicle(**{NAMES.get(name, name): value for name, value in rows[0].items()}) if rows else None

    @strawberry.field
    async def disclosures(self, info: Info, filter: DisclosureFilter, first: int = 20) -> DisclosureConnection | None:
        kinds = [kind.value for kind in filter.kinds] if filter.kinds is not None else list(KINDS.values())
        rows = await info.context.databases.rows(
            "gateway", "disclosures", kinds, filter.division_prefix, filter.decided_to, TODAY
        )
        return DisclosureConnection(nodes=[disclosure(row) for row in rows])

    @strawberry.field
    async def legal_entity(self, info: Info, uscc: str) -> LegalEntity | None:
        rows = await info.context.databases.rows("legal_entity", "entity", uscc)
        return entity(rows[0]) if rows else None

    @strawberry.field
    async def legal_entities(
        self, info: Info, filter: LegalEntityFilter, first: int = 20
    ) -> LegalEntityConnection | None:
        rows = await info.context.databases.rows("legal_entity", "entities", filter.established_from, first)
        return LegalEntityConnection(nodes=[entity(row) for row in rows])


NAMES = {
    "plateNo": "plate_no",
    "brandModel": "brand_model",
    "firstRegisteredOn": "first_registered_on",
    "inspectionValidTo": "inspection_valid_to",
    "disclosureId": "disclosure_id",
    "documentNo": "document_no",
    "subjectUscc": "subject_uscc",
    "decidedOn": "decided_on",
    "publishUntil": "publish_until",
    "establishedOn": "established_on",
    "termEnd": "term_end",
    "registeredCapital": "registered_capital",
    "registrationOrg": "registration_org",
    "contactName": "contact_name",
    "contactPhone": "contact_phone",
    "employeeCount": "employee_count",
    "businessScope": "business_scope",
}
"""Attributes by the names that the statements give."""


def disclosure(row: Any) -> Disclosure:
    values = {NAMES.get(name, name): value for name, value in row.items()}
    return Disclosure(**{**values, "kind": CaseKind(values["kind"])})


def entity(row: Any) -> LegalEntity:
    return LegalEntity(display_name=row["name"], **{NAMES.get(name, name): value for name, value in row.items()})


schema = strawberry.Schema(Query, types=[Person, LegalEntity], extensions=[ParserCache, ValidationCache])


class App(GraphQL[Context, None]):
    """Strawberry's own view, with a context per request."""

    def __init__(self, databases: Databases) -> None:
        super().__init__(schema, graphql_ide=None)
        self._databases = databases
        self._labels = labels()

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        return Context(self._databases, *self._labels)


def create_app(databases: Databases) -> Starlette:
    """The application."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await databases.open(USED)
        yield
        await databases.close()

    return Starlette(routes=[Route("/graphql", App(databases))], lifespan=lifespan)


if __name__ == "__main__":
    serve(create_app(Databases.given()))
