"""The digest of a list (摘要): what both sides of an exchange compute alike, and show by it that they hold the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def digest_of(keys: Iterable[str]) -> str:
    """Hexadecimal SHA-256 over the keys in the order of their UTF-8 bytes, each followed by a line feed."""
    found = hashlib.sha256()
    for key in sorted(key.encode() for key in keys):
        found.update(key + b"\n")
    return found.hexdigest()
