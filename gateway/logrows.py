"""From a record of the access log to its rows in the gateway's own database: the same words, a column each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import String, Table

from auth.audit.chain import Stored
from datasources.tables.access_log import access_record, access_subject

Row = tuple[Any, ...]
"""Values in the order of the table's columns."""

_CALLER = ("subject", "client", "kind", "cert_no", "org_uscc", "device")
_GROUNDS = ("purpose", "task_no", "case_no", "agreement_no", "reason", "co_officer_cert_no")
_ENTRY = ("operation_name", "operation_sha256", "variables", "policy_epoch", "pseudonym_key", "response_sha256")
_STATES = ("clear", "masked", "withheld")
_NOTHING: Mapping[str, Any] = {}


def _lengths(table: Table) -> Mapping[str, int]:
    """How long the text of a column may be."""
    kinds = {column.name: column.type for column in table.columns}
    return {name: kind.length for name, kind in kinds.items() if isinstance(kind, String) and kind.length is not None}


_LENGTHS = _lengths(access_record)
_SUBJECT_LENGTHS = _lengths(access_subject)
_CALLER_COLUMNS = [
    (word, _LENGTHS[f"caller_{word}" if word in {"subject", "client", "kind"} else word]) for word in _CALLER
]
_GROUNDS_COLUMNS = [(word, _LENGTHS[word]) for word in _GROUNDS]
_ENTRY_COLUMNS = [(word, _LENGTHS[word]) for word in _ENTRY]


def record_row(log: str, stored: Stored) -> Row:
    """The row of ``gw.access_record``.

    `count` is how many requests it stands for: 1, for refusals in a sum (``denied``) their number, 0 for what the log says of
    itself. The code of a sum is there when all were refused with the same.
    """
    entry = stored.entry
    caller, grounds = entry.get("caller", _NOTHING), entry.get("grounds", _NOTHING)
    states = entry.get("coordinates", _NOTHING)
    kind, outcome, code, count = entry["kind"], entry.get("outcome"), entry.get("code"), 1
    if kind == "denied":
        outcome, count, codes = "DENIED", entry["count"], list(entry["codes"])
        code = codes[0] if len(codes) == 1 else None
    elif kind != "access":
        count = 0
    return (
        log,
        stored.sequence,
        datetime.fromisoformat(stored.time),
        kind,
        outcome,
        _fitting(code, _LENGTHS["code"]),
        count,
        *_texts(caller, _CALLER_COLUMNS),
        *_texts(grounds, _GROUNDS_COLUMNS),
        *_texts(entry, _ENTRY_COLUMNS),
        *[states.get(state, ()) for state in _STATES],
        orjson.dumps(entry.get("rows", _NOTHING)).decode(),
        orjson.dumps(entry.get("failed", _NOTHING)).decode(),
    )


def subject_rows(log: str, stored: Stored) -> Iterator[Row]:
    """The rows of ``gw.access_subject``, one for each subject of the record."""
    if stored.subjects:
        at = datetime.fromisoformat(stored.time)
        for subject in stored.subjects:
            name = _fitting(subject["pseudonym"], _SUBJECT_LENGTHS["pseudonym"])
            yield log, stored.sequence, name, _fitting(subject["type"], _SUBJECT_LENGTHS["type"]), at


def _texts(words: Mapping[str, Any], columns: Sequence[tuple[str, int]]) -> list[str | None]:
    """The texts of some columns; nearly all of them fit, and most are not there."""
    return [
        text
        if (text := words.get(word)) is None or (len(text) <= length and "\0" not in text)
        else _fitting(text, length)
        for word, length in columns
    ]


def _fitting(text: str | None, length: int) -> str | None:
    """A text as the column takes it: what a caller wrote must not keep the log from being shipped."""
    if text is None or (len(text) <= length and "\0" not in text):
        return text
    return text.replace("\0", "")[:length]
