"""How urgent a request is, by who asks."""

from __future__ import annotations

from collections.abc import Mapping

from auth.viewer import CallerKind, Viewer
from datasources.urgency import Urgency


def urgency_of(viewer: Viewer, headers: Mapping[bytes, bytes]) -> Urgency:  # noqa: ARG001 - what a client says of itself is one of them
    """Partners' platforms come after people: officers, citizens and whoever speaks for a firm."""
    return "partner" if viewer.kind is CallerKind.PARTNER else "officer"
