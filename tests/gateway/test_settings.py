from __future__ import annotations

import dataclasses
import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from datasources.tables import DATABASES
from gateway.settings import DATABASE_PREFIX, Settings, SettingsInvalid

OPERATING = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
DOCUMENTED = re.findall(r"^\| `(TONGCHA_[A-Z_<>]+)` \| (.*?) ?\| .+ \|$", OPERATING, re.MULTILINE)
READ = [field.metadata for field in dataclasses.fields(Settings) if "name" in field.metadata]


def test_the_documentation_lists_every_setting_and_default() -> None:
    expected = {metadata["name"]: metadata.get("shown", "random at each start") for metadata in READ}
    assert dict(DOCUMENTED) == {**expected, "TONGCHA_DATABASE_<NAME>": "", "TONGCHA_SOURCE_BUDGET_<NAME>": ""}


def test_the_documentation_names_every_database() -> None:
    (row,) = re.findall(r"^\| `TONGCHA_DATABASE_<NAME>`.*$", OPERATING, re.MULTILINE)
    assert set(re.findall(r"`([A-Z_]+)`", row)) - {"TONGCHA_DATABASE_"} == {name.upper() for name in DATABASES}


def test_shown_defaults_are_the_defaults() -> None:
    shown = {metadata["name"]: metadata["shown"] for metadata in READ if metadata.get("shown")}
    shown.pop("TONGCHA_SEAL_KEY", None)
    read, default = Settings.from_environment(shown), Settings()
    assert dataclasses.replace(read, seal_key=default.seal_key, databases={}) == default


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_environment({"TONGCHA_ENGINE": "", "PATH": "/bin"})
    assert (settings.host, settings.port, settings.engine, settings.databases) == ("127.0.0.1", 8000, "compiled", {})


def test_everything_given() -> None:
    settings = Settings.from_environment(
        {
            "TONGCHA_LISTEN_HOST": "::1",
            "TONGCHA_LISTEN_PORT": "9000",
            "TONGCHA_ENGINE": "resolvers",
            "TONGCHA_BODY_LIMIT": "1000",
            "TONGCHA_BODY_TIMEOUT": "0.5",
            "TONGCHA_ORIGIN": "https://tongcha.example",
            "TONGCHA_ISSUERS": "/etc/tongcha/issuers.toml",
            "TONGCHA_LOOPBACK_HTTP": "yes",
            "TONGCHA_DPOP_NONCE": "yes",
            "TONGCHA_PROXIES": "10.1.2.0/24, fd00::1",
            "TONGCHA_CERTIFICATE_HEADER": "X-Client-Cert",
            "TONGCHA_REDIS": "rediss://:secret@redis:6379/0",
            "TONGCHA_ANSWER_SECONDS": "0",
            "TONGCHA_PERSISTED_QUERIES": "yes",
            "TONGCHA_SEAL_KEY": "ab" * 32,
            "TONGCHA_AUDIT_SIGNING_KEY": "/etc/tongcha/checkpoints.pem",
            "TONGCHA_AUDIT_WITNESS_DIR": "/mnt-witness",
            "TONGCHA_AUDIT_WITNESSES": "https://a.example/w, https://b.example/",
            "TONGCHA_AUDIT_SYSTEM_DAYS": "200",
            "TONGCHA_AUDIT_PROVISION_DAYS": "2000",
            "TONGCHA_DATABASE_LEGAL_ENTITY": "postgresql://role:secret@host:5432/legal_entity",
            "TONGCHA_DEADLINE": "3",
            "TONGCHA_SOURCE_BUDGET_LEGAL_ENTITY": "1.5",
        }
    )
    assert settings == Settings(
        host="::1",
        port=9000,
        engine="resolvers",
        body_limit=1000,
        body_timeout=0.5,
        origin="https://tongcha.example",
        issuers=Path("/etc/tongcha/issuers.toml"),
        loopback_http=True,
        dpop_nonce=True,
        proxies=(ip_network("10.1.2.0/24"), ip_network("fd00::1/128")),
        certificate_header="X-Client-Cert",
        redis="rediss://:secret@redis:6379/0",
        answer_seconds=0,
        persisted_queries=True,
        seal_key=b"\xab" * 32,
        audit_signing_key=Path("/etc/tongcha/checkpoints.pem"),
        audit_witness_directory=Path("/mnt-witness"),
        audit_witnesses=("https://a.example/w", "https://b.example/"),
        audit_system_days=200,
        audit_provision_days=2000,
        databases={"legal_entity": "postgresql://role:secret@host:5432/legal_entity"},
        deadline=3.0,
        source_budgets={"legal_entity": 1.5},
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TONGCHA_LISTEN_PORT", "tcp://10.0.0.1:8000"),
        ("TONGCHA_LISTEN_PORT", "65536"),
        ("TONGCHA_ENGINE", "fast"),
        ("TONGCHA_BODY_LIMIT", "0"),
        ("TONGCHA_BODY_LIMIT", "64k"),
        ("TONGCHA_BODY_TIMEOUT", "nan"),
        ("TONGCHA_BODY_TIMEOUT", "inf"),
        ("TONGCHA_BODY_TIMEOUT", "-1"),
        ("TONGCHA_ORIGIN", "https://tongcha.example/"),
        ("TONGCHA_ORIGIN", "tongcha.example"),
        ("TONGCHA_LOOPBACK_HTTP", "true"),
        ("TONGCHA_PROXIES", "proxy.example"),
        ("TONGCHA_PROXIES", "10.1.2.3/24"),
        ("TONGCHA_CERTIFICATE_HEADER", "client cert"),
        ("TONGCHA_REDIS", "http://:secret@redis"),
        ("TONGCHA_ANSWER_SECONDS", "301"),
        ("TONGCHA_ANSWER_SECONDS", "-1"),
        ("TONGCHA_PERSISTED_QUERIES", "partners"),
        ("TONGCHA_SEAL_KEY", "secret"),
        ("TONGCHA_SEAL_KEY", "ab" * 16),
        ("TONGCHA_AUDIT_WITNESSES", "http://witness.example/"),
        ("TONGCHA_AUDIT_WITNESSES", "https://witness.example/,"),
        ("TONGCHA_AUDIT_SYSTEM_DAYS", "179"),
        ("TONGCHA_AUDIT_PROVISION_DAYS", "1094"),
        (f"{DATABASE_PREFIX}VEHICLE", "mysql://role:secret@host/vehicle"),
        (f"{DATABASE_PREFIX}VEHICLE", "postgresql://role:secret@host"),
        (f"{DATABASE_PREFIX}VEHICLE", "postgresql://role:secret@host/vehicle host2"),
        (f"{DATABASE_PREFIX}VEHICLE", "file:vehicle"),
        ("TONGCHA_DEADLINE", "0"),
        ("TONGCHA_SOURCE_BUDGET_VEHICLE", "fast"),
    ],
)
def test_a_bad_value_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid) as refusal:
        Settings.from_environment({name: value})
    assert str(refusal.value) == f"{name} has a value that cannot be used"


def test_secrets_are_not_printed() -> None:
    settings = Settings.from_environment(
        {
            "TONGCHA_SEAL_KEY": "ab" * 32,
            "TONGCHA_DATABASE_VEHICLE": "postgresql://role:secret@host/vehicle",
            "TONGCHA_REDIS": "redis://:secret@redis",
        }
    )
    assert "secret" not in repr(settings)
    assert "\\xab" not in repr(settings)


def test_two_starts_have_two_keys() -> None:
    assert Settings().seal_key != Settings().seal_key
