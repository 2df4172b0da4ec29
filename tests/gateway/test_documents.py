"""Who may run what by name. E8, E9, B11 are cases of the catalogue of attacks, D10 is its decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from gateway.documents import FRESH_SECONDS, Documents
from gateway.named import digest_of
from gateway.registering import Manifest, revoke
from tests.gateway.asking import Asker
from tests.gateway.registry import (
    DETAIL,
    DISCLOSURE,
    FINANCE,
    OFFICER,
    PAYMENTS,
    RECENT,
    SITE,
    SITE_SAYING_WHY,
    Registry,
    persisted,
)
from tests.world import MOMENT

Opened = Callable[..., Awaitable[Registry]]

MD5 = "0f343b0931126a20f133d67c2b018a3b"
TYPENAME = "query Nothing { __typename }"
UNKNOWN = digest_of("{ nothing }")


@pytest.fixture
async def registry(opened: Opened) -> Registry:
    return await opened()


@pytest.fixture
async def automatic(opened: Opened) -> Registry:
    """Where texts are remembered."""
    return await opened(automatic=True)


FORMS: dict[str, Callable[[str], Any]] = {
    "documentId": lambda name: {"documentId": f"sha256:{name}"},
    "id": lambda name: {"id": name},
    "doc_id": lambda name: {"doc_id": name},
    "persistedQuery": persisted,
}


@pytest.mark.parametrize("form", FORMS)
async def test_D10_a_registered_document_is_run_by_name(registry: Registry, form: str) -> None:
    (name,) = await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await registry.documents.look()
    told = await registry.told(FINANCE, **FORMS[form](name))
    assert told["data"]["nonTaxPayments"][0]["payerName"]


async def test_D10_the_text_of_a_registered_document_is_that_document(registry: Registry) -> None:
    await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await registry.documents.look()
    assert "data" in await registry.told(FINANCE, query=PAYMENTS)


async def test_a_client_s_own_id_stands_for_its_document(registry: Registry) -> None:
    await registry.register_manifest("public-site", Purpose.PUBLIC_DISCLOSURE, {MD5: RECENT}, Manifest.RELAY)
    await registry.documents.look()
    told = await registry.told(SITE, doc_id=MD5, variables={"first": 1})
    assert told["data"]["disclosures"]["nodes"]


ELSE: dict[str, dict[str, Any]] = {
    "a text": {"query": TYPENAME},
    "one's own document with a space more": {"query": f"{PAYMENTS} "},
    "a name that nobody registered": {"documentId": f"sha256:{UNKNOWN}"},
    "another client's document": {"documentId": f"sha256:{digest_of(RECENT)}"},
    "another client's text": {"query": RECENT, "variables": {"first": 1}},
    "Apollo's protocol": {**persisted(UNKNOWN)},
    "a text with its hash": {"query": TYPENAME, **persisted(digest_of(TYPENAME))},
    "introspection": {"query": "{ __schema { types { name } } }"},
    "no GraphQL": {"query": "{"},
    "16 kB of it": {"query": "{" + "a " * 8_000 + "}"},
}


@pytest.mark.parametrize("name", ELSE)
async def test_D10_anything_else_is_refused_without_a_statement(automatic: Registry, name: str) -> None:
    await automatic.register("public-site", Purpose.PUBLIC_DISCLOSURE, RECENT)
    await automatic.documents.look()
    before = automatic.statements()
    answer = await automatic.answer(FINANCE, **ELSE[name])
    (error,) = answer.payload["errors"]
    assert (answer.http_status, error["extensions"]) == (403, {"code": "DOCUMENT_NOT_REGISTERED"})
    assert automatic.statements() == before


async def test_D10_a_partner_that_is_no_client_runs_nothing(registry: Registry) -> None:
    stranger: Asker = (Viewer(subject="x", client="nobody", kind=CallerKind.PARTNER), None)
    assert await registry.code(stranger, query=TYPENAME) == "DOCUMENT_NOT_REGISTERED"


async def test_a_client_s_name_in_another_realm_is_somebody_else(registry: Registry) -> None:
    citizen: Asker = (Viewer(subject="x", client="partner-finance", kind=CallerKind.CITIZEN), FINANCE[1])
    name = digest_of(PAYMENTS)
    await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await registry.documents.look()
    assert await registry.code(citizen, documentId=f"sha256:{name}") == "PERSISTED_QUERY_NOT_FOUND"
    assert await registry.code(citizen, query=TYPENAME) == ""


@pytest.mark.parametrize(("asker", "client"), [(DISCLOSURE, "partner-disclosure"), (SITE, "public-site")])
async def test_who_is_suspended_runs_nothing(registry: Registry, asker: Asker, client: str) -> None:
    await registry.execute("UPDATE gw.client SET status_code = '2' WHERE client_id = $1", client)
    await registry.documents.look()
    assert await registry.code(asker, query=TYPENAME) == "DOCUMENT_NOT_REGISTERED"


@pytest.mark.parametrize("asker", [DISCLOSURE, SITE, OFFICER], ids=["partner", "site", "officer"])
async def test_who_need_not_keep_to_documents_asks_as_before(registry: Registry, asker: Asker) -> None:
    assert "data" in await registry.told(asker, query=RECENT, variables={"first": 1})


async def test_what_is_revoked_is_refused_at_the_next_look(registry: Registry) -> None:
    (name,) = await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await registry.documents.look()
    assert await revoke(registry.databases["gateway"], "partner-finance", name, MOMENT)
    await registry.documents.look()
    unknown, revoked = [await registry.told(FINANCE, documentId=f"sha256:{one}") for one in (UNKNOWN, name)]
    assert revoked == unknown
    assert await registry.code(FINANCE, query=PAYMENTS) == "DOCUMENT_NOT_REGISTERED"


async def test_what_is_revoked_can_be_registered_again(registry: Registry) -> None:
    (name,) = await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await revoke(registry.databases["gateway"], "partner-finance", name, MOMENT)
    await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await registry.documents.look()
    assert await registry.code(FINANCE, documentId=f"sha256:{name}") == ""


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gw.client SET status_code = '2' WHERE client_id = 'partner-finance'",
        "UPDATE gw.client SET realm = 'CITIZEN' WHERE client_id = 'partner-finance'",
        "UPDATE gw.document SET text = text || ' '",
        "UPDATE gw.document SET purpose = 'CURIOSITY'",
    ],
    ids=["suspended", "of another realm", "with another text", "for no purpose"],
)
async def test_what_is_not_as_it_was_registered_opens_nothing(registry: Registry, change: str) -> None:
    (name,) = await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await registry.execute(change)
    await registry.documents.look()
    assert await registry.code(FINANCE, documentId=f"sha256:{name}") == "DOCUMENT_NOT_REGISTERED"


async def test_a_look_reads_nothing_but_a_mark_while_nothing_changes(registry: Registry) -> None:
    await registry.documents.look()
    clients, before = registry.documents.clients, registry.statements()
    await registry.documents.look()
    assert registry.documents.clients is clients
    assert registry.statements() == before + 1


PURPOSES: dict[str, tuple[Asker, str]] = {
    "its own": (FINANCE, ""),
    "none": ((FINANCE[0], None), "PURPOSE_REQUIRED"),
    "another": ((FINANCE[0], AccessRequest(purpose=Purpose.PUBLIC_DISCLOSURE)), "PURPOSE_DENIED"),
    "another of an agreement": (
        (FINANCE[0], AccessRequest(purpose=Purpose.PARTNER_DISCLOSURE, agreement_no="GX-2026-0088")),
        "PURPOSE_DENIED",
    ),
}


@pytest.mark.parametrize("name", PURPOSES)
async def test_a_document_is_run_for_its_purpose_only(registry: Registry, name: str) -> None:
    asker, code = PURPOSES[name]
    (document,) = await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    await registry.documents.look()
    before = registry.statements()
    assert await registry.code(asker, documentId=f"sha256:{document}") == code
    assert not code or registry.statements() == before


@pytest.mark.parametrize("asker", [SITE, SITE_SAYING_WHY], ids=["nothing", "the purpose"])
async def test_what_is_for_the_public_may_be_asked_for_without_a_word(registry: Registry, asker: Asker) -> None:
    (name,) = await registry.register("public-site", Purpose.PUBLIC_DISCLOSURE, RECENT)
    await registry.documents.look()
    assert await registry.code(asker, documentId=f"sha256:{name}", variables={"first": 1}) == ""


async def test_a_name_only_stands_for_a_text(registry: Registry) -> None:
    """Answers by name and by text are the same bytes, also where variables are wrong."""
    (name,) = await registry.register("public-site", Purpose.PUBLIC_DISCLOSURE, DETAIL)
    await registry.documents.look()
    wanted: list[dict[str, Any]] = [{"id": "GS1"}, {}, {"id": []}]
    for variables in wanted:
        by_name = await registry.told(SITE, documentId=f"sha256:{name}", variables=variables)
        assert by_name == await registry.told(SITE, query=DETAIL, variables=variables)


E8 = {
    "depth": "{ " + "a { " * 30 + "b" + " }" * 30 + " }",
    "aliases": "{ " + " ".join(f"a{n}: divisions(first: 1) {{ totalCount }}" for n in range(40)) + " }",
    "tokens": "{ " + "divisions(first: 1) { totalCount } " * 200 + "}",
}


@pytest.mark.parametrize("name", E8)
async def test_E8_a_document_from_before_the_limits_is_as_limited_as_any(registry: Registry, name: str) -> None:
    """Somebody wrote it into the table when there were none, or past the command."""
    text = E8[name]
    await registry.put([("public-site", Purpose.PUBLIC_DISCLOSURE, text)])
    await registry.documents.look()
    before = registry.statements()
    by_name = await registry.told(SITE, documentId=f"sha256:{digest_of(text)}")
    assert by_name == await registry.told(SITE, query=text)
    assert by_name["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"
    assert registry.statements() == before


async def test_B11_a_document_that_an_officer_registered_tells_a_citizen_nothing(automatic: Registry) -> None:
    """A text that somebody who knows more had remembered is not found, and asked for as a text it is judged anew."""
    text = '{ matter(implementationCode: "x") { changeRequests { state { code } } } }'
    citizen: Asker = (Viewer(subject="x", client="app-yueshengshi", kind=CallerKind.CITIZEN), None)
    await automatic.documents.look()
    assert await automatic.code(OFFICER, query=text, **persisted(digest_of(text))) == ""
    assert await automatic.code(OFFICER, **persisted(digest_of(text))) == ""
    assert await automatic.code(citizen, **persisted(digest_of(text))) == "PERSISTED_QUERY_NOT_FOUND"
    assert await automatic.code(citizen, query=text, **persisted(digest_of(text))) == "GRAPHQL_VALIDATION_FAILED"


# --- the automatic protocol ----------------------------------------------------------------------


async def test_a_text_is_remembered_once_it_was_run(automatic: Registry) -> None:
    name = digest_of(TYPENAME)
    assert await automatic.code(SITE, **persisted(name)) == "PERSISTED_QUERY_NOT_FOUND"
    assert await automatic.code(SITE, query=TYPENAME, **persisted(name)) == ""
    assert (await automatic.told(SITE, **persisted(name)))["data"] == {"__typename": "Query"}


async def test_not_found_is_said_in_the_words_that_clients_know(automatic: Registry) -> None:
    (error,) = (await automatic.told(SITE, **persisted(UNKNOWN)))["errors"]
    assert error == {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}


async def test_unless_set_nothing_is_remembered(registry: Registry) -> None:
    name = digest_of(TYPENAME)
    assert await registry.code(SITE, query=TYPENAME, **persisted(name)) == ""
    (error,) = (await registry.told(SITE, **persisted(name)))["errors"]
    assert error == {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}


async def test_of_a_partner_nothing_is_ever_remembered(automatic: Registry) -> None:
    name = digest_of(TYPENAME)
    assert await automatic.code(DISCLOSURE, query=TYPENAME, **persisted(name)) == ""
    assert await automatic.code(DISCLOSURE, **persisted(name)) == "PERSISTED_QUERY_NOT_SUPPORTED"


@pytest.mark.parametrize("text", ["{ nothing }", "{", E8["aliases"]], ids=["not valid", "no GraphQL", "too large"])
async def test_what_is_not_run_is_not_remembered(automatic: Registry, text: str) -> None:
    assert await automatic.code(SITE, query=text, **persisted(digest_of(text)))
    assert await automatic.code(SITE, **persisted(digest_of(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_E9_no_more_than_so_many_texts_are_remembered(
    automatic: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automatic.documents._remembered, "_limit", 3)
    texts = [f"query Q{number} {{ __typename }}" for number in range(5)]
    for text in texts:
        await automatic.code(SITE, query=text, **persisted(digest_of(text)))
    found = [await automatic.code(SITE, **persisted(digest_of(text))) for text in texts]
    assert found == ["PERSISTED_QUERY_NOT_FOUND"] * 2 + [""] * 3


# --- while it is not known -----------------------------------------------------------------------


class Clock:
    """The steady clock of a test."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_what_was_not_looked_at_for_long_is_not_believed(registry: Registry) -> None:
    clock = Clock()
    documents = Documents(registry.databases["gateway"], steady=clock)
    registry.gateway.documents = registry.documents = documents
    (name,) = await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)
    assert await registry.code(FINANCE, documentId=f"sha256:{name}") == "OVERLOADED"
    await documents.look()
    clock.now += FRESH_SECONDS
    assert await registry.code(FINANCE, documentId=f"sha256:{name}") == ""
    clock.now += 0.1
    assert await registry.code(FINANCE, documentId=f"sha256:{name}") == "OVERLOADED"
    assert await registry.code(SITE, query=TYPENAME) == ""


