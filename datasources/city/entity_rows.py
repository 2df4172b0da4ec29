"""Rows of the legal-entity database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from datasources.city.casting import LISTINGS, OLD_SITES, QUOTAS
from datasources.city.dice import stream
from datasources.city.entities import COMPANY, OTHER, TRADER, Entity, entity, hot
from datasources.city.excesses import is_inspected_too_often
from datasources.city.organisations import orgs
from datasources.city.people import head
from datasources.city.places import point
from datasources.city.real_property import shop_unit
from datasources.city.record import record
from datasources.city.sizes import TODAY, Domain, Size, day, key
from datasources.city.values import cents, ratio, yuan

_TODAY = TODAY.toordinal()
_REASONS = (
    "通过登记的住所或者经营场所无法联系", "未在规定期限公示年度报告", "公示企业信息隐瞒真实情况、弄虚作假",
    "未按照责令的期限公示有关企业信息",
)  # fmt: skip


def registrar(made: Entity) -> str:
    """The registering authority by district."""
    if made.town.zone == "Z1":
        return "横琴粤澳深度合作区商事服务局"
    return f"珠海市{made.town.district_name}市场监督管理局"


def entity_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of ent.entity."""
    registrar_code = orgs(size)[1].uscc
    for number in range(start, stop):
        made = entity(size, seed, number)
        owner = made.representative
        workers = 1 + int(made.chance * made.chance * (180 if made.kind == COMPANY else 6))
        yield (
            made.key, made.uscc, made.name, made.type, made.status, made.industry.code, day(made.established),
            day(made.established + 7_305) if made.kind == COMPANY and made.chance < 0.3 else None,
            yuan(made.capital) if made.capital else None, "CNY" if made.capital else None, made.address, made.division,
            made.industry.scope, registrar(made), owner.name, owner.id_type, owner.id_no, owner.mobile, owner.name,
            f"0756-{6000000 + number % 100_000 * 9 % 999_999:07d}", workers, cents(workers * 1_850_000 + number % 97 * 100),
            f"44049900{number:011d}", made.risk, owner.mark,
            *record("SJ-FRK", registrar_code, made.chance, version=made.version, valid_from=made.moved_on,
                    flags=made.flags),
        )  # fmt: skip


def entity_person_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of ent.entity_person: who represents, owns and directs."""
    for number in range(start, stop):
        made = entity(size, seed, number)
        owner, since = made.representative, day(made.established)
        until = day(min(_TODAY - 9, made.established + 2_000)) if made.status in ("2", "3") else None
        if made.kind == TRADER:
            yield made.key, owner.key, "5", owner.name, owner.id_no, ratio(1_000_000), since, until, owner.mark
            continue
        yield made.key, owner.key, "1", owner.name, owner.id_no, None, since, until, owner.mark
        if made.kind == OTHER:
            continue
        second = head(size, seed, number * 11 + 5)
        alone = second.key == owner.key or made.chance < 0.4
        share = 1_000_000 if alone else (510_000, 600_000, 700_000, 800_000)[int(made.chance * 97) % 4]
        yield made.key, owner.key, "2", owner.name, owner.id_no, ratio(share), since, until, owner.mark
        yield made.key, owner.key, "3", owner.name, owner.id_no, None, since, until, owner.mark
        if not alone:
            yield (
                made.key,
                second.key,
                "2",
                second.name,
                second.id_no,
                ratio(1_000_000 - share),
                since,
                until,
                second.mark,
            )
            yield made.key, second.key, "4", second.name, second.id_no, None, since, until, second.mark


def site_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of ent.operating_site: the registered address, for one in eight another place too."""
    for number in range(start, stop):
        made = entity(size, seed, number)
        dice = stream(seed, Domain.SITE, number)
        where = point(dice, made.town)
        yield key(Domain.SITE, number * 2), made.key, made.address, made.town.code, where, shop_unit(size, seed, number)
        if number in OLD_SITES:
            division, address = OLD_SITES[number]
            yield key(Domain.SITE, number * 2 + 1), made.key, address, division, None, None
        elif made.chance > 0.875:
            address = f"{made.town.prefix}{made.industry.shop}街{int(made.chance * 9_000) % 200 + 1}号"
            yield key(Domain.SITE, number * 2 + 1), made.key, address, made.town.code, point(dice, made.town), None


def licence_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of ent.licence; the number is that of the electronic certificate."""
    for number in range(start, stop):
        made = entity(size, seed, number)
        for no, name, scope, begins, ends, status in licences(made):
            yield no, made.key, name, registrar(made), scope, begins, ends, status


def licences(made: Entity) -> list[tuple[str, str, str, date, date, str]]:
    """(number, name, scope, valid from, valid to, status) of the licences of an entity, today's first."""
    if made.industry.licence is None or made.kind == OTHER:
        return []
    name, code = made.industry.licence
    begins = max(made.established, _TODAY - 300 - int(made.chance * 1_800))
    ends = begins + 1_826
    status = "2" if made.status in ("2", "3") else "4" if ends < _TODAY else "1"
    serial = f"44{code[-3:]}{made.number:09d}"
    letters = {"002": "JY", "003": "SC"}.get(code[-3:], "XK")
    found = [(f"{letters}1{serial}", name, made.industry.scope, day(begins), day(ends), status)]
    if begins - 1_826 > made.established:
        found.append((f"{letters}0{serial}", name, made.industry.scope, day(begins - 1_826), day(begins - 1), "4"))
    return found


def listing_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of ent.abnormal_listing: four in a hundred, most removed again."""
    for number in range(start, stop):
        made = entity(size, seed, number)
        staged = LISTINGS.get(number)
        if staged:
            reason, listed, removed = staged
            yield key(Domain.LISTING, number), made.key, "1", reason, listed, removed, registrar(made)
        elif made.chance * 31 % 1 < 0.04 and number >= hot(size):
            listed_on = max(made.established + 10, _TODAY - 1_200 + int(made.chance * 1_100))
            removed_on = day(min(_TODAY - 1, listed_on + 45)) if made.chance < 0.6 else None
            yield (
                key(Domain.LISTING, number), made.key, "2" if made.chance > 0.95 else "1",
                _REASONS[int(made.chance * 4)], day(min(listed_on, _TODAY - 2)), removed_on, registrar(made),
            )  # fmt: skip


def quota_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of ent.inspection_quota for 2025 and 2026 of those in business."""
    for number in range(start, stop):
        made = entity(size, seed, number)
        if made.status != "1":
            continue
        staged = QUOTAS.get(number)
        cap = {"A": 1, "B": 2, "C": 4, "D": 6}[made.risk] + (4 if number < hot(size) else 0)
        exempt = "投诉举报核查、转办交办事项不受频次上限限制" if number < hot(size) else None
        done = int(made.chance * 53) % (cap + 1)
        if number < hot(size) and is_inspected_too_often(number):
            yield made.key, 2025, cap, cap + 2, cap, None
        else:
            yield made.key, 2025, cap, cap if number % 3 else done, cap, exempt
        yield (made.key, 2026, *staged) if staged else (made.key, 2026, cap, done, cap - done, exempt)


def legacy_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of ent.legacy_code: the 15-digit registration number, and the organisation code, of one in twenty."""
    for number in range(start, stop):
        made = entity(size, seed, number)
        if number % 20 == 7:
            yield made.key, "1", f"440499{number:09d}"
            yield made.key, "2", made.uscc[8:17]
