"""Decimal values without arithmetic: amounts of money and ratios as asyncpg takes them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache


@lru_cache(maxsize=65_536)
def yuan(amount: int) -> Decimal:
    """Whole yuan, two places."""
    return Decimal(f"{amount}.00")


@lru_cache(maxsize=4_096)
def tenth(tenths: int) -> Decimal:
    """A number of tenths, one place."""
    return Decimal(tenths).scaleb(-1)


@lru_cache(maxsize=65_536)
def cents(hundredths: int) -> Decimal:
    """A number of hundredths, two places."""
    return Decimal(hundredths).scaleb(-2)


@lru_cache(maxsize=1_024)
def ratio(millionths: int) -> Decimal:
    """A share of one, six places."""
    return Decimal(millionths).scaleb(-6)
