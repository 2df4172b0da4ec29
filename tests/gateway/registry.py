"""A village whose clients have registered documents, and its gateway as it is served."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import asyncpg
import orjson

from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.breaker import Breaker
from datasources.database import Database
from datasources.tables import DATABASES
from gateway.documented import Documented
from gateway.documents import Documents
from gateway.errors import GatewayError
from gateway.named import digest_of
from gateway.pipeline import Pipeline
from gateway.registering import Entry, Manifest, read_manifest, register
from gateway.request import Answer, refused
from gateway.stating import parse_parameters
from resolvers.schema import catalog
from tests.gateway.asking import Asker
from tests.world import CALLERS, MOMENT, SEAL_KEY

CHANGED = ("gw.client", "gw.document", "gw.agreement", "gw.change_log", "cas.disclosure")
"""Tables that tests with a registry change."""

FINANCE: Asker = CALLERS["partner"]
"""May run registered documents only."""
DISCLOSURE: Asker = CALLERS["partner-disclosure"]
"""A partner that may run any."""
SITE: Asker = (Viewer(subject="site", client="public-site", kind=CallerKind.PUBLIC), None)
SITE_SAYING_WHY: Asker = (SITE[0], AccessRequest(purpose=Purpose.PUBLIC_DISCLOSURE))
OFFICER: Asker = (
    Viewer(subject="officer", client="app-yuezhengyi", kind=CallerKind.OFFICER, cert_no="19040130215"),
    AccessRequest(purpose=Purpose.PUBLIC_DISCLOSURE),
)

PAYMENTS = 'query Payments { nonTaxPayments(paymentCodes: ["44040026000000412376"]) { amountDue payerName } }'
RECENT = "query Recent($first: Int!) { disclosures(first: $first) { totalCount nodes { disclosureId subjectName facts org { name } } } }"
DETAIL = "query Detail($id: ID!) { disclosure(disclosureId: $id) { disclosureId subjectName facts causeName version } }"


class Registry:
    """The gateway over one database that holds every schema. Nothing follows by itself: `look` is called."""

    def __init__(self, dsn: str, engine: str = "compiled") -> None:
        self.dsn = dsn
        self.databases = {name: Database(name, dsn, budget=30) for name in DATABASES}
        self.pipeline = Pipeline(catalog, self.databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
        self.changed: set[str] = set()
        """Tables that are not the village's any more."""
        self._admin: asyncpg.Connection[Any] | None = None
        self.forget()

    def forget(self, *, automatic: bool = False) -> None:
        """Begins anew: no document is known and no text remembered."""
        self.documents = Documents(self.databases["gateway"], automatic=automatic)
        self.gateway = Documented(self.pipeline, self.documents)

    async def put(self, documents: Iterable[tuple[str, Purpose, str]]) -> None:
        """Writes documents past the command: client, purpose, text."""
        self.changed.add("gw.document")
        await (await self._connection()).executemany(
            "INSERT INTO gw.document (client_id, sha256, purpose, text, registered_at) VALUES ($1, $2, $3, $4, now())",
            [(client, digest_of(text), purpose.value, text) for client, purpose, text in documents],
        )

    async def register(self, client: str, purpose: Purpose, *texts: str) -> list[str]:
        """Registers documents and gives their hashes."""
        self.changed.add("gw.document")
        entries = [Entry(text=text) for text in texts]
        return [one.digest for one in await register(self.pipeline, entries, client, purpose, MOMENT)]

    async def register_manifest(self, client: str, purpose: Purpose, content: Any, manifest: Manifest) -> list[str]:
        """Registers the documents of a manifest."""
        self.changed.add("gw.document")
        entries = read_manifest(json.dumps(content).encode(), manifest)
        return [one.digest for one in await register(self.pipeline, entries, client, purpose, MOMENT)]

    async def answer(self, asker: Asker, **parameters: Any) -> Answer:
        """The answer to a POST of these parameters."""
        try:
            request, access = parse_parameters(json.dumps(parameters).encode())
        except GatewayError as error:
            return refused([error])
        return await self.gateway.answer(request, asker[0], access or asker[1])

    async def told(self, asker: Asker, **parameters: Any) -> Any:
        """The payload, as a client reads it."""
        return orjson.loads(orjson.dumps((await self.answer(asker, **parameters)).payload))

    async def code(self, asker: Asker, **parameters: Any) -> str:
        """The code of a refusal; empty when there is none."""
        answer = await self.answer(asker, **parameters)
        return answer.payload["errors"][0]["extensions"]["code"] if answer.status_hint == "refused" else ""

    async def execute(self, statement: str, *values: Any) -> None:
        """Changes the village."""
        self.changed.update(CHANGED)
        await (await self._connection()).execute(statement, *values)

    async def _connection(self) -> asyncpg.Connection[Any]:
        if self._admin is None:
            self._admin = await asyncpg.connect(self.dsn)
        return self._admin

    def statements(self) -> int:
        """Statements sent so far."""
        return sum(database.statements for database in self.databases.values())

    @contextlib.asynccontextmanager
    async def without(self, name: str) -> AsyncIterator[None]:
        """A database is down meanwhile."""
        database = self.databases[name]
        pool = database._pool
        there, pool.text = pool.text, "postgresql://nobody@127.0.0.1:1/nowhere"
        await database.close()
        yield
        database._breaker.close()
        database._breaker = Breaker(name, pool.probe, database._queue.shed)
        pool.text, pool._failing = there, False

    async def close(self) -> None:
        """Closes the databases."""
        await self.gateway.close()
        if self._admin is not None:
            await self._admin.close()


def persisted(name: str, **more: Any) -> Mapping[str, Any]:
    """``extensions`` as Apollo's clients send them."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}, **more}}
