"""Registered documents (登记文档): what each client may run by name, and who may run nothing else.

All of them are in memory, as the gateway's own database has them: a look every half second sees whether anything changed, so
that what is revoked is refused within a second. Documents are judged and limited like any text, by the pipeline, every time;
a name only stands for a text. Whoever must keep to registered documents gets none while it is not known which they are.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.database import Database
from datasources.tables.gateway import client as clients
from datasources.tables.gateway import document as documents
from gateway.adhoc import compile_adhoc
from gateway.errors import ErrorCode, GatewayError
from gateway.named import Form, digest_of
from gateway.request import Answer, GraphQLRequest
from gateway.store import Bounded

FRESH_SECONDS = 30.0
"""How long documents are believed that were not looked at again. Revocations of tokens are believed for as long."""
REMEMBERED = 1_000
"""Texts that are remembered for clients of the automatic protocol, 16 KiB each at most."""
IN_FORCE = "1"
"""A client that is neither suspended nor struck off."""
COMMA: ColumnElement[str] = literal_column("','")
REGISTERED = "REGISTERED"
"""``gw.client.documents`` of a client that runs nothing else."""

REALMS: Mapping[str, frozenset[CallerKind]] = MappingProxyType(
    {
        "PARTNER": frozenset({CallerKind.PARTNER}),
        "STAFF": frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR, CallerKind.AUDITOR}),
        "CITIZEN": frozenset({CallerKind.CITIZEN}),
        "PUBLIC": frozenset({CallerKind.PUBLIC}),
    }
)
"""``gw.client.realm`` → whose tokens may name the client."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text that a client registered for a purpose. `digest` is its SHA-256 in hexadecimal."""

    digest: str
    purpose: Purpose
    text: str


@dataclass(frozen=True, kw_only=True)
class Client:
    """What one client may run. `documents` are by every id that stands for them."""

    realm: str
    only_registered: bool
    documents: Mapping[str, Document]


STRANGER = Client(realm="", only_registered=False, documents=MappingProxyType({}))
UNKNOWN_PARTNER = dataclasses.replace(STRANGER, only_registered=True)


