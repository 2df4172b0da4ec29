from __future__ import annotations

import pytest

from auth.audit.digests import sha256
from auth.audit.proof import Proof
from auth.audit.tree import Peaks, leaf_hash, root_from_path, root_of, spans_beside

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The test vectors of Certificate Transparency."""


def grown(count: int) -> Peaks:
    peaks = Peaks(sha256)
    for number in range(count):
        peaks.add(leaf_hash(b"%d" % number, sha256))
    return peaks


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_those_of_certificate_transparency(count: int) -> None:
    peaks = Peaks(sha256)
    for leaf in LEAVES[:count]:
        peaks.add(leaf_hash(leaf, sha256))
    assert peaks.root().hex() == ROOTS[count - 1]
    assert root_of(LEAVES[:count], sha256).hex() == ROOTS[count - 1]


def test_the_root_of_nothing_is_the_digest_of_nothing() -> None:
    assert Peaks(sha256).root() == root_of([], sha256) == sha256(b"")


def test_every_leaf_of_every_size_is_proved() -> None:
    leaves = [leaf_hash(b"%d" % number, sha256) for number in range(40)]
    for size in range(1, 41):
        root = grown(size).root()
        for index in range(size):
            path = [root_of([b"%d" % n for n in range(start, end)], sha256) for start, end in spans_beside(index, size)]
            assert root_from_path(index, size, leaves[index], path, sha256) == root
            assert root_from_path(index, size, leaves[(index + 1) % 40], path, sha256) != root
            assert root_from_path(index, size, leaves[index], [*path, root], sha256) != root
            assert root_from_path(size, size, leaves[index], path, sha256) is None


def test_a_proof_among_a_billion_records_fits_in_a_kilobyte() -> None:
    size = 1 << 30
    proof = Proof(sequence=123_456_789, size=size, path=(b"\0" * 32,) * len(spans_beside(123_456_788, size)))
    assert len(proof.encode()) <= 1024
    assert Proof.decode(proof.encode()) == proof


@pytest.mark.parametrize("data", [b"", b"0" * 15, b"0" * 17])
def test_what_has_not_the_length_of_a_proof_is_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a proof"):
        Proof.decode(data)


def test_peaks_say_which_leaves_they_are_over() -> None:
    assert list(grown(11).spans()) == [(0, 8), (8, 10), (10, 11)]


def test_a_tree_with_peaks_missing_is_refused() -> None:
    with pytest.raises(ValueError, match="one peak per bit"):
        Peaks(sha256, 3, [b"\0" * 32])
