"""Rows of the enforcement database, one function per table, over a range of case numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from datasources.city import dirty
from datasources.city.briefs import COERCE, INSPECT, PUNISH, brief, case_number, followup_of
from datasources.city.briefs import total as total_cases
from datasources.city.casefile import Case
from datasources.city.cases import case
from datasources.city.excesses import inspects_alone
from datasources.city.matters import citation
from datasources.city.organisations import orgs
from datasources.city.people import head
from datasources.city.publications import WITHDRAWN, publication
from datasources.city.record import record
from datasources.city.sampling import plan_no
from datasources.city.sizes import Domain, Size, day, instant, key
from datasources.city.staging import STAGED
from datasources.city.steps import document_key, document_no, steps_of
from datasources.city.values import yuan
from datasources.references import reference

Rows = Iterator[tuple[object, ...]]


def _cases(size: Size, seed: int, start: int, stop: int) -> Iterator[Case]:
    return (case(size, seed, number) for number in range(start, min(stop, total_cases(size))))


def _digest(text: str) -> str:
    """A stand-in for the SM3 digest of a file that does not exist."""
    return hashlib.sha256(text.encode()).hexdigest()


def _date(ordinal: int) -> object:
    return day(ordinal) if ordinal else None


def case_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.case."""
    for made in _cases(size, seed, start, stop):
        begun = made.brief
        filed = None if made.status == "NOT_FILED" else day(made.filed)
        informant = None
        if begun.source == "2" and made.chance < 0.6:
            informant = reference("p", head(size, seed, begun.number * 23 + 4).key)
        yield (
            made.key, begun.case_no, begun.kind, made.procedure, begun.source,
            f"XS{day(made.filed):%Y%m}{begun.number:07d}" if begun.source in ("2", "3") else None, informant, made.cause,
            begun.matter.code, made.version, made.org.key, made.division, made.place, made.status, made.stage, filed,
            _date(made.decided), _date(made.served), _date(made.closed), _date(made.archived), made.excluded,
            made.extensions, made.major, made.reviewed, made.discussed, made.hearing, made.secret,
            "3" if made.secret or made.sealed else "2" if made.procedure == "1" and made.chance > 0.9 else "1",
            *record(made.system, made.org.uscc, made.chance, sealed=made.sealed, flags=made.flags),
        )  # fmt: skip


def party_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.party."""
    for made in _cases(size, seed, start, stop):
        for place, party in enumerate(made.parties):
            yield key(Domain.PARTY, made.brief.number * 8 + place), made.key, *party


def facts_of(made: Case) -> str:
    """What was found, in words; the story's own words when it has some."""
    staged = made.brief.staged
    if staged and staged.facts:
        return staged.facts
    found = day(made.filed)
    matter = made.brief.matter
    return (
        f"经查，{made.parties[0].name}于{found.year}年{found.month}月{found.day}日在{made.place}{matter.act}，"
        f"属于{matter.subject or '当事人'}{matter.act}的行为，有现场检查笔录、询问笔录等证据证实。"
    )


def content_of(made: Case) -> str:
    """What was decided, in words."""
    parts = []
    if "01" in made.kinds:
        parts.append("警告")
    if made.fine:
        parts.append(f"罚款人民币{made.fine}元")
    if made.confiscated:
        parts.append(f"没收{'违法所得' if '04' in made.kinds else '非法财物'}{made.confiscated}元")
    if "08" in made.kinds:
        parts.append("吊销许可证件")
    if "10" in made.kinds:
        parts.append("责令停产停业")
    return "；".join(parts) or "不予行政处罚"


def decision_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.decision."""
    for made in _cases(size, seed, start, stop):
        if made.brief.kind != PUNISH or not made.decided:
            continue
        matter = made.brief.matter
        yield (
            made.document_no, made.key, day(made.decided), f"{matter.subject}{matter.act}", facts_of(made),
            citation(size, seed, matter, made.version), made.kinds, content_of(made), yuan(made.fine), yuan(made.confiscated),
            f"{made.revoked} {made.parties[0].uscc}" if made.revoked else None, day(made.decided + 1_095), made.grade,
        )  # fmt: skip


def _followed(size: Size, made: Case) -> int | None:
    """The penalty that an inspection led to."""
    return followup_of(size, made.brief.number - len(STAGED)) if made.brief.staged is None else None


def result_of(size: Size, made: Case) -> str | None:
    """The code of what an inspection found."""
    return "8" if _followed(size, made) is not None else made.result or None


def inspection_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.inspection; the task number is the case number."""
    for made in _cases(size, seed, start, stop):
        begun = made.brief
        if begun.kind != INSPECT:
            continue
        told = (place for place, step in enumerate(steps_of(size, seed, begun.number)) if step.document == "0302")
        notice = next((document_key(made, place, "0302") for place in told), None)
        started = instant(made.filed, 32_400 + int(made.chance * 20_000)) if made.decided else None
        ended = instant(made.filed, 35_000 + int(made.chance * 26_000)) if made.decided else None
        follow, follow_no = _followed(size, made), None
        if follow is not None:
            later = brief(size, seed, len(STAGED) + size.inspections + follow)
            follow_no = case_number(orgs(size)[later.org].prefix, PUNISH, later.filed, follow)
        yield (
            begun.case_no, made.key, plan_no(made.filed, begun.town.district) if made.mode == "4" else None, made.mode,
            f"JCQD{begun.matter.basic_code[4:9]}{begun.org:04d}", notice, started, ended,
            (round(begun.town.longitude + made.chance * 0.03 - 0.015, 6), round(begun.town.latitude + 0.004, 6))
            if made.decided else None,
            result_of(size, made), _date(made.rectify), follow_no, made.chance < 0.82 if made.decided else None,
        )  # fmt: skip


