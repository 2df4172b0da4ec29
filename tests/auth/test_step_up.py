from __future__ import annotations

import pytest

from auth.step_up import USUAL, StepUp


@pytest.mark.parametrize(
    ("acr", "auth_time", "until"),
    [("2", 1000, 1300), ("face", 1000, 0), (None, 1000, 0), ("2", None, 0), ("1", 1000, 0)],
)
def test_a_strong_login_lasts(acr: str | None, auth_time: int | None, until: float) -> None:
    assert USUAL.lasts_until(acr, auth_time) == until


def test_the_challenge_is_that_of_rfc_9470() -> None:
    assert StepUp(acr_values=("urn:face", "2"), max_age=60).challenge() == (
        'error="insufficient_user_authentication", '
        'error_description="A stronger or more recent authentication is required", '
        'acr_values="urn:face 2", max_age="60"'
    )
