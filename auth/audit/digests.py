"""The hash functions that a log can be kept with: SHA-256 (FIPS 180-4), or SM3 (GB/T 32905-2016) where 密评 asks for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes

Digest: TypeAlias = Callable[[bytes], bytes]

HASH_SIZE = 32
"""Bytes. Both functions have it."""


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    """SM3. Not every OpenSSL that Python is built with has it; the one of cryptography does."""
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize()


DIGESTS: Mapping[str, Digest] = MappingProxyType({"sha256": sha256, "sm3": sm3})
"""The digest by the name that the settings and the segments of a log give it."""
