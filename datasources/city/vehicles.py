"""Vehicles, their owners and their transport permits. Vehicle `k` is pure; owners are heads of families, or entities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from datasources.city import dirty
from datasources.city.casting import VEHICLE_CHANGES
from datasources.city.dice import stream
from datasources.city.entities import drawn, entity
from datasources.city.identifiers import vin
from datasources.city.people import head, person
from datasources.city.record import NO_FLAGS, POLICE, record
from datasources.city.sizes import TODAY, Domain, Size, day, key

_TODAY = TODAY.toordinal()
#: (brand and model, type, fuel, first eight of the VIN)
_CARS = (
    ("启程牌QC7150", "K33", "A", "LZZABCDE"), ("海岚牌HL6480", "K32", "A", "LHLKDR26"), ("恒信牌HX7180", "K33", "A", "LHXJGT33"),
    ("粤行牌YX6500", "K31", "B", "LYXNWU31"), ("南驰牌NC5030", "H32", "B", "LNCMPY32"), ("启程牌QC6470", "K32", "O", "LZZBCD32"),
)  # fmt: skip
_ELECTRIC = (
    ("云湾牌YW7000BEV", "K33", "C", "LYWAEV33"), ("海岚牌HL7000BEV", "K33", "C", "LHLAEV33"),
    ("粤行牌YX6490PHEV", "K32", "O", "LYXAHV32"),
)  # fmt: skip
_HEAVY = (
    ("南驰牌NC1250", "H11", "B", "LNCGPY11"), ("恒信牌HX4250", "Q11", "B", "LHXGPY21"), ("粤行牌YX6120", "K11", "B", "LYXGPY12"),
    ("南驰牌NC3310", "H17", "B", "LNCGPY17"),
)  # fmt: skip
_TRAILER = ("驰联牌CL9400", "B11", "Y", "LCLGPY94")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SERIALS = 4 * 240_000
_YEARS = {year: "9ABCDEFGHJKLMNPRSTVWXY"[year - 2009] for year in range(2009, 2028)}
_OTHERS = ("粤A", "粤B", "粤T", "粤J", "粤G", "粤K", "湘D", "桂D", "赣B", "川X")


class Vehicle(NamedTuple):
    """One vehicle; `owner_type` 1 with a person number or 2 with an entity number in `owner`."""

    number: int
    key: UUID
    plate_no: str
    plate_type: str
    vin: str
    model: str
    type: str
    fuel: str
    usage: str
    registered: int
    ended: int
    status: str
    owner_type: str
    owner: int
    flags: list[str]
    chance: float


def serial(number: int) -> str:
    """Five characters of a blue or yellow plate with one letter, different for every number below 960,000."""
    shape, rest = divmod(number * 611_953 % _SERIALS, 240_000)
    letter, digits = divmod(rest, 10_000)
    text = f"{digits:04d}"
    # The third place is left to the personas.
    place = (0, 1, 3, 4)[shape]
    return text[:place] + _LETTERS[letter] + text[place:]


@lru_cache(maxsize=10_000)
def vehicle(size: Size, seed: int, number: int) -> Vehicle:
    """Vehicle `number` of the city."""
    dice = stream(seed, Domain.VEHICLE, number)
    lot, chance, fault = number % 50, dice.random(), dice.random()
    trade = dice.random()
    plate_type = "02" if lot < 41 else "52" if lot < 47 else "01" if lot < 49 else ("15", "16", "51")[number // 50 % 3]
    heavy = plate_type in ("01", "15", "51")
    owned = heavy or plate_type == "16" or trade < 0.12
    pool = (_TRAILER,) if plate_type == "15" else _HEAVY if heavy else _ELECTRIC if plate_type == "52" else _CARS
    model, kind, fuel, start = pool[int(dice.random() * len(pool))]
    fuel = "C" if plate_type == "51" else fuel
    registered = _TODAY - 20 - int(dice.random() * (2_200 if plate_type in ("52", "51") else 5_500))
    status = "A" if chance < 0.9 else "Q" if chance < 0.94 else "G" if chance < 0.975 else "GQ" if chance < 0.985 else (
        "E" if chance < 0.992 else "K" if chance < 0.996 else "B" if chance < 0.9985 else "C"
    )  # fmt: skip
    flags: list[str] = NO_FLAGS
    plate, ended = _plate(number, plate_type, dice.random()), 0
    if number % 200 == 110:
        flags, ended, status = [dirty.PLATE_MOVED], _TODAY - 900, "E"
        registered = _TODAY - 4_000
    elif number % 200 == 111:
        older = vehicle(size, seed, number - 1)
        flags, plate, plate_type, registered = [dirty.PLATE_MOVED], older.plate_no, older.plate_type, _TODAY - 800
    elif fault < 0.004:
        flags, registered = [dirty.FUTURE_DATE], _TODAY + 30 + int(chance * 300)
    owner = drawn(size, int(trade * 1e9)) if owned else head(size, seed, number * 17 + 2).number
    if not owned and head(size, seed, number * 17 + 2).id_no[-1] == "X" and fault > 0.93:
        flags = [*flags, dirty.LOWERCASE_X]
    year = min(2027, max(2009, day(registered).year))
    made = Vehicle(
        number, key(Domain.VEHICLE, number), plate, plate_type, vin(start, f"{_YEARS[year]}A{number:06d}"), model, kind, fuel,
        _usage(kind, owned=owned, lot=number * 7 % 20), registered, ended, status, "2" if owned else "1", owner, flags, chance,
    )  # fmt: skip
    return made._replace(**VEHICLE_CHANGES.get(number, {}))


def _plate(number: int, plate_type: str, chance: float) -> str:
    region = "粤C" if chance < 0.92 else _OTHERS[int(chance * 1e4) % len(_OTHERS)]
    if plate_type == "52":
        # Six of fifty vehicles carry these plates: their rank keeps within the two letters.
        rank = number // 50 * 6 + number % 50 - 41
        return f"{region}{'DF'[rank // 100_000]}{rank % 100_000:05d}"
    if plate_type == "51":
        return f"{region}{number // 150:05d}D"
    return f"{region}{serial(number)}" + {"15": "挂", "16": "学"}.get(plate_type, "")


def _usage(kind: str, *, owned: bool, lot: int) -> str:
    if not owned:
        return "A"
    if kind[0] in "HQB":
        return "R" if lot == 3 else "F"
    if kind == "K11":
        return "B" if lot % 2 else "C"
    return "A" if lot < 13 else "D" if lot < 16 else "E" if lot < 18 else "G"


def permit_no(made: Vehicle) -> str | None:
    """The number of the road transport permit (道路运输证) of a vehicle for hire that an organisation owns."""
    if made.owner_type == "2" and made.usage in "BCDEFR":
        return f"珠字44049900{made.number:07d}"
    return None


def vehicle_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of veh.vehicle."""
    for number in range(start, stop):
        made = vehicle(size, seed, number)
        begins = day(made.registered)
        checked = made.registered + (_TODAY - made.registered) // 365 * 365
        yield (
            made.key, made.plate_no, made.plate_type, made.vin, f"{made.model[-4:]}{made.number * 7919 % 10_000_000:07d}",
            made.model, made.type, "ABHJEIZ"[int(made.chance * 1e3) % 7], made.fuel, made.usage, begins,
            day(checked - 30 if "Q" in made.status else checked + 365), day(checked + 365),
            day(made.registered + 5_478), made.status, "粤C" if made.plate_no.startswith("粤C") else made.plate_no[:2],
            *record("GA-JGK", POLICE, made.chance, valid_from=begins, valid_to=day(made.ended) if made.ended else None,
                    flags=made.flags),
        )  # fmt: skip


