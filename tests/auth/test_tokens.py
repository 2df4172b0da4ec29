from __future__ import annotations

import dataclasses
from typing import Any

import jwt
import pytest

from auth import tokens
from auth.binding import Scheme
from auth.errors import KeysUnavailable, TokenExpired, TokenRevoked, Unauthenticated
from auth.issuers import Issuer
from auth.keys import Family, Key, KeySet
from auth.revocation import FRESH, LEEWAY, LIFETIME, Revocation, Revoked
from auth.step_up import StepUp
from auth.terms import Detail, Terms
from auth.tokens import CACHE_SECONDS, CACHE_SIZE, TokenVerifier, credentials
from auth.viewer import CallerKind, Viewer
from tests.auth.minting import (
    CLAIMS,
    HEADER,
    KEYS,
    NOW,
    OTHER_JWK,
    OTHER_KEY,
    RSA_JWK,
    RSA_KEY,
    STAFF,
    Time,
    signed,
    token,
    verifier,
    without,
)

STRONG = {"acr": "2", "auth_time": NOW}


@pytest.fixture
def time() -> Time:
    return Time()


class Held:
    """Keys that can be had or not, and change."""

    def __init__(self, keys: KeySet | None = KEYS) -> None:
        self.keys = keys
        self.epoch = 0
        self.asked: list[str] = []

    @property
    def usable(self) -> bool:
        return self.keys is not None

    def get(self, key_id: str) -> Key | None:
        return self.keys.get(key_id) if self.keys else None

    async def awaited(self, key_id: str) -> Key | None:
        self.asked.append(key_id)
        return self.get(key_id)


async def test_a_good_token_names_its_viewer() -> None:
    assert await verifier().verify(
        token(org_uscc="11440400MB2C12345X", device_id="d-1", auth_time=NOW - 5, subject_ref="p_7QK2M9")
    ) == Viewer(
        subject="u-1",
        client="app",
        kind=CallerKind.OFFICER,
        cert_no="19040130215",
        org_uscc="11440400MB2C12345X",
        issuer=STAFF.iss,
        token_id="j-1",
        key_id="k1",
        issued_at=NOW,
        auth_time=NOW - 5,
        device="d-1",
        subject_ref="p_7QK2M9",
    )


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
async def test_the_type_is_a_media_type(typ: str) -> None:
    await verifier().verify(signed({**HEADER, "typ": typ}, CLAIMS))


@pytest.mark.parametrize(
    "claims", [{"exp": NOW - LEEWAY + 1}, {"nbf": NOW + LEEWAY}, {"iat": NOW + LEEWAY}, {"exp": NOW + LIFETIME}]
)
async def test_clocks_may_differ_by_the_leeway(claims: dict[str, int]) -> None:
    await verifier().verify(token(**claims))


async def test_an_expired_token_is_told_so() -> None:
    with pytest.raises(TokenExpired):
        await verifier().verify(token(exp=NOW - LEEWAY))


async def test_an_expired_token_of_another_key_is_not() -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await verifier().verify(signed(HEADER, {**CLAIMS, "exp": NOW - LEEWAY}, OTHER_KEY))
    assert type(refusal.value) is Unauthenticated


# --- several issuers -----------------------------------------------------------------------------

PEOPLE = Issuer(
    name="people",
    iss="https://id.example/realms/people",
    audience="tongcha-people",
    kinds=frozenset({CallerKind.CITIZEN}),
    family=Family.RSA,
)
CITIZEN = {**without("cert_no"), "iss": PEOPLE.iss, "aud": PEOPLE.audience, "kind": "citizen"}


def of_people(**claims: Any) -> str:
    return jwt.encode({**CITIZEN, **claims}, RSA_KEY, "RS384", headers={"typ": "at+jwt", "kid": "rsa"})


def both(time: Time) -> TokenVerifier:
    issuers = {STAFF: KEYS, PEOPLE: KeySet.from_jwks({"keys": [RSA_JWK]}, Family.RSA)}
    return TokenVerifier(issuers, clock=time.clock())


