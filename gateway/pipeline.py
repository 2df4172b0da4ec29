"""The stages of one request, in order. Read this first.

    document   text → syntax tree, validated, operation chosen           kept per text
    limits     syntax tree → refused when it unfolds into too much
    variables  JSON values → coerced values
    standing   token and stated purpose → what kind of caller this is    believed for 30 s
    compile    operation → plan, no caller in it                         kept per operation and conditions
    bind       plan → bound plan, what may not be seen is gone           kept per plan, standing and policies
    arguments  variables → checked arguments
    sql        step → statement text                                     kept per bound plan
    run        statements → rows, breadth first
    shape      rows → data and errors

A warm request only binds values: everything that is kept is found by one look-up each. A stage takes
data and gives data; no stage knows another.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from graphql import DocumentNode, OperationType

from auth.audit.record import Pseudonyms
from auth.masks import MASK_KEY
from auth.naming import naming_of
from auth.policy import Policies
from auth.seals import Seal
from auth.viewer import AccessRequest, Viewer
from datasources.cache import Cache
from datasources.database import Database
from datasources.tables import DATABASES
from datasources.tables.calendar import day_of
from datasources.turns import ON_BEHALF
from gateway.answers import Answers
from gateway.arguments import Values, check_slot
from gateway.asking import Asking, NamingRules, Reception
from gateway.bind import bind
from gateway.bound import Bound, made_of, statement_of
from gateway.compile import NotCompilable, compile_operation
from gateway.compiled import run_compiled
from gateway.completeness import Completeness, lacking
from gateway.document import choose_operation, judge, parse_document
from gateway.drift import Drift
from gateway.errors import ErrorCode, GatewayError, Refused
from gateway.executed import executed
from gateway.explain import explain
from gateway.facts import facts_of, shipped
from gateway.fieldwise import attach, run_fieldwise
from gateway.fieldwise_values import Context
from gateway.introspect import asks_about_schema, describe
from gateway.known import KnownSchemas
from gateway.limits import check_size
from gateway.operation import Operation
from gateway.pace import Pace
from gateway.plan import Plan
from gateway.policies import FollowedPolicies
from gateway.quotas import Quotas
from gateway.rejection import granted, rejection
from gateway.request import Answer, GraphQLRequest, refused
from gateway.rowscope import RowRules, row_conditions
from gateway.run import Run
from gateway.settings import Settings
from gateway.shareable import is_whole, not_by_get, question_of
from gateway.store import Bounded
from gateway.subscribed import as_query, check_stated, variables_of
from gateway.trace import Coordinates, Trace, distinct
from gateway.variables import Variables
from resolvers.catalog import Catalog
from resolvers.sources import ByHand

KEPT = 1_000
"""Documents, operations and plans that are kept."""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Pipeline:
    """One gateway: the catalog, its databases, and everything that is kept between requests."""

    def __init__(
        self,
        catalog: Catalog,
        databases: Mapping[str, Database],
        *,
        engine: str = "compiled",
        seal_key: bytes,
        policies: Policies | None = None,
        row_rules: RowRules = row_conditions,
        naming: NamingRules = naming_of,
        now: Callable[[], datetime.datetime] = _now,
    ) -> None:
        """`policies` are over the facts of the catalog; the shipped ones unless given. Raises PolicyRefused."""
        attach(catalog)
        self.catalog = catalog
        self.databases = databases
        self.policies = policies or Policies(shipped(tuple(facts_of(catalog))))
        self.reception = Reception(databases, self.policies, row_rules, naming, seal_key, now)
        self.known = KnownSchemas(catalog, self.policies)
        self.completeness = Completeness(databases)
        self.drift = Drift(databases, self._bind_again)
        self._engine = engine
        self._pace = Pace()
        self.answers: Answers | None = None
        """Those that are kept; without them every request is run."""
        self.pseudonyms: Pseudonyms | None = None
        """Those of the access log: without them it cannot be asked about a subject."""
        self.quotas = Quotas()
        self.key_days = 7
        """Days for which an idempotency key is known."""
        self._documents: Bounded[str, DocumentNode] = Bounded(KEPT)
        self._operations: Bounded[tuple[str, str | None], Operation] = Bounded(KEPT)
        self._variables: Bounded[tuple[str, str | None], Variables] = Bounded(KEPT)
        self._plans: Bounded[Any, Plan | NotCompilable] = Bounded(KEPT)
        self._bound: Bounded[Any, Bound] = Bounded(KEPT)
        self._warm: Bounded[Any, Bound] = Bounded(KEPT)
        """Of operations that need no more than their bound plan: a profile that has one here knows the operation's fields."""

    @classmethod
    async def open(cls, settings: Settings) -> Pipeline:
        """The gateway over the databases of the settings. They are connected to when first asked."""
        from resolvers.schema import catalog  # noqa: PLC0415

        databases = {name: Database(name, dsn) for name, dsn in settings.databases.items()}
        policies = FollowedPolicies(catalog, settings.policies) if settings.policies else None
        made = cls(catalog, databases, engine=settings.engine, seal_key=settings.seal_key, policies=policies)
        made.pseudonyms = Pseudonyms(settings.audit_key) if settings.audit_key is not None else None
        made.reception.temporary.hours = settings.temporary_task_hours
        made.key_days = settings.idempotency_days
        made.quotas = Quotas.of(settings)
        made.completeness.stale_seconds = settings.stale_seconds
        if settings.redis and settings.answer_seconds:
            cache, own = Cache(settings.redis), databases["gateway"]
            made.answers = Answers(cache, own, key=settings.seal_key, seconds=settings.answer_seconds)
            await made.answers.open()
        await made.drift.open(DATABASES)
        return made

    async def close(self) -> None:
        """Closes the databases."""
        self.policies.close()
        if self.answers is not None:
            await self.answers.close()
        await self.quotas.close()
        await self.drift.close()
        for database in self.databases.values():
            await database.close()

    async def readiness(self) -> dict[str, bool]:
        """Whether each database answers."""
        return {name: await database.answers() for name, database in self.databases.items()}

    def standing(self) -> dict[str, Any]:
        """What the databases lack of what is declared, and how many values could not be shown since the start."""
        return {**self.drift.standing(), "unshown": dict(sorted(self.completeness.data_errors.items()))}

    # --- one request -----------------------------------------------------------------------------

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        """Answers one request; what is wrong with it is in the answer."""
        ON_BEHALF.set(viewer.subject)
        try:
            return await self._answer(request, viewer, access)
        except Refused as refusal:
            return refused(refusal.errors)
        except GatewayError as error:
            return refused([error])

    async def _answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        operation, given, variables = await self._read(request, viewer, access)
        asking = await self.reception.asking(viewer, access)
        check_stated(operation, access, asking.standing)
        if asking.quota is not None and not request.repeated:
            await self.quotas.admit(asking.quota)
        now = self.reception.now()
        place = (operation.digest, operation.name, operation.told(variables), asking.profile)
        bound = self._warm.get(place)
        if bound is None:
            known = await self.known.to(asking, operation)
            if asks_about_schema(operation):
                if request.by_get:
                    raise not_by_get()
                return executed(await describe(known, operation, given), [], None, ())
            plan = self.plan(operation, variables)
            if isinstance(plan, NotCompilable):
                return await self._by_hand(request, operation, given, variables, access, asking, plan, now)
            bound = self._warm.put(place, self.bound(operation, variables, plan, asking))
        if request.by_get and not bound.shared:
            raise not_by_get()
        if (told := rejection(access, operation, asking, bound.plan)) is not None:
            return told
        asking.check_disclosed(bound.databases)
        run = Run(
            plan=bound.plan,
            values=self.values(bound, variables, asking.seal),
            databases=self.databases,
            statement_for=bound.statement_for,
            today=day_of(now),
            now=now,
            seal=asking.seal,
            reference=asking.reference,
            parameters={**asking.parameters, MASK_KEY: asking.mask_key, "today": day_of(now)},
            named=asking.named,
            drift=self.drift,
        )
        question = question_of(run) if bound.shared and (request.by_get or self.answers is not None) else None
        if request.by_get and question is None:
            raise not_by_get()
        if self._engine == "resolvers":
            answer = await self._by_resolvers(operation, given, variables, asking, bound, now)
        else:
            answer = await run_compiled(
                operation, asking, bound, run, self._pace, question, self.answers, self.completeness
            )
        return replace(answer, shareable=True) if question is not None and is_whole(answer) else answer

    async def _read(
        self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None
    ) -> tuple[Operation, dict[str, Any], Mapping[str, Any]]:
        """The operation of a request, its variables as they were given and as they are."""
        if request.named is not None and not request.query:
            raise GatewayError(ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
        try:
            operation = self.operation(request)
            if request.by_get and operation.definition.operation is not OperationType.QUERY:
                raise not_by_get()
            given = variables_of(operation, request)
            return operation, given, self.variables(operation, given)
        except (Refused, GatewayError):
            if not self.known.whole_to(viewer.kind):  # else a second mistake would tell what is there from what is not
                await self.known.read(await self.reception.asking(viewer, access), request.query)
            raise

    async def _by_hand(
        self,
        request: GraphQLRequest,
        operation: Operation,
        given: Mapping[str, Any],
        variables: Mapping[str, Any],
        access: AccessRequest | None,
        asking: Asking,
        plan: NotCompilable,
        now: datetime.datetime,
    ) -> Answer:
        """The answer to an operation of which some root fields have resolvers of their own."""
        if request.by_get:
            raise not_by_get()
        rest = self.bound(operation, variables, plan.rest, asking) if plan.rest is not None else None
        told = rejection(access, operation, asking, rest.plan if rest is not None else None, plan.others)
        if told is not None:
            return told
        asking.check_disclosed({*(rest.databases if rest is not None else ()), *granted(asking, plan.others)})
        if rest is not None:
            self.values(rest, variables, asking.seal)
        return await self._by_resolvers(operation, given, variables, asking, rest, now, plan.others)

    def operation(self, request: GraphQLRequest) -> Operation:
        """Stages document and limits."""
        key = (request.query, request.operation_name)
        found = self._operations.get(key)
        if found is not None:
            return found
        document = self._documents.get(request.query)
        if document is None:
            document = parse_document(request.query)
            check_size(document)
            judge(self.catalog.schema, document)
            self._documents.put(request.query, document)
        operation = choose_operation(request.query, document, request.operation_name)
        return self._operations.put(key, as_query(operation))

    def variables(self, operation: Operation, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Stage variables. Raises Refused with one error per variable that has a wrong value."""
        key = (operation.digest, operation.name)
        found = self._variables.get(key) or self._variables.put(key, Variables(self.catalog.schema, operation))
        return found.coerced(given)

    def plan(self, operation: Operation, variables: Mapping[str, Any]) -> Plan | NotCompilable:
        """Stage compile."""
        conditions = dict(zip(operation.conditions, operation.told(variables), strict=True))
        key = (operation.digest, operation.name, *conditions.values())
        found = self._plans.get(key)
        if found is None:
            try:
                found = compile_operation(self.catalog, operation, conditions)
            except NotCompilable as reason:
                found = reason
            self._plans.put(key, found)
        return found

    def bound(self, operation: Operation, variables: Mapping[str, Any], plan: Plan, asking: Asking) -> Bound:
        """Stage bind."""
        key = (operation.digest, operation.name, operation.told(variables), asking.profile)
        found = self._bound.get(key)
        if found is None:
            made = bind(
                self.catalog,
                plan,
                asking.decide,
                asking.rows_seen,
                asking.guarded,
                asking.naming_of,
                asking.count_limit,
                self.drift.spares,
            )
            identity = (operation.digest, operation.name, operation.told(variables), asking.profile.identity)
            found = self._bound.put(key, made_of(made, identity))
        return found

    def _bind_again(self) -> None:
        """Forgets what was bound."""
        for bound in (self._bound, self._warm):
            bound.drop(lambda _: True)

    def values(self, bound: Bound, variables: Mapping[str, Any], seal: Seal) -> list[Values]:
        """Stage arguments: every link's, before anything is read. Raises Refused."""
        values: list[Values] = []
        errors: list[GatewayError] = []
        for slot in bound.plan.slots:
            try:
                values.append(check_slot(slot, variables, seal, self.pseudonyms))
            except GatewayError as error:
                errors.append(error)
        if errors:
            raise Refused(errors)
        return values

    async def _by_resolvers(
        self,
        operation: Operation,
        given: Mapping[str, Any],
        variables: Mapping[str, Any],
        asking: Asking,
        bound: Bound | None,
        now: datetime.datetime,
        others: Collection[tuple[str, str, ByHand]] = (),
    ) -> Answer:
        context = Context(
            catalog=self.catalog,
            viewer=asking.viewer,
            temporary=self.reception.temporary,
            key_days=self.key_days,
            decide=asking.decide,
            databases=self.databases,
            write=statement_of,
            seal=asking.seal,
            mask_key=asking.mask_key,
            reference=asking.reference,
            rows_seen=asking.rows_seen,
            figures_seen=asking.figures_seen,
            protection=asking.protection,
            guarded=asking.guarded,
            naming_of=asking.naming_of,
            count_limit=asking.count_limit,
            scope=asking.parameters,
            named=asking.named,
            today=day_of(now),
            now=now,
            variables=variables,
            drift=self.drift,
            pseudonyms=self.pseudonyms,
            oneself=asking.oneself,
        )
        data, errors = await run_fieldwise(operation, context, given)
        plan = bound.plan if bound is not None else None
        databases = {*(bound.databases if bound is not None else ()), *granted(asking, others)}
        by_hand = {key: {decided.database, *decided.beside} for key, _, decided in others}
        unshown = self.completeness.count(plan, errors, by_hand)
        sources = self.completeness.of(databases, context.gave, context.failed, now, unshown)
        trace = Trace(
            operation_name=operation.name,
            operation_digest=operation.digest,
            policy_epoch=asking.policies.epoch,
            coordinates=context.coordinates_with(
                bound.read_by(context.reached) if bound is not None else Coordinates()
            ),
            guarded=True,
            subjects=distinct(context.subjects),
            rows=dict(sorted(context.counts.items())),
            failed=dict(sorted(context.failed.items())),
            statuses=lacking(sources),
            fed=tuple(context.fed),
        )
        return executed(data, errors, plan, sources, trace)

    # --- looking inside --------------------------------------------------------------------------

    async def explain(self, text: str, given: Mapping[str, Any], viewer: Viewer, access: AccessRequest | None) -> str:
        """The plan as text: steps, databases, statements, and what is withheld."""
        operation = self.operation(GraphQLRequest(query=text, variables=dict(given)))
        variables = self.variables(operation, given)
        asking = await self.reception.asking(viewer, access)
        plan = self.plan(operation, variables)
        if isinstance(plan, NotCompilable):
            return f"field by field: {plan} has a resolver of its own\n"
        bound = self.bound(operation, variables, plan, asking)
        values = self.values(bound, variables, asking.seal)
        return explain(bound.plan, lambda step: bound.statement_for(step, values[step.slot]))
