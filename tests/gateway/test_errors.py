from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.errors import ErrorCode, GatewayError, TransportError

DOCUMENTED = re.findall(
    r"^\| `([A-Z_]+)` \| (\d+) \| (.+?) \| .+ \|$",
    (Path(__file__).parents[2] / "docs" / "errors.md").read_text(),
    re.MULTILINE,
)


def test_the_documentation_lists_every_code() -> None:
    assert [(code.name, str(code.http_status), code.message) for code in ErrorCode] == DOCUMENTED


def test_texts_tell_codes_apart() -> None:
    assert len({code.message for code in ErrorCode}) == len(ErrorCode)


@pytest.mark.parametrize(
    ("error", "rendered"),
    [
        (
            GatewayError(ErrorCode.FORBIDDEN),
            {"message": "The caller may not see this.", "extensions": {"code": "FORBIDDEN"}},
        ),
        (
            GatewayError(
                ErrorCode.SOURCE_TIMEOUT, ["vehicle", 0, "owner"], [{"line": 2, "column": 3}], source="population"
            ),
            {
                "message": "A database did not answer in time.",
                "locations": [{"line": 2, "column": 3}],
                "path": ["vehicle", 0, "owner"],
                "extensions": {"code": "SOURCE_TIMEOUT", "source": "population"},
            },
        ),
        (
            TransportError(405, (b"allow", b"POST")),
            {
                "message": "The request cannot be read as a GraphQL request over HTTP.",
                "extensions": {"code": "BAD_REQUEST"},
            },
        ),
    ],
)
def test_an_error_renders_as_graphql_wants_it(error: GatewayError, rendered: dict[str, object]) -> None:
    assert error.render() == rendered


def test_an_empty_path_is_a_path() -> None:
    assert GatewayError(ErrorCode.INTERNAL, []).render()["path"] == []


def test_the_status_is_the_code_s_unless_the_transport_says_so() -> None:
    assert GatewayError(ErrorCode.OVERLOADED).http_status == 503
    assert TransportError(413).http_status == 413
