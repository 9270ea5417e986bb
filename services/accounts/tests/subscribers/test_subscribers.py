"""Downstream systems: what may be granted, what is recorded, and what the broker gets of it."""

import json
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

import pika
import pytest
from accounts.audit.store import AuditStore
from accounts.subscribers import actions, cli
from accounts.subscribers.actions import By
from accounts.subscribers.adapters import event_named, on_the_broker
from accounts.subscribers.rules import (
    Grant,
    Secret,
    State,
    Subscriber,
    SubscriberRefused,
    checked_registration,
    new_grant,
)
from accounts.subscribers.store import SubscriberStore
from mtnet_chassis.broker.management import Management
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import Holds, catalogue
from mtnet_contracts.vocabulary.dates import taipei_day

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
TODAY = date(2026, 11, 26)
WHY = "ships are told who may file for them"
BY = By("operator1", WHY, NOW)


def granted(name, reason, ends_on, today):
    event = event_named(name)
    return new_grant(event.source, event.event_name(), event.holds, reason, ends_on, today)


SECRET = Secret(1, "hash", NOW, None)


class TestWhatMayBeGranted:
    @pytest.mark.parametrize("event", catalogue(), ids=lambda event: event.event_name())
    def test_each_event_by_what_it_holds(self, event):
        name = f"{event.source}.{event.event_name()}"
        match event.holds:
            case Holds.SECRETS:
                with pytest.raises(SubscriberRefused, match="cannot be granted"):
                    granted(name, WHY, TODAY, TODAY)
            case Holds.PERSONAL_DATA:
                with pytest.raises(SubscriberRefused, match="--reason"):
                    granted(name, " ", TODAY, TODAY)
                with pytest.raises(SubscriberRefused, match="--until"):
                    granted(name, WHY, None, TODAY)
                assert granted(name, WHY, TODAY, TODAY).ends_on == TODAY
            case Holds.FACTS:
                assert granted(name, "", None, TODAY).ends_on is None

    def test_personal_data_for_a_year_at_most(self):
        last = TODAY + timedelta(days=366)
        assert granted("accounts.AccountActivated", WHY, last, TODAY)
        with pytest.raises(SubscriberRefused, match=str(last)):
            granted("accounts.AccountActivated", WHY, last + timedelta(days=1), TODAY)

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("accounts.NoSuchThing", "no event"),
            ("AccountActivated", "no event"),
            ("", "no event"),
            ("review.AccountActivated", "no event"),
        ],
    )
    def test_an_event_that_is_none_is_named(self, name, words):
        with pytest.raises(SubscriberRefused, match=words):
            granted(name, WHY, TODAY, TODAY)

    def test_a_day_that_is_over_is_refused(self):
        with pytest.raises(SubscriberRefused, match="over already"):
            granted("review.CaseOpened", "", TODAY - timedelta(days=1), TODAY)

    @pytest.mark.parametrize("reason", ["x" * 301, "two\nlines", "\u202eturned"])
    def test_the_reason_is_one_bounded_line(self, reason):
        with pytest.raises(SubscriberRefused, match="one line"):
            granted("review.CaseOpened", reason, None, TODAY)


class TestRegistration:
    @pytest.mark.parametrize(
        "name", ["", "v", "Vessels", "1vessels", "ves.sels", "ves sels", "v" * 31, "船舶", "a/b"]
    )
    def test_names_are_small_letters_digits_and_hyphens(self, name):
        with pytest.raises(SubscriberRefused, match="cannot be a name"):
            checked_registration(name, "Vessels", "Bureau", "a@b.example", None)

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"title": ""}, "title"),
            ({"title": "a\nb"}, "title"),
            ({"owner": " "}, "owner"),
            ({"owner": "x" * 301}, "owner"),
            ({"email": "nobody"}, "e-mail"),
            ({"email": "a b@c.example"}, "e-mail"),
            ({"system": "trains"}, "no system"),
        ],
    )
    def test_each_field_has_its_bounds(self, changed, words):
        right = {
            "name": "vessels",
            "title": "Vessels",
            "owner": "Bureau",
            "email": "a@b.example",
            "system": None,
        }
        checked_registration(**right)
        with pytest.raises(SubscriberRefused, match=words):
            checked_registration(**right | changed)

    @pytest.mark.parametrize("who", ["", "  ", "x" * 301, "a\nb"])
    def test_who_and_why_are_said(self, who):
        with pytest.raises(SubscriberRefused, match="--who"):
            By(who, WHY, NOW)
        with pytest.raises(SubscriberRefused, match="--reason"):
            By("operator1", who, NOW)


