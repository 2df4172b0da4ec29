"""Media types: which one a request is in, and which one its answer goes out in."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

RANGES = 32
"""How many media ranges of an Accept header are looked at."""


class MediaType(Enum):
    """The two that a GraphQL answer can have (GraphQL over HTTP draft, 4.1), and that of a stream of them (GraphQL over SSE)."""

    JSON = "application/json"
    GRAPHQL_RESPONSE = "application/graphql-response+json"
    EVENT_STREAM = "text/event-stream"


@lru_cache(maxsize=256)
def negotiate(accept: bytes | None) -> MediaType | None:
    """The media type to answer in, or None when the client takes neither (RFC 9110, 12.5.1).

    The better q wins, then the place in the header, but a stream is only for who likes nothing else as well. No header and
    ``*/*`` mean ``application/json``, as the draft says.
    """
    if accept is None:
        return MediaType.JSON
    ranges = [_media_range(text) for text in accept.decode("latin-1").lower().split(",")[:RANGES]]
    best: tuple[float, int] | None = None
    chosen = None
    for media_type in MediaType:
        match = _most_specific(media_type, ranges)
        if match is None:
            continue
        quality, place = match[0], RANGES if media_type is MediaType.EVENT_STREAM else match[1]
        if quality > 0 and (best is None or (-quality, place) < best):
            best, chosen = (-quality, place), media_type
    return chosen


@lru_cache(maxsize=64)
def is_json(content_type: bytes | None) -> bool:
    """Whether a body is ``application/json`` in UTF-8, the only form a request can have."""
    name, _, parameters = (content_type or b"").lower().partition(b";")
    if name.strip() != b"application/json":
        return False
    for parameter in parameters.split(b";"):
        key, _, value = parameter.partition(b"=")
        if key.strip() == b"charset" and value.strip(b' \t"') not in {b"utf-8", b"utf8"}:
            return False
    return True


def _media_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return name, quality


def _most_specific(media_type: MediaType, ranges: list[tuple[str, float]]) -> tuple[float, int] | None:
    """Quality and place of the range that says most about this type."""
    for pattern in (media_type.value, f"{media_type.value.partition('/')[0]}/*", "*/*"):
        for place, (name, quality) in enumerate(ranges):
            if name == pattern:
                return quality, place
    return None
