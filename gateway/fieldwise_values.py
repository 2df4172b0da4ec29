"""The parent values and the context of the field-by-field engine."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

from graphql import GraphQLResolveInfo
from sqlalchemy import ColumnElement, FromClause, case

from auth.audit.record import Pseudonyms
from auth.classes import DataClass
from auth.naming import Naming
from auth.policy import Action, Decision, Outcome
from auth.seals import Seal
from auth.viewer import Viewer
from datasources.database import Database
from datasources.errors import SourceError
from datasources.loaders import KeyedLoader
from gateway import handover, payments, reporting, sampling
from gateway.adhoc import compile_adhoc
from gateway.arguments import Values
from gateway.asking import ANYBODY, Oneself
from gateway.directories import Directories
from gateway.drift import Drift
from gateway.errors import ErrorCode, GatewayError
from gateway.idempotency import Faults
from gateway.plan import Statement, Step
from gateway.spans import FIELD_BY_FIELD, watched
from gateway.subjects import pseudonym_of
from gateway.temporary import TemporaryTasks, answered, kind_and_reference
from gateway.thirds import NamedSubjects, NamingOf, naming_of_record
from gateway.trace import Coordinates, Fed, Reached, Subject
from resolvers.catalog import Catalog
from resolvers.cells import Protection
from resolvers.directories import DirectoryAsked, InspectionObjectPage, InspectionOfficerPage
from resolvers.handover import CriminalTransferInput, TransferStatusInput
from resolvers.payment_report import PaymentReconciliation, PaymentReportInput
from resolvers.sampling import DrawSampleInput, SampleDraw, SampleDrawPayload, SampleVerification
from resolvers.sources import Coded, Column, Link, Mapped, Named, Plain, Referred, Source
from resolvers.temporary_task import OpenTemporaryTaskInput, ReviewTemporaryTaskInput, TemporaryTaskPayload
from resolvers.transfer import UserError

Decide = Callable[[str, DataClass, Action], Decision]
Info: TypeAlias = "GraphQLResolveInfo[Context]"
RowsSeen = Callable[[FromClause, bool, bool], tuple[ColumnElement[bool], ...]]
FiguresSeen = Callable[[FromClause], tuple[ColumnElement[bool], ...]]
Guarded = Callable[[FromClause], ColumnElement[bool] | None]
Resolve = Callable[..., Any]
Write = Callable[[Step, Values], Statement]


@dataclass(frozen=True)
class Item:
    """A record as a parent value: its type, and its values by the identity of what was selected."""

    type_name: str
    values: Mapping[Any, Any]
    sort: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Made(Item):
    """What a resolver of its own made, as a parent value: the key of a record, or the faults that there is none for."""

    errors: Sequence[UserError] = ()


def key_place(key: Any, link: Link, severed: bool) -> Any:
    """Where a link's key is found in an item; those of links which lead nowhere from some rows stand apart."""
    return (id(key), "severed" if severed else "key", link.data_class is DataClass.PUBLIC)


@dataclass(frozen=True)
class Parts:
    """A value object over an item: the sources of its members."""

    item: Item
    sources: Mapping[str, Source]
    coordinate: str


@dataclass
class Page:
    """A connection as a parent value."""

    items: list[Item]
    more: bool
    total: int
    cursor: Callable[[Item], str]
    following: str | None
    capped: bool = False