def ownership_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of veh.ownership: one open, for one car in twelve a closed one before."""
    for number in range(start, stop):
        made = vehicle(size, seed, number)
        since = made.registered
        if number % 12 == 6 and made.flags is NO_FLAGS and number not in VEHICLE_CHANGES and _TODAY - since > 900:
            before = head(size, seed, number * 19 + 8)
            since += 700
            yield (
                made.key, "1", before.key, before.name, before.id_type, before.id_no, before.mobile, before.res_address,
                day(made.registered), day(since - 1), before.mark,
            )  # fmt: skip
        mark = 0 if made.owner_type == "2" else person(size, seed, made.owner).mark
        yield (made.key, *_owner(size, seed, made), day(since), None, mark)


def _owner(size: Size, seed: int, made: Vehicle) -> tuple[str, UUID, str, str, str, str | None, str]:
    if made.owner_type == "2":
        firm = entity(size, seed, made.owner)
        return "2", firm.key, firm.name, "990", firm.uscc, firm.representative.mobile, firm.address
    who = person(size, seed, made.owner)
    id_no = who.id_no.lower() if dirty.LOWERCASE_X in made.flags else who.id_no
    return "1", who.key, who.name, who.id_type, id_no, who.mobile, who.res_address


def permit_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of veh.transport_permit of the vehicles `start` to `stop`."""
    for number in range(start, stop):
        made = vehicle(size, seed, number)
        permit = permit_no(made)
        if permit:
            ends, status = permit_term(made)
            yield permit, made.key, entity(size, seed, made.owner).uscc, permit_scope(made), ends, status


def permit_term(made: Vehicle) -> tuple[date, str]:
    """(valid to, status code) of the transport permit of a vehicle."""
    ends = _TODAY - 200 + int(made.chance * 1_500)
    return day(ends), "4" if ends < _TODAY else "2" if made.status == "E" else "1"


def permit_scope(made: Vehicle) -> str:
    """What the vehicle may be used for."""
    scopes = {
        "B": "县际班车客运",
        "C": "公共汽电车客运",
        "D": "巡游出租汽车客运",
        "E": "县际包车客运",
        "F": "道路普通货物运输",
    }
    return scopes.get(made.usage, "危险货物运输（3类）")