def a_subscriber(**changed):
    return Subscriber(
        **{
            "subscriber_id": None,
            "name": "vessels",
            "title": "Vessels",
            "owner": "Bureau",
            "contact_email": "a@b.example",
            "system": None,
            "state": State.ACTIVE,
            "registered_at": NOW,
            "grants": (
                Grant("review", "CaseOpened", "", None),
                Grant("accounts", "AccountFrozen", WHY, TODAY),
            ),
            "secrets": (SECRET,),
        }
        | changed
    )


class TestOnTheBroker:
    def test_grants_hold_to_the_end_of_their_day_in_taipei(self):
        both = {("review", "CaseOpened"), ("accounts", "AccountFrozen")}
        assert on_the_broker(a_subscriber(), NOW, TODAY).events == both
        assert on_the_broker(a_subscriber(), NOW, TODAY + timedelta(days=1)).events == {
            ("review", "CaseOpened")
        }

    def test_secrets_hold_until_their_moment(self):
        ending = Secret(1, "hash", NOW, NOW + timedelta(hours=1))
        later = Secret(2, "hash", NOW, None)
        system = a_subscriber(secrets=(ending, later))
        before, after = NOW + timedelta(minutes=59), NOW + timedelta(hours=1)
        assert [c.user for c in on_the_broker(system, before, TODAY).credentials] == [
            "downstream.vessels.1", "downstream.vessels.2",
        ]  # fmt: skip
        assert [c.user for c in on_the_broker(system, after, TODAY).credentials] == ["downstream.vessels.2"]

    def test_a_suspended_one_keeps_its_queue_and_loses_its_users(self):
        suspended = on_the_broker(a_subscriber(state=State.SUSPENDED), NOW, TODAY)
        assert suspended.credentials == ()
        assert suspended.events

    def test_a_removed_one_has_nothing(self):
        assert on_the_broker(a_subscriber(state=State.REMOVED), NOW, TODAY) is None


@pytest.fixture
def store(transactions):
    """A store whose transaction is undone in the end."""
    with transactions.transaction() as tx:
        yield SubscriberStore(tx)
        tx.execute("ROLLBACK")
        tx.execute("BEGIN")


@pytest.fixture
def audit(store):
    return AuditStore(store._tx)


def register(store, audit, name="vessels", by=BY):
    return actions.register(
        store,
        audit,
        by,
        name=name,
        title="船舶系統",
        owner="航安組",
        email="ships@bureau.example",
        system="vessels",
    )


