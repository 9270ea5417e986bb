"""What operators see of providers is read from the counters: every channel, every day, no gap."""

from datetime import UTC, datetime, timedelta

import pytest
from mtnet_contracts.calls.notify.providers import DELAYS, PROVIDERS
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.dates import taipei_day
from notify.channels.registry import channel_plans
from notify.provider_figures import actions
from notify.provider_figures.store import ProviderFigureStore
from notify.providers import actions as shared
from notify.providers import rules as counted
from notify.providers.rules import Counted, NotPaused, PausedAlready
from notify.settings import ChannelSettings

from ..builders import NOW

TODAY = taipei_day(NOW)
VALUES = {
    name: {setting.name: setting.default or "x" for setting in plan.settings}
    for name, plan in channel_plans().items()
}


def shown(tx, days, **values):
    """`values`: settings that are not the usual ones."""
    channels = {name: ChannelSettings(each | values, 20, 2) for name, each in VALUES.items()}
    return actions.providers(ProviderFigureStore(tx), channels, days, NOW)


def of(channel, found):
    return next(line for line in found["items"] if line["channel"] == channel)


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
    found = shown(tx, 3)
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
    found = {line["channel"]: line for line in shown(tx, 1)["items"]}
    assert (found["sms"]["is_away"], found["sms"]["is_outage"], found["sms"]["answer"]) == (True, True, "503")
    assert found["sms"]["next_try_at"] == NOW + timedelta(seconds=30)
    assert (found["email"]["is_away"], found["email"]["since"]) == (False, None)


def test_todays_hours_are_those_of_taipei(tx):
    tx.execute("DELETE FROM delivery_hour")
    tx.execute("DELETE FROM delivery_count")
    midnight = datetime(2026, 11, 22, 16, tzinfo=UTC) + timedelta(
        days=(TODAY - taipei_day(datetime(2026, 11, 23, tzinfo=UTC))).days
    )
    moments = [midnight, midnight, midnight + timedelta(hours=9, minutes=59), midnight - timedelta(seconds=1)]
    for shard, at in enumerate(moments):
        shared.count(tx, [shared.figure("sms", "verification_code", Counted.ACCEPTED, at, at)], shard)
    shared.count(tx, [shared.figure("sms", "verification_code", Counted.FAILED, moments[2], moments[2])], 0)
    sms = of("sms", shown(tx, 2))
    told = {
        each["hour"]: (each["sent"], each["failed"])
        for each in sms["hours"]
        if each["sent"] or each["failed"]
    }
    assert told == {0: (2, 0), 9: (1, 1)}
    assert [each["hour"] for each in sms["hours"]] == list(range(24))
    assert [day["sent"] for day in sms["days"]] == [1, 3], "and the days say the same"


def test_shares_of_companies_and_the_months_messages_are_what_all_processes_know(tx):
    tx.execute("DELETE FROM provider")
    two = {"NOTIFY_SMS_SECOND_URL": "http://x", "NOTIFY_SMS_SHARES": "70:30"}
    assert [each["share"] for each in of("sms", shown(tx, 1, **two))["companies"]] == [70, 30]
    assert of("sms", shown(tx, 1, NOTIFY_SMS_SECOND_URL=""))["companies"] == []
    at = NOW.isoformat()
    shared.keep_known(tx, "sms", {"first": {"failing_since": at, "probed_at": at}})
    shared.keep_known(tx, "line", {"quota": {"allowed": 200, "used": 250, "at": at}})
    first, second = of("sms", shown(tx, 1, **two))["companies"]
    assert (first["share"], first["is_lost"], second["share"]) == (0, True, 100)
    assert of("line", shown(tx, 1))["quota"] == {"allowed": 200, "used": 250, "left": 0, "at": NOW}
    assert PROVIDERS.dump_reply(shown(tx, 1, **two))


def test_a_provider_is_paused_once_and_resumed_once(tx):
    tx.execute("DELETE FROM provider")
    shared.pause(tx, "sms", "operator1", "業者維護", NOW)
    with pytest.raises(PausedAlready):
        shared.pause(tx, "sms", "operator2", "再一次", NOW)
    sms = of("sms", shown(tx, 1))
    assert (sms["paused_at"], sms["paused_by"], sms["pause_reason"]) == (NOW, "operator1", "業者維護")
    shared.resume(tx, "sms")
    with pytest.raises(NotPaused):
        shared.resume(tx, "sms")
    assert of("sms", shown(tx, 1))["paused_at"] is None
