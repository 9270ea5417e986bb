"""When guessing a password has to wait, and for whom."""

from datetime import UTC, datetime, timedelta

import pytest
from accounts.attempts.rules import DEVICE, LIMITS, NAME, PAIR, Tally
from accounts.sources import known_address, source_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def after(limit, failures, *, now=NOW):
    tally = Tally()
    for _ in range(failures):
        tally = limit.failed(limit.now(tally, now), now)
    return tally


@pytest.mark.parametrize("kind", [PAIR, DEVICE])
def test_the_fifth_failure_suspends_for_fifteen_minutes_and_counting_begins_anew_after(kind):
    limit = LIMITS[kind]
    assert limit.admits(after(limit, 4), NOW)
    tally = after(limit, 5)
    late, over = NOW + timedelta(minutes=14, seconds=59), NOW + timedelta(minutes=15)
    assert not limit.admits(limit.now(limit.failed(tally, late), late), late)
    anew = limit.now(limit.failed(tally, late), over)
    assert limit.admits(anew, over)
    assert limit.failed(anew, over).failures == 1


def test_failures_of_yesterday_do_not_count_with_those_of_today():
    limit = LIMITS[PAIR]
    today = NOW + timedelta(days=1)
    assert limit.failed(limit.now(after(limit, 4), today), today).failures == 1


def test_tries_under_way_count_as_failures_until_they_are_judged():
    limit, tally = LIMITS[PAIR], Tally(failures=3)
    for _ in range(2):
        assert limit.admits(tally, NOW)
        tally = tally.begun(NOW)
    assert not limit.admits(tally, NOW)
    assert limit.admits(tally.ended(NOW), NOW)
    forgotten = NOW + timedelta(seconds=30)
    assert limit.admits(limit.now(tally, forgotten), forgotten)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(19, 0), (20, 1), (24, 1), (25, 2), (30, 4), (50, 64), (65, 512), (70, 900), (10_000, 900)],
)
def test_a_name_waits_longer_and_longer_and_never_longer_than_a_quarter_of_an_hour(failures, seconds):
    assert LIMITS[NAME].wait(failures) == timedelta(seconds=seconds)


def test_a_name_forgets_a_failure_every_quarter_of_an_hour():
    limit = LIMITS[NAME]
    tally = after(limit, 25)
    assert limit.now(tally, NOW + timedelta(minutes=14)).failures == 25
    assert limit.now(tally, NOW + timedelta(minutes=75)).failures == 20
    assert limit.now(tally, NOW + timedelta(days=1)) == Tally(blocked_until=tally.blocked_until)


def test_a_name_that_waits_lets_one_try_in_at_a_time():
    limit = LIMITS[NAME]
    later = NOW + timedelta(seconds=1)
    tally = limit.now(after(limit, 20), later)
    assert limit.admits(tally, later)
    assert not limit.admits(tally.begun(later), later)


@pytest.mark.parametrize(
    ("text", "address", "source"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("192.0.2.1:51234", None, "unknown"),
        ("x" * 5000, None, "unknown"),
        ("", None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_an_address_is_one_or_it_is_unknown(text, address, source):
    assert (known_address(text), source_of(text)) == (address, source)