@pytest.mark.stack
class TestActs:
    def test_a_system_is_registered_with_a_secret_of_which_only_a_hash_is_kept(self, store, audit):
        issued = register(store, audit)
        found = store.named("vessels")
        assert issued.user == "downstream.vessels.1"
        assert len(issued.password) >= 32
        assert issued.password not in str(found)
        assert (found.state, found.system, found.owner) == (State.ACTIVE, "vessels", "航安組")

    def test_a_name_is_given_once_for_ever(self, store, audit):
        register(store, audit)
        actions.remove(store, audit, BY, "vessels")
        with pytest.raises(SubscriberRefused, match="not used again"):
            register(store, audit)

    def test_a_grant_given_again_has_the_new_end(self, store, audit):
        register(store, audit)
        for day in (TODAY, TODAY + timedelta(days=30)):
            actions.grant(store, audit, BY, "vessels", ["accounts.AccountActivated"], day)
        (grant,) = store.named("vessels").grants
        assert grant == Grant("accounts", "AccountActivated", WHY, TODAY + timedelta(days=30))
        actions.revoke(store, audit, BY, "vessels", "accounts.AccountActivated")
        assert store.named("vessels").grants == ()
        with pytest.raises(SubscriberRefused, match="does not get"):
            actions.revoke(store, audit, BY, "vessels", "accounts.AccountActivated")

    def test_a_new_secret_leaves_the_old_one_a_week(self, store, audit):
        register(store, audit)
        assert actions.rotate(store, audit, BY, "vessels").user == "downstream.vessels.2"
        first, second = store.named("vessels").secrets
        assert (first.ends_at, second.ends_at) == (NOW + timedelta(days=7), None)
        with pytest.raises(SubscriberRefused, match="2 secrets"):
            actions.rotate(store, audit, BY, "vessels")

    def test_a_secret_that_leaked_ends_at_once(self, store, audit):
        register(store, audit)
        actions.rotate(store, audit, BY, "vessels")
        actions.rotate(store, audit, BY, "vessels", overlap=timedelta())
        live = [each.number for each in store.named("vessels").secrets if each.holds_at(NOW)]
        assert live == [3]

    def test_suspended_resumed_removed(self, store, audit):
        register(store, audit)
        actions.suspend(store, audit, BY, "vessels")
        with pytest.raises(SubscriberRefused, match="suspended already"):
            actions.suspend(store, audit, BY, "vessels")
        actions.resume(store, audit, BY, "vessels")
        with pytest.raises(SubscriberRefused, match="active already"):
            actions.resume(store, audit, BY, "vessels")
        actions.remove(store, audit, BY, "vessels")
        assert store.named("vessels") is None
        assert actions.wanted_on_the_broker(store, NOW) == []
        with pytest.raises(SubscriberRefused, match="no system"):
            actions.suspend(store, audit, BY, "vessels")

    def test_every_act_is_in_the_audit_log_and_no_secret_is(self, store, audit):
        issued = register(store, audit)
        actions.grant(store, audit, BY, "vessels", ["review.CaseOpened"], None)
        actions.revoke(store, audit, BY, "vessels", "review.CaseOpened")
        renewed = actions.rotate(store, audit, BY, "vessels")
        actions.suspend(store, audit, BY, "vessels")
        actions.resume(store, audit, BY, "vessels")
        subject = store.named("vessels").subscriber_id
        actions.remove(store, audit, BY, "vessels")
        rows = store._tx.execute(
            "SELECT action, detail FROM audit_entry WHERE subject_id = %s ORDER BY position", (subject,)
        ).fetchall()
        assert [action for action, _ in rows] == [
            "subscriber_registered", "subscriber_granted", "subscriber_revoked", "subscriber_secret_renewed",
            "subscriber_suspended", "subscriber_resumed", "subscriber_removed",
        ]  # fmt: skip
        assert all(detail["who"] == "operator1" and detail["reason"] == WHY for _, detail in rows)
        said = json.dumps([detail for _, detail in rows])
        assert issued.password not in said
        assert renewed.password not in said


SERVICES = ("accounts",)


