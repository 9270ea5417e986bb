"""What fits the hash of a password."""

from datetime import UTC, datetime

import pytest
from accounts.attempts.rules import Attempt
from accounts.login import actions as logins
from accounts.sessions import adapters as password_hashes

NOW = datetime(2026, 2, 19, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _hashes_cost_little():
    """Not here."""


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
