"""Manifests as clients' tools write them, and what is refused because it would never run."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from auth.viewer import Purpose
from gateway.named import digest_of
from gateway.registering import Entry, Manifest, NotRegistered, listed, read_manifest, register, revoke
from tests.gateway.registry import DETAIL, PAYMENTS, RECENT, Registry
from tests.world import MOMENT

Opened = Callable[..., Awaitable[Registry]]

MD5 = "3be4abb81fa595e25eb725b2c6a87508"
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": digest_of(DETAIL), "name": "Detail", "type": "query", "body": DETAIL},
        {"id": "recent-1", "name": "Recent", "type": "query", "body": RECENT},
    ],
}


@pytest.fixture
async def registry(opened: Opened) -> Registry:
    return await opened()


READ: dict[str, tuple[Manifest, bytes, tuple[Entry, ...]]] = {
    "plain": (Manifest.PLAIN, f"{DETAIL}\n".encode(), (Entry(text=DETAIL),)),
    "relay": (
        Manifest.RELAY,
        json.dumps({MD5: DETAIL, digest_of(RECENT): RECENT}).encode(),
        (Entry(text=DETAIL, given_id=MD5), Entry(text=RECENT)),
    ),
    "apollo": (
        Manifest.APOLLO,
        json.dumps(APOLLO).encode(),
        (Entry(text=DETAIL), Entry(text=RECENT, given_id="recent-1")),
    ),
}


@pytest.mark.parametrize("name", READ)
def test_a_manifest_is_read(name: str) -> None:
    manifest, content, entries = READ[name]
    assert read_manifest(content, manifest) == entries


def apollo(**changed: Any) -> bytes:
    return json.dumps({**APOLLO, **changed}).encode()


NOT_READ = {
    "not UTF-8": (Manifest.PLAIN, b"{ a \xff }"),
    "not JSON": (Manifest.RELAY, b"query { a }"),
    "a list": (Manifest.RELAY, b"[]"),
    "empty": (Manifest.RELAY, b"{}"),
    "a text that is none": (Manifest.RELAY, json.dumps({MD5: None}).encode()),
    "an id with a space": (Manifest.RELAY, json.dumps({"a b": DETAIL}).encode()),
    "a hash of another text": (Manifest.RELAY, json.dumps({digest_of(RECENT): DETAIL}).encode()),
    "another format": (Manifest.APOLLO, apollo(format="relay")),
    "another version": (Manifest.APOLLO, apollo(version=2)),
    "operations by id": (Manifest.APOLLO, apollo(operations={"a": DETAIL})),
    "an operation without a body": (Manifest.APOLLO, apollo(operations=[{"id": "a", "name": "A", "type": "query"}])),
    "relay taken for apollo": (Manifest.APOLLO, json.dumps({MD5: DETAIL}).encode()),
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_no_manifest_is_refused(name: str) -> None:
    manifest, content = NOT_READ[name]
    with pytest.raises(NotRegistered):
        read_manifest(content, manifest)


async def names(registry: Registry, client: str) -> list[tuple[str | None, str | None]]:
    """The names and given ids of a client's documents that are not revoked and are no documents of the demo."""
    rows = await listed(registry.databases["gateway"], client)
    return sorted((row["name"], row["given_id"]) for row in rows if row["registered_at"] == MOMENT)


async def test_a_manifest_is_registered_whole(registry: Registry) -> None:
    await registry.register_manifest("public-site", Purpose.PUBLIC_DISCLOSURE, APOLLO, Manifest.APOLLO)
    assert await names(registry, "public-site") == [("Detail", None), ("Recent", "recent-1")]


async def test_one_that_never_runs_keeps_all_out(registry: Registry) -> None:
    manifest = {MD5: DETAIL, "bad": "query Bad { nothing }"}
    with pytest.raises(NotRegistered) as refusal:
        await registry.register_manifest("public-site", Purpose.PUBLIC_DISCLOSURE, manifest, Manifest.RELAY)
    assert refusal.value.reasons == (
        "Bad: GRAPHQL_VALIDATION_FAILED: Cannot query field 'nothing' on type 'Query'.: line 1, column 13",
    )
    assert await names(registry, "public-site") == []


