"""A village whose access log is kept, shipped into its gateway database, and asked: the whole way, with a clock of its own."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from sqlalchemy import Table

from auth.audit.reader import records
from auth.audit.record import Pseudonyms
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.database import Database
from datasources.references import reference
from datasources.tables import DATABASES
from datasources.tables.access_log import access_record, access_subject
from gateway.logrows import Row, record_row, subject_rows
from gateway.pipeline import Pipeline
from gateway.recorder import LogRecorder
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from tests.world import CALLERS, MOMENT, SEAL_KEY

KEY = b"k" * 64
PSEUDONYMS = Pseudonyms(KEY)

PERSON_REF, ID_NO = "p_7QK2M9", "440499198603120178"
FIRM_REF, FIRM_USCC = "e_2HV0TC", "91440499MA7X000184"
CASE_NO = "ZHXZ-CX-2026-CF-0003071"
ROADSIDE_TASK = "ZHJT-2026-JC-0004127"

CITIZEN = (
    Viewer(subject="citizen", client="yueshengshi", kind=CallerKind.CITIZEN, subject_ref=PERSON_REF),
    AccessRequest(purpose=Purpose.SELF_SERVICE),
)
ENTERPRISE = (
    Viewer(subject="firm", client="yueshangtong", kind=CallerKind.CITIZEN, subject_ref=PERSON_REF, org_uscc=FIRM_USCC),
    AccessRequest(purpose=Purpose.SELF_SERVICE),
)
INSPECTOR = (CALLERS["officer"][0], AccessRequest(purpose=Purpose.INSPECTION, task_no=ROADSIDE_TASK, reason="路面检查"))

Caller = tuple[Viewer, AccessRequest | None]


class Desk:
    """Both engines over one database; what they answer is recorded below `directory`.

    Connections and what is known of documents are those of the desk that it is `like`: of who asks and what is there it knows nothing.
    """

    def __init__(self, dsn: str, recorder: LogRecorder, directory: Path, *, like: Desk | None = None) -> None:
        self.dsn = dsn
        self.now = MOMENT
        self.databases: Mapping[str, Database] = (
            like.databases if like else {name: Database(name, dsn, budget=30) for name in DATABASES}
        )
        self.recorder = recorder
        self._directory = directory
        self._shipped: dict[str, int] = {}
        self._pipelines = [
            Pipeline(
                catalog,
                self.databases,
                engine=engine,
                seal_key=SEAL_KEY,
                now=lambda: self.now,
            )
            for engine in ("compiled", "resolvers")
        ]
        for pipeline in self._pipelines:
            pipeline.pseudonyms = PSEUDONYMS
        if like is not None:
            for pipeline, known in zip(self._pipelines, like._pipelines, strict=True):
                pipeline.plans, pipeline.known = known.plans, known.known

    @property
    def pipeline(self) -> Pipeline:
        """The compiled engine."""
        return self._pipelines[0]

    async def ask(self, caller: Caller, query: str, **variables: Any) -> dict[str, Any]:
        """What both engines answer; the answer is recorded once."""
        request = GraphQLRequest(query=query, variables=variables)
        answer, other = [await pipeline.answer(request, *caller) for pipeline in self._pipelines]
        body = orjson.dumps(answer.payload)
        assert orjson.dumps(other.payload) == body
        await self.recorder.record(*caller, variables, answer, body)
        payload: dict[str, Any] = orjson.loads(body)
        return payload

    async def ship(self, at: datetime.datetime | None = None) -> None:
        """Puts the new records of the log into the database, as if they had been written `at`, or now."""
        connection = await asyncpg.connect(self.dsn)
        await ship(connection, self._directory, self._shipped, at or self.now)
        await connection.close()

    async def execute(self, statement: str, *values: Any) -> None:
        """Changes the village."""
        connection = await asyncpg.connect(self.dsn)
        await connection.execute(statement, *values)
        await connection.close()

    async def name_in_task(self, *id_nos: str) -> None:
        """The inspector's task is about these persons, and the firm."""
        found = await self.databases["population"].rows(
            "SELECT person_id FROM pop.person WHERE id_no = ANY($1)", [list(id_nos)]
        )
        for named in (FIRM_REF, *(reference("p", row["person_id"]) for row in found)):
            await self.execute(
                """INSERT INTO off.assignment (task_no, officer_id, role_code, subject_ref, valid_from)
                SELECT $1, officer_id, '1', $2, '2026-01-01' FROM off.officer WHERE cert_no = $3
                ON CONFLICT DO NOTHING""",
                ROADSIDE_TASK,
                named,
                INSPECTOR[0].cert_no,
            )

    async def close(self) -> None:
        for database in self.databases.values():
            await database.close()


async def ship(
    connection: asyncpg.Connection[Any], directory: Path, shipped: dict[str, int], at: datetime.datetime
) -> None:
    """Every log below `directory` from where it was left; `shipped` is by the log's name."""
    for log in logs_of(directory):
        for stored in records(log, after=shipped.get(log.name, 0)):
            moment = at + datetime.timedelta(microseconds=stored.sequence)
            await _insert(connection, access_record, record_row(log.name, stored), moment)
            for row in subject_rows(log.name, stored):
                await _insert(connection, access_subject, row, moment)
            shipped[log.name] = stored.sequence


def logs_of(directory: Path) -> list[Path]:
    """The logs of all processes."""
    return sorted(directory.glob("[0-9]*"))


async def _insert(connection: asyncpg.Connection[Any], table: Table, row: Row, at: datetime.datetime) -> None:
    columns = table.c.keys()
    record = tuple(at if name == "at" else value for name, value in zip(columns, row, strict=True))
    await connection.copy_records_to_table(table.name, schema_name="gw", columns=columns, records=[record])
