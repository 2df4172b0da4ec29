"""Where a database is: PostgreSQL URLs, the first choice first, or a file that has them and is read anew for every connection.

postgresql://reader@a/vehicle                                  one server
postgresql://reader@a,b:5433/vehicle                           two, as libpq writes them
postgresql://reader@a/vehicle postgresql://reader@b/vehicle    two, each with a URL of its own
file:/run/secrets/vehicle                                      whatever of these the file says: the way of a secret that changes
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

FILE = "file:"
PART = re.compile(r"(?:,|^)(\[[^\]]*\][^,]*|[^,]*)")


def addresses(text: str) -> list[str]:
    """The URLs, each of one server. Raises ValueError for what is none, OSError for a file that cannot be read."""
    if text.startswith(FILE):
        text = Path(text.removeprefix(FILE)).read_text()
    found = [one for url in text.split() for one in _apart(url)]
    if not found:
        raise ValueError("no address")
    return found


def check(text: str) -> str:
    """The same text. Raises ValueError when it can be no address; what a file says is known later."""
    if text.startswith(FILE):
        if not Path(text.removeprefix(FILE)).is_absolute():
            raise ValueError("not an absolute path")
    else:
        addresses(text)
    return text


def _apart(url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError("not a PostgreSQL URL")
    if "," not in parts.netloc:
        return [url]
    who, at, hosts = parts.netloc.rpartition("@")
    return [parts._replace(netloc=f"{who}{at}{host}").geturl() for host in PART.findall(hosts)]
