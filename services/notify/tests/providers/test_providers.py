"""What all processes know together of a provider: its pace, whether it is away, and how much went out."""

from datetime import UTC, date, datetime, timedelta

import pytest
from notify.deliveries.actions import PROCESS, wake
from notify.providers.actions import count, figure
from notify.providers.rules import DELAYS, CircuitBreaker, Counted, Figure, RateLimit, delay_of, hour_of
from notify.providers.store import ProviderStore

SERVICES = ("notify",)
NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # the 24th in Taipei


def test_two_processes_share_the_pace(tx):
    """Both ask at the same moment; ten a second, all together."""
    first, second = ProviderStore(tx), ProviderStore(tx)
    limit = RateLimit(10)
    waits = [store.reserve("email", limit, 5) for store in (first, second, first, second)]
    assert waits == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.1)
    assert second.reserve("sms", limit, 1) == pytest.approx(0, abs=0.05), "each channel has its own"


def test_what_one_process_finds_out_about_a_provider_holds_for_all(tx):
    store, now = ProviderStore(tx), datetime.now(UTC)
    assert store.breaker("email") is None
    store.keep_breaker("email", CircuitBreaker().after_outage(now), "421")
    shared = store.breaker("email", hold=True)
    assert shared.allows(now, 50) == 0
    assert shared.allows(now + timedelta(seconds=1), 50) == 1
    store.keep_breaker("email", shared.after_success(), "250")
    assert not store.breaker("email").is_open


def test_since_when_it_has_been_away_is_kept_through_its_cooldowns(tx):
    store, breaker, now = ProviderStore(tx), CircuitBreaker(), datetime.now(UTC)
    since = "SELECT since FROM provider WHERE channel = 'email'"
    breaker = breaker.after_outage(now)
    store.keep_breaker("email", breaker, "421")
    tx.execute("UPDATE provider SET since = since - interval '1 hour'")
    (began,) = tx.execute(since).fetchone()
    store.keep_breaker("email", breaker.after_outage(now + timedelta(seconds=2)), "421")
    assert tx.execute(since).fetchone() == (began,)
    store.keep_breaker("email", breaker.after_success(), "250")
    assert tx.execute(since).fetchone() > (began,)


@pytest.mark.parametrize(("seconds", "bucket"), [(0, 0), (1, 0), (1.1, 1), (10, 1), (3600, 4), (3601, 5)])
def test_delays_are_counted_up_to_their_limit(seconds, bucket):
    assert delay_of(seconds) == bucket
    assert max(delay_of(each + 1) for each in DELAYS) == len(DELAYS)


def test_figures_add_up_over_all_writers(tx):
    sent = figure("email", "reminder_due", Counted.ACCEPTED, NOW - timedelta(seconds=5), NOW)
    assert sent == Figure(date(2026, 11, 24), "email", "reminder_due", "accepted", 1, hour_of(NOW))
    failed = figure("email", "reminder_due", Counted.FAILED, NOW, NOW)
    for shard in (1, 2, 17):
        count(tx, [sent, sent, failed], shard)
    rows = "SELECT outcome, sum(n)::int, count(*) FROM delivery_count GROUP BY outcome ORDER BY outcome"
    assert tx.execute(rows).fetchall() == [("accepted", 6, 2), ("failed", 3, 2)]
    count(tx, [], 1)


def test_a_note_wakes_the_senders_of_its_channel_unless_it_is_our_own():
    class Senders:
        def __init__(self):
            self.woken = []

        def wake(self, *, urgent):
            self.woken.append(urgent)

    senders = {"email": Senders()}
    for note in ("email urgent other", "email  ", f"email urgent {PROCESS}", "pigeon urgent ", "", "email"):
        wake(senders, note)
    assert senders["email"].woken == [True, False, False]
