from __future__ import annotations

import dataclasses
import hmac
import json

import orjson
import pytest

from auth.audit.digests import sha256, sm3
from auth.audit.record import Caller, DeniedSummary, Entry, Outcome, Pseudonyms
from auth.audit.tree import root_of
from tests.auth.audit.samples import CALLER, ENTRY, PSEUDONYMS


def test_an_entry_is_canonical_json() -> None:
    entry, subjects = ENTRY.encode(sha256)
    for text in (entry, subjects):
        assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == text


def test_an_entry_says_all_it_was_given() -> None:
    assert json.loads(ENTRY.encode(sha256).entry) == {
        "kind": "access",
        "caller": {
            "subject": "u-1",
            "client": "yuezhifa",
            "kind": "officer",
            "cert_no": "19040130215",
            "device": "d-7",
        },
        "grounds": {"purpose": "INSPECTION", "task_no": "ZHJT-2026-JC-0004127", "reason": "路面检查"},
        "outcome": "RELEASED",
        "operation_name": "VehicleByPlate",
        "operation_sha256": "ab" * 32,
        "variables": PSEUDONYMS.variables({"plateNo": "粤C12A34"}),
        "coordinates": {"clear": ["Vehicle.plateNo"], "masked": ["Person.idNo"], "withheld": ["Person.religion"]},
        "subjects": {
            "count": 2,
            "root": root_of(json_lines(ENTRY), sha256).hex(),
        },
        "rows": {"vehicle": 1, "population": 1},
        "failed": {"property": "SOURCE_TIMEOUT"},
        "policy_epoch": "7",
        "pseudonym_key": PSEUDONYMS.key_id,
        "response_sha256": "cd" * 32,
    }


def json_lines(entry: Entry) -> list[bytes]:
    return sorted(f'{{"pseudonym":"{line.pseudonym}","type":"{line.type}"}}'.encode() for line in entry.subjects)


def test_there_is_one_line_per_subject_however_often_it_was_met() -> None:
    entry = dataclasses.replace(ENTRY, subjects=ENTRY.subjects * 3)
    assert entry.encode(sha256) == ENTRY.encode(sha256)
    assert len(json.loads(entry.encode(sha256).subjects)) == 2


def test_a_refusal_without_a_caller_is_an_entry_too() -> None:
    entry = Entry(caller=None, grounds=None, outcome=Outcome.DENIED, code="UNAUTHENTICATED")
    assert json.loads(entry.encode(sha256).entry) == {
        "kind": "access",
        "outcome": "DENIED",
        "code": "UNAUTHENTICATED",
        "coordinates": {},
        "rows": {},
    }


def test_a_sum_of_refusals_counts_by_code() -> None:
    summary = DeniedSummary(
        caller=Caller(subject="u-1", client="c", kind="partner"),
        codes={"FORBIDDEN": 7, "RATE_LIMITED": 3},
        since="a",
        until="b",
    )
    document = json.loads(summary.encode(sha256).entry)
    assert document["count"] == 10
    assert document["codes"] == {"FORBIDDEN": 7, "RATE_LIMITED": 3}
    assert document["caller"]["subject"] == "u-1"


def test_the_root_of_the_subjects_is_of_the_logs_digest() -> None:
    assert json.loads(ENTRY.encode(sm3).entry)["subjects"]["root"] == root_of(json_lines(ENTRY), sm3).hex()


def test_a_pseudonym_names_one_subject_and_says_nothing() -> None:
    line = PSEUDONYMS.subject("Person", "p_7QK2M9")
    assert line == PSEUDONYMS.subject("Person", "p_7QK2M9")
    assert line.pseudonym != PSEUDONYMS.subject("Person", "p_7QK2M8").pseudonym
    assert line.pseudonym != PSEUDONYMS.subject("LegalEntity", "p_7QK2M9").pseudonym
    assert "7QK2M9" not in line.pseudonym


def test_pseudonyms_under_two_keys_have_nothing_in_common() -> None:
    keys = [Pseudonyms(bytes([number]) * 32) for number in range(50)]
    names = {key.subject("Person", f"p_{subject}").pseudonym for key in keys for subject in range(50)}
    assert len(names) == 2500
    assert len({key.key_id for key in keys}) == 50


@pytest.mark.parametrize("size", [32, 63, 64, 65, 200])
def test_a_pseudonym_is_an_hmac_whatever_the_size_of_the_key(size: int) -> None:
    key = bytes(number % 251 for number in range(size))
    whole = hmac.digest(key, "subject\0Person\0p_粤".encode(), "sha256")
    pseudonyms = Pseudonyms(key)
    assert [pseudonyms.subject("Person", "p_粤").pseudonym for _ in range(2)] == [whole[:16].hex()] * 2


def test_equal_variables_have_one_hash_whatever_their_order() -> None:
    assert PSEUDONYMS.variables({"a": 1, "b": [1.5]}) == PSEUDONYMS.variables({"b": [1.5], "a": 1})
    assert PSEUDONYMS.variables({"a": 1}) != Pseudonyms(b"x" * 32).variables({"a": 1})


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Pseudonyms(b"short")


def test_words_that_say_nothing_are_left_out() -> None:
    assert orjson.loads(orjson.dumps(dataclasses.replace(CALLER, device=None).json)) == {
        "subject": "u-1",
        "client": "yuezhifa",
        "kind": "officer",
        "cert_no": "19040130215",
    }
