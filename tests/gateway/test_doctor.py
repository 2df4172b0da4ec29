"""What ``tongcha doctor`` finds, on a real PostgreSQL and Redis."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from auth.issuer import DemoIssuer
from datasources.database import Database
from datasources.privileges import rights_in
from datasources.provision import WRITABLE, database_dsn
from datasources.tables import DATABASES
from gateway.doctor.environment import look_at_environment, look_at_settings
from gateway.doctor.examination import examine
from gateway.doctor.findings import Finding, Level, listed
from gateway.doctor.identity import look_at_issuers
from gateway.doctor.log import look_at_log
from gateway.doctor.rules import look_at_policies
from gateway.doctor.shared import look_at_redis
from gateway.doctor.sources import look_at_databases
from gateway.settings import Settings
from tests.gateway.commands.test_cli import audit, environment, issuers_file, run
from tests.redis_server import RedisServer


def bad(found: list[Finding]) -> list[str]:
    return [finding.said for finding in found if finding.level is Level.BAD]


async def of(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


# --- databases -----------------------------------------------------------------------------------


async def test_roles_that_may_do_what_is_needed_are_good(city: Mapping[str, str]) -> None:
    found = await of(look_at_databases(Settings(databases=city)))
    assert {finding.area: finding.said for finding in found if finding.area != "agreements"} == {
        f"database: {name}": "answers, with what is needed and nothing else" for name in DATABASES
    }


@asynccontextmanager
async def role(admin_dsn: str, name: str, *statements: str, attributes: str = "") -> AsyncIterator[str]:
    """The address of a database for a new role in it, which is given what the statements give to ``{role}``."""
    role, password = f"wide_{secrets.token_hex(4)}", secrets.token_hex(8)
    admin = await asyncpg.connect(database_dsn(admin_dsn, name))
    try:
        await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}' {attributes}")
        await admin.execute(f'GRANT CONNECT ON DATABASE "{name}" TO {role}')
        for schema in {table.schema for table in DATABASES[name].sorted_tables}:
            await admin.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {role}')
            await admin.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO {role}')
        for statement in statements:
            await admin.execute(statement.format(role=role))
        parts = urlsplit(database_dsn(admin_dsn, name))
        yield parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()
    finally:
        await admin.execute("DROP TABLE IF EXISTS public.not_shared")
        await admin.execute(f"DROP OWNED BY {role}")
        await admin.execute(f"DROP ROLE {role}")
        await admin.close()


SHARED = DATABASES["vehicle"].sorted_tables[0]
TABLE = f"{SHARED.schema}.{SHARED.name}"
NOT_SHARED = "CREATE TABLE public.not_shared (secret text)"
READS = "the role may read what is not shared: public.not_shared"


@pytest.mark.parametrize(
    ("attributes", "statements", "said"),
    [
        ("SUPERUSER", (), "the role is SUPERUSER"),
        ("BYPASSRLS CREATEDB", (), "the role is BYPASSRLS, CREATEDB"),
        ("", ("GRANT pg_read_all_data TO {role}",), "the role may act as pg_read_all_data"),
        ("", ("GRANT pg_monitor TO {role}",), "the role may act as pg_monitor, pg_read_all_settings, pg_read_all_stats"),
        ("", (f"GRANT INSERT ON {TABLE} TO {{role}}",), f"the role may write to {TABLE}"),
        ("", (f"GRANT UPDATE ({SHARED.columns[0].name}) ON {TABLE} TO {{role}}",), f"the role may write to {TABLE}"),
        ("", (f"GRANT TRUNCATE ON {TABLE} TO {{role}}",), f"the role may write to {TABLE}"),
        ("", (NOT_SHARED, "GRANT SELECT ON public.not_shared TO {role}"), READS),
        ("", (NOT_SHARED, "GRANT SELECT (secret) ON public.not_shared TO PUBLIC"), READS),
        ("", (NOT_SHARED, "ALTER TABLE public.not_shared OWNER TO {role}"), "the role owns public.not_shared"),
        ("", ("GRANT CREATE ON SCHEMA public TO {role}",), "the role may make tables in public"),
    ],
)  # fmt: skip
async def test_a_grant_that_is_too_wide_is_found(
    city: Mapping[str, str], admin_dsn: str, attributes: str, statements: tuple[str, ...], said: str
) -> None:
    async with role(admin_dsn, "vehicle", *statements, attributes=attributes) as dsn:
        found = bad(await of(look_at_databases(Settings(databases={"vehicle": dsn}))))
    assert any(one.startswith(said) for one in found), found


async def test_what_is_needed_and_not_granted_is_found(city: Mapping[str, str], admin_dsn: str) -> None:
    statements = (f"REVOKE SELECT ON {TABLE} FROM {{role}}",)
    async with role(admin_dsn, "vehicle", *statements) as dsn:
        (said,) = bad(await of(look_at_databases(Settings(databases={"vehicle": dsn}))))
    assert said == f"not there, or not to be read: {listed([f'{TABLE}.{column.name}' for column in SHARED.columns])}"


async def test_the_gateway_s_own_role_writes_and_does_no_more(city: Mapping[str, str]) -> None:
    database = Database("gateway", city["gateway"], connections=1)
    as_reader = await rights_in(database, DATABASES["gateway"], writes=False)
    assert "gw.outbox" in as_reader.written
    assert not (await rights_in(database, DATABASES["gateway"], writes="gateway" in WRITABLE)).written
    await database.close()


async def test_a_database_that_does_not_answer_is_found() -> None:
    settings = Settings(databases={"vehicle": "postgresql://nobody:secret@127.0.0.1:1/vehicle"})
    (finding,) = await of(look_at_databases(settings))
    assert (finding.level, finding.said) == (Level.BAD, "it does not answer: SOURCE_UNAVAILABLE")


# --- everything else -----------------------------------------------------------------------------


UNUSABLE = "has a value that cannot be used"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"TONGCHA_WORKERS": "-1", "TONGCHA_TRACES": "x"}, [f"TONGCHA_TRACES {UNUSABLE}", f"TONGCHA_WORKERS {UNUSABLE}"]),
        ({"TONGCHA_DATABASE_VEHICLE": "mysql://x"}, [f"TONGCHA_DATABASE_VEHICLE {UNUSABLE}"]),
        ({"TONGCHA_LISTENPORT": "8000"}, ["TONGCHA_LISTENPORT is no setting", "all can be read"]),
        ({"TONGCHA_SOURCE_BUDGET_VEHICLE": "1.5"}, ["all can be read"]),
        ({"TONGCHA_SOURCE_BUDGET_VEHICLE": "x"}, ["TONGCHA_SOURCE_BUDGET_VEHICLE has a value that cannot be used"]),
        ({"TONGCHA_DATABASE_X": "postgresql://h/v"}, ["TONGCHA_DATABASE_X is no setting", "all can be read"]),
        ({"TONGCHA_SERVICE_HOST": "10.0.0.1", "TONGCHA_PORT_80_TCP": "tcp://10.0.0.1"}, ["all can be read"]),
        ({}, ["all can be read"]),
    ],
)  # fmt: skip
def test_every_single_setting_is_looked_at(given: dict[str, str], said: list[str]) -> None:
    assert [finding.said for finding in look_at_environment(given)] == said


@pytest.mark.parametrize(
    ("settings", "level", "said"),
    [
        ({}, Level.BAD, "TONGCHA_ISSUERS is not set"),
        ({"workers": 2}, Level.BAD, "TONGCHA_REDIS is not set"),
        ({"processes": 2}, Level.BAD, "several processes and no TONGCHA_REDIS"),
        ({"seal_key": b"k" * 64, "audit_key": b"k" * 64}, Level.BAD, "TONGCHA_SEAL_KEY and TONGCHA_AUDIT_KEY are the same"),
        ({"admin_port": 8000}, Level.BAD, "TONGCHA_ADMIN_PORT is the public port"),
        ({"admin_port": 9464, "admin_host": "0.0.0.0"}, Level.WARNING, "TONGCHA_ADMIN_HOST lets others"),
        ({"loopback_http": True}, Level.WARNING, "TONGCHA_LOOPBACK_HTTP is yes"),
        ({}, Level.WARNING, "TONGCHA_ORIGIN is not set"),
    ],
)  # fmt: skip
def test_settings_that_go_badly_together_are_found(settings: dict[str, Any], level: Level, said: str) -> None:
    found = look_at_settings(Settings(**settings), {"TONGCHA_SEAL_KEY": "given"})
    assert [finding.level for finding in found if finding.said.startswith(said)] == [level]


async def test_each_issuer_is_asked_for_its_keys(tmp_path: Path) -> None:
    path = issuers_file(DemoIssuer.open(tmp_path), tmp_path)
    (tmp_path / "people.json").write_text("<html>")
    found = {one.area: one for one in await of(look_at_issuers(Settings(issuers=path)))}
    assert found["issuers: staff"].level is Level.GOOD
    assert found["issuers: people"].said == "its keys cannot be used: JSONDecodeError"
    staff = path.read_text().replace(str(tmp_path / "staff.json"), "http://127.0.0.1:1/jwks")
    path.write_text(staff)
    found = {one.area: one for one in await of(look_at_issuers(Settings(issuers=path, loopback_http=True)))}
    assert found["issuers: staff"].said == "its keys cannot be fetched: ConnectionRefusedError"


async def test_a_redis_that_forgets_is_found(redis_server: RedisServer) -> None:
    from redis.asyncio import Redis  # noqa: PLC0415

    redis = Redis.from_url(redis_server.url)
    await redis.config_set("maxmemory-policy", "allkeys-lru")
    await redis.config_set("save", "")
    await redis.aclose()
    found = await of(look_at_redis(Settings(redis=redis_server.url)))
    assert [one.level for one in found] == [Level.GOOD, Level.BAD, Level.WARNING, Level.WARNING]
    assert found[1].said == "maxmemory-policy is allkeys-lru: it may forget revocations"


async def test_a_redis_that_is_away_is_found() -> None:
    (finding,) = await of(look_at_redis(Settings(redis="redis://127.0.0.1:1")))
    assert finding.level is Level.BAD


async def test_the_log_s_directory_is_written_to_and_left_as_it_was(tmp_path: Path) -> None:
    found = await of(look_at_log(Settings(audit_directory=tmp_path / "audit")))
    assert [one.said for one in found][-1] == "0 witnesses"
    assert any(one.said.startswith("a sync takes ") for one in found)
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_a_log_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = await of(look_at_log(Settings(audit_directory=file / "audit")))
    assert bad(found) == ["TONGCHA_AUDIT_DIR cannot be written to: Not a directory"]


async def test_a_key_that_others_may_read_is_found(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.touch(0o644)
    found = await of(look_at_log(Settings(audit_signing_key=key)))
    assert [one.said for one in found] == [
        "others may read TONGCHA_AUDIT_SIGNING_KEY",
        "TONGCHA_AUDIT_SIGNING_KEY: ValueError",
    ]


async def test_policies_that_are_refused_are_found(tmp_path: Path) -> None:
    (tmp_path / "broken.cedar").write_text("permit(")
    (finding,) = await of(look_at_policies(Settings(policies=tmp_path)))
    assert finding.level is Level.BAD
    assert finding.said.startswith("they cannot be used: ")


async def test_nothing_that_is_found_has_a_secret(city: Mapping[str, str], tmp_path: Path) -> None:
    secret = "s3cret"
    given = environment(city, TONGCHA_REDIS=f"redis://:{secret}@127.0.0.1:1", **audit(tmp_path))
    given["TONGCHA_DATABASE_VEHICLE"] = f"postgresql://nobody:{secret}@127.0.0.1:1/vehicle"
    found = await examine(given)
    assert secret not in str(found)
    assert "00" * 32 not in str(found)


def test_the_status_says_whether_anything_is_bad(
    city: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    issuers = issuers_file(DemoIssuer.open(tmp_path), tmp_path)
    given = environment(city, TONGCHA_ISSUERS=str(issuers), TONGCHA_SEAL_KEY="ab" * 64, **audit(tmp_path))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    code, printed = run("doctor --json", capsys)
    found = json.loads(printed)
    assert ("database: vehicle", "ok") in {(one["area"], one["level"]) for one in found}
    wrong = {one["area"] for one in found if one["level"] == "bad"}
    assert wrong <= {"log"}  # the disk of whoever runs the tests may be full
    assert code == (1 if wrong else None)
    monkeypatch.setenv("TONGCHA_REDIS", "redis://127.0.0.1:1")
    code, printed = run("doctor", capsys)
    assert (code, "bad   redis " in printed) == (1, True)
