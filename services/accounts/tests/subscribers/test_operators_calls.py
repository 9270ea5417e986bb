"""Downstream systems by the calls of an operator, and the broker that follows: at once, after it was away, hourly."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from uuid import uuid4

import pika
import pytest
from accounts.audit.store import AuditStore
from accounts.subscribers.actions import has_own_queues
from accounts.subscribers.applying import Broker
from accounts.subscribers.rules import BrokerAway
from accounts.subscribers.store import BrokerStore, NoticeStore, SubscriberStore
from accounts.subscribers.telling import raise_alarms, remind
from accounts.subscribers.watching import end_misused_queues, tell_of_full_queues
from mtnet_chassis.broker.downstream import MOST_DAYS, MOST_MESSAGES
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.usage import QueueUsage, Waiting
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.dates import taipei_day
from prometheus_client import REGISTRY

from ..builders import an_owner
from ..conftest import refusal

pytestmark = pytest.mark.stack

SERVICES = ("accounts",)
REASON = "依函辦理"


@pytest.fixture
def operator():
    return an_owner(uuid4(), account_name="operator1", roles=frozenset({"operator"}))


@pytest.fixture
def registered(ask, operator, rows):
    """A system of a name of its own, and what its registration answered."""
    rows("TRUNCATE subscriber CASCADE")
    name = f"s{uuid4().hex[:12]}"
    described = {
        "title": "船舶登記系統",
        "owner": "航安組",
        "contact_email": "ships@example.com",
        "reason": REASON,
    }

    def register(key=None, **changes):
        return ask("register_subscriber", actor=operator, key=key, **{"name": name, **described, **changes})

    return name, described, register


@pytest.fixture
def follower(topology, transactions, broker):
    return Broker(transactions, Management(broker.management_url, unquote(broker.vhost)))


@pytest.fixture
def asking_alone(topology, transactions, broker, rows):
    """The broker, asked by somebody who looks at each question that no transaction has a table in hand meanwhile."""

    class Alone(Management):
        def call(self, *asked):
            found = rows(
                "SELECT relation::regclass::text FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'relation' AND pid <> pg_backend_pid()"
                " AND datname = current_database() AND backend_type = 'client backend'"
            )
            assert found == []
            return super().call(*asked)

    return Broker(transactions, Alone(broker.management_url, unquote(broker.vhost)))


def test_a_second_press_issues_no_second_secret_and_tells_none(ask, operator, registered, rows):
    name, _, register = registered
    first, second = register(key="the-form"), register(key="the-form")
    assert len(first["secret"]) >= 32
    assert second == first | {"secret": None}
    rotate = {"actor": operator, "key": "another", "name": name, "reason": REASON, "overlap_days": 0}
    assert ask("rotate_subscriber_secret", **rotate)["secret"]
    assert ask("rotate_subscriber_secret", **rotate)["secret"] is None
    assert len(ask("subscriber", actor=operator, name=name)["secrets"]) == 2
    kept = str(rows("SELECT reply FROM idempotency_key WHERE call LIKE '%%subscriber%%'"))
    assert first["secret"] not in kept


def test_what_was_done_is_shown_with_who_and_why(ask, operator, registered):
    name, described, register = registered
    register()
    until = taipei_day(datetime.now(UTC)) + timedelta(days=30)
    events = ["accounts.AccountActivated", "review.CaseOpened"]
    act = {"actor": operator, "name": name, "reason": REASON}
    granted = ask("grant_events", **act, events=events, ends_on=until.isoformat())
    assert [(g["event"], g["holds"], g["over"]) for g in granted["grants"]] == [
        ("accounts.AccountActivated", "personal data", False), ("review.CaseOpened", "facts", False),
    ]  # fmt: skip
    ask("change_subscriber", actor=operator, name=name, **described | {"owner": "企劃組"})
    ask("revoke_event", **act, event="review.CaseOpened")
    ask("suspend_subscriber", **act)
    assert refusal(ask, "suspend_subscriber", **act).code == "SUBSCRIBER_STATE"
    wrong = refusal(ask, "remove_subscriber", **act, confirm_name="boats")
    assert wrong.fields == {"confirm_name": ["SYSTEM_NAME_DIFFERS"]}
    found = ask("remove_subscriber", **act, confirm_name=name)
    assert (found["state"], found["owner"]) == ("removed", "企劃組")
    assert [(t["action"], t["who"], t["reason"]) for t in found["trail"]] == [
        (f"subscriber_{done}", "operator1", REASON)
        for done in ("removed", "suspended", "revoked", "changed", "granted", "registered")
    ]
    assert found["trail"][4]["about"] == events


def test_all_events_are_granted_or_none(ask, operator, registered):
    name, _, register = registered
    register()
    asked = {"actor": operator, "name": name, "reason": REASON, "events": ["review.CaseOpened"]}
    for event, problem in (
        ("accounts.AccountActivated", {"ends_on": ["GRANT_END_REQUIRED"]}),
        ("accounts.PasswordResetRequested", {"events": ["EVENT_NEVER_GRANTED"]}),
        ("accounts.NoSuchThing", {"events": ["EVENT_UNKNOWN"]}),
    ):
        asked["events"] = ["review.CaseOpened", event]
        assert refusal(ask, "grant_events", **asked).fields == problem
    assert ask("subscriber", actor=operator, name=name)["grants"] == []


def test_scopes_are_granted_together_and_taken_away_one_by_one(ask, operator, registered):
    name, _, register = registered
    register()
    last = taipei_day(datetime.now(UTC)) + timedelta(days=30)
    act = {"actor": operator, "name": name, "reason": REASON}
    wanted = {"scopes": ["accounts.read", "cases.read"], "ends_on": last.isoformat()}
    granted = ask("grant_scopes", **act, **wanted)
    assert [(s["scope"], s["reason"], s["ends_on"], s["over"]) for s in granted["scopes"]] == [
        (scope, REASON, last.isoformat(), False) for scope in wanted["scopes"]
    ]
    (listed,) = ask("subscribers", actor=operator, text=name)["items"]
    assert listed["ends_on"] == last.isoformat()
    found = ask("revoke_scope", **act, scope="accounts.read")
    assert [s["scope"] for s in found["scopes"]] == ["cases.read"]
    assert [(t["action"], t["about"]) for t in found["trail"][:2]] == [
        ("subscriber_scope_revoked", ["accounts.read"]),
        ("subscriber_scope_granted", ["accounts.read", "cases.read"]),
    ]
    again = refusal(ask, "revoke_scope", **act, scope="accounts.read")
    assert again.fields == {"scope": ["SCOPE_NOT_HELD"]}


@pytest.mark.parametrize(
    ("days", "scopes", "problem"),
    [
        (367, ["accounts.read"], {"ends_on": ["SCOPE_END_REQUIRED"]}),
        (-1, ["accounts.read"], {"ends_on": ["DAY_OVER"]}),
        (None, ["accounts.read"], {"ends_on": ["REQUIRED"]}),
        (30, [], {"scopes": ["CHOOSE"]}),
        (30, ["accounts.read", "everything"], {"scopes.1": ["NOT_A_CHOICE"]}),
    ],
)
def test_all_scopes_are_granted_or_none(ask, operator, registered, days, scopes, problem):
    name, _, register = registered
    register()
    ends = None if days is None else (taipei_day(datetime.now(UTC)) + timedelta(days=days)).isoformat()
    asked = {"actor": operator, "name": name, "reason": REASON, "scopes": scopes}
    found = refusal(ask, "grant_scopes", **asked, ends_on=ends)
    assert found.fields == problem
    assert ask("subscriber", actor=operator, name=name)["scopes"] == []


def test_the_list_is_searched_and_leaves_out_what_was_removed(ask, operator, registered):
    name, _, register = registered
    register()

    def found(**asked):
        return [each["name"] for each in ask("subscribers", actor=operator, **asked)["items"]]

    assert found(text="船舶") == found(text=name[:6].upper()) == found(text="SHIPS@") == [name]
    assert found(text="50%") == found(state="suspended") == []
    ask("remove_subscriber", actor=operator, name=name, reason=REASON, confirm_name=name)
    assert found() == []
    assert found(state="removed") == [name]


class TestTheBrokerFollows:
    def users(self, broker):
        management = Management(broker.management_url, broker.vhost)
        return {each["user"] for each in management.call("GET", "/permissions")}

    def state(self, ask, operator, name):
        return ask("subscriber", actor=operator, name=name)["broker"]

    def test_what_is_on_record_is_applied_once(self, ask, operator, registered, follower, broker):
        name, _, register = registered
        user = register()["user"]
        assert self.state(ask, operator, name)["applied"] is False
        assert follower.bring_in_line(only_if_changed=True)
        assert user in self.users(broker)
        assert self.state(ask, operator, name)["applied"] is True
        assert follower.bring_in_line(only_if_changed=True) == []
        assert follower.differences() == []
        assert set(follower.queues(datetime.now(UTC))) == {name}
        assert REGISTRY.get_sample_value("mtnet_downstream_share", {"system": name}) == 0

    def test_a_broker_that_is_away_is_told_later_and_the_operator_sees_it(
        self, ask, operator, registered, follower, transactions
    ):
        name, _, register = registered
        register()
        away = Broker(transactions, Management("http://operator:hidden@127.0.0.1:9", "mtnet"))
        with pytest.raises(BrokerAway):
            away.bring_in_line(only_if_changed=True)
        seen = self.state(ask, operator, name)
        assert (seen["applied"], bool(seen["failed_at"])) == (False, True)
        assert "hidden" not in seen["failure"]
        follower.bring_in_line(only_if_changed=True)
        assert self.state(ask, operator, name) | {"applied_at": None} == {
            "applied": True, "applied_at": None, "failed_at": None, "failure": "",
        }  # fmt: skip

    def test_who_declares_a_queue_that_could_refuse_may_declare_none_any_more(
        self, ask, operator, registered, follower, asking_alone, broker, rows, transactions
    ):
        """The relay would wait for it, and every service with it."""
        name, _, register = registered
        register()
        event = {"events": ["review.CaseOpened"]}
        ask("grant_events", actor=operator, name=name, reason=REASON, **event)
        rows("UPDATE subscriber SET nameko_method = 'on_event' WHERE name = %s", name)
        queue = f"evt-review-CaseOpened--{name}.on_event"
        with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
            arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
            connection.channel().queue_declare(queue, durable=True, arguments=arguments)
        with transactions.transaction() as tx:
            assert has_own_queues(SubscriberStore(tx))
        end_misused_queues(asking_alone, AuditStore, datetime.now(UTC))
        with transactions.transaction() as tx:
            assert not has_own_queues(SubscriberStore(tx))
        follower.bring_in_line(only_if_changed=True)
        assert queue not in Management(broker.management_url, unquote(broker.vhost)).queue_depths()
        assert rows("SELECT nameko_method FROM subscriber WHERE name = %s", name) == [(None,)]
        (last, *_) = ask("subscriber", actor=operator, name=name)["trail"]
        assert (last["action"], last["who"]) == ("subscriber_nameko_ended", "MTNet")

    def test_what_is_changed_meanwhile_is_not_taken_for_applied(self, registered, follower, transactions):
        _, _, register = registered
        register()
        with transactions.transaction() as tx:
            before = BrokerStore(tx).state().changed
        register(name=f"s{uuid4().hex[:12]}")
        with transactions.transaction() as tx:
            BrokerStore(tx).note_applied(before, datetime.now(UTC))
            assert not BrokerStore(tx).state().is_whole
        assert follower.bring_in_line(only_if_changed=True)


class TestOwnersAreTold:
    def at(self, transactions, now):
        with transactions.transaction() as tx:
            remind(NoticeStore(tx), Outbox(tx), now)

    def test_what_ends_is_told_thirty_and_seven_days_before_and_once_each(
        self, ask, operator, registered, transactions, announced
    ):
        name, _, register = registered
        register()
        now = datetime.now(UTC)
        last = taipei_day(now) + timedelta(days=40)
        events = ["accounts.AccountActivated", "accounts.AccountFrozen"]
        asked = {"actor": operator, "name": name, "reason": REASON, "ends_on": last.isoformat()}
        ask("grant_events", **asked, events=events)
        told = []
        for days in (31, 30, 29, 8, 7, 6, 0, -1):
            self.at(transactions, now + timedelta(days=40 - days))
            found = [e for e in announced("SubscriberReminderDue") if e["name"] == name]
            told.append((days, len(found)))
        assert told == [(31, 0), (30, 1), (29, 1), (8, 1), (7, 2), (6, 2), (0, 2), (-1, 2)]
        assert (found[0]["days_left"], found[1]["days_left"]) == (30, 7)
        assert (found[0]["items"], found[0]["email"]) == (events, "ships@example.com")

    def test_a_secret_that_is_being_replaced_is_told_once_with_what_is_left(
        self, ask, operator, registered, transactions, announced
    ):
        name, _, register = registered
        user = register()["user"]
        ask("rotate_subscriber_secret", actor=operator, name=name, reason=REASON, overlap_days=5)
        for hours in (0, 1, 2):
            self.at(transactions, datetime.now(UTC) + timedelta(hours=hours))
        (found,) = [e for e in announced("SubscriberReminderDue") if e["name"] == name]
        assert (found["what"], found["items"], found["days_left"]) == ("secret", [user], 5)

    def test_a_grant_with_another_end_is_told_anew(self, ask, operator, registered, transactions, announced):
        name, _, register = registered
        register()
        now = datetime.now(UTC)
        asked = {"actor": operator, "name": name, "reason": REASON, "events": ["review.CaseOpened"]}
        for days in (5, 20):
            ask("grant_events", **asked, ends_on=(taipei_day(now) + timedelta(days=days)).isoformat())
            self.at(transactions, now)
        found = [e["days_left"] for e in announced("SubscriberReminderDue") if e["name"] == name]
        assert found == [5, 20]

    def test_a_queue_that_is_half_full_is_told_once_until_it_is_below_again(
        self, registered, transactions, announced
    ):
        name, _, register = registered
        register()
        told = []
        for share in (0.4, 0.5, 0.9, 0.46, 0.5, 0.44, 0.5):
            queue = QueueUsage(name, int(MOST_MESSAGES * share), 0, 0, 0, 0.0, share)
            with transactions.transaction() as tx:
                raise_alarms(NoticeStore(tx), Outbox(tx), {name: queue, "nobody": queue}, datetime.now(UTC))
            found = [e for e in announced("SubscriberQueueFilling") if e["name"] == name]
            told.append(len(found))
        assert told == [0, 1, 1, 1, 1, 1, 2]
        assert (found[0]["share"], found[0]["messages"]) == (50, MOST_MESSAGES // 2)
        assert "oldest_hours" not in found[0]
        assert (found[0]["email"], found[0]["queue"]) == ("ships@example.com", f"downstream.{name}")

    def test_a_queue_from_which_nothing_is_taken_for_half_of_its_days_is_told_with_its_age(
        self, ask, operator, registered, follower, asking_alone, announced, monkeypatch
    ):
        """One message is enough: it would be gone at the end of them."""
        name, _, register = registered
        register()
        now = datetime.now(UTC)
        asked = {"actor": operator, "name": name, "reason": REASON}
        ask("grant_events", **asked, events=["review.CaseOpened"])
        follower.bring_in_line()
        monkeypatch.setattr(
            "mtnet_chassis.broker.usage.waiting_after",
            lambda before, queue, at: Waiting(0, (now - timedelta(days=MOST_DAYS / 2)).isoformat()),
        )
        for _ in range(2):
            tell_of_full_queues(asking_alone, now)
        (found,) = [e for e in announced("SubscriberQueueFilling") if e["name"] == name]
        assert (found["share"], found["oldest_hours"]) == (50, MOST_DAYS * 12)