def coercion_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.coercion."""
    goods = ("糕点", "散装白酒", "冷冻水产", "货架", "电动三轮车", "搅拌机", "成品油", "卷烟")
    for made in _cases(size, seed, start, stop):
        if made.brief.kind != COERCE:
            continue
        items = [
            {
                "名称": goods[(made.brief.number + place) % len(goods)],
                "数量": 1 + int(made.chance * 40),
                "单位": "件",
                "存放地点": made.place,
            }
            for place in range(1 + int(made.chance * 4))
        ]
        urgent = made.chance > 0.85
        yield (
            key(Domain.COERCION, made.brief.number), made.key, made.measure, json.dumps(items, ensure_ascii=False),
            day(made.filed), day(made.due), made.extensions > 0, _date(made.closed),
            instant(made.filed + 1, 30_000) if urgent else None,
        )  # fmt: skip


def _recorded(made: Case, place: int) -> str:
    return str(key(Domain.RECORDING, made.brief.number * 64 + place))


def _actor(made: Case, actor: int) -> int:
    """Who took a step, by place among the officers of the case."""
    alone = made.brief.kind == INSPECT and inspects_alone(made.brief.number)
    return 0 if alone and actor == 1 else actor


def event_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.event; one recorded step in sixteen was uploaded hours later, from a device without a network."""
    for made in _cases(size, seed, start, stop):
        for place, step in enumerate(steps_of(size, seed, made.brief.number)):
            when = instant(step.day, step.second)
            offline = step.recorded and made.brief.number % 16 == 9
            uploaded = instant(step.day, step.second + (25_000 if offline else 5 + made.brief.number % 50))
            yield (
                made.key, place + 1, when, uploaded, step.stage, step.action, made.officers[_actor(made, step.actor)].cert_no,
                ("主办", "协办", "审批")[step.actor], document_key(made, place, step.document) if step.document else None,
                [_recorded(made, place)] if step.recorded else None, "离线终端补传" if offline else None,
            )  # fmt: skip


def document_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.document."""
    for made in _cases(size, seed, start, stop):
        seal = json.dumps(
            {"印章": made.org.name, "签名算法": "SM2", "验证结果": made.chance < 0.985}, ensure_ascii=False
        )
        for place, step in enumerate(steps_of(size, seed, made.brief.number)):
            if step.document:
                name = f"{made.brief.number}/{place}"
                yield (
                    document_key(made, place, step.document), made.key, step.document,
                    document_no(made, step.document, place), instant(step.day, step.second), _digest(name), seal,
                    1 + (made.brief.number + place) % 9, f"dossier/{name}",
                )  # fmt: skip


def evidence_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.evidence: two or three of an ordinary penalty, one of what else went to the scene."""
    for made in _cases(size, seed, start, stop):
        count = 3 if made.procedure == "2" and made.brief.kind == PUNISH and made.status != "NOT_FILED" else 1
        if made.brief.kind == INSPECT and (made.chance > 0.2 or not made.decided):
            continue
        for place in range(count):
            name = f"{made.brief.number}/e{place}"
            yield (
                key(Domain.EVIDENCE, made.brief.number * 8 + place), "81624357"[(made.brief.number + place) % 8],
                instant(made.filed, 34_000 + place * 1_800), _digest(name), f"evidence/{name}", made.key,
                [made.officers[0].cert_no, made.officers[1].cert_no],
            )  # fmt: skip


def recording_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.recording, for the recorded steps."""
    for made in _cases(size, seed, start, stop):
        for place, step in enumerate(steps_of(size, seed, made.brief.number)):
            if step.recorded:
                yield (
                    key(Domain.RECORDING, made.brief.number * 64 + place), f"ZFJLY{made.org.number:03d}{made.brief.number % 40:03d}",
                    instant(step.day, step.second), instant(step.day, step.second + 600 + made.brief.number % 2_400),
                    _digest(f"{made.brief.number}/r{place}"), made.key,
                )  # fmt: skip


def disclosure_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.disclosure."""
    for made in _cases(size, seed, start, stop):
        shown = publication(made)
        if shown is None:
            continue
        first = made.parties[0]
        flags = [dirty.WRONG_BRACKETS] if dirty.WRONG_BRACKETS in made.flags else []
        yield (
            shown.disclosure_id, made.key, shown.version, first.name, first.uscc,
            instant(shown.published, shown.clock) if shown.published else None, _date(shown.until), shown.state, shown.basis,
            shown.reason if shown.state == WITHDRAWN else None, first.mark,
            *record(made.system, made.org.uscc, made.chance, version=shown.version, sealed=made.sealed, flags=flags),
        )  # fmt: skip