async def test_documents_are_compiled_before_they_are_asked_for(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    await registry.put([("public-site", Purpose.PUBLIC_DISCLOSURE, "{ gone }")])
    await registry.register("public-site", Purpose.PUBLIC_DISCLOSURE, RECENT)
    await registry.documents.look()
    before = registry.statements()
    await registry.gateway.prepare()
    assert RECENT in registry.pipeline.plans._documents._entries
    told = [record.__dict__ for record in caplog.records if record.msg == "document does not run"]
    assert [(one["client"], one["document"]) for one in told] == [("public-site", digest_of("{ gone }"))]
    assert registry.statements() == before


async def test_one_document_that_cannot_be_compiled_keeps_out_no_other(
    registry: Registry, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registry.put(("public-site", Purpose.PUBLIC_DISCLOSURE, text) for text in (RECENT, DETAIL))
    await registry.documents.look()
    compiled = registry.pipeline.plans.plan

    def plan(operation: Any, variables: Any) -> Any:
        if operation.text == RECENT:
            raise RuntimeError
        return compiled(operation, variables)

    monkeypatch.setattr(registry.pipeline.plans, "plan", plan)
    await registry.gateway.prepare()
    told = {record.__dict__["document"] for record in caplog.records if record.msg == "document not compiled"}
    assert told == {digest_of(RECENT)}
