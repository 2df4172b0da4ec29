"""The records of a log, in order: for shipping, for the access log's questions, for proofs, for the repair."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from auth.audit.chain import LINE_SIZE, LineInvalid, Stored, parse_line
from auth.audit.digests import DIGESTS, Digest

SUFFIX = ".log"


def segment_name(sequence: int) -> str:
    """The file name of a segment by its first record."""
    return f"{sequence:016d}{SUFFIX}"


def segments_of(directory: Path) -> list[tuple[int, Path]]:
    """The segments and the sequence that each begins with, in order."""
    return sorted((int(path.stem), path) for path in directory.glob(f"{'[0-9]' * 16}{SUFFIX}"))


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a segment; ends where space that was only reserved begins. The last one may be torn."""
    with path.open("rb") as file:
        while line := file.readline(LINE_SIZE + 1):
            if line[0] == 0 and _blank(line) and all(map(_blank, iter(lambda: file.read(LINE_SIZE), b""))):
                return
            yield line


def _blank(data: bytes) -> bool:
    return data.count(0) == len(data)


def digest_in(line: bytes) -> Digest:
    """The digest that a segment's first record names. Raises LineInvalid."""
    try:
        _, length, rest = line.split(b" ", 2)
        return DIGESTS[orjson.loads(rest[: int(length)])["entry"]["digest"]]
    except (KeyError, TypeError, ValueError) as error:
        raise LineInvalid from error


def log_of(directory: Path) -> str:
    """The name of the log in a directory, as its first segment gives it. Raises LineInvalid."""
    for _, path in segments_of(directory):
        for line in lines_of(path):
            return str(parse_line(line, digest_in(line)).entry["log"])
    raise LineInvalid


def records(directory: Path, *, after: int = 0, until: int | None = None) -> Iterator[Stored]:
    """The records behind sequence `after`, up to `until`. Ends at what is torn. Raises LineInvalid for a gap or damage.

    A segment is read up to the first record of the next: what stands behind is what a failed sync left.
    """
    segments = segments_of(directory)
    for index, (first, path) in enumerate(segments):
        end = segments[index + 1][0] if index + 1 < len(segments) else None
        if end is not None and end <= after + 1:
            continue
        expected, digest = first, None
        for line in lines_of(path):
            if expected in {end, until and until + 1} or (end is None and not line.endswith(b"\n")):
                break
            digest = digest or digest_in(line)
            stored = parse_line(line, digest)
            if stored.sequence != expected:
                raise LineInvalid
            expected += 1
            if stored.sequence > after:
                yield stored
        if until is not None and expected > until:
            return
        if end is not None and expected != end:
            raise LineInvalid