@dataclass
class Documents:
    """The documents of all clients. `automatic`: whether texts are remembered for clients that are no partners."""

    database: Database
    automatic: bool = False
    steady: Callable[[], float] = time.monotonic
    clients: Mapping[str, Client] = field(default_factory=dict)
    _mark: str | None = None
    _seen_at: float = float("-inf")
    _remembered: Bounded[tuple[str, str, str], str] = field(default_factory=lambda: Bounded(REMEMBERED))

    async def look(self) -> None:
        """Reads all anew where something changed since the last look. Raises SourceError."""
        asked_at = self.steady()
        ((mark,),) = await self.database.rows(*_MARK)
        if mark != self._mark:
            self.clients = _read(await self.database.rows(*_KNOWN), await self.database.rows(*_DOCUMENTS))
            self._mark = mark
        self._seen_at = asked_at

    def request_for(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> GraphQLRequest:
        """The request with the text that its document's name stands for. Raises GatewayError when it may not be run."""
        client = self._client_of(viewer)
        if request.query and not client.only_registered:
            return request
        if self.steady() - self._seen_at > FRESH_SECONDS:
            raise GatewayError(ErrorCode.OVERLOADED)
        name = request.named.id if request.named is not None and not request.query else digest_of(request.query)
        document = client.documents.get(name)
        if document is not None:
            _for_its_purpose(document, access)
            return dataclasses.replace(request, query=document.text, named=None)
        if client.only_registered:
            raise GatewayError(ErrorCode.DOCUMENT_NOT_REGISTERED)
        return self._remembered_for(request, viewer, name)

    def remember(self, request: GraphQLRequest, viewer: Viewer, answer: Answer) -> None:
        """Remembers the text that came with its hash, once it was run: by then it is within every limit."""
        if (
            self._is_automatic(viewer)
            and request.named is not None
            and request.query
            and answer.status_hint == "executed"
        ):
            self._remembered.put((viewer.issuer, viewer.client, request.named.id), request.query)

    def _remembered_for(self, request: GraphQLRequest, viewer: Viewer, name: str) -> GraphQLRequest:
        by_hash = request.named is not None and request.named.form is Form.PERSISTED_QUERY
        if by_hash and not self._is_automatic(viewer):
            raise GatewayError(ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
        text = self._remembered.get((viewer.issuer, viewer.client, name)) if by_hash else None
        if text is None or request.by_get:
            raise GatewayError(ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        return dataclasses.replace(request, query=text, named=None)

    def _is_automatic(self, viewer: Viewer) -> bool:
        return self.automatic and viewer.kind is not CallerKind.PARTNER

    def _client_of(self, viewer: Viewer) -> Client:
        """The client of a token. A name is a realm's own: that of another realm's token is somebody else's."""
        found = self.clients.get(viewer.client)
        if found is not None and viewer.kind in REALMS.get(found.realm, ()):
            return found
        return UNKNOWN_PARTNER if viewer.kind is CallerKind.PARTNER else STRANGER


def _for_its_purpose(document: Document, access: AccessRequest | None) -> None:
    """A document is run for what it was registered for. What is for the public may be asked for without a word."""
    if access is None:
        if document.purpose is not Purpose.PUBLIC_DISCLOSURE:
            raise GatewayError(ErrorCode.PURPOSE_REQUIRED, needs=["purpose"])
    elif access.purpose is not document.purpose:
        raise GatewayError(ErrorCode.PURPOSE_DENIED)


def _mark_of() -> Select[Any]:
    """A short text that is another one whenever a client or a document is."""
    of_client = func.concat_ws("|", clients.c.client_id, clients.c.realm, clients.c.status_code, clients.c.documents)
    of_document = func.concat_ws(
        "|", documents.c.client_id, documents.c.sha256, documents.c.given_id, documents.c.purpose,
        cast(documents.c.revoked_at, Text),
    )  # fmt: skip
    by_client = aggregate_order_by(COMMA, clients.c.client_id)
    by_document = aggregate_order_by(COMMA, documents.c.client_id, documents.c.sha256)
    all_clients = select(func.string_agg(of_client, by_client)).scalar_subquery()
    all_documents = select(func.string_agg(of_document, by_document)).scalar_subquery()
    return select(
        func.encode(func.sha256(func.convert_to(func.concat_ws("#", all_clients, all_documents), "UTF8")), "hex")
    )


_MARK = compile_adhoc(_mark_of())
_KNOWN = compile_adhoc(
    select(clients.c.client_id, clients.c.realm, clients.c.documents, clients.c.status_code == IN_FORCE)
)
_DOCUMENTS = compile_adhoc(
    select(
        documents.c.client_id, documents.c.sha256, documents.c.given_id, documents.c.purpose, documents.c.text
    ).where(documents.c.revoked_at.is_(None))
)


def _read(known: Sequence[Any], registered: Sequence[Any]) -> Mapping[str, Client]:
    """The clients by id, each with its documents. A row that says what nobody knows opens nothing, and who is suspended runs
    nothing."""
    by_client: dict[str, dict[str, Document]] = {}
    for client_id, digest, given_id, purpose, text in registered:
        if purpose in Purpose.__members__ and digest_of(text) == digest:
            document = Document(digest=digest, purpose=Purpose[purpose], text=text)
            found = by_client.setdefault(client_id, {})
            found[digest] = document
            if given_id is not None:
                found.setdefault(given_id, document)
    return {
        client_id: Client(
            realm=realm,
            only_registered=terms == REGISTERED or not in_force,
            documents=by_client.get(client_id, {}) if in_force else {},
        )
        for client_id, realm, terms, in_force in known
    }
