"""The issuers whose tokens are taken: one for each realm of people, and what each may vouch for. Read from a TOML file.

[staff]                                    # 粤政易
iss = "https://id.example/staff"
audience = "tongcha"
keys = "https://id.example/staff/jwks"     # or the path of a file
family = "EC"                              # EC, RSA or OKP
kinds = ["officer", "supervisor", "auditor"]
acr_values = ["2"]                         # what counts as a strong login, best first
max_age = 300                              # seconds that it stays one
bound = false                              # true: only tokens bound to a key or certificate
poll = 60                                  # seconds between two looks at the keys
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auth.keys import Family
from auth.step_up import USUAL, StepUp
from auth.viewer import CallerKind

FASTEST_POLL = 30
"""Seconds: the pause that is kept between two fetches."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ACR = re.compile(r"[!#-\[\]-~]{1,200}")
"""One value of ``acr_values`` inside a quoted string: no space, quote or backslash."""


class IssuersInvalid(ValueError):
    """The file cannot be used. Names the issuer and the member."""


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """One issuer. `iss` and `audience` are compared to the letter; a token of a kind not in `kinds` is refused."""

    name: str
    iss: str
    audience: str
    kinds: frozenset[CallerKind]
    family: Family = Family.EC
    keys: str = ""
    step_up: StepUp = USUAL
    bound: bool = False
    poll: int = 60


def parse_issuers(text: str) -> tuple[Issuer, ...]:
    """Read the file. Raises IssuersInvalid."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise IssuersInvalid(f"not TOML: {error}") from None
    issuers = tuple(_issuer(name, entry) for name, entry in document.items())
    if not issuers:
        raise IssuersInvalid("no issuer")
    if len({issuer.iss for issuer in issuers}) < len(issuers):
        raise IssuersInvalid("two issuers of one iss")
    return issuers


def _issuer(name: str, entry: object) -> Issuer:
    if not _NAME.fullmatch(name) or not isinstance(entry, dict):
        raise IssuersInvalid(f"{name}: not an issuer")
    read = _Members(name, entry)
    issuer = Issuer(
        name=name,
        iss=read.text("iss"),
        audience=read.text("audience"),
        kinds=frozenset(read.words("kinds", {kind.value: kind for kind in CallerKind}, [])),
        family=read.word("family", {family.value: family for family in Family}, Family.EC),
        keys=read.text("keys"),
        step_up=StepUp(acr_values=read.acr_values(), max_age=read.number("max_age", 300)),
        bound=read.flag("bound"),
        poll=read.number("poll", 60),
    )
    if not issuer.kinds:
        raise IssuersInvalid(f"{name}: kinds")
    if issuer.poll < FASTEST_POLL:
        raise IssuersInvalid(f"{name}: poll")
    read.nothing_else()
    return issuer


class _Members:
    """Takes the members of one table, each of its own type."""

    def __init__(self, name: str, entry: Mapping[str, object]) -> None:
        self._name = name
        self._entry = dict(entry)

    def _wrong(self, member: str) -> IssuersInvalid:
        return IssuersInvalid(f"{self._name}: {member}")

    def text(self, member: str) -> str:
        value = self._entry.pop(member, None)
        if not isinstance(value, str) or not value or not value.isprintable():
            raise self._wrong(member)
        return value

    def number(self, member: str, default: int) -> int:
        value = self._entry.pop(member, default)
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise self._wrong(member)
        return value

    def flag(self, member: str) -> bool:
        value = self._entry.pop(member, False)
        if not isinstance(value, bool):
            raise self._wrong(member)
        return value

    def word(self, member: str, words: Mapping[str, Any], default: Any) -> Any:
        value = self._entry.pop(member, None)
        if value is None:
            return default
        if not isinstance(value, str) or value not in words:
            raise self._wrong(member)
        return words[value]

    def words(self, member: str, words: Mapping[str, Any], default: list[Any]) -> list[Any]:
        value = self._entry.pop(member, default)
        if not isinstance(value, list) or not all(isinstance(one, str) and one in words for one in value):
            raise self._wrong(member)
        return [words[one] for one in value]

    def acr_values(self) -> tuple[str, ...]:
        value = self._entry.pop("acr_values", ["2"])
        if not isinstance(value, list) or not all(isinstance(one, str) and _ACR.fullmatch(one) for one in value):
            raise self._wrong("acr_values")
        return tuple(value)

    def nothing_else(self) -> None:
        for member in self._entry:
            raise self._wrong(member)
