"""Arguments as people type them, and what they cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers import checks


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("440499198603120178", "440499198603120178"),
        ("　４４０４９９１９８６０３１２０１７８ ", "440499198603120178"),
        ("44049919860312017x", "44049919860312017X"),
        ("440499860312017", "440499860312017"),
        ("h01234567", "H01234567"),
        ("12345", "12345"),
        ("南字第1234567号", "南字第1234567号"),
    ],
)
def test_identity_number(typed: str, number: str) -> None:
    assert checks.identity_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1234",
        "1" * 13,
        "1" * 14,
        "4404991986031201",
        "44049919860312017",
        "1" * 19,
        "A" * 33,
        "4404 99198603120178",
        "44049919860312017-",
        "%_%_%",
        "12345\x00",
        "\ud80012345",
    ],
)
def test_what_is_no_identity_number(typed: str) -> None:
    with pytest.raises(ValueError, match="identity document"):
        checks.identity_number(typed)


@pytest.mark.parametrize(
    ("check", "typed", "found"),
    [
        (checks.credit_code, "92440499ma7x0a12x1", "92440499MA7X0A12X1"),
        (checks.plate, "粤C·12a34", "粤C12A34"),
        (checks.plate, "粤Z 1234 港", "粤Z1234港"),
        (checks.vehicle_number, "lsvaa4182e2000001", "LSVAA4182E2000001"),
        (checks.unit_number, "440402005001gb00001f00010001", "440402005001GB00001F00010001"),
        (checks.code, " 4404z1 ", "4404Z1"),
        (checks.certificate_id, " 1.2.156.3005.2.a ", "1.2.156.3005.2.a"),
        (checks.keyword, "  张  三 ", "张 三"),
    ],
)
def test_made_plain(check: object, typed: str, found: str) -> None:
    assert callable(check)
    assert check(typed) == found


@pytest.mark.parametrize(
    ("check", "typed"),
    [
        (checks.credit_code, "92440499MA7X0A12"),
        (checks.plate, "粤"),
        (checks.plate, "粤C-1234"),
        (checks.vehicle_number, "ISVAA4182E2000001"),
        (checks.unit_number, "4404"),
        (checks.code, "44%"),
        (checks.type_code, "A" * 25),
        (checks.certificate_id, "a b"),
        (checks.keyword, " 张 "),
        (checks.keyword, "张" * 101),
    ],
)
def test_refused(check: object, typed: str) -> None:
    assert callable(check)
    with pytest.raises(ValueError, match=r"."):
        check(typed)


@given(st.text(max_size=40))
def test_what_is_accepted_is_accepted_again(typed: str) -> None:
    for check in (checks.identity_number, checks.plate, checks.code, checks.keyword):
        try:
            found = check(typed)
        except ValueError:
            continue
        assert check(found) == found
