"""Rows of the enforcement database about fines and about cases that went to the police or to review."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from datasources.city.acts import FIELDS
from datasources.city.briefs import PUNISH
from datasources.city.briefs import total as total_cases
from datasources.city.casefile import Case, Payment
from datasources.city.cases import case, item_code
from datasources.city.excesses import CHARGED, is_overcharged
from datasources.city.personas import Operations
from datasources.city.record import POLICE, record
from datasources.city.sizes import TODAY, Domain, Size, day, instant, key
from datasources.city.values import tenth, yuan

Rows = Iterator[tuple[object, ...]]
_FINANCE = "11440499007100275N"
_DEFECTS = (
    "告知书未载明听证权利",
    "送达回证缺签收日期",
    "询问笔录未逐页签名",
    "裁量理由阐述不充分",
    "证据复印件未核对签章",
)


def _cases(size: Size, seed: int, start: int, stop: int) -> Iterator[Case]:
    return (case(size, seed, number) for number in range(start, min(stop, total_cases(size))))


def payment_code(made: Case) -> str:
    """The payment code (缴款码) of the fine of a case."""
    staged = made.brief.staged
    if staged and staged.payment_code:
        return staged.payment_code
    return f"440400{day(made.served).year % 100:02d}{made.brief.number + 1_000_000:012d}"


def _bill(made: Case, place: int) -> tuple[str, str]:
    """Code and number of the electronic receipt (财政电子票据) of a payment."""
    return f"4406{day(made.served).year % 100:02d}01", f"{made.brief.number * 4 + place:010d}"


def _charged(made: Case, paid: Payment) -> int:
    return CHARGED if is_overcharged(made.brief.number) and not paid.instalments else 0


def payment_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.payment."""
    for made in _cases(size, seed, start, stop):
        paid = made.payment
        if paid is None:
            continue
        bill = _bill(made, len(paid.paid) - 1) if paid.paid else (None, None)
        yield (
            payment_code(made), made.key, item_code(made), yuan(made.fine + _charged(made, paid)), yuan(paid.surcharge),
            yuan(sum(amount for _, amount in paid.paid)), day(paid.due), paid.status, *bill,
            f"99990000{made.brief.number:011d}" if paid.paid else None, made.document_no, made.parties[0].name, made.parties[0].mark,
            *record("CZ-FS", _FINANCE, made.chance, sealed=made.sealed),
        )  # fmt: skip


def instalment_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.payment_instalment."""
    for made in _cases(size, seed, start, stop):
        if made.payment:
            for place, (due, amount, settled) in enumerate(made.payment.instalments, 1):
                yield payment_code(made), place, day(due), yuan(amount), settled


def receipt_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.payment_receipt."""
    for made in _cases(size, seed, start, stop):
        if made.payment:
            for place, (when, amount) in enumerate(made.payment.paid):
                channel = f"0{(made.brief.number + place) % 6 + 1}"
                paid_at = instant(when, 33_000 + made.brief.number % 30_000)
                yield *_bill(made, place), payment_code(made), yuan(amount), paid_at, channel


def transfer_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.criminal_transfer: those sent and answered, and the operations' case, approved but not yet sent."""
    for made in _cases(size, seed, start, stop):
        staged = made.brief.staged
        if staged and staged.story == "transfer":
            approved = day(TODAY.toordinal() - 1)
            yield key(Domain.TRANSFER, made.brief.number), made.key, "140", approved, None, POLICE, None, None, True
        elif made.transferred:
            filed = made.chance < 0.8
            yield (
                key(Domain.TRANSFER, made.brief.number), made.key, FIELDS[made.brief.matter.field].crime,
                day(made.transferred - 1), instant(made.transferred, 36_000), POLICE, "1" if filed else "2",
                f"珠公{'立' if filed else '不立'}字〔{day(made.transferred).year}〕{made.brief.number}号", True,
            )  # fmt: skip


def review_batch(made: Case) -> str | None:
    """The quarterly batch of file review (案卷评查) a case is in: one penalty in twelve, the quarter after its decision."""
    if made.brief.kind != PUNISH or not made.decided:
        return None
    if made.brief.number % 12 != 5 and made.brief.case_no != Operations.case_no:
        return None
    decided = day(made.decided)
    year, quarter = (decided.year, (decided.month - 1) // 3 + 2) if decided.month < 10 else (decided.year + 1, 1)
    return f"PC-{year}-{quarter:02d}" if date(year, quarter * 3 - 2, 1) <= TODAY else None


def review_rows(size: Size, seed: int, start: int, stop: int) -> Rows:
    """Rows of cas.review."""
    for made in _cases(size, seed, start, stop):
        batch = review_batch(made)
        if batch:
            found = [_DEFECTS[(made.brief.number + place) % len(_DEFECTS)] for place in range(int(made.chance * 4))]
            yield (
                key(Domain.REVIEW, made.brief.number), batch, made.key, tenth(1_000 - len(found) * 65 - int(made.chance * 40)),
                json.dumps([{"问题": text, "扣分": 5} for text in found], ensure_ascii=False),
            )  # fmt: skip
