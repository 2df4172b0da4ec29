"""The limit: no GraphQL. A bare Starlette handler per operation, a hand-written statement per step and request, orjson."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers import (
    BUSINESS_LICENCE,
    IDENTITY_CARD,
    KIND_NAMES,
    KINDS,
    TODAY,
    USED,
    Databases,
    coded,
    grouped,
    labels,
    serve,
)

Row = dict[str, Any]


class Handlers:
    """One method per operation: from its variables to its data."""

    def __init__(self, databases: Databases) -> None:
        self._rows = databases.rows
        self._statuses, self._levels = labels()

    async def lookup(self, variables: Mapping[str, Any]) -> Row:
        rows = await self._rows("vehicle", "vehicle", variables["plateNo"], TODAY)
        if not rows:
            return {"vehicle": None}
        vehicle = dict(rows[0])
        kind, key, status = vehicle.pop("owner_type"), vehicle.pop("owner_ref"), vehicle.pop("status_code")
        vehicle["status"] = [coded(code, self._statuses) for code in status] if status is not None else None
        vehicle["owner"] = await (self._person if kind == "1" else self._organisation)(key)
        return {"vehicle": vehicle}

    async def _person(self, key: Any) -> Row | None:
        rows = await self._rows("population", "persons", [key])
        return await self._owner("Person", rows[0], "idNo", "1", IDENTITY_CARD) if rows else None

    async def _organisation(self, key: Any) -> Row | None:
        rows = await self._rows("legal_entity", "owners", [key])
        return await self._owner("LegalEntity", rows[0], "uscc", "2", BUSINESS_LICENCE) if rows else None

    async def _owner(self, name: str, row: Any, number: str, holder: str, document: str) -> Row:
        owner = {"__typename": name, **row}
        del owner["key"]
        numbers = [owner[number]]
        certificates, rights = await asyncio.gather(
            self._certificates(numbers, holder), self._rows("property", "rights", numbers, document)
        )
        owner["certificates"] = certificates
        owner["realEstateRights"] = [
            {"certificateNo": right["certificateNo"], "registeredOn": right["registeredOn"]} for right in rights
        ]
        return owner

    async def _certificates(self, numbers: list[str], holder: str) -> list[Row]:
        rows = await self._rows("certificate", "certificates", numbers, holder, TODAY)
        codes = {row["issuer_uscc"] for row in rows} - {None}
        issuers = await self._rows("personnel", "issuers", list(codes)) if codes else ()
        names = {row["key"]: row["name"] for row in issuers}
        return [
            {"certNo": row["certNo"], "validTo": row["validTo"], "issuingOrg": names.get(row["issuer_uscc"])}
            for row in rows
        ]

    async def list(self, variables: Mapping[str, Any]) -> Row:
        rows = await self._rows(
            "gateway",
            "disclosures",
            [KINDS[kind] for kind in variables["kinds"]],
            variables["division"],
            datetime.date.fromisoformat(variables["until"]),
            TODAY,
        )
        nodes = [dict(row) for row in rows]
        causes, orgs, divisions = await asyncio.gather(
            self._rows("matter", "causes", list({node["cause_code"] for node in nodes})),
            self._orgs({node["org_id"] for node in nodes}),
            self._rows("personnel", "divisions", list({node["division_code"] for node in nodes})),
        )
        names = {row["key"]: row["name"] for row in causes}
        places = {row["key"]: {"code": row["key"], "name": row["name"]} for row in divisions}
        for node in nodes:
            node["kind"] = KIND_NAMES[node["kind"]]
            node["causeName"] = names.get(node.pop("cause_code"))
            node["org"] = orgs.get(node.pop("org_id"))
            node["division"] = places.get(node.pop("division_code"))
        return {"disclosures": {"nodes": nodes}}

    async def _orgs(self, keys: set[Any]) -> dict[Any, Row]:
        rows = await self._rows("personnel", "orgs", list(keys))
        above = {row["parent_org_id"] for row in rows} - {None}
        parents = grouped(await self._rows("personnel", "orgs", list(above)) if above else ())
        return {
            row["key"]: {
                "name": row["name"],
                "level": coded(row["level"], self._levels),
                "parent": {"name": parents[row["parent_org_id"]][0]["name"]}
                if row["parent_org_id"] in parents
                else None,
            }
            for row in rows
        }

    async def point(self, variables: Mapping[str, Any]) -> Row:
        rows = await self._rows("legal_entity", "entity", variables["uscc"])
        return {"legalEntity": dict(rows[0]) if rows else None}

    async def rows(self, variables: Mapping[str, Any]) -> Row:
        pages = await asyncio.gather(
            *(
                self._rows("legal_entity", "entities", datetime.date.fromisoformat(variables[name]), size)
                for name, size in (("a", 200), ("b", 200), ("c", 100))
            )
        )
        return {name: {"nodes": [dict(row) for row in page]} for name, page in zip("abc", pages, strict=True)}


def create_app(databases: Databases) -> Starlette:
    """The application: ``POST /<operation>`` with the variables."""
    handlers = Handlers(databases)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await databases.open(USED)
        yield
        await databases.close()

    def route(answer: Callable[[Mapping[str, Any]], Awaitable[Row]]) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            data = await answer(orjson.loads(await request.body())["variables"])
            return Response(orjson.dumps({"data": data}), media_type="application/json")

        return handle

    operations = {name: getattr(handlers, name) for name in ("lookup", "list", "point", "rows")}
    return Starlette(
        routes=[Route(f"/{name}", route(answer), methods=["POST"]) for name, answer in operations.items()],
        lifespan=lifespan,
    )


if __name__ == "__main__":
    serve(create_app(Databases.given()))
