"""The stages of one request, in order. Read this first.

    document   text → syntax tree, validated, operation chosen           kept per text
    limits     syntax tree → refused when it unfolds into too much
    variables  JSON values → coerced values
    costs      operation and variables → refused when it may read too much   kept per operation and conditions
    standing   token and stated purpose → what kind of caller this is    believed for 30 s
    compile    operation → plan, no caller in it                         kept per operation and conditions
    bind       plan → bound plan, what may not be seen is gone           kept per plan, standing and policies
    arguments  variables → checked arguments
    sql        step → statement text                                     kept per bound plan
    run        statements → rows, breadth first
    shape      rows → data and errors

A warm request only binds values: everything that is kept (`gateway.plans`) is found by one look-up each. A stage
takes data and gives data; no stage knows another.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from graphql import OperationType

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
from gateway.bound import Bound, statement_of
from gateway.compile import NotCompilable
from gateway.compiled import run_compiled
from gateway.completeness import Completeness, lacking
from gateway.costs import CostLimits
from gateway.described import Descriptions
from gateway.directories import Directories
from gateway.drift import Drift
from gateway.errors import ErrorCode, GatewayError, Refused
from gateway.executed import executed
from gateway.explain import Explained, explain
from gateway.facts import facts_of, shipped
from gateway.fieldwise import attach, run_fieldwise
from gateway.fieldwise_values import Context
from gateway.inflight import carry_through
from gateway.introspect import asks_about_schema
from gateway.known import KnownSchemas
from gateway.operation import Operation
from gateway.pace import Pace, in_turns
from gateway.passage import passed
from gateway.patience import Patience
from gateway.plans import Plans
from gateway.policies import FollowedPolicies
from gateway.quotas import Quotas
from gateway.rejection import granted, rejection
from gateway.request import Answer, GraphQLRequest, refused
from gateway.rowscope import RowRules, row_conditions
from gateway.run import Run
from gateway.settings import Settings
from gateway.shareable import is_whole, not_by_get, question_of
from gateway.sources import OWN, databases_of
from gateway.subscribed import check_stated, variables_of
from gateway.trace import Coordinates, Trace, distinct
from resolvers.catalog import Catalog
from resolvers.sources import ByHand


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Pipeline:
    """One gateway: the catalog, its databases, and everything that is kept between requests (of documents: `plans`)."""

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
        self.descriptions = Descriptions()
        self.completeness = Completeness(databases)
        self.drift = Drift(databases, self._bind_again)
        self._engine = engine
        self._pace = Pace()
        self.known = KnownSchemas(catalog, self.policies, self._pace.next)
        self.plans = Plans(catalog, self._pace.next, self.drift.spares)
        self.answers: Answers | None = None
        """Those that are kept; without them every request is run."""
        self.pseudonyms: Pseudonyms | None = None
        """Those of the access log: without them it cannot be asked about a subject."""
        self.quotas = Quotas()
        self.directories = Directories()
        self.cost_limits = CostLimits()
        self.key_days = 7
        """Days for which an idempotency key is known."""
        self.patience = Patience()

    @classmethod
    async def open(cls, settings: Settings) -> Pipeline:
        """The gateway over the databases of the settings. They are connected to when first asked."""
        from resolvers.schema import catalog  # noqa: PLC0415

        databases = databases_of(settings)
        policies = FollowedPolicies(catalog, settings.policies) if settings.policies else None
        made = cls(catalog, databases, engine=settings.engine, seal_key=settings.seal_key, policies=policies)
        made.pseudonyms = Pseudonyms(settings.audit_key) if settings.audit_key is not None else None
        made.reception.temporary.hours = settings.temporary_task_hours
        made.key_days = settings.idempotency_days
        made.patience = Patience.of(settings)
        made.quotas = Quotas.of(settings)
        made.cost_limits = CostLimits(rows=settings.cost_limit, database=settings.cost_limit_database)
        made.completeness.stale_seconds = settings.stale_seconds
        if settings.redis and settings.answer_seconds:
            cache, own = Cache(settings.redis), databases[OWN]
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
        """Whether each database answers. They are asked at once: several that hang take no longer than one."""
        found = await asyncio.gather(*(database.answers() for database in self.databases.values()))
        return dict(zip(self.databases, found, strict=True))

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
        passed("document")
        asking = await self.reception.asking(viewer, access)
        check_stated(operation, access, asking.standing)
        if asking.quota is not None and not request.repeated:
            await self.quotas.admit(asking.quota)
        passed("standing")
        now = self.reception.now()
        bound = self.plans.warm(operation, variables, asking)
        if bound is None:
            found = await self._first(request, operation, given, variables, access, asking, now)
            if isinstance(found, Answer):
                return found
            bound = self.plans.warmed(operation, variables, asking, found)
        if request.by_get and not bound.shared:
            raise not_by_get()
        if (told := rejection(access, operation, asking, bound.plan)) is not None:
            return told
        asking.check_disclosed(bound.databases)
        today = day_of(now)
        run = Run(
            plan=bound.plan,
            values=self.values(bound, variables, asking.seal),
            databases=self.databases,
            written=bound.written,
            turn=self._pace.next,
            statement_for=bound.statement_for,
            today=today,
            now=now,
            seal=asking.seal,
            reference=asking.reference,
            parameters={**asking.parameters, MASK_KEY: asking.mask_key, "today": today},
            named=asking.named,
            drift=self.drift,
        )
        question = None
        if bound.shared and (request.by_get or self.answers is not None):
            await in_turns(bound.write(run.values), self._pace.next)
            question = question_of(run)
        if request.by_get and question is None:
            raise not_by_get()
        passed("bind")
        if self._engine == "resolvers":
            answer = await self._by_resolvers(operation, given, variables, asking, bound, now)
        else:
            answer = await run_compiled(
                operation, asking, bound, run, self._pace, question, self.answers, self.completeness
            )
        answer = await self._released(operation, asking, answer)
        return replace(answer, shareable=True) if question is not None and is_whole(answer) else answer

    async def _first(
        self,
        request: GraphQLRequest,
        operation: Operation,
        given: Mapping[str, Any],
        variables: Mapping[str, Any],
        access: AccessRequest | None,
        asking: Asking,
        now: datetime.datetime,
    ) -> Bound | Answer:
        """The bound plan of an operation that such a caller had not asked before, or the answer to one that has none."""
        new = self.plans.is_new(operation, variables)
        if new:
            await self._pace.next()
        known = await self.known.to(asking, operation)
        if new:
            await self._pace.next()
        if asks_about_schema(operation):
            if request.by_get:
                raise not_by_get()
            return executed(await self.descriptions.of(known, operation, given), [], None, ())
        plan = self.plans.plan(operation, variables)
        if isinstance(plan, NotCompilable):
            answer = await self._by_hand(request, operation, given, variables, access, asking, plan, now)
            return await self._released(operation, asking, answer)
        return await self.plans.bound(operation, variables, plan, asking)

    async def _released(self, operation: Operation, asking: Asking, answer: Answer) -> Answer:
        """The answer as far as the rows of the agreement go; what a change has done is told whatever they are."""
        if asking.quota is None or operation.definition.operation is OperationType.MUTATION:
            return answer
        return await self.quotas.release(asking.quota, answer)

    async def _read(
        self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None
    ) -> tuple[Operation, dict[str, Any], Mapping[str, Any]]:
        """The operation of a request, its variables as they were given and as they are."""
        if request.named is not None and not request.query:
            raise GatewayError(ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
        try:
            operation = await self.plans.read(request)
            if request.by_get and operation.definition.operation is not OperationType.QUERY:
                raise not_by_get()
            given = variables_of(operation, request)
            variables = self.plans.variables(operation, given)
            self.plans.cost(operation, variables).check(variables, self.cost_limits)
            return operation, given, variables  # noqa: TRY300 - what is raised above is judged anew below
        except (Refused, GatewayError):
            if not self.known.whole_to(viewer.kind):  # else a second mistake would tell what is there from what is not
                await self._pace.next()
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
        self.patience.extend(request.patience)
        if operation.definition.operation is OperationType.MUTATION:
            carry_through()
        rest = await self.plans.bound(operation, variables, plan.rest, asking) if plan.rest is not None else None
        told = rejection(access, operation, asking, rest.plan if rest is not None else None, plan.others)
        if told is not None:
            return told
        asking.check_disclosed({*(rest.databases if rest is not None else ()), *granted(asking, plan.others)})
        if rest is not None:
            self.values(rest, variables, asking.seal)
        passed("bind")
        return await self._by_resolvers(operation, given, variables, asking, rest, now, plan.others)

    def _bind_again(self) -> None:
        self.plans.bind_again()

    def values(self, bound: Bound, variables: Mapping[str, Any], seal: Seal) -> list[Values]:
        """Stage arguments: every link's, before anything is read. Raises Refused."""
        values: list[Values] = []
        errors: list[GatewayError] = []
        for slot, settled in zip(bound.plan.slots, bound.settled, strict=True):
            try:
                values.append(settled or check_slot(slot, variables, seal, self.pseudonyms))
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
            directories=self.directories,
            budget=self.patience.report,
        )
        data, errors = await run_fieldwise(operation, context, given)
        passed("run")
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
        answer = executed(data, errors, plan, sources, trace)
        passed("shape")
        return answer

    # --- looking inside --------------------------------------------------------------------------

    async def explain(self, text: str, given: Mapping[str, Any], viewer: Viewer, access: AccessRequest | None) -> str:
        """The plan as text: steps, databases, statements, and what is withheld."""
        return (await self.explained(GraphQLRequest(query=text, variables=dict(given)), viewer, access)).text

    async def explained(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Explained:
        """The same as data, whether the caller may know of the fields or not (`check_known`). Raises Refused, GatewayError."""
        operation = await self.plans.read(request)
        variables = self.plans.variables(operation, variables_of(operation, request))
        asking = await self.reception.asking(viewer, access)
        plan = self.plans.plan(operation, variables)
        if isinstance(plan, NotCompilable):
            return Explained(by_hand=str(plan))
        bound = await self.plans.bound(operation, variables, plan, asking)
        values = self.values(bound, variables, asking.seal)
        await in_turns(bound.write(values), self._pace.next)
        return explain(bound.plan, lambda step: bound.statement_for(step, values[step.slot]))

    async def check_known(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> None:
        """Raises Refused, GatewayError for a document that does not fit the schema as the caller knows it, as `answer` does."""
        operation, *_ = await self._read(request, viewer, access)
        await self.known.to(await self.reception.asking(viewer, access), operation)
