"""The settings of a process: read once from the environment, then fixed. ``docs/operating.md`` lists them all."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from datasources.addresses import check
from datasources.fetch import Document

PREFIX = "TONGCHA_"
DATABASE_PREFIX = "TONGCHA_DATABASE_"
SOURCE_BUDGET_PREFIX = "TONGCHA_SOURCE_BUDGET_"
ENGINES = ("compiled", "resolvers")
HEADER = re.compile(r"[a-z0-9-]{1,60}", re.IGNORECASE)

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsInvalid(Exception):
    """A setting has a value that cannot be used. Names the setting; never shows the value, which may be a secret."""


def _engine(text: str) -> str:
    if text not in ENGINES:
        raise ValueError
    return text


def _port(text: str) -> int:
    if not 0 <= (port := int(text)) <= 65535:
        raise ValueError
    return port


def _positive(text: str) -> float:
    if not 0 < (number := float(text)) < float("inf"):
        raise ValueError
    return number


def _seconds(text: str) -> float:
    """None at all is 0: never."""
    return 0.0 if text == "0" else _positive(text)


def _share(text: str) -> float:
    if not 0 <= (share := float(text)) <= 1:
        raise ValueError
    return share


def _size(text: str) -> int:
    if (size := int(text)) <= 0:
        raise ValueError
    return size


def _size_or_none(text: str) -> int:
    """None at all is 0."""
    return 0 if text == "0" else _size(text)


def _hours(text: str) -> int:
    if not 1 <= (hours := int(text)) <= 24:
        raise ValueError
    return hours


def _answer_seconds(text: str) -> int:
    if not 0 <= (seconds := int(text)) <= 300:
        raise ValueError
    return seconds


def _switch(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError
    return text == "yes"


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or text != f"{parts.scheme}://{parts.netloc}" or not parts.hostname:
        raise ValueError
    return text


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(","))


def _header(text: str) -> str:
    if not HEADER.fullmatch(text):
        raise ValueError
    return text


def _redis_url(text: str) -> str:
    if urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError
    return text


def _key(text: str) -> bytes:
    if len(key := bytes.fromhex(text)) not in {32, 48, 64}:
        raise ValueError
    return key


def _addresses(text: str) -> tuple[str, ...]:
    addresses = tuple(one.strip() for one in text.split(","))
    for address in addresses:
        Document(address, limit=0, loopback=True)
    return addresses


def _address(text: str) -> str:
    Document(text, limit=0, loopback=True)
    return text


def _at_least(least: int) -> Callable[[str], int]:
    """Days: a term that the law sets may be longer, not shorter."""

    def read(text: str) -> int:
        if (days := int(text)) < least:
            raise ValueError
        return days

    return read


def _setting(
    name: str, read: Callable[[str], Any], *, default: Any = dataclasses.MISSING, shown: str, **options: Any
) -> Any:
    """A field read from ``TONGCHA_<name>``; `shown` is its default as the documentation gives it."""
    return field(default=default, metadata={"name": PREFIX + name, "read": read, "shown": shown}, **options)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings with their defaults. Tests and the demo make one directly, ``serve`` reads the environment.

    The listener is not called TONGCHA_PORT: Kubernetes sets a variable of that name for a Service called tongcha.
    """

    host: str = _setting("LISTEN_HOST", str, default="127.0.0.1", shown="127.0.0.1")
    port: int = _setting("LISTEN_PORT", _port, default=8000, shown="8000")
    admin_host: str = _setting("ADMIN_HOST", str, default="127.0.0.1", shown="127.0.0.1")
    admin_port: int | None = _setting("ADMIN_PORT", _port, default=None, shown="")
    traces: str = _setting("TRACES", _address, default="", shown="")
    trace_ratio: float = _setting("TRACE_RATIO", _share, default=0.01, shown="0.01")
    engine: str = _setting("ENGINE", _engine, default="compiled", shown="compiled")
    body_limit: int = _setting("BODY_LIMIT", _size, default=64 * 1024, shown="65536")
    answer_limit: int = _setting("ANSWER_LIMIT", _size, default=2 * 1024 * 1024, shown="2097152")
    body_timeout: float = _setting("BODY_TIMEOUT", _positive, default=10.0, shown="10")
    deadline: float = _setting("DEADLINE", _positive, default=2.0, shown="2")
    report_deadline: float = _setting("REPORT_DEADLINE", _positive, default=10.0, shown="10")
    source_budget: float = _setting("SOURCE_BUDGET", _positive, default=0.8, shown="0.8")
    source_queue: int = _setting("SOURCE_QUEUE", _size, default=500, shown="500")
    source_wait_partner: float = _setting("SOURCE_WAIT_PARTNER", _positive, default=0.3, shown="0.3")
    source_wait_batch: float = _setting("SOURCE_WAIT_BATCH", _positive, default=0.1, shown="0.1")
    origin: str = _setting("ORIGIN", _origin, default="", shown="")
    issuers: Path | None = _setting("ISSUERS", Path, default=None, shown="")
    loopback_http: bool = _setting("LOOPBACK_HTTP", _switch, default=False, shown="no")
    dpop_nonce: bool = _setting("DPOP_NONCE", _switch, default=False, shown="no")
    proxies: tuple[Network, ...] = _setting("PROXIES", _networks, default=(), shown="")
    certificate_header: str = _setting("CERTIFICATE_HEADER", _header, default="client-cert", shown="client-cert")
    redis: str = _setting("REDIS", _redis_url, default="", shown="", repr=False)
    explorer: bool = _setting("EXPLORER", _switch, default=False, shown="no")
    answer_seconds: int = _setting("ANSWER_SECONDS", _answer_seconds, default=30, shown="30")
    persisted_queries: bool = _setting("PERSISTED_QUERIES", _switch, default=False, shown="no")
    policies: Path | None = _setting("POLICIES", Path, default=None, shown="")
    seal_key: bytes = field(
        default_factory=lambda: secrets.token_bytes(64),
        repr=False,
        metadata={"name": PREFIX + "SEAL_KEY", "read": _key, "shown": "random at each start"},
    )
    audit_directory: Path | None = _setting("AUDIT_DIR", Path, default=None, shown="")
    audit_key: bytes | None = field(
        default=None, repr=False, metadata={"name": PREFIX + "AUDIT_KEY", "read": _key, "shown": ""}
    )
    audit_signing_key: Path | None = _setting("AUDIT_SIGNING_KEY", Path, default=None, shown="")
    audit_witness_directory: Path | None = _setting("AUDIT_WITNESS_DIR", Path, default=None, shown="")
    audit_witnesses: tuple[str, ...] = _setting("AUDIT_WITNESSES", _addresses, default=(), shown="")
    audit_system_days: int = _setting("AUDIT_SYSTEM_DAYS", _at_least(180), default=180, shown="180")
    audit_provision_days: int = _setting("AUDIT_PROVISION_DAYS", _at_least(1095), default=1095, shown="1095")
    budget_officer: int = _setting("BUDGET_OFFICER", _size, default=500, shown="500")
    budget_supervisor: int = _setting("BUDGET_SUPERVISOR", _size, default=2_000, shown="2000")
    budget_partner: int = _setting("BUDGET_PARTNER", _size, default=20_000, shown="20000")
    budget_others: int = _setting("BUDGET_OTHERS", _size, default=200, shown="200")
    budget_client: int = _setting("BUDGET_CLIENT", _size, default=100_000, shown="100000")
    cost_limit: int = _setting("COST_LIMIT", _size, default=10_000, shown="10000")
    cost_limit_database: int = _setting("COST_LIMIT_DATABASE", _size, default=5_000, shown="5000")
    stale_seconds: float = _setting("STALE_SECONDS", _positive, default=30.0, shown="30")
    processes: int = _setting("PROCESSES", _size, default=1, shown="1")
    workers: int = _setting("WORKERS", _size, default=1, shown="1")
    worker: int = 0
    """Which of the workers this process is: not read, but given to each."""
    requests: int = _setting("REQUESTS", _size, default=1_024, shown="1024")
    requests_person: int = _setting("REQUESTS_PERSON", _size, default=32, shown="32")
    memory_limit: int = _setting("MEMORY_LIMIT", _size_or_none, default=0, shown="0")
    drain_delay: float = _setting("DRAIN_DELAY", _seconds, default=0.0, shown="0")
    temporary_task_hours: int = _setting("TEMPORARY_TASK_HOURS", _hours, default=4, shown="4")
    subscriptions: int = _setting("SUBSCRIPTIONS", _size, default=2_000, shown="2000")
    subscriptions_caller: int = _setting("SUBSCRIPTIONS_CALLER", _size, default=20, shown="20")
    subscription_beat: float = _setting("SUBSCRIPTION_BEAT", _positive, default=15.0, shown="15")
    write_timeout: float = _setting("WRITE_TIMEOUT", _positive, default=10.0, shown="10")
    disclosure_seconds: float = _setting("DISCLOSURE_SECONDS", _seconds, default=30.0, shown="30")
    mark_seconds: float = _setting("MARK_SECONDS", _seconds, default=0.5, shown="0.5")
    idempotency_days: int = _setting("IDEMPOTENCY_DAYS", _at_least(1), default=7, shown="7")
    databases: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Addresses (`datasources.addresses`) by the database's name: ``TONGCHA_DATABASE_LEGAL_ENTITY`` is ``legal_entity``."""
    source_budgets: Mapping[str, float] = field(default_factory=dict)
    """Seconds of a statement by the database's name, where it has more or less than `source_budget`."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read ``TONGCHA_*``. Empty counts as not set. Raises SettingsInvalid."""
        given = {}
        for setting in dataclasses.fields(cls):
            name = setting.metadata.get("name")
            if name and environment.get(name):
                given[setting.name] = _read(name, setting.metadata["read"], environment[name])
        return cls(
            **given,
            databases=_by_name(environment, DATABASE_PREFIX, check),
            source_budgets=_by_name(environment, SOURCE_BUDGET_PREFIX, _positive),
        )


def _by_name(environment: Mapping[str, str], prefix: str, read: Callable[[str], Any]) -> Mapping[str, Any]:
    """What is set for each database, by its name."""
    return MappingProxyType(
        {
            name.removeprefix(prefix).lower(): _read(name, read, text)
            for name, text in environment.items()
            if name.startswith(prefix) and text
        }
    )


def names() -> frozenset[str]:
    """Every name that is read, but those of databases."""
    return frozenset(setting.metadata["name"] for setting in dataclasses.fields(Settings) if setting.metadata)


def unusable(environment: Mapping[str, str]) -> list[str]:
    """The names of all settings that cannot be used."""
    found = []
    for name, text in environment.items():
        try:
            if text and (name in names() or name.startswith((DATABASE_PREFIX, SOURCE_BUDGET_PREFIX))):
                Settings.from_environment({name: text})
        except SettingsInvalid:
            found.append(name)
    return sorted(found)


def _read(name: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise SettingsInvalid(f"{name} has a value that cannot be used") from None
