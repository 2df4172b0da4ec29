"""Everything that is looked at, in order."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.doctor.environment import look_at_environment, look_at_settings
from gateway.doctor.findings import Finding
from gateway.doctor.identity import look_at_issuers
from gateway.doctor.log import look_at_log
from gateway.doctor.rules import look_at_policies
from gateway.doctor.shared import look_at_redis
from gateway.doctor.sources import look_at_databases
from gateway.settings import Settings, SettingsInvalid

LOOKS = (look_at_issuers, look_at_databases, look_at_redis, look_at_log, look_at_policies)


async def examine(environment: Mapping[str, str]) -> list[Finding]:
    """What is found with these settings. With one that cannot be read there is nothing to look at beyond them."""
    found = list(look_at_environment(environment))
    try:
        settings = Settings.from_environment(environment)
    except SettingsInvalid:
        return found
    found += look_at_settings(settings, environment)
    for look in LOOKS:
        found += [finding async for finding in look(settings)]
    return found
