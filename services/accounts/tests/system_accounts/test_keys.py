"""The keys of statements: by the quarter, the next one known long before it signs."""

from datetime import UTC, datetime

import pytest
from accounts.system_accounts.keys import key_id, public_keys, quarter_of, signing_key

PRIVATE = bytes(range(32))
BEFORE, AFTER = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def ids(private, now):
    return [key["kid"] for key in public_keys(private, now)]


def test_the_key_that_signs_is_published_before_while_and_after_it_does():
    assert quarter_of(AFTER) == quarter_of(BEFORE) + 1
    signs, following, former = ids(PRIVATE, BEFORE)
    assert ids(PRIVATE, AFTER)[0] == following
    assert ids(PRIVATE, AFTER)[2] == signs
    assert len({signs, following, former, *ids(PRIVATE, AFTER)}) == 4


@pytest.mark.parametrize("month", range(1, 13))
def test_a_key_lasts_a_quarter(month):
    first = datetime(2026, (month - 1) // 3 * 3 + 1, 1, tzinfo=UTC)
    assert ids(PRIVATE, datetime(2026, month, 28, tzinfo=UTC)) == ids(PRIVATE, first)


def test_the_same_private_key_makes_the_same_keys_and_another_makes_others():
    assert ids(PRIVATE, BEFORE) == ids(PRIVATE, BEFORE)
    assert set(ids(PRIVATE, BEFORE)).isdisjoint(ids(bytes(32), BEFORE))


def test_what_is_published_is_public():
    for key, quarter in zip(public_keys(PRIVATE, BEFORE), (0, 1, -1), strict=True):
        assert set(key) == {"kid", "kty", "crv", "x", "use", "alg"}
        made = signing_key(PRIVATE, quarter_of(BEFORE) + quarter)
        assert key_id(made) == key["kid"]
        assert made.private_bytes_raw() != PRIVATE


def test_an_id_is_the_thumbprint_of_rfc_7638():
    """The example of RFC 8037, appendix A.3."""
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    assert key_id(Ed25519PrivateKey.from_private_bytes(seed)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
