from __future__ import annotations

import dataclasses

import pytest

from auth.revocation import FRESH, LEEWAY, LIFETIME, Revocation, Revocations, Revoked
from auth.viewer import CallerKind, Viewer
from tests.auth.minting import NOW, Time

VIEWER = Viewer(
    subject="u-1",
    client="app",
    kind=CallerKind.OFFICER,
    issuer="https://id",
    token_id="j-1",
    key_id="k1",
    issued_at=NOW,
)
SUBJECT = Revocation(kind=Revoked.SUBJECT, issuer="https://id", value="u-1", at=NOW)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def revocations(time: Time) -> Revocations:
    return Revocations(wall=time.wall, steady=time.steady)


def test_nothing_is_revoked_at_first(revocations: Revocations) -> None:
    assert (revocations.covers(VIEWER), revocations.epoch, len(revocations)) == (False, 0, 0)


@pytest.mark.parametrize("kind", Revoked)
def test_a_record_is_what_it_was(kind: Revoked) -> None:
    made = Revocation(kind=kind, issuer="https://id", value="粤", at=1_800_000_000.125)
    assert Revocation.parse(made.record()) == made


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "chief"},
        {"kind": ""},
        {"issuer": ""},
        {"value": ""},
        {"value": "x" * 201},
        {"at": "now"},
        {"at": "nan"},
        {"at": "inf"},
        {"at": "-1"},
        {"at": "1e12"},
    ],
)
def test_what_is_no_revocation_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of whatever text
        Revocation.parse({**SUBJECT.record(), **changes})
    for member in changes:
        with pytest.raises(ValueError):  # noqa: PT011
            Revocation.parse({name: text for name, text in SUBJECT.record().items() if name != member})


def test_each_revocation_is_a_new_epoch_and_a_known_one_is_none(revocations: Revocations) -> None:
    revocations.add(SUBJECT)
    revocations.add(SUBJECT)
    revocations.add(dataclasses.replace(SUBJECT, at=NOW - 5))
    assert (revocations.epoch, len(revocations)) == (1, 1)
    revocations.add(dataclasses.replace(SUBJECT, at=NOW + 5))
    assert (revocations.epoch, len(revocations)) == (2, 1)


def test_what_no_token_can_outlive_is_forgotten(revocations: Revocations, time: Time) -> None:
    revocations.add(SUBJECT)
    time.passed = LIFETIME + LEEWAY
    revocations.add(dataclasses.replace(SUBJECT, value="u-2", at=time.wall()))
    assert len(revocations) == 2
    time.passed = LIFETIME + 4 * LEEWAY
    revocations.add(dataclasses.replace(SUBJECT, value="u-3", at=time.wall()))
    assert len(revocations) == 2


def test_a_revocation_of_the_future_is_one_of_now(revocations: Revocations) -> None:
    revocations.add(dataclasses.replace(SUBJECT, at=NOW + 10**9))
    assert revocations.covers(VIEWER)
    assert not revocations.covers(dataclasses.replace(VIEWER, issued_at=NOW + 2 * LEEWAY + 1))


def test_in_one_process_it_is_always_fresh(revocations: Revocations, time: Time) -> None:
    time.passed = 10**6
    assert revocations.fresh


def test_pushed_ones_are_fresh_for_half_a_minute_after_the_last_word(time: Time) -> None:
    revocations = Revocations(pushed=True, wall=time.wall, steady=time.steady)
    found = [revocations.fresh]
    revocations.heard()
    for time.passed in (0, FRESH, FRESH + 0.1):
        found.append(revocations.fresh)
    assert found == [False, True, True, False]