PAGES_OF_PAGES = (
    "query($n: Int) { cases(first: $n) { totalCount }"
    " disclosures(first: 200) { nodes { org { officers(first: 30) { totalCount } } } } }"
)
NEVER = {
    "no GraphQL": ("public-site", "PUBLIC_DISCLOSURE", "query {", "GRAPHQL_PARSE_FAILED"),
    "two operations": (
        "public-site", "PUBLIC_DISCLOSURE", "query A { __typename } query B { __typename }", "TOO_COMPLEX: operations",
    ),
    "too large": (
        "public-site", "PUBLIC_DISCLOSURE",
        "{ " + " ".join(f"a{n}: divisions(first: 1) {{ totalCount }}" for n in range(9)) + " ...F }"
        " fragment F on Query { b: divisions(first: 1) { totalCount } c: divisions(first: 1) { totalCount } }",
        "TOO_COMPLEX: roots",
    ),
    "too many rows, however short the pages": (
        "public-site", "PUBLIC_DISCLOSURE", PAGES_OF_PAGES,
        "TOO_COMPLEX: cost",
    ),
    "not in the client's own schema": (
        "app-yueshengshi", "SELF_SERVICE", '{ matter(implementationCode: "x") { changeRequests { state { code } } } }',
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "nothing that the client may see": (
        "public-site", "PUBLIC_DISCLOSURE", 'query Case { case(caseNo: "x") { caseNo } }', "Query.case: FORBIDDEN",
    ),
    "a purpose without an agreement": ("partner-finance", "CRIMINAL_LINKAGE", PAYMENTS, "cannot ask for"),
    "a purpose of another realm": ("public-site", "INSPECTION", DETAIL, "cannot ask for"),
    "a client that is none": ("nobody", "PUBLIC_DISCLOSURE", DETAIL, "no client nobody"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEVER)
async def test_what_would_never_run_is_said_and_not_registered(registry: Registry, name: str) -> None:
    client, purpose, text, said = NEVER[name]
    with pytest.raises(NotRegistered) as refusal:
        await registry.register(client, Purpose[purpose], text)
    assert said in refusal.value.reasons[0]
    assert await names(registry, client) == []


async def test_beyond_the_agreement_the_fields_are_named(registry: Registry) -> None:
    await registry.execute("UPDATE gw.agreement SET fields = '{Query.nonTaxPayments,NonTaxPayment.amountDue}'")
    with pytest.raises(NotRegistered) as refusal:
        await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    assert refusal.value.reasons == ("Payments: NonTaxPayment.payerName: PURPOSE_DENIED",)


async def test_a_field_that_is_always_null_is_told(registry: Registry) -> None:
    text = 'query Some { divisions(first: 1) { totalCount } case(caseNo: "x") { caseNo } }'
    (done,) = await register(registry.pipeline, [Entry(text=text)], "public-site", Purpose.PUBLIC_DISCLOSURE, MOMENT)
    assert done.nulls == ("Query.case: FORBIDDEN",)


async def test_a_document_that_a_caller_can_step_up_for_is_registered(registry: Registry) -> None:
    text = "query Status($i: String!) { person(idNo: $i) { maritalStatus { code } } }"
    assert await registry.register("app-yueshengshi", Purpose.SELF_SERVICE, text)


async def test_registered_anew_it_has_the_new_purpose(registry: Registry) -> None:
    await registry.register("partner-disclosure", Purpose.PUBLIC_DISCLOSURE, DETAIL)
    await registry.register("partner-disclosure", Purpose.PARTNER_DISCLOSURE, DETAIL)
    (row,) = await listed(registry.databases["gateway"], "partner-disclosure")
    assert (row["purpose"], row["revoked_at"]) == ("PARTNER_DISCLOSURE", None)


async def test_a_document_is_revoked_by_either_id_and_once(registry: Registry) -> None:
    own = registry.databases["gateway"]
    await registry.register_manifest("public-site", Purpose.PUBLIC_DISCLOSURE, {MD5: DETAIL}, Manifest.RELAY)
    assert await revoke(own, "public-site", MD5, MOMENT)
    assert not await revoke(own, "public-site", digest_of(DETAIL), MOMENT)
    assert not await revoke(own, "partner-finance", digest_of(RECENT), MOMENT)
