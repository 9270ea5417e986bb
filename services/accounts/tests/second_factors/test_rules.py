"""Codes as RFC 6238 has them, whose role requires a second factor, and what people type."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from accounts.second_factors import adapters
from accounts.second_factors.rules import (
    RECOVERY_ALPHABET,
    RECOVERY_LENGTH,
    Factors,
    Passkey,
    SecondFactorNeeded,
    is_recovery,
    is_required,
    is_totp,
    recovery_code,
    require_another,
    step_at,
    steps_to_try,
    typed_code,
)
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.choices import ROLES

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)
# RFC 6238, appendix B, SHA-1: the last six of eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_a_code_is_that_of_rfc_6238(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert adapters.fitting_step(SECRET, code, (step_at(at),)) == seconds // 30
    assert adapters.fitting_step(SECRET, code, (step_at(at) + 2,)) is None


@pytest.mark.parametrize("typed", ["", "驗證碼", "１２３４５６", "٢", "é" * 20, "12345六", "0" * 5, "0" * 7])
def test_what_is_no_code_fits_no_step(typed):
    assert adapters.fitting_step(SECRET, typed, (step_at(NOW),)) is None


def test_a_clock_may_be_off_by_half_a_minute_and_a_code_is_good_once():
    here = step_at(NOW)
    assert steps_to_try(NOW, None) == (here - 1, here, here + 1)
    assert steps_to_try(NOW, here) == (here + 1,)
    assert steps_to_try(NOW, here + 1) == ()
    assert steps_to_try(NOW + timedelta(seconds=30), here + 1) == (here + 2,)


@given(seconds=st.integers(0, 4_000_000_000), last=st.none() | st.integers(0, 140_000_000))
def test_no_code_is_accepted_twice_nor_after_a_newer_one(seconds, last):
    at = datetime.fromtimestamp(seconds, UTC)
    for step in steps_to_try(at, last):
        assert last is None or step > last
        assert abs(step - step_at(at)) <= 1
        assert step not in steps_to_try(at, step)


@pytest.mark.parametrize("role", ROLES)
def test_whoever_sees_what_is_others_needs_a_second_factor(role):
    assert is_required((role,), enforced=True) is (role != "member")
    assert is_required(("member", role), enforced=True) is (role != "member")
    assert not is_required((role,), enforced=False)


def a_passkey():
    return Passkey(
        passkey_id=uuid4(),
        account_id=uuid4(),
        credential_id=b"c",
        public_key=b"k",
        sign_count=0,
        label="手機",
        created_at=NOW,
    )


@pytest.mark.parametrize(
    ("totp", "passkeys", "allowed"), [(True, 0, False), (False, 1, False), (True, 1, True), (False, 2, True)]
)
def test_the_last_way_in_stays_where_the_role_requires_one(totp, passkeys, allowed):
    factors = Factors(NOW if totp else None, tuple(a_passkey() for _ in range(passkeys)), 10)
    require_another(factors, removing="totp", required=False)
    if allowed:
        require_another(factors, removing="totp", required=True)
    else:
        with pytest.raises(SecondFactorNeeded):
            require_another(factors, removing="totp", required=True)


def test_recovery_codes_stand_in_for_a_factor_and_are_none_alone():
    assert Factors(None, (), 10).methods == ()
    assert Factors(NOW, (), 0).methods == ("totp",)
    assert Factors(NOW, (a_passkey(),), 1).methods == ("passkey", "totp", "recovery")


@pytest.mark.parametrize("typed", ["123456", "123 456", "123-456", "１２３４５６", " 12 34 56 "])
def test_digits_are_read_as_people_type_them(typed):
    assert typed_code(typed) == "123456"
    assert is_totp(typed_code(typed))


@given(st.lists(st.integers(0, len(RECOVERY_ALPHABET) - 1), min_size=10, max_size=10))
def test_a_recovery_code_is_read_back_however_it_is_typed(numbers):
    shown = recovery_code(tuple(numbers))
    assert len(shown) == RECOVERY_LENGTH + 1
    for typed in (shown, shown.lower(), shown.replace("-", ""), shown.replace("-", " – ")):
        assert is_recovery(typed_code(typed))
        assert typed_code(typed) == shown.replace("-", "")
    assert not is_totp(typed_code(shown))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "ABCDE-FGH1K", "ABCDE", "小明"])
def test_what_is_neither_is_neither(typed):
    assert not is_totp(typed_code(typed))
    assert not is_recovery(typed_code(typed))


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"response": 3}', '{"response": {"clientDataJSON": "%%"}}', "x" * 99]
)
def test_what_is_no_passkey_s_answer_is_none(text):
    assert adapters.challenge_in(text) is None
    assert adapters.credential_id_in(text) is None
