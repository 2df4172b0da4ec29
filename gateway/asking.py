"""Who asks in one request: the standing, the rows, the rules and the keys that stay the same to its end."""

from __future__ import annotations

import dataclasses
import datetime
import hmac
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table

from auth.classes import DataClass
from auth.mask_rules import token_of
from auth.naming import Naming
from auth.policy import ENFORCEMENT, Action, Decision, Policies, PolicySet
from auth.purpose import Standing
from auth.seals import Seal
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.database import Database
from datasources.errors import SourceError
from gateway.errors import ErrorCode, GatewayError
from gateway.ownscope import OwnLookup
from gateway.profiles import NOTHING, has_profile, is_shared, is_told_figures
from gateway.quotas import Quota
from gateway.rowscope import RowRules, Scope, ScopeLookup, columns_guarded
from gateway.standing import DatabaseLookup, DatedLookup, standing_of
from gateway.store import Bounded
from gateway.tasks import NOBODY
from gateway.temporary import TemporaryTasks
from gateway.thirds import NamedSubjects, parameters_of
from resolvers.cells import Protection

NamingRules = Callable[[Standing, str], Naming | None]
"""What a kind of caller sees of a table's subjects whom the task does not name."""

KEPT = 10_000
"""Callers that are kept, each with the purpose that they stated."""
COUNTED = 1_000
"""How far the items of a list are counted for whoever is not staff."""


@dataclass(frozen=True, eq=False)
class Profile:
    """A standing under one set of policies: all that a bound plan depends on. One object for all callers alike."""

    standing: Standing
    epoch: str

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """The same for equal standings in every process."""
        compared = [field.name for field in dataclasses.fields(self.standing) if field.compare]
        told = {name: getattr(self.standing, name) for name in compared}
        covers = self.standing.covers
        told["covers"] = None if covers is None else tuple(sorted(covers))
        return (self.epoch, *((name, str(value)) for name, value in sorted(told.items())))


@dataclass(frozen=True, kw_only=True)
class Oneself:
    """Who asks, for hand-written resolvers: `kind` of caller, `subject` of the token, and `references` (``p_7QK2M9``) to a
    citizen and whom they represent. `divisions` are the codes of a supervisor's level, from and below.
    """

    kind: str = ""
    subject: str = ""
    references: tuple[str, ...] = ()
    divisions: tuple[str, str] = ("~", "~")


