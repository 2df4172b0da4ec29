"""What is published in the city: rows of the gateway's own table of published records."""

from __future__ import annotations

from collections.abc import Iterator

from datasources.city.briefs import INSPECT, PUNISH
from datasources.city.briefs import total as total_cases
from datasources.city.case_rows import content_of, facts_of, result_of
from datasources.city.casefile import Case
from datasources.city.cases import case
from datasources.city.matters import citation
from datasources.city.names import pinyin
from datasources.city.parties import PARTY, PERSON
from datasources.city.publications import PUBLISHED, WITHIN, Publication, publication
from datasources.city.record import record
from datasources.city.sizes import Size, day, instant
from datasources.city.values import yuan
from datasources.city.workdays import working_days_after
from datasources.redaction import ANYBODY, Known, disclosed, published

Rows = Iterator[tuple[object, ...]]
#: Seconds from one change of a record to the next on the same day.
_BETWEEN = 1_800
#: Columns of what is published, from `cause_code` to `valid_until`.
_CONTENT = 19


def second_of(shown: Publication, op: int) -> int:
    """The second of the day on which a record was published (0), changed (1) or withdrawn (2)."""
    return (shown.clock + op * _BETWEEN) % 66_000


def _known(made: Case) -> Iterator[Known]:
    """Who and what the case names, and what stands for them in public."""
    for party in made.parties:
        if party.type != PERSON:
            yield Known(name=party.name, organisation=True)
            if party.representative:
                yield Known(name=party.representative, pinyin=pinyin(party.representative))
        else:
            punished = party.role == PARTY and party.mark == 0
            shown = disclosed(party.name) if punished else ANYBODY
            yield Known(name=party.name, shown=shown, pinyin=pinyin(party.name))


def _content(size: Size, seed: int, made: Case) -> tuple[object, ...]:
    """All of it that is deleted when the record is withdrawn."""
    begun, first = made.brief, made.parties[0]
    head = made.cause, begun.matter.code, made.org.key, made.division, day(made.decided)
    if begun.kind != PUNISH:
        result = result_of(size, made) if begun.kind == INSPECT else None
        return *head, None, first.name, first.uscc, *[None] * 5, False, None, None, None, result, None
    known = tuple(_known(made))
    facts, content = published(facts_of(made), known), published(content_of(made), known)
    return (
        *head, made.document_no, first.name, first.uscc, f"{begun.matter.subject}{begun.matter.act}", facts,
        citation(size, seed, begun.matter, made.version), made.kinds, content, facts is None or content is None,
        yuan(made.fine), yuan(made.confiscated), f"{made.revoked} {first.uscc}" if made.revoked else None, None,
        day(made.decided + 1_095),
    )  # fmt: skip


def published_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of gw.disclosure: of every case that is or was published."""
    for number in range(start, min(stop, total_cases(size))):
        made = case(size, seed, number)
        shown = publication(made)
        if shown is None or not shown.published:
            continue
        withdrawn = shown.state != PUBLISHED
        due = working_days_after(made.decided, WITHIN[made.brief.kind])
        content = [None] * _CONTENT if withdrawn else _content(size, seed, made)
        yield (
            shown.disclosure_id, made.key, made.brief.kind, shown.state, shown.version, shown.version,
            instant(shown.published, second_of(shown, 0)), day(shown.until), day(due), False,
            instant(shown.withdrawn, second_of(shown, 2)) if withdrawn else None, shown.reason if withdrawn else None,
            *content, *record(made.system, made.org.uscc, made.chance, version=shown.version),
        )  # fmt: skip
