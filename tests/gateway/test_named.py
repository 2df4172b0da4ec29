"""How a request names its document. J1, E9 are cases of the catalogue of attacks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.named import Form, Named, digest_of
from gateway.request import parse_request

TEXT = "query($id:ID!){user(id:$id){name}}"
HASH = "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b"
MD5 = "3be4abb81fa595e25eb725b2c6a87508"


def persisted(name: Any, version: Any = 1) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": name}}}


def test_the_hash_of_a_text_is_that_of_the_appendix() -> None:
    assert digest_of(TEXT) == HASH


NAMED = {
    "appendix A": ({"documentId": f"sha256:{HASH}"}, HASH, Form.ID),
    "appendix A, an id of one's own": ({"documentId": MD5}, MD5, Form.ID),
    "Relay": ({"doc_id": MD5}, MD5, Form.ID),
    "Relay, as others write it": ({"id": MD5}, MD5, Form.ID),
    "Apollo": (persisted(HASH), HASH, Form.PERSISTED_QUERY),
    "Apollo, an id of the manifest": (persisted("GetUser.v2"), "GetUser.v2", Form.PERSISTED_QUERY),
    "the same twice": ({"documentId": f"sha256:{HASH}", **persisted(HASH)}, HASH, Form.PERSISTED_QUERY),
    "null beside": ({"documentId": None, "doc_id": MD5, "query": None}, MD5, Form.ID),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_document_is_named(name: str) -> None:
    parameters, document, form = NAMED[name]
    request = parse_request(json.dumps(parameters).encode())
    assert (request.query, request.named) == ("", Named(id=document, form=form))


NOT_NAMED = {
    "no string": ({"documentId": 3}, "BAD_REQUEST"),
    "an empty string": ({"documentId": ""}, "BAD_REQUEST"),
    "a hash that is too short": ({"documentId": "sha256:71f7"}, "BAD_REQUEST"),
    "a hash in capitals": ({"documentId": f"sha256:{HASH.upper()}"}, "BAD_REQUEST"),
    "a prefix that is reserved": ({"documentId": f"md5:{MD5}"}, "BAD_REQUEST"),
    "a prefix of somebody's own": ({"documentId": "x-name:GetUser"}, "BAD_REQUEST"),
    "an id that is too long": ({"id": "a" * 129}, "BAD_REQUEST"),
    "a NUL": ({"id": "a\0"}, "BAD_REQUEST"),
    "a path": ({"doc_id": "../etc/passwd"}, "BAD_REQUEST"),
    "two documents": ({"documentId": f"sha256:{HASH}", "doc_id": MD5}, "BAD_REQUEST"),
    "two protocols": ({"documentId": MD5, **persisted(HASH)}, "BAD_REQUEST"),
    "no object": ({"extensions": {"persistedQuery": HASH}}, "BAD_REQUEST"),
    "no hash": ({"extensions": {"persistedQuery": {"version": 1}}}, "BAD_REQUEST"),
    "another version": (persisted(HASH, 2), "PERSISTED_QUERY_NOT_SUPPORTED"),
    "no version": ({"extensions": {"persistedQuery": {"sha256Hash": HASH}}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
    "a text with the hash of another": ({"query": "{a}", **persisted(HASH)}, "BAD_REQUEST"),
    "a text with no hash": ({"query": "{a}", **persisted("GetUser")}, "BAD_REQUEST"),
}


@pytest.mark.parametrize("name", NOT_NAMED)
def test_what_is_no_name_is_refused(name: str) -> None:
    parameters, code = NOT_NAMED[name]
    with pytest.raises(GatewayError) as refusal:
        parse_request(json.dumps(parameters).encode())
    assert refusal.value.code.name == code


def test_a_text_with_its_hash_is_a_text() -> None:
    request = parse_request(json.dumps({"query": TEXT, **persisted(HASH)}).encode())
    assert (request.query, request.named) == (TEXT, Named(id=HASH, form=Form.PERSISTED_QUERY))


@pytest.mark.parametrize("member", ["documentId", "doc_id", "id"])
def test_beside_a_text_a_name_is_ignored_as_any_member(member: str) -> None:
    request = parse_request(json.dumps({"query": TEXT, member: {"not": "a name"}}).encode())
    assert (request.query, request.named) == (TEXT, None)
