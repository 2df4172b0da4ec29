"""Registering documents: manifests read, every document judged as its client's, all of them written or none.

plain    one document, as a file has it
relay    {"<hash>": "<text>"}, what relay-compiler writes (persisted.json); the hash is an MD5 unless set otherwise
apollo   {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{id, name, type, body}]}
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson
from graphql import OperationDefinitionNode
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from auth.purpose import PROOFS, Proof
from auth.terms import Terms
from auth.viewer import CallerKind, Purpose
from datasources.database import Database
from datasources.tables.calendar import day_of
from datasources.tables.gateway import client as clients
from datasources.tables.gateway import document as documents
from gateway.adhoc import compile_adhoc
from gateway.document import parse_document
from gateway.errors import GatewayError, Refused
from gateway.fitness import fitness_of, suppositions
from gateway.named import HASH, ID, digest_of
from gateway.pipeline import Pipeline
from gateway.standing import agreements_in_force, terms_of

MANIFEST_SIZE = 2_000
"""Documents of one manifest."""
APOLLO_FORMAT = ("apollo-persisted-query-manifest", 1)


class Manifest(Enum):
    """What a file of documents is."""

    PLAIN = "plain"
    RELAY = "relay"
    APOLLO = "apollo"


class NotRegistered(Exception):
    """Nothing was registered. `reasons` say why, a line each."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(reasons[0])
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One document of a manifest: its text, and the id that the client will send where that is not the text's SHA-256."""

    text: str
    given_id: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the text, in hexadecimal."""
        return digest_of(self.text)


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A document that was registered. `nulls` are fields that are null to this client, with the codes of why."""

    digest: str
    given_id: str | None
    name: str | None
    nulls: tuple[str, ...]


def read_manifest(content: bytes, manifest: Manifest) -> tuple[Entry, ...]:
    """The documents of a file. Raises NotRegistered."""
    if manifest is Manifest.PLAIN:
        try:
            return (Entry(text=content.decode("utf-8").strip()),)
        except UnicodeDecodeError:
            raise NotRegistered("the file is not UTF-8") from None
    try:
        read = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise NotRegistered("the file is not JSON") from None
    pairs = list(_relay(read) if manifest is Manifest.RELAY else _apollo(read))
    if not 0 < len(pairs) <= MANIFEST_SIZE:
        raise NotRegistered(f"a manifest has 1 to {MANIFEST_SIZE} documents")
    return tuple(_entry(name, text) for name, text in pairs)


def _relay(read: Any) -> Iterator[tuple[Any, Any]]:
    if not isinstance(read, dict):
        raise NotRegistered("a manifest of Relay is an object of texts by hash")
    yield from read.items()


def _apollo(read: Any) -> Iterator[tuple[Any, Any]]:
    if not isinstance(read, dict) or (read.get("format"), read.get("version")) != APOLLO_FORMAT:
        raise NotRegistered('a manifest of Apollo has "format": "apollo-persisted-query-manifest" and "version": 1')
    operations = read.get("operations")
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise NotRegistered("a manifest of Apollo has a list of operations")
    for one in operations:
        yield one.get("id"), one.get("body")


def _entry(name: Any, text: Any) -> Entry:
    """An id that looks like a SHA-256 is one: it must be the text's."""
    if not isinstance(name, str) or not ID.fullmatch(name) or not isinstance(text, str):
        raise NotRegistered("a document has an id of 1 to 128 letters, digits and -._~, and a text")
    digest = digest_of(text)
    if HASH.fullmatch(name) and name != digest:
        raise NotRegistered(f"{name} is not the SHA-256 of its text, which is {digest}")
    return Entry(text=text, given_id=None if name == digest else name)


async def register(
    pipeline: Pipeline, entries: Sequence[Entry], client_id: str, purpose: Purpose, now: datetime.datetime
) -> tuple[Registered, ...]:
    """Registers documents of a client for a purpose. Raises NotRegistered, SourceError.

    One that is registered already gets the purpose and the id that are given now, also when it was revoked.
    """
    own = pipeline.databases["gateway"]
    realm = await _rows(own, select(clients.c.realm).where(clients.c.client_id == client_id))
    if not realm:
        raise NotRegistered(f"no client {client_id} in gw.client")
    agreed = await _agreed(own, client_id, purpose, day_of(now))
    supposed = list(suppositions(client_id, realm[0][0], purpose, agreed))
    if not supposed:
        raise NotRegistered(
            f"{client_id} cannot ask for {purpose.value}: no caller of its realm may, or no agreement is in force"
        )
    done, faults = [], []
    for entry in entries:
        found = [await fitness_of(pipeline, entry.text, *one) for one in supposed]
        best = min(found, key=lambda one: (len(one.faults), len(one.nulls)))
        name = _name_of(entry.text)
        faults += [f"{name or entry.given_id or entry.digest}: {fault}" for fault in best.faults]
        done.append(Registered(digest=entry.digest, given_id=entry.given_id, name=name, nulls=best.nulls))
    if faults:
        raise NotRegistered(*faults)
    await _write(own, entries, done, client_id, purpose, now)
    return tuple(done)


async def revoke(own: Database, client_id: str, name: str, now: datetime.datetime) -> bool:
    """Takes a document back, by its SHA-256 or the client's id; whether there was one. Raises SourceError."""
    taken = (
        update(documents)
        .where(
            documents.c.client_id == client_id,
            or_(documents.c.sha256 == name, documents.c.given_id == name),
            documents.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(documents.c.sha256)
    )
    return bool(await _rows(own, taken))


async def listed(own: Database, client_id: str | None) -> Sequence[Any]:
    """The documents of a client, or of all: every column but the text. Raises SourceError."""
    columns = [column for column in documents.c if column is not documents.c.text]
    wanted = select(*columns).order_by(documents.c.client_id, documents.c.name, documents.c.sha256)
    return await _rows(own, wanted if client_id is None else wanted.where(documents.c.client_id == client_id))


async def _agreed(own: Database, client_id: str, purpose: Purpose, today: datetime.date) -> Sequence[Terms]:
    """The terms by which a partner may show the purpose: of each agreement in force. Other purposes need none."""
    if PROOFS.get((CallerKind.PARTNER, purpose)) is not Proof.AGREEMENT:
        return [Terms()]
    return [terms_of(*row) for row in await _rows(own, agreements_in_force(client_id, purpose.value, today))]


async def _write(
    own: Database,
    entries: Sequence[Entry],
    done: Sequence[Registered],
    client_id: str,
    purpose: Purpose,
    now: datetime.datetime,
) -> None:
    rows: list[Mapping[str, Any]] = [
        {
            "client_id": client_id, "sha256": one.digest, "given_id": one.given_id, "name": one.name,
            "purpose": purpose.value, "text": entry.text, "registered_at": now, "revoked_at": None,
        }
        for entry, one in zip(entries, done, strict=True)
    ]  # fmt: skip
    unique = list({row["sha256"]: row for row in rows}.values())
    added = insert(documents).values(unique)
    anew = {name: added.excluded[name] for name in ("given_id", "name", "purpose", "registered_at", "revoked_at")}
    keys = [documents.c.client_id, documents.c.sha256]
    await _rows(own, added.on_conflict_do_update(index_elements=keys, set_=anew).returning(documents.c.sha256))


def _name_of(text: str) -> str | None:
    try:
        document = parse_document(text)
    except (GatewayError, Refused):
        return None
    named = (node.name for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return next((name.value for name in named if name is not None), None)


async def _rows(database: Database, statement: Any) -> Sequence[Any]:
    text, parameters = compile_adhoc(statement)
    return await database.rows(text, parameters)
