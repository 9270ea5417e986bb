"""What a password must be, and what fits its hash."""

from datetime import UTC, datetime

import pytest
from accounts.attempts.rules import Attempt
from accounts.login import actions as logins
from accounts.sessions import adapters as password_hashes
from accounts.sessions import rules
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 2, 19, 9, 0, tzinfo=UTC)


def faults(password, account_name="quaywalker", id_number_tail="123456789"):
    return rules.password_faults(
        password,
        account_name=account_name,
        id_number_tail=id_number_tail,
        blocklist=password_hashes.blocklist(),
    )


@pytest.mark.parametrize(
    "password", ["ZAs145@1", "Mtnet!2026demo", "港口Ab1!潮汐風浪", "Aa1!" + "x" * 124, "Tide 7-Knot-Buoy"]
)
def test_a_password_of_all_four_kinds_is_accepted(password):
    assert faults(password) == ()


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Aa1!xyz", "PASSWORD_TOO_SHORT"),
        ("Aa1!" + "x" * 125, "TOO_LONG"),
        ("zas145@1", "PASSWORD_NEEDS_UPPER"),
        ("ZAS145@1", "PASSWORD_NEEDS_LOWER"),
        ("ZAsxyz@!", "PASSWORD_NEEDS_DIGIT"),
        ("ZAs14511", "PASSWORD_NEEDS_SPECIAL"),
        ("ZAs145 1", "PASSWORD_NEEDS_SPECIAL"),
        ("!9QuayWalker", "PASSWORD_CONTAINS_ACCOUNT"),
        ("Zx!123456789", "PASSWORD_CONTAINS_ID_NUMBER"),
        ("P@ssw0rd", "PASSWORD_TOO_COMMON"),
        ("Mtnet@1", "PASSWORD_TOO_COMMON"),
    ],
)
def test_each_broken_rule_is_told(password, fault):
    assert fault in faults(password)


def test_every_broken_rule_is_told_at_once():
    assert set(faults("aaaa")) == {
        "PASSWORD_TOO_SHORT", "PASSWORD_NEEDS_UPPER", "PASSWORD_NEEDS_DIGIT", "PASSWORD_NEEDS_SPECIAL"
    }  # fmt: skip


@given(st.text(max_size=140))
def test_no_text_breaks_the_judging(password):
    assert isinstance(faults(password), tuple)


def test_a_password_fits_its_own_hash_only():
    stored = password_hashes.hashed("ZAs145@1")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password_hashes.verified(stored, "ZAs145@1")
    assert not password_hashes.verified(stored, "ZAs145@2")
    assert not password_hashes.verified(None, "nobody has this password")
    assert not password_hashes.is_outdated(stored)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Caf\u00e9!2026", "Cafe\u0301!2026"),
        ("Quay!2026", "\uff31\uff55\uff41\uff59\uff01\uff12\uff10\uff12\uff16"),
        ("Quay!2026\u30ac", "Quay!2026\uff76\uff9e"),
        ("Quay!2026 x", "Quay!2026\u3000x"),
    ],
)
def test_a_password_fits_however_its_letters_are_made(one, other):
    for first, second in ((one, other), (other, one)):
        assert password_hashes.verified(password_hashes.hashed(first), second)


def test_a_hash_of_before_fits_what_was_typed_then_and_gets_a_new_one():
    typed = "Cafe\u0301!2026"
    old = password_hashes._hasher.hash(typed)
    assert password_hashes.verified(old, typed)
    attempt = Attempt(name_index=b"", account_id=None, password_hash=old, suspended=False, began=NOW)
    assert logins._deserves_new_hash(attempt, True, typed)
    assert not logins._deserves_new_hash(attempt, False, typed)
    assert password_hashes.verified(password_hashes.hashed(typed), "Caf\u00e9!2026")


@pytest.mark.parametrize(
    ("password", "too_long"),
    [("Aa1!" + "e\u0301" * 124, False), ("Aa1!" + "e\u0301" * 125, True), ("Aa1!" + "\ufdfa" * 7, True)],
)
def test_a_password_is_as_long_as_its_normal_form(password, too_long):
    assert ("TOO_LONG" in faults(password)) is too_long


def test_full_width_letters_keep_the_rules_as_plain_ones_do():
    assert faults("\uff31\uff55\uff41\uff59\uff01\uff12\uff10\uff12\uff16side") == ()
