"""Who asks in one request: the standing, the rows, the rules and the keys that stay the same to its end."""

from __future__ import annotations

import dataclasses
import datetime
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table

from auth.classes import DataClass
from auth.mask_rules import token_of
from auth.naming import Naming
from auth.policy import ENFORCEMENT, Action, Decision, Policies, PolicySet
from auth.purpose import Standing
from auth.seals import Seal
from auth.viewer import AccessRequest, Viewer
from datasources.database import Database
from datasources.errors import SourceError
from gateway.rowscope import RowRules, Scope, ScopeLookup
from gateway.standing import DatabaseLookup, standing_of
from gateway.tasks import NOBODY
from gateway.thirds import NamedSubjects, parameters_of

NamingRules = Callable[[Standing, str], Naming | None]
"""What a kind of caller sees of a table's subjects whom the task does not name."""

KEPT = 10_000
"""Callers whose seal and mask key are kept: to make them anew costs 3 µs per request."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks in one request, with what this brings along: rules, seals, keys and the moment stay the same to its end."""

    standing: Standing
    policies: PolicySet
    row_rules: RowRules
    naming: NamingRules
    scope: Scope
    named: NamedSubjects
    seal: Seal
    mask_key: str
    now: datetime.datetime

    def decide(self, coordinate: str, data_class: DataClass, action: Action) -> Decision:
        """The decision for this caller, by the policies that the request began with."""
        return self.policies.decide(self.standing, coordinate, data_class, action)

    def reference(self, text: str) -> str:
        """How a subject reference is shown. Staff see what their case systems store: they are one controller, and meet again.

        For everybody else it is a token of the client and purpose: two of them cannot join what they hold
        (个人信息保护法 art. 6, 23; GB/T 37964).
        """
        return text if self.standing.kind in ENFORCEMENT else token_of(self.mask_key, text)

    def naming_of(self, table: FromClause) -> Naming | None:
        """What is left of the subjects of a table whom the task does not name."""
        return self.naming(self.standing, f"{table.schema}.{table.name}") if isinstance(table, Table) else None

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The bound parameters of what cuts the rows."""
        return {**self.scope.parameters(), **parameters_of(self.named)}

    def rows_seen(self, source: FromClause, under_case: bool) -> tuple[ColumnElement[bool], ...]:
        """The conditions that cut the rows of what is selected FROM."""
        return self.row_rules(self.standing, source, under_case=under_case)


class Reception:
    """Works out who asks: from the verified token, the stated purpose, and what the databases say of both."""

    def __init__(
        self,
        databases: Mapping[str, Database],
        policies: Policies,
        row_rules: RowRules,
        naming: NamingRules,
        seal_key: bytes,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self.lookup = DatabaseLookup(databases, now)
        self._scopes = ScopeLookup(databases)
        self._policies = policies
        self._row_rules = row_rules
        self._naming = naming
        self._now = now

        @lru_cache(maxsize=KEPT)
        def seal(issuer: str, client: str, subject: str, epoch: str, hour: int) -> Seal:
            return Seal(seal_key, f"{issuer}\n{client}", subject, epoch, hour)

        @lru_cache(maxsize=KEPT)
        def mask_key(issuer: str, client: str, purpose: str) -> str:
            return hmac.digest(seal_key, f"mask\n{issuer}\n{client}\n{purpose}".encode(), "sha256").hex()

        self._seal, self._mask_key = seal, mask_key

    async def asking(self, viewer: Viewer, access: AccessRequest | None) -> Asking:
        """Who asks in this request, by the policies in force now."""
        policies = self._policies.current
        purpose = access.purpose.value if access is not None else ""
        standing, scope, named = await self._standing(viewer, access)
        now = self._now()
        hour = int(now.timestamp()) // 3600
        return Asking(
            standing=standing,
            policies=policies,
            row_rules=self._row_rules,
            naming=self._naming,
            scope=scope,
            named=named,
            seal=self._seal(viewer.issuer, viewer.client, viewer.subject, policies.epoch, hour),
            mask_key=self._mask_key(viewer.issuer, viewer.client, purpose),
            now=now,
        )

    async def _standing(self, viewer: Viewer, access: AccessRequest | None) -> tuple[Standing, Scope, NamedSubjects]:
        """What kind of caller this is and which rows are theirs. Who cannot be looked up is granted nothing."""
        standing = await standing_of(viewer, access, self.lookup)
        if not viewer.current:  # a revocation may have been missed: nothing above PUBLIC on an old word
            standing = dataclasses.replace(standing, granted=False, code=SourceError.code, needs=())
        shown = access if standing.granted else None
        try:
            scope = await self._scopes.scope_of(viewer, shown)
            if standing.named:
                scope = dataclasses.replace(scope, cases=standing.cases)
            return standing, scope, await self.lookup.named(viewer, shown)
        except SourceError as error:
            return dataclasses.replace(standing, granted=False, code=error.code, needs=()), Scope(), NOBODY