@dataclass
class Context:
    """What a request brings along; `info.context` of every resolver, hand-written ones too."""

    catalog: Catalog
    viewer: Viewer
    temporary: TemporaryTasks
    key_days: int
    """Days for which an idempotency key is known."""
    decide: Decide
    databases: Mapping[str, Database]
    write: Write
    seal: Seal
    mask_key: str
    reference: Callable[[str], str]
    rows_seen: RowsSeen
    figures_seen: FiguresSeen
    protection: Protection | None
    guarded: Guarded
    naming_of: NamingOf
    count_limit: int | None
    named: NamedSubjects
    scope: Mapping[str, Any]
    today: datetime.date
    now: datetime.datetime
    variables: Mapping[str, Any]
    drift: Drift
    pseudonyms: Pseudonyms | None = None
    """What the log calls a subject; None where there is no log."""
    oneself: Oneself = ANYBODY
    directories: Directories = field(default_factory=Directories)
    budget: float = 10.0
    """Seconds that a statement of a hand-written resolver may take."""
    loaders: dict[Hashable, KeyedLoader] = field(default_factory=dict)
    gave: set[str] = field(default_factory=set)
    """Databases that gave an answer."""
    failed: dict[str, str] = field(default_factory=dict)
    """Databases that gave no answer, or not to every statement, each with the code of why."""
    steps: dict[Hashable, Step] = field(default_factory=dict)
    required: dict[str, bool] = field(default_factory=dict)
    """What hand-written resolvers asked leave for, and whether they got it."""
    subjects: list[Subject] = field(default_factory=list)
    reached: Reached = field(default_factory=Reached)
    counts: Counter[str] = field(default_factory=Counter)
    fed: list[Fed] = field(default_factory=list)

    async def rows(self, database: str, statement: Any) -> list[Mapping[str, Any]]:
        """The rows of a SQLAlchemy statement, for hand-written resolvers."""
        records = await self.read(database, statement)
        self.counts[database] += len(records)
        return records

    async def read(self, database: str, statement: Any) -> list[Mapping[str, Any]]:
        """The same, where what is read is more than the answer has: whoever asks counts its rows."""
        if self.drift.takes_out_of(database, statement):
            self.refuse_drifted(database)
        text, parameters = compile_adhoc(statement, {**self.scope, "today": self.today})
        records = await self.ask(database, self.databases[database].rows(text, parameters, budget=self.budget))
        return [dict(record) for record in records]

    def row_conditions(self, source: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Which rows of what is selected FROM the caller sees."""
        return self.rows_seen(source, False, False)

    def figure_conditions(self, source: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Which rows of what is selected FROM the caller's figures are made of."""
        return self.figures_seen(source)

    def own_only(self, type_name: str, expression: ColumnElement[Any], data_class: DataClass) -> ColumnElement[Any]:
        """An expression over a record: above PUBLIC it is null in rows where this caller may not read it."""
        own = self.guarded(self.catalog.records[type_name].table) if data_class is not DataClass.PUBLIC else None
        return expression if own is None else case((own, expression))

    async def open_temporary_task(self, given: OpenTemporaryTaskInput) -> TemporaryTaskPayload:
        """Open a task for the caller. Whom it names is a subject of the request."""
        made = await answered(self.temporary.open(self, given), subject=True)
        if made.task is not None and made.task.subject_ref is not None:
            self.subjects.append(kind_and_reference(made.task.subject_ref))
        return made

    async def review_temporary_task(self, given: ReviewTemporaryTaskInput) -> TemporaryTaskPayload:
        """Decide on a task of the caller's level."""
        return await answered(self.temporary.review(self, given), subject=False)

    async def draw_sample(self, given: DrawSampleInput) -> SampleDrawPayload:
        """Draw, and record it."""
        return await sampling.answered(sampling.draw_sample(self, given))

    async def sample_draw(self, draw_no: str) -> SampleDraw | None:
        """A draw of the caller's level."""
        return await sampling.sample_draw(self, draw_no)

    async def sample_verification(self, draw_no: str) -> SampleVerification | None:
        """A draw of the caller's level, or for auditors any, repeated."""
        return await sampling.sample_verification(self, draw_no)

    async def inspection_objects(self, given: DirectoryAsked) -> InspectionObjectPage | None:
        """A page of the objects."""
        return await self.directories.objects(self, given)

    async def inspection_officers(self, given: DirectoryAsked) -> InspectionOfficerPage | None:
        """A page of the officers."""
        return await self.directories.officers(self, given)

    async def submit_criminal_transfer(self, given: CriminalTransferInput) -> Made:
        """Hand a case over in the caller's name."""
        try:
            return self._made(
                "CriminalTransferPayload", "transfer", await handover.submit(self, given, days=self.key_days)
            )
        except Faults as faults:
            return self._made("CriminalTransferPayload", "transfer", None, faults.told(handover.FAULTS))

    async def report_transfer_status(self, given: TransferStatusInput) -> Made:
        """Record what the caller's platform reports."""
        try:
            return self._made(
                "TransferStatusPayload", "transfer", await reporting.report(self, given, days=self.key_days)
            )
        except Faults as faults:
            return self._made("TransferStatusPayload", "transfer", None, faults.told(reporting.FAULTS))

    async def report_payment(self, given: PaymentReportInput) -> Made:
        """Record what was paid or given back."""
        try:
            return self._made("PaymentReportPayload", "payment", await payments.report(self, given, days=self.key_days))
        except Faults as faults:
            return self._made("PaymentReportPayload", "payment", None, faults.told(payments.FAULTS))

    async def payment_reconciliation(self, day: datetime.date) -> PaymentReconciliation:
        """Compare the books of a day."""
        return await payments.reconciled(self, day)

    def _made(self, type_name: str, member: str, key: Any, errors: Sequence[UserError] = ()) -> Made:
        link = self.catalog.sources[type_name, member]
        assert isinstance(link, Link)
        return Made(type_name=type_name, values={key_place(link.key[0], link, False): key}, errors=errors)

    def naming(self, type_name: str) -> Naming | None:
        """What is left of a record whose subject the task does not name."""
        record = self.catalog.records.get(type_name)
        return naming_of_record(self.naming_of, record) if record is not None else None

    def require(self, coordinate: str, data_class: DataClass, action: Action) -> None:
        """Refuses unless the caller may do this in clear: what is decided before a hand-written resolver runs."""
        decision = self.decide(coordinate, data_class, action)
        self.required[coordinate] = decision.outcome is Outcome.CLEAR
        if decision.outcome is not Outcome.CLEAR:
            raise GatewayError(ErrorCode[str(decision.code or "FORBIDDEN")])

    def pseudonym(self, reference: str) -> str:
        """What the log calls the subject of a reference, for hand-written resolvers."""
        if self.pseudonyms is None:
            raise GatewayError(ErrorCode.SOURCE_UNAVAILABLE, source="gateway")
        return pseudonym_of(reference, self.pseudonyms)

    def coordinates_with(self, read: Coordinates) -> Coordinates:
        """What was decided, of the fields that a plan decides on and of those with a resolver of their own."""
        clear = {name for name, given in self.required.items() if given}
        return replace(
            read,
            clear=tuple(sorted({*read.clear, *clear})),
            withheld=tuple(sorted({*read.withheld, *(self.required.keys() - clear)})),
        )

    def refuse_drifted(self, database: str) -> NoReturn:
        """What has drifted is not asked for (`gateway.drift`)."""
        self.failed[database] = ErrorCode.SOURCE_UNAVAILABLE.name
        raise GatewayError(ErrorCode.SOURCE_UNAVAILABLE, source=database)

    async def ask(self, database: str, asking: Any) -> Any:
        """Awaits a database, and notes when it gives no answer."""
        try:
            found = await watched(FIELD_BY_FIELD, database, asking)
        except SourceError as error:
            self.failed[database] = error.code
            raise GatewayError(ErrorCode[error.code], source=error.database) from None
        self.gave.add(database)
        return found


def in_form(
    value: Any, source: Column, type_name: str, context: Context, members: Mapping[str, Any] = MappingProxyType({})
) -> Any:
    """A stored value as the parent value of its field. Raises GatewayError or ValueError when it cannot be shown."""
    if value is None:
        return None
    form = source.form
    if isinstance(form, Plain):
        return value
    if isinstance(form, Mapped):
        return form.show(value)
    if isinstance(form, Named):
        if value not in form.names:
            raise GatewayError(ErrorCode.DATA_ERROR)
        return members[form.names[value]]
    if isinstance(form, Coded):
        codes: list[dict[str, str]] = [
            {"list": form.list_name, "code": code, "label": form.labels.get(code, code)} for code in value
        ]
        if form.many:
            return codes
        return {"list": form.list_name, "code": value, "label": form.labels.get(value, value)}
    if isinstance(form, Referred):
        return context.reference(form.show(value))
    return context.seal.close("id", "", [type_name, value])
