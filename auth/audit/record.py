"""What is written down of a request. Names, coordinates, pseudonyms, hashes and counts; never a value of the data.

What an entry must hold: 网络安全法 and GB/T 22239-2019 (who, when, what, with which result), 个人信息保护法 articles 51 and 54
(purpose, audit), and, after the Dutch Logboek Dataverwerkingen, one line per data subject.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import orjson

from auth.audit.digests import Digest
from auth.audit.tree import root_of

KEY_SIZE = 32
"""Bytes: the least that a key for pseudonyms must have."""

_BLOCK = 64
"""Bytes: the block of SHA-256, to which HMAC fills a key up."""


class Outcome(Enum):
    """What became of the request."""

    RELEASED = "RELEASED"
    """The answer was handed to the caller."""
    DENIED = "DENIED"
    """Refused for what the caller is, asked or stated; `code` says why."""
    FAILED = "FAILED"
    """Refused for a fault of ours; `code` says which."""
    ABANDONED = "ABANDONED"
    """The caller went away before the answer was released."""


class _Words:
    """A part of an entry that many entries share: keep the object, and its JSON is written once."""

    @cached_property
    def json(self) -> orjson.Fragment:
        """The fields that say something, as canonical JSON."""
        return orjson.Fragment(canonical({name: value for name, value in vars(self).items() if value}))


@dataclass(frozen=True, kw_only=True)
class Caller(_Words):
    """Who asked, as the verified token names them."""

    subject: str
    client: str
    kind: str
    cert_no: str | None = None
    org_uscc: str | None = None
    device: str | None = None


@dataclass(frozen=True, kw_only=True)
class Grounds(_Words):
    """What for, as the caller stated it (``extensions.access``). `reason` is the caller's own text."""

    purpose: str
    task_no: str | None = None
    case_no: str | None = None
    agreement_no: str | None = None
    reason: str | None = None
    co_officer_cert_no: str | None = None


@dataclass(frozen=True, kw_only=True)
class Coordinates(_Words):
    """The fields (``Type.field``) that the answer shows, that it shows masked, and that were withheld."""

    clear: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


class SubjectLine(NamedTuple):
    """One data subject whose data the answer shows: a person or an organisation, by pseudonym."""

    pseudonym: str
    type: str


class Encoded(NamedTuple):
    """An entry as canonical JSON, and its subject lines as a JSON array beside it.

    The entry holds the Merkle root of the lines: the line of one subject can be shown and proved without the others'.
    """

    entry: bytes
    subjects: bytes


class Loggable(Protocol):
    """What the log takes."""

    def encode(self, digest: Digest) -> Encoded:
        """The canonical form."""
        ...


NO_SUBJECTS = b"[]"


@dataclass(kw_only=True, slots=True)  # one is made per request, and a frozen one takes more than twice as long to make
class Entry:
    """One request. Its sequence, its time and the hash before it are the log's to give.

    `variables` is a keyed hash, `operation_sha256` and `response_sha256` are in hexadecimal. `rows` counts by source the
    rows that were read, `failed` names the sources that gave no answer, with the code that the caller got, `statuses` those of
    which the answer said that it has not all, or not of now (PARTIAL, STALE, UNAVAILABLE).
    `policy_epoch` names the policy that decided, `pseudonym_key` the key of the pseudonyms.
    """

    caller: Caller | None
    grounds: Grounds | None
    outcome: Outcome
    code: str | None = None
    operation_name: str | None = None
    operation_sha256: str | None = None
    variables: str | None = None
    coordinates: Coordinates = Coordinates()
    subjects: tuple[SubjectLine, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    policy_epoch: str | None = None
    pseudonym_key: str | None = None
    response_sha256: str | None = None

    def encode(self, digest: Digest) -> Encoded:
        """The canonical form: subjects once each, sorted."""
        lines = sorted({f'{{"pseudonym":"{name}","type":"{kind}"}}'.encode() for name, kind in self.subjects})
        document: dict[str, Any] = {
            "kind": "access",
            "coordinates": self.coordinates.json,
            "outcome": self.outcome.value,
            "rows": self.rows,
        }
        if self.caller is not None:
            document["caller"] = self.caller.json
        if self.grounds is not None:
            document["grounds"] = self.grounds.json
        if lines:
            document["subjects"] = {"count": len(lines), "root": root_of(lines, digest).hex()}
        for name in _OPTIONAL:
            if value := getattr(self, name):
                document[name] = value
        return Encoded(canonical(document), b"[%b]" % b",".join(lines) if lines else NO_SUBJECTS)


_OPTIONAL = (
    "code",
    "failed",
    "operation_name",
    "operation_sha256",
    "policy_epoch",
    "pseudonym_key",
    "response_sha256",
    "statuses",
    "variables",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeniedSummary:
    """Refusals of one caller that came faster than one by one: how many of each code, between two times."""

    caller: Caller | None
    codes: Mapping[str, int]
    since: str
    until: str

    def encode(self, digest: Digest) -> Encoded:  # noqa: ARG002 - no subjects
        """The canonical form."""
        document: dict[str, Any] = {
            "kind": "denied",
            "codes": self.codes,
            "count": sum(self.codes.values()),
            "since": self.since,
            "until": self.until,
        }
        if self.caller is not None:
            document["caller"] = self.caller.json
        return Encoded(canonical(document), NO_SUBJECTS)


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, without blanks, UTF-8 unescaped: for texts, integers, lists and objects that is RFC 8785."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


class Pseudonyms:
    """Keyed names: HMAC-SHA256, of which 128 bits are kept. The key is never in the log.

    With the key whoever may ask "who looked at this person?" computes the pseudonym and searches for it; without it a
    pseudonym says nothing, and those under two keys cannot be told to be of one person.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_SIZE:
            raise ValueError(f"a key for pseudonyms has at least {KEY_SIZE} bytes")
        filled = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in filled]))
        self._outer = hashlib.sha256(bytes([byte ^ 0x5C for byte in filled]))
        self.key_id = self._name(b"key")[:8]

    def subject(self, type_name: str, key: str) -> SubjectLine:
        """The line of a data subject. `key` is what names it everywhere: ``p_7QK2M9``, a USCC."""
        return SubjectLine(self._name(f"subject\0{type_name}\0{key}".encode()), type_name)

    def variables(self, given: Mapping[str, Any]) -> str:
        """The keyed hash of the variables of a request: tells equal questions, not what was asked."""
        return self._name(b"variables\0" + canonical(given))

    def _name(self, text: bytes) -> str:
        """HMAC (RFC 2104) from the two states that the key leaves behind: hmac.digest would take the key in again each time."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.hexdigest()[:32]
