"""The explorer's page: its files, as they lie in ``page/``, with headers that let it reach nothing but its own origin.

    GET  /                   the page
    GET  /console/<file>     what it is made of
    GET  /console/about      which callers it can switch between and which operations it has ready: outside the demo none

The page holds nothing itself: what it asks goes to ``/graphql`` under a token, as everybody's questions do.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from auth.viewer import Purpose

FILES = Path(__file__).parent / "page"
INDEX = "index.html"
TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
    }
)
"""Media type by the end of a file's name; no other file is served."""

DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
POLICY = "; ".join(DIRECTIVES)
"""Content-Security-Policy: files of this origin, no script or style written into the page, nothing made of a text that came along."""

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "content-security-policy": POLICY,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
)
NO_STORE: Mapping[str, str] = MappingProxyType({**HEADERS, "cache-control": "no-store"})
PURPOSES = tuple(purpose.value for purpose in Purpose)
NOTHING: Mapping[str, Any] = MappingProxyType({"demo": False, "callers": (), "operations": (), "purposes": PURPOSES})
"""What the page is told where it hands out no tokens."""


def page_routes(about: Mapping[str, Any] = NOTHING) -> list[BaseRoute]:
    """The page, which is told `about`."""
    files = {path.name: path.read_bytes() for path in sorted(FILES.iterdir()) if path.suffix in TYPES}
    return [
        _file("/", INDEX, files.pop(INDEX)),
        *(_file(f"/console/{name}", name, content) for name, content in files.items()),
        Route("/console/about", _told(about), methods=["GET"]),
    ]


def _file(path: str, name: str, content: bytes) -> Route:
    kept = {**HEADERS, "cache-control": "no-cache"}

    async def endpoint(_: Request) -> Response:
        return Response(content, headers=kept, media_type=TYPES[Path(name).suffix])

    return Route(path, endpoint, methods=["GET"], name=name)


def _told(about: Mapping[str, Any]) -> Any:
    said = dict(about)

    async def endpoint(_: Request) -> Response:
        return JSONResponse(said, headers=dict(NO_STORE))

    return endpoint
