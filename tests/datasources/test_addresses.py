"""Where a database is: one URL, several, or a file that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasources.addresses import addresses, check


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("postgresql://reader@a/vehicle", ["postgresql://reader@a/vehicle"]),
        ("postgres://a/x  postgresql://b/x", ["postgres://a/x", "postgresql://b/x"]),
        (
            "postgresql://u:p,q@a,b:5433/x?ssl=off",
            ["postgresql://u:p,q@a/x?ssl=off", "postgresql://u:p,q@b:5433/x?ssl=off"],
        ),
        ("postgresql://[::1]:5432,[fd00::1]/x", ["postgresql://[::1]:5432/x", "postgresql://[fd00::1]/x"]),
        ("postgresql:///x?host=/run/postgresql", ["postgresql:///x?host=/run/postgresql"]),
    ],
)
def test_each_address_is_of_one_server(text: str, found: list[str]) -> None:
    assert addresses(text) == found
    assert check(text) == text


@pytest.mark.parametrize("text", ["", " ", "mysql://a/x", "postgresql://a", "postgresql://a/x b", "file:secret"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"no address|not a"):
        check(text)


def test_a_file_is_read_every_time(tmp_path: Path) -> None:
    file = tmp_path / "vehicle"
    file.write_text("postgresql://reader:old@a/vehicle\n")
    assert addresses(check(f"file:{file}")) == ["postgresql://reader:old@a/vehicle"]
    file.write_text("postgresql://reader:new@a/vehicle\n")
    assert addresses(f"file:{file}") == ["postgresql://reader:new@a/vehicle"]