async def test_each_issuer_vouches_for_its_own(time: Time) -> None:
    subject = both(time)
    assert (await subject.verify(token())).kind is CallerKind.OFFICER
    assert (await subject.verify(of_people())).kind is CallerKind.CITIZEN


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": STAFF.iss}, id="another-issuer's-name"),
        pytest.param({"aud": STAFF.audience}, id="another-issuer's-audience"),
        pytest.param({"kind": "officer", "cert_no": "19040130215"}, id="another-issuer's-kind"),
        pytest.param({"kind": "partner"}, id="nobody's-kind"),
        pytest.param({"iss": "https://id.example/realms/other"}, id="no-issuer"),
    ],
)
async def test_no_issuer_vouches_for_another_s(time: Time, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await both(time).verify(of_people(**claims))


async def test_a_key_id_is_looked_for_at_the_named_issuer_only(time: Time) -> None:
    staff, people = Held(), Held()
    subject = TokenVerifier({STAFF: staff, PEOPLE: people}, clock=time.clock())
    with pytest.raises(Unauthenticated):
        await subject.verify(signed({**HEADER, "kid": "new"}, CLAIMS))
    assert (staff.asked, people.asked) == (["new"], [])


async def test_without_any_key_nothing_is_said_of_the_token(time: Time) -> None:
    with pytest.raises(KeysUnavailable):
        await TokenVerifier({STAFF: Held(None)}, clock=time.clock()).verify(token())


# --- what is remembered --------------------------------------------------------------------------


async def test_a_verified_token_is_remembered_for_a_minute(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    subject, text = verifier(time), token()
    checks: list[str] = []
    decode = jwt.decode

    def counted(text: str, *args: Any, **options: Any) -> Any:
        checks.append(text)
        return decode(text, *args, **options)

    monkeypatch.setattr(jwt, "decode", counted)
    for time.passed in (0, 1, CACHE_SECONDS - 1, CACHE_SECONDS, CACHE_SECONDS + 1):
        await subject.verify(text)
    assert checks == [text, text]


async def test_a_remembered_token_does_not_suspend() -> None:
    subject, text = verifier(), token()
    await subject.verify(text)
    with pytest.raises(StopIteration) as end:
        subject.verify(text).send(None)
    assert end.value.value.subject == "u-1"


async def test_a_remembered_token_still_expires(time: Time) -> None:
    subject, text = verifier(time), token(exp=NOW + 10)
    await subject.verify(text)
    time.passed = 10 + LEEWAY
    with pytest.raises(TokenExpired):
        await subject.verify(text)


async def test_a_key_that_is_taken_away_takes_its_tokens_along(time: Time) -> None:
    keys, text = Held(), token()
    subject = TokenVerifier({STAFF: keys}, clock=time.clock())
    await subject.verify(text)
    keys.keys, keys.epoch = KeySet.from_jwks({"keys": [OTHER_JWK]}), 1
    with pytest.raises(Unauthenticated):
        await subject.verify(text)


async def test_the_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = verifier()
    monkeypatch.setattr(tokens, "CACHE_SIZE", 8)
    for number in range(20):
        await subject.verify(token(jti=str(number)))
    assert len(subject._verified) == 8
    assert CACHE_SIZE == 4096


# --- a clock that somebody sets (F-29) -----------------------------------------------------------


@pytest.mark.parametrize("set_by", [3600, -3600, 86400, -86400])
async def test_f29_a_jump_of_the_clock_ends_no_token_and_keeps_out_none(time: Time, set_by: int) -> None:
    subject, before = verifier(time), token()
    await subject.verify(before)
    time.passed, time.set_by = 90, set_by
    await subject.verify(before)
    now = int(time.wall())
    await subject.verify(token(iat=now, exp=now + 60, jti="after"))


async def test_f29_in_the_end_the_clock_is_believed(time: Time) -> None:
    subject, text = verifier(time), token(exp=NOW + 3600)
    await subject.verify(text)
    time.set_by = 7200
    for time.passed in range(30, 700, 30):
        pass
    await verifier(time).verify(token(iat=int(time.wall()), exp=int(time.wall()) + 1))
    time.passed = 60.0
    await subject.verify(text)
    time.passed = 700.0
    with pytest.raises(TokenExpired):
        await subject.verify(text)


# --- how surely ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "passed", "assurance"),
    [
        pytest.param({}, 0, 1, id="nothing-said"),
        pytest.param({"acr": "2"}, 0, 1, id="no-time"),
        pytest.param({"auth_time": NOW}, 0, 1, id="no-acr"),
        pytest.param({**STRONG, "acr": "1"}, 0, 1, id="A10-acr-1"),
        pytest.param({**STRONG, "acr": "3"}, 0, 1, id="an-acr-that-is-not-listed"),
        pytest.param(STRONG, 0, 2, id="just-now"),
        pytest.param({**STRONG, "auth_time": NOW - 299}, 0, 2, id="299-s-ago"),
        pytest.param({**STRONG, "auth_time": NOW - 301}, 0, 1, id="A10-301-s-ago"),
        pytest.param({**STRONG, "auth_time": NOW - 290}, 9, 2, id="remembered-and-recent"),
        pytest.param({**STRONG, "auth_time": NOW - 290}, 11, 1, id="A10-remembered-and-too-old-by-now"),
    ],
)
async def test_a_strong_login_is_one_for_five_minutes(
    time: Time, claims: dict[str, Any], passed: int, assurance: int
) -> None:
    subject, text = verifier(time), token(**claims)
    await subject.verify(text)
    time.passed = passed
    assert (await subject.verify(text)).assurance == assurance


async def test_each_issuer_says_what_is_strong(time: Time) -> None:
    rule = StepUp(acr_values=("urn:face", "urn:card"), max_age=60)
    subject = verifier(time, dataclasses.replace(STAFF, step_up=rule))
    viewer = await subject.verify(token(acr="urn:card", auth_time=NOW - 59))
    assert (viewer.assurance, viewer.step_up) == (2, rule)
    assert (await subject.verify(token(**STRONG))).assurance == 1


# --- what it may be used for ---------------------------------------------------------------------


async def test_i5_authorization_details_are_the_viewer_s() -> None:
    viewer = await verifier().verify(token(authorization_details=[{"type": "tongcha", "caseNos": ["C"]}]))
    assert viewer.details == (Detail(terms=Terms(cases=frozenset({"C"}))),)
    assert (await verifier().verify(token())).details is None


@pytest.mark.parametrize("claim", ["tongcha", [{"type": "tongcha", "datatypes": ["Person"]}], [1]])
async def test_i5_details_that_cannot_be_read_are_refused(claim: object) -> None:
    with pytest.raises(Unauthenticated):
        await verifier().verify(token(authorization_details=claim))


# --- what is taken back --------------------------------------------------------------------------

NAMED = {Revoked.SUBJECT: "u-1", Revoked.CLIENT: "app", Revoked.TOKEN: "j-1", Revoked.KEY: "k1"}


def revoke(subject: TokenVerifier, kind: Revoked, at: float = NOW, issuer: str = STAFF.iss) -> None:
    subject.revocations.add(Revocation(kind=kind, issuer=issuer, value=NAMED[kind], at=at))


@pytest.mark.parametrize("kind", Revoked)
@pytest.mark.parametrize("remembered", [True, False])
async def test_a11_what_is_revoked_is_refused_at_once(kind: Revoked, remembered: bool) -> None:
    subject, text = verifier(), token()
    if remembered:
        await subject.verify(text)
    revoke(subject, kind)
    for _ in range(2):
        with pytest.raises(TokenRevoked):
            await subject.verify(text)
    await subject.verify(token(sub="u-2", client_id="app-2", jti="j-2")) if kind is not Revoked.KEY else None


@pytest.mark.parametrize("kind", Revoked)
async def test_another_issuer_s_revocation_is_none(kind: Revoked) -> None:
    subject = verifier()
    revoke(subject, kind, issuer=PEOPLE.iss)
    await subject.verify(token())


@pytest.mark.parametrize("kind", [Revoked.SUBJECT, Revoked.CLIENT])
async def test_a_login_after_the_revocation_is_good(time: Time, kind: Revoked) -> None:
    subject = verifier(time)
    revoke(subject, kind)
    time.passed = LEEWAY + 1
    with pytest.raises(TokenRevoked):
        await subject.verify(token(iat=NOW + LEEWAY))
    await subject.verify(token(iat=NOW + LEEWAY + 1))


async def test_an_answer_under_way_is_stopped() -> None:
    subject = verifier()
    viewer = await subject.verify(token())
    subject.check_revoked(viewer)
    revoke(subject, Revoked.SUBJECT)
    with pytest.raises(TokenRevoked):
        subject.check_revoked(viewer)


async def test_a_token_that_outlives_the_memory_of_revocations_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        await verifier().verify(token(exp=NOW + LIFETIME + 1))


async def test_the_viewer_says_when_revocations_may_be_missing(time: Time) -> None:
    subject = verifier(time)
    subject.revocations._pushed = True
    text = token()
    assert not (await subject.verify(text)).current
    subject.revocations.heard()
    assert (await subject.verify(text)).current
    time.passed = FRESH + 1
    assert not (await subject.verify(text)).current


# --- the header ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "scheme"),
    [
        (b"Bearer abc.def", Scheme.BEARER),
        (b"bearer abc.def", Scheme.BEARER),
        (b"BEARER abc.def", Scheme.BEARER),
        (b"DPoP abc.def", Scheme.DPOP),
        (b"dpop abc.def", Scheme.DPOP),
    ],
)
def test_the_scheme_is_case_insensitive(header: bytes, scheme: Scheme) -> None:
    assert credentials(header) == (scheme, "abc.def")


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer ",
        b"Basic dTpw",
        b"Bearer\tabc",
        b"abc.def",
        b"Bearer " + b"a" * 8193,
        b"Bearer \xff",
    ],
)
def test_other_authorization_is_none(header: bytes | None) -> None:
    with pytest.raises(Unauthenticated):
        credentials(header)
