"""What a request to the plain Strawberry peer carries: databases, labels, and a loader per link that lives no longer than the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import strawberry
from aiodataloader import DataLoader

from bench.peers import BUSINESS_LICENCE, IDENTITY_CARD, TODAY, Databases, grouped


class Context:
    """What a request has: the databases, the labels, and loaders of its own."""

    def __init__(self, databases: Databases, statuses: Mapping[str, str], levels: Mapping[str, str]) -> None:
        self.databases = databases
        self.statuses = statuses
        self.levels = levels
        self.persons = self._one("population", "persons")
        self.owners = self._one("legal_entity", "owners")
        self.issuers = self._one("personnel", "issuers")
        self.orgs = self._one("personnel", "orgs")
        self.divisions = self._one("personnel", "divisions")
        self.causes = self._one("matter", "causes")
        self.persons_certificates = self._many("certificate", "certificates", "1", TODAY)
        self.organisations_certificates = self._many("certificate", "certificates", "2", TODAY)
        self.persons_rights = self._many("property", "rights", IDENTITY_CARD)
        self.organisations_rights = self._many("property", "rights", BUSINESS_LICENCE)

    def _one(self, database: str, statement: str) -> DataLoader[Any, Any]:
        def first(found: Sequence[Any]) -> Any:
            return found[0] if found else None

        return self._loader(database, statement, (), first)

    def _many(self, database: str, statement: str, *parameters: Any) -> DataLoader[Any, Any]:
        return self._loader(database, statement, parameters, list)

    def _loader(
        self, database: str, statement: str, parameters: tuple[Any, ...], shape: Callable[[Sequence[Any]], Any]
    ) -> DataLoader[Any, Any]:
        async def load(keys: list[Any]) -> list[Any]:
            found = grouped(await self.databases.rows(database, statement, keys, *parameters))
            return [shape(found.get(key, ())) for key in keys]

        return DataLoader(load)


Info = strawberry.Info[Context, None]
