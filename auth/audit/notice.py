"""What the log says of itself, as a record among the others: a kind, and fields with counts, times and names of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auth.audit.digests import Digest
from auth.audit.record import NO_SUBJECTS, Encoded, canonical


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """`kind` is ``resumed`` (after a time in which nothing could be written) or ``retained`` (old records were removed)."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def encode(self, digest: Digest) -> Encoded:  # noqa: ARG002 - no subjects
        """The canonical form."""
        return Encoded(canonical({"kind": self.kind, **self.fields}), NO_SUBJECTS)
