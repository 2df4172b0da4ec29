"""The Merkle tree of RFC 9162 (section 2.1): a root over all records so far, and short proofs that one of them is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from auth.audit.digests import Digest

Span: TypeAlias = tuple[int, int]
"""Leaves from (inclusive) and to (exclusive), counted from 0."""


def leaf_hash(data: bytes, digest: Digest) -> bytes:
    """The hash of a leaf."""
    return digest(b"\0" + data)


def node_hash(left: bytes, right: bytes, digest: Digest) -> bytes:
    """The hash of what is over two nodes."""
    return digest(b"\1" + left + right)


class Peaks:
    """A growing tree as the roots of its full subtrees, largest first: all that is needed to add leaves and give the root."""

    __slots__ = ("digest", "nodes", "size")

    def __init__(self, digest: Digest, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        if len(nodes) != size.bit_count():
            raise ValueError("a tree has one peak per bit of its size")
        self.digest = digest
        self.size = size
        self.nodes = list(nodes)

    def copy(self) -> Peaks:
        """The same tree, to grow on its own."""
        return Peaks(self.digest, self.size, self.nodes)

    def add(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        size = self.size
        while size & 1:
            leaf = self.digest(b"\1" + self.nodes.pop() + leaf)
            size >>= 1
        self.nodes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root; that of nothing is the digest of nothing."""
        if not self.nodes:
            return self.digest(b"")
        root = self.nodes[-1]
        for node in self.nodes[-2::-1]:
            root = node_hash(node, root, self.digest)
        return root

    def spans(self) -> dict[Span, bytes]:
        """Which leaves each peak is over."""
        spans, start = {}, 0
        for node in self.nodes:
            end = start + (1 << (self.size - start).bit_length() - 1)
            spans[start, end] = node
            start = end
        return spans


def root_of(leaves: Sequence[bytes], digest: Digest) -> bytes:
    """The root over the data of leaves that are all at hand: pairs of pairs, an odd one goes up as it is."""
    if len(leaves) == 1:
        return digest(b"\0" + leaves[0])
    if len(leaves) == 2:  # most records have one subject or two
        return digest(b"\1" + digest(b"\0" + leaves[0]) + digest(b"\0" + leaves[1]))
    level = [digest(b"\0" + leaf) for leaf in leaves]
    while len(level) > 1:
        above = [digest(b"\1" + level[place - 1] + level[place]) for place in range(1, len(level), 2)]
        level = above if len(level) % 2 == 0 else [*above, level[-1]]
    return level[0] if level else digest(b"")


def spans_beside(index: int, size: int) -> list[Span]:
    """The subtrees beside the way from leaf `index` to the root of `size` leaves, bottom first: their roots are the proof."""
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def root_from_path(index: int, size: int, leaf: bytes, path: Sequence[bytes], digest: Digest) -> bytes | None:
    """The root that a proof leads to from a leaf's hash (RFC 9162, 2.1.3.2); None when it has the wrong length."""
    if not 0 <= index < size:
        return None
    node, place, last = leaf, index, size - 1
    for beside in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(beside, node, digest)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, beside, digest)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None
