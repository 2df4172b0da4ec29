"""The columns every federated record carries, in the order of `datasources.tables.record.RECORD_COLUMNS`."""

from __future__ import annotations

from datetime import date, datetime

from datasources.city.sizes import NOW, TODAY, instant

Record = tuple[str, str | None, datetime, datetime, bool, bool, int, date | None, date | None, list[str], bool]

RECORD_COLUMNS = (
    "source_system", "source_org_uscc", "source_updated_at", "fetched_at", "stale", "sealed", "record_version",
    "valid_from", "valid_to", "quality_flags", "is_synthetic",
)  # fmt: skip
NO_FLAGS: list[str] = []

POLICE = "11440499007000011Q"
#: Source systems: name → minutes between the last batch and `NOW`.
SOURCES = {
    "GA-RKK": 190, "SJ-FRK": 95, "ZS-SXK": 410, "SF-FGK": 1_450, "SF-DWK": 65, "ZR-BDC": 240, "GA-JGK": 200, "ZS-ZZK": 35,
    "YZF": 8, "SJ-BA": 50, "JT-BA": 75, "ST-BA": 1_560, "CZ-FS": 20,
}  # fmt: skip
_TODAY = TODAY.toordinal()


def record(
    system: str,
    org: str | None,
    chance: float,
    *,
    version: int = 1,
    sealed: bool = False,
    valid_from: date | None = None,
    valid_to: date | None = None,
    flags: list[str] = NO_FLAGS,
) -> Record:
    """One record's provenance; `chance` (0 to 1) spreads the last change over the past four hundred days."""
    changed = instant(_TODAY - 1 - int(chance * 400), int(chance * 4e6) % 36_000 + 28_800)
    stale = chance > 0.996
    return system, org, changed, NOW, stale, sealed, version, valid_from, valid_to, flags, True
