"""The settings: whether each can be read, whether all that is needed is there, and what goes badly together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from datasources.fetch import LOOPBACK
from datasources.tables import DATABASES
from gateway.doctor.findings import Finding, bad, good, warning
from gateway.settings import DATABASE_PREFIX, PREFIX, SOURCE_BUDGET_PREFIX, Settings, names, unusable

AREA = "settings"

_OF_OTHERS = re.compile(rf"{PREFIX}(CITY|TEST)_|{PREFIX}(\w+_)?(PORT(_\d+_\w+)?|SERVICE_(HOST|PORT\w*))$")
"""Of the demo's city and the tests, and those that Kubernetes sets for a Service of our name."""


def look_at_environment(environment: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with single settings."""
    wrong = unusable(environment)
    for name in wrong:
        yield bad(AREA, f"{name} has a value that cannot be used", "see its row in docs/operating.md")
    of_databases = {prefix + name.upper() for prefix in (DATABASE_PREFIX, SOURCE_BUDGET_PREFIX) for name in DATABASES}
    known = names() | of_databases
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known and not _OF_OTHERS.match(name):
            yield warning(AREA, f"{name} is no setting", "correct its name, or take it away")
    if not wrong:
        yield good(AREA, "all can be read")


def missing(settings: Settings) -> list[str]:
    """The names of the settings without which nothing is served."""
    found = [f"{DATABASE_PREFIX}{name.upper()}" for name in DATABASES if name not in settings.databases]
    found += ["TONGCHA_ISSUERS"] if settings.issuers is None else []
    found += ["TONGCHA_AUDIT_DIR"] if settings.audit_directory is None else []
    found += ["TONGCHA_AUDIT_KEY"] if settings.audit_key is None else []
    # Without it revocations, proofs that were seen and budgets are known to one process only.
    found += ["TONGCHA_REDIS"] if settings.workers > 1 and not settings.redis else []
    return found


def look_at_settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """What goes badly together."""
    for name in missing(settings):
        yield bad(AREA, f"{name} is not set", "set it: serve does not start without")
    if not environment.get("TONGCHA_SEAL_KEY"):
        yield warning(
            AREA,
            "TONGCHA_SEAL_KEY is not set: cursors and ids end with the process, and figures for partners are drawn anew",
            "set 64 bytes in hexadecimal, the same for all processes, and keep them",
        )
    elif settings.seal_key == settings.audit_key:
        yield bad(
            AREA,
            "TONGCHA_SEAL_KEY and TONGCHA_AUDIT_KEY are the same",
            "make another key for one of them: who has the one must not have the other",
        )
    if not settings.origin:
        yield warning(AREA, "TONGCHA_ORIGIN is not set: DPoP proofs have to name the address listened on", "set it")
    if settings.loopback_http:
        yield warning(AREA, "TONGCHA_LOOPBACK_HTTP is yes: keys come over plain HTTP", "leave it to demos")
    if settings.processes * settings.workers > 1 and not settings.redis and settings.workers == 1:
        yield bad(
            AREA,
            "several processes and no TONGCHA_REDIS: a revoked token is good in the others",
            "set TONGCHA_REDIS, or run one process",
        )
    if settings.admin_port is not None and settings.admin_host not in LOOPBACK:
        yield warning(
            AREA,
            "TONGCHA_ADMIN_HOST lets others than this machine ask for metrics",
            "let a network policy keep all but the collector away",
        )
    if settings.admin_port is not None and settings.admin_port == settings.port != 0:
        yield bad(AREA, "TONGCHA_ADMIN_PORT is the public port", "give it one of its own")
