"""What is told of a figure to whoever is not of the authorities: hidden when it is small, else rounded (统计披露控制, GB/T 37964).

A figure is made of records. Each has a number of 64 bits that nobody outside can know; those of a figure's records, added up,
are its key, and the key decides how it is rounded (cell-key method, 单元格密钥法). The same records give the same figure by
whatever question, and one record more gives another draw: the difference between two figures is no count.

A total is rounded by its own key and is not the sum of what is shown of its parts.
"""

from __future__ import annotations

import datetime
import hmac
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Text, bindparam, cast, func, literal_column
from sqlalchemy.dialects.postgresql import BIT

BITS = 64
MODULUS = 1 << BITS
LEVELS = frozenset({4, 6, 9})
"""Digits of the division codes of a city, a district and a town (GB/T 2260, GB/T 10114)."""
QUARTER, YEAR = 3, 12
"""Months."""
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Protection:
    """How figures are told to one caller. `secret` is the same for all of them: two that compare theirs learn nothing more.

    Counts below `suppress_below` are hidden; the others are multiples of `round_to`, amounts of `money_to` (元).
    """

    secret: str
    suppress_below: int = 10
    round_to: int = 5
    money_to: int = 1_000

    def count(self, count: int, key: int) -> int | None:
        """A count as it is told; None when it is hidden. It is right on the average, and off by less than `round_to`.

        From where on it is shown is drawn as well, up to `round_to` above the limit: that one record was added to nine is not
        to be seen from a figure that appears.
        """
        edge, up, _, _ = self._draws(key)
        if count < self.suppress_below + _below(edge, self.round_to):
            return None
        rest = count % self.round_to
        return count - rest + (self.round_to if _below(up, self.round_to) < rest else 0)

    def amount(self, amount: Decimal, largest: Decimal, key: int) -> Decimal:
        """A sum as it is told: half to all of its largest part more or less, never below zero.

        Whoever knows all parts but the largest learns as good as nothing of that, and of a smaller one less.
        """
        _, _, size, sign = self._draws(key)
        noise = largest * (MODULUS + size) / (2 * MODULUS)
        noisy = amount + noise if sign & 1 else amount - noise
        step = Decimal(self.money_to)
        return max((noisy / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step, Decimal(0)).quantize(CENT)

    def _draws(self, key: int) -> tuple[int, int, int, int]:
        """Four numbers of 64 bits that follow from the key."""
        digest = hmac.digest(self.secret.encode(), (key % MODULUS).to_bytes(8, "big"), "sha256")
        first, second, third, fourth = (int.from_bytes(digest[place : place + 8], "big") for place in range(0, 32, 8))
        return first, second, third, fourth


def _below(draw: int, limit: int) -> int:
    """A number from 0 up to below `limit`, from one of 64 bits."""
    return draw * limit >> BITS


def record_number(secret: str, record: ColumnElement[Any]) -> ColumnElement[int]:
    """The number of a record: 64 bits, signed, of SHA-256 over the secret and the record's key."""
    key = bindparam("cell_secret", secret, type_=Text())
    digest = func.sha256(func.convert_to(key.concat(cast(record, Text)), literal_column("'UTF8'")), type_=LargeBinary())
    head = func.left(func.encode(digest, literal_column("'hex'"), type_=Text()), literal_column("16"), type_=Text())
    return cast(cast(literal_column("'x'", Text()).concat(head), BIT(BITS)), BigInteger)


def is_whole_period(first: datetime.date, last: datetime.date, today: datetime.date) -> bool:
    """Whether the days are a calendar month, quarter or year that is over.

    Periods that may begin and end on any day are as many questions about the same day, each with a draw of its own, and
    draws of which there are many have an average.
    """
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    whole = first.day == 1 and (last + datetime.timedelta(days=1)).day == 1 and months in (1, QUARTER, YEAR)
    return whole and (first.month - 1) % months == 0 and last < today.replace(day=1)
