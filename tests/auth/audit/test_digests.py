from __future__ import annotations

import pytest

from auth.audit.digests import DIGESTS, HASH_SIZE


@pytest.mark.parametrize(
    ("name", "of_abc"),
    [
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),  # FIPS 180-4
        ("sm3", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),  # GB/T 32905, A.1
    ],
)
def test_digests_are_those_of_the_standards(name: str, of_abc: str) -> None:
    assert DIGESTS[name](b"abc").hex() == of_abc
    assert len(DIGESTS[name](b"")) == HASH_SIZE