ANYBODY = Oneself()


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, with what this brings along: rules, seals and keys stay the same to the end of a request."""

    viewer: Viewer
    profile: Profile
    policies: PolicySet
    row_rules: RowRules
    naming: NamingRules
    scope: Scope
    named: NamedSubjects
    seal: Seal
    mask_key: str
    cell_key: str
    oneself: Oneself = ANYBODY
    quota: Quota | None = None

    @property
    def standing(self) -> Standing:
        """What kind of caller this is."""
        return self.profile.standing

    def decide(self, coordinate: str, data_class: DataClass, action: Action) -> Decision:
        """The decision for this caller, by the policies that the request began with."""
        return self.policies.decide(self.standing, coordinate, data_class, action)

    def check_disclosed(self, databases: Collection[str]) -> None:
        """Nobody is told "none" of published records while it is not known which are theirs. Raises GatewayError."""
        if self.scope.undisclosed is not None and "gateway" in databases:
            raise GatewayError(ErrorCode[self.scope.undisclosed])

    def reference(self, text: str) -> str:
        """How a subject reference is shown. Staff see what their case systems store: they are one controller, and meet again.

        For everybody else it is a token of the client and purpose: two of them cannot join what they hold
        (个人信息保护法 art. 6, 23; GB/T 37964).
        """
        return text if self.standing.kind in ENFORCEMENT else token_of(self.mask_key, text)

    @property
    def count_limit(self) -> int | None:
        """How far this caller's totals go; None for staff, whose totals are exact."""
        return None if self.standing.kind in ENFORCEMENT else COUNTED

    @property
    def protection(self) -> Protection | None:
        """How this caller is told figures; None for staff, whose figures are exact."""
        if self.standing.kind in ENFORCEMENT:
            return None
        return Protection(secret=self.cell_key, suppress_below=self.scope.suppress_below, round_to=self.scope.round_to)

    def figures_seen(self, source: FromClause) -> tuple[ColumnElement[bool], ...]:
        """The conditions that cut the rows that figures are made of."""
        return self.row_rules(self.standing, source, under_case=False, figures=True)

    def naming_of(self, table: FromClause) -> Naming | None:
        """What is left of the subjects of a table whom the task does not name."""
        return self.naming(self.standing, f"{table.schema}.{table.name}") if isinstance(table, Table) else None

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The bound parameters of what cuts the rows."""
        return {**self.scope.parameters(), **parameters_of(self.named)}

    def rows_seen(
        self, source: FromClause, under_case: bool, open_link: bool = False
    ) -> tuple[ColumnElement[bool], ...]:
        """The conditions that cut the rows of what is selected FROM."""
        return self.row_rules(self.standing, source, under_case=under_case, open_link=open_link)

    def guarded(self, source: FromClause) -> ColumnElement[bool] | None:
        """The condition under which columns above PUBLIC are read in a row of what is selected FROM; None: always."""
        return columns_guarded(self.standing, source)


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
        self.temporary = TemporaryTasks(self.forget_task)
        self._scopes = ScopeLookup(databases)
        self._owners = OwnLookup(databases, now)
        self._policies = policies
        self._row_rules = row_rules
        self._naming = naming
        self.now = now
        self._profiles: Bounded[tuple[Standing, str], Profile] = Bounded(KEPT)
        self._kept: Bounded[tuple[int, int], _Kept] = Bounded(KEPT)

        @lru_cache(maxsize=KEPT)
        def seal(issuer: str, client: str, subject: str, epoch: str, hour: int) -> Seal:
            return Seal(seal_key, f"{issuer}\n{client}", subject, epoch, hour)

        @lru_cache(maxsize=KEPT)
        def mask_key(issuer: str, client: str, purpose: str) -> str:
            return hmac.digest(seal_key, f"mask\n{issuer}\n{client}\n{purpose}".encode(), "sha256").hex()

        self._seal, self._mask_key = seal, mask_key
        self._cell_key = hmac.digest(seal_key, b"cells", "sha256").hex()

    async def asking(self, viewer: Viewer, access: AccessRequest | None) -> Asking:
        """Who asks in this request, by the policies in force now."""
        policies = self._policies.current
        place = (id(viewer), id(access))
        kept = self._kept.get(place)
        hour = int(self.now().timestamp()) // 3600
        if kept is not None and kept.holds(viewer, access, policies, hour):
            return kept.asking
        lookup = self.lookup.dated(access)
        standing, scope, named, until = await self._standing(lookup, viewer, access)
        if has_profile(standing):
            standing, scope, until = await self._disclosed(lookup, access, standing, scope, until)
        asking = self._made(viewer, access, policies, hour, standing, scope, named)
        if until > 0.0:
            self._kept.put(place, _Kept(viewer, access, asking, until))
        return asking

    def supposed(self, viewer: Viewer, standing: Standing) -> Asking:
        """Somebody who might ask, with a standing that nobody has shown: for saying beforehand what a document would get."""
        return self._made(viewer, None, self._policies.current, 0, standing, Scope(), NOBODY)

    def forget_task(self, task_no: str) -> None:
        """A task was closed: whoever is kept is asked about again."""
        self.lookup.tasks.forget(task_no)
        self._kept.drop(lambda _: True)

    def _made(
        self,
        viewer: Viewer,
        access: AccessRequest | None,
        policies: PolicySet,
        hour: int,
        standing: Standing,
        scope: Scope,
        named: NamedSubjects,
    ) -> Asking:
        purpose = access.purpose.value if access is not None else ""
        key = (standing, policies.epoch)
        return Asking(
            viewer=viewer,
            profile=self._profiles.get(key) or self._profiles.put(key, Profile(*key)),
            policies=policies,
            row_rules=self._row_rules,
            naming=self._naming,
            scope=scope,
            named=named,
            seal=self._seal(viewer.issuer, viewer.client, viewer.subject, policies.epoch, hour),
            mask_key=self._mask_key(viewer.issuer, viewer.client, purpose),
            cell_key=self._cell_key,
            oneself=Oneself(
                kind=viewer.kind.value,
                subject=viewer.subject,
                references=scope.own.references,
                divisions=(scope.division_from, scope.division_below),
            ),
            quota=Quota.of(access, standing.quota, standing.rows),
        )

    async def _disclosed(
        self, lookup: DatedLookup, access: AccessRequest | None, standing: Standing, scope: Scope, until: float
    ) -> tuple[Standing, Scope, float]:
        """The same with what the caller's profile leaves of the published records: nothing while it cannot be asked for."""
        has_own = is_shared(standing) or is_told_figures(standing)
        agreement_no = access.agreement_no if access is not None and has_own else None
        try:
            profile = await lookup.profile(agreement_no)
        except SourceError as error:
            standing, scope = NOTHING.applied(standing, scope)
            return standing, dataclasses.replace(scope, undisclosed=error.code), 0.0
        return *profile.applied(standing, scope), min(until, lookup.until)

    async def _standing(
        self, lookup: DatedLookup, viewer: Viewer, access: AccessRequest | None
    ) -> tuple[Standing, Scope, NamedSubjects, float]:
        """What kind of caller this is, which rows and subjects are theirs, and until when that is believed: 0 for not at all.

        Who cannot be looked up is granted nothing.
        """
        standing = await standing_of(viewer, access, lookup)
        if not viewer.current:  # a revocation may have been missed: nothing above PUBLIC on an old word
            standing = dataclasses.replace(standing, granted=False, code=SourceError.code, needs=())
        shown = access if standing.granted else None
        until = math.inf
        try:
            if standing.granted and (standing.kind, standing.purpose) == (CallerKind.CITIZEN, Purpose.SELF_SERVICE):
                own, until = await self._owners.own_of(viewer)
                if own is not None:
                    return dataclasses.replace(standing, own=True), Scope(own=own), NOBODY, until
            scope = await self._scopes.scope_of(viewer, shown)
            named = await lookup.named(viewer, shown)
        except SourceError as error:
            return dataclasses.replace(standing, granted=False, code=error.code, needs=()), Scope(), NOBODY, 0.0
        if standing.named:
            scope = dataclasses.replace(scope, cases=standing.cases)
        return standing, scope, named, min(until, lookup.until, self._scopes.believed(viewer))


@dataclass(frozen=True, slots=True)
class _Kept:
    """Who asked before. The viewer of a remembered token and an access request that was read before are the same objects
    every time: they are found by what they are, not by what is in them."""

    viewer: Viewer
    access: AccessRequest | None
    asking: Asking
    until: float

    def holds(self, viewer: Viewer, access: AccessRequest | None, policies: PolicySet, hour: int) -> bool:
        """Whether it is of these two, under these policies, with a seal of this hour, and still believed."""
        return (
            self.viewer is viewer
            and self.access is access
            and self.asking.policies is policies
            and self.asking.seal.hour == hour
            and self.until > time.monotonic()
        )
