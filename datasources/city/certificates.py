"""Electronic certificates: business licences and permits of entities, transport permits, documents of persons."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from datasources.city import dirty
from datasources.city.casting import CERTIFICATES
from datasources.city.entities import OTHER, entity
from datasources.city.entity_rows import licences
from datasources.city.organisations import CITY_TRANSPORT, XIANGZHOU_MARKET, officers, orgs
from datasources.city.people import Person, head, person
from datasources.city.record import NO_FLAGS, POLICE, record
from datasources.city.sizes import TODAY, Domain, Size, day, instant, key
from datasources.city.vehicles import permit_no, permit_term, vehicle

TYPE = "11440499007000011Q"
BUSINESS, IDENTITY, RESIDENCE, SOCIAL, DRIVING, TRANSPORT = "001", "030", "031", "036", "034", "045"
_TODAY = TODAY.toordinal()
_STATUS = {"1": "1", "2": "4", "3": "4", "4": "2"}


def cert_id(kind: str, serial: str) -> str:
    """The identifier of an electronic certificate (GB/T 36904): root, type, serial, version."""
    return f"1.2.156.3005.2.{TYPE}{kind}.{serial}.001"


def _row(
    kind: str, serial: str, holder: tuple[str, str, str], cert_no: str, term: tuple[date, date | None, str], chance: float,
    issuer: str, mark: int = 0,
) -> tuple[object, ...]:  # fmt: skip
    """One row: holder is (holder type, name, number), term is (issued on, valid to, status code)."""
    issued, ends, status = term
    flags = NO_FLAGS
    if chance * 71 % 1 < 0.013 and issued.year > 2000:
        # Issued in the future, as a slip of the year makes it.
        flags, issued = [dirty.FUTURE_DATE], day(_TODAY + 20 + int(chance * 340))
    surface = json.dumps(
        {"证照编号": cert_no, "持证主体": holder[1], "颁发日期": issued.isoformat()}, ensure_ascii=False
    )
    identifier = cert_id(kind, serial)
    head_record = record("ZS-ZZK", issuer, chance, valid_from=issued, flags=flags)
    return (
        identifier, TYPE + kind, *holder, cert_no, issuer, issued, ends, status, "AABABCAD"[int(chance * 8)],
        chance * 37 % 1 > 0.01, surface, f"cert/{identifier[-24:]}", mark, *head_record[:8], *head_record[9:],
    )  # fmt: skip


def business_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of lic.certificate of the entities `start` to `stop`: the business licence, and each licence."""
    market = orgs(size)[XIANGZHOU_MARKET].uscc
    for number in range(start, stop):
        made = entity(size, seed, number)
        holder = ("2", made.name, made.uscc)
        if made.kind != OTHER:
            status = {"1": "1", "2": "2", "3": "4"}.get(made.status, "1")
            since = day(max(made.established, _TODAY - 2_500))
            yield _row(BUSINESS, f"E{number:09d}", holder, made.uscc, (since, None, status), made.chance, market)
        if made.industry.licence:
            for place, (no, _, _, begins, ends, status) in enumerate(licences(made)):
                kind = made.industry.licence[1][-3:]
                term = (begins, ends, _STATUS[status])
                yield _row(kind, f"L{number:08d}{place}", holder, no, term, (made.chance + 0.31) % 1, market)


def transport_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of lic.certificate of the vehicles `start` to `stop`: the road transport permit."""
    issuer = orgs(size)[CITY_TRANSPORT].uscc
    for number in range(start, stop):
        made = vehicle(size, seed, number)
        permit = permit_no(made)
        if permit:
            firm = entity(size, seed, made.owner)
            ends, status = permit_term(made)
            term = (day(min(_TODAY - 10, ends.toordinal() - 1_460)), ends, _STATUS[status])
            yield _row(TRANSPORT, f"V{number:09d}", ("2", firm.name, firm.uscc), permit, term, made.chance, issuer)


def personal_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of lic.certificate of persons: the personas' first, then one each of grown-ups in turn."""
    for number in range(start, stop):
        if number < len(CERTIFICATES):
            kind, owner = CERTIFICATES[number]
            who = person(size, seed, owner)
        else:
            who = head(size, seed, number * 3 + 1)
            # A third round over the same people brings the next kind of document, never the same twice.
            turn = number // size.family_households
            kind = (RESIDENCE if who.res_permit_no else IDENTITY, DRIVING, SOCIAL)[(turn + number) % 3]
        yield personal(kind, f"P{number:09d}", who)


def personal(kind: str, serial: str, who: Person) -> tuple[object, ...]:
    """One certificate of a person."""
    issued = _TODAY - 40 - int(who.chance * 2_500)
    years = {RESIDENCE: 1, IDENTITY: 20, SOCIAL: 0, DRIVING: 10}.get(kind, 6)
    ends = day(issued + 365 * years) if years else None
    number = (
        who.res_permit_no if kind == RESIDENCE and who.res_permit_no else who.id_no if kind != SOCIAL else f"SB{serial}"
    )
    status = "2" if ends and ends < TODAY else "3" if who.chance * 59 % 1 < 0.006 else "1"
    return _row(
        kind, serial, ("1", who.name, who.id_no), number, (day(issued), ends, status), who.chance, POLICE, who.mark
    )


def use_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of lic.use_log: who used the business licence of one in six entities, the personas' and the busiest among them."""
    staff = officers(size, seed)
    purposes = ("INSPECTION", "CASE_HANDLING", "SERVICE", "SUPERVISION")
    for number in range(start, stop):
        if number % 6 == 0:
            made = entity(size, seed, number)
            if made.kind != OTHER:
                used = instant(_TODAY - 1 - number % 300, 30_000 + number * 37 % 30_000)
                officer = staff[number // 6 % len(staff)]
                yield (
                    key(Domain.USE, number),
                    cert_id(BUSINESS, f"E{number:09d}"),
                    officer.cert_no,
                    purposes[number // 6 % 4],
                    used,
                )