@pytest.fixture
def run(topology, postgres_dsn, broker, rows, monkeypatch, capsys):
    """`run("show")`: exit code, output and errors of the command; no system is registered yet."""
    rows("TRUNCATE subscriber CASCADE")
    monkeypatch.setenv("ACCOUNTS_DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("AMQP_OPERATOR_URL", broker.amqp_url)
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", broker.management_url)

    def run(*arguments):
        status = cli.main(list(arguments))
        return status, *capsys.readouterr()

    return run


@pytest.mark.stack
def test_a_queue_of_an_earlier_release_is_named_and_declared_anew_when_nobody_is_connected(run, broker):
    name = f"o-{broker.vhost}"
    described = ("--title", "Vessels", "--owner", "Bureau", "--email", "a@b.example", "--reason", WHY)
    assert run("add", name, *described, "--who", "operator1")[0] == 0
    queue, management = f"downstream.{name}", Management(broker.management_url, unquote(broker.vhost))

    def connections():
        return management.call("GET", f"/vhosts/{management.vhost}/connections")

    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
        channel = connection.channel()
        channel.queue_delete(queue)
        channel.exchange_declare(queue, "direct", durable=True)
        old = {"x-dead-letter-exchange": queue, "x-dead-letter-routing-key": "dead", "x-queue-type": "quorum"}
        channel.queue_declare(queue, durable=True, arguments=old)
        eventually(connections)
        assert f"kept queue {queue}, " in run("broker", "--apply")[1]
    eventually(lambda: not connections())
    assert f"to do: add queue {queue}\n" in run("broker")[1]
    eventually(lambda: not connections())
    out = run("broker", "--apply")[1]
    assert f"done: add queue {queue}\n" in out
    assert "kept" not in out
    assert run("broker")[1] == "The broker has all of it.\n"
    assert run("remove", name, "--confirm", name, "--who", "operator1", "--reason", WHY)[0] == 0


@pytest.mark.stack
def test_by_command_from_nothing_to_the_first_event(run, broker, rows, monkeypatch):
    """As docs/subscribe.md says: register, get the secret, read an event with plain pika, lose the right to it."""
    name = f"c-{broker.vhost}"
    said = ("--who", "operator1", "--reason", WHY)
    until = (taipei_day(datetime.now(UTC)) + timedelta(days=30)).isoformat()
    status, out, _ = run(
        "add", name, "--title", "Vessels", "--owner", "Bureau", "--email", "a@b.example", *said,
        "--events", "accounts.AccountActivated", "--until", until,
    )  # fmt: skip
    assert status == 0
    user, password, address = out.split()[1:6:2]
    assert f"done: let downstream.{name} have AccountActivated of accounts.announced" in out
    assert run("broker")[1] == "The broker has all of it.\n"

    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as portal:
        portal.channel().basic_publish("accounts.announced", "AccountActivated", b"{}")
    with pika.BlockingConnection(pika.URLParameters(address)) as connection:
        method, _, body = next(connection.channel().consume(f"downstream.{name}", inactivity_timeout=20))
        assert (method.routing_key, body) == ("AccountActivated", b"{}")

    assert run("change", name, "--system", "vessels", *said)[0] == 0
    assert rows("SELECT system, title, owner, contact_email FROM subscriber") == [
        ("vessels", "Vessels", "Bureau", "a@b.example")
    ]
    assert "until" in run("show", name)[1]
    assert password not in run("show")[1]
    allow = ("nameko", name, "--method", "on_event", *said)
    assert "bind ^(AccountActivated)$ of accounts.events" in run(*allow)[1]
    assert f"Nameko's @event_handler: {name}.on_event" in run("show", name)[1]
    assert run("nameko", name, "--method", "On Event", *said)[0] == 1
    assert run("nameko", name, "--none", *said)[0] == 0
    assert "@event_handler" not in run("show", name)[1]
    assert run("grant", name, "--events", "accounts.PasswordResetRequested", *said)[0] == 1
    assert run("revoke", name, "--events", "accounts.AccountActivated", *said)[0] == 0
    assert run("remove", name, *said)[2] == f"Its queue and what is in it would be gone: --confirm {name}\n"
    status, out, _ = run("remove", name, "--confirm", name, *said)
    assert (status, f"remove user {user}" in out) == (0, True)
    assert run("show")[1] == "No downstream system is registered.\n"
    assert run("show", name)[2] == f"There is no system '{name}'.\n"

    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", "http://a:b@127.0.0.1:9")
    status, _, error = run("broker", "--apply")
    assert (status, "does not answer" in error) == (1, True)
