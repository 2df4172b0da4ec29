"""Draws of the double-random inspections: anyone can repeat them from the seed and the directory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date

from datasources.city.casting import ENTITIES_OF_PERSONAS
from datasources.city.entities import entity, profile
from datasources.city.organisations import orgs, staff
from datasources.city.places import DISTRICTS
from datasources.city.sizes import TODAY, Domain, Size, day, key

_OBJECTS = 20


def plan_no(ordinal: int, district: str) -> str:
    """The plan of a month in a district."""
    month = day(ordinal)
    return f"SSJ-{month:%Y%m}-{district[:6]}"


def ranked(seed: str, members: list[str], count: int) -> list[str]:
    """The `count` members whose SHA-256 of seed and name is smallest: the draw `sha256-rank`."""
    return sorted(members, key=lambda name: hashlib.sha256(f"{seed}|{name}".encode()).digest())[:count]


def draw_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of cas.sampling_draw: one draw a month and district in 2026, among the entities of risk class D in business."""
    del start, stop
    directory: dict[str, list[str]] = {district: [] for district in DISTRICTS}
    for number in range(ENTITIES_OF_PERSONAS, size.entities):
        known = profile(size, seed, number)
        if known.risk == "D" and known.status == "1":
            directory[known.town.district].append(entity(size, seed, number).uscc)
    teams = staff(size, seed)
    for month in range(1, TODAY.month + 1):
        for place, (district, population) in enumerate(directory.items()):
            population.sort()
            plan = plan_no(date(2026, month, 1).toordinal(), district)
            chosen = hashlib.sha256(f"{seed}/{plan}".encode()).hexdigest()
            org = next(org for org in orgs(size) if org.division == district and org.field == 0)
            directory_of_officers = [officer.cert_no for officer in teams[org.number]]
            result = {
                "名录": {"区划": district, "风险等级": "D", "登记状态": "1", "数量": len(population)},
                "对象": ranked(chosen, population, _OBJECTS), "人员": ranked(chosen, directory_of_officers, 2),
            }  # fmt: skip
            digest = hashlib.sha256("\n".join(population).encode()).hexdigest()
            yield (
                key(Domain.DRAW, month * 10 + place), plan, digest, chosen, "sha256-rank",
                json.dumps(result, ensure_ascii=False),
            )  # fmt: skip
