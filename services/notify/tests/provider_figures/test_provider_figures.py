"""What operators see of providers is read from the counters: every channel, every day, no gap."""

from datetime import timedelta

from mtnet_contracts.calls.notify.providers import DELAYS, PROVIDERS
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.dates import taipei_day
from notify.provider_figures import actions
from notify.provider_figures.store import ProviderFigureStore
from notify.providers import rules as counted

from ..builders import NOW

TODAY = taipei_day(NOW)


def test_the_delays_are_those_that_are_counted():
    assert DELAYS == counted.DELAYS


def test_every_channel_has_every_day_and_its_delays(tx):
    tx.execute("DELETE FROM delivery_count")
    rows = [
        (TODAY, "email", "account_frozen", "accepted", 0, 1, 5),
        (TODAY, "email", "account_closed", "accepted", 2, 3, 2),
        (TODAY, "email", "account_closed", "confirmed", 2, 3, 1),
        (TODAY - timedelta(days=2), "email", "account_frozen", "failed", 5, 1, 3),
        (TODAY - timedelta(days=3), "email", "account_frozen", "failed", 5, 1, 100),
    ]
    for row in rows:
        tx.execute("INSERT INTO delivery_count VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    found = actions.providers(ProviderFigureStore(tx), 3, NOW)
    assert [line["channel"] for line in found["items"]] == list(CHANNELS)
    email = next(line for line in found["items"] if line["channel"] == "email")
    assert [(d["sent"], d["confirmed"], d["failed"]) for d in email["days"]] == [
        (0, 0, 3),
        (0, 0, 0),
        (7, 1, 0),
    ]
    assert email["delays"] == [5, 0, 2, 0, 0, 0]
    assert {len(line["days"]) for line in found["items"]} == {3}
    assert PROVIDERS.dump_reply(found)


def test_a_provider_that_takes_nothing_says_since_when_and_when_it_is_tried(tx):
    tx.execute("DELETE FROM provider")
    tx.execute(
        "INSERT INTO provider (channel, cooldown_until, outage, answer, since) VALUES ('sms', %s, true, '503', %s),"
        " ('email', NULL, false, 'accepted', %s)",
        (NOW + timedelta(seconds=30), NOW, NOW),
    )
    found = {line["channel"]: line for line in actions.providers(ProviderFigureStore(tx), 1, NOW)["items"]}
    assert (found["sms"]["is_away"], found["sms"]["is_outage"], found["sms"]["answer"]) == (True, True, "503")
    assert found["sms"]["next_try_at"] == NOW + timedelta(seconds=30)
    assert (found["email"]["is_away"], found["email"]["since"]) == (False, None)
