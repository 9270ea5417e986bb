"""Webhooks of downstream systems: addresses, secrets that only notify can open, what notify and the broker hear."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from accounts.audit.store import AuditStore
from accounts.subscribers import actions, cli, webhook_acts
from accounts.subscribers.actions import By
from accounts.subscribers.rules import SubscriberRefused
from accounts.subscribers.store import SubscriberStore
from accounts.webhooks.actions import addresses
from accounts.webhooks.adapters import judge_by_dns
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from mtnet_chassis.data.sealing import unseal
from mtnet_contracts.vocabulary.webhook_addresses import AddressRefused, webhook_address
from standardwebhooks import Webhook

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)
BY = By("operator1", "the register has no AMQP", NOW)
URL = "https://ships.example.com/mtnet-events"
KEY = X25519PrivateKey.generate()
PUBLIC = b64encode(KEY.public_key().public_bytes_raw()).decode()
PRIVATE = b64encode(KEY.private_bytes_raw()).decode()


@pytest.fixture
def store(tx):
    found = SubscriberStore(tx)
    actions.register(
        found, AuditStore(tx), BY, name="vessels", title="船舶系統", owner="航安組",
        email="ships@bureau.example", system="vessels",
    )  # fmt: skip
    return found


@pytest.fixture
def audit(tx):
    return AuditStore(tx)


@pytest.fixture
def announced(tx):
    """What was announced of webhooks, oldest first."""

    def announced():
        rows = tx.execute("SELECT payload::jsonb FROM outbox WHERE name = 'WebhookChanged' ORDER BY position")
        return [row[0] for row in rows.fetchall()]

    return announced


def set_webhook(store, audit, url=URL, by=BY):
    return webhook_acts.set_webhook(store, audit, by, "vessels", url, PUBLIC)


def later(**time):
    return By(BY.who, BY.reason, NOW + timedelta(**time))


def opened(store, secret):
    return unseal(PRIVATE, secret["sealed"], str(store.named("vessels").subscriber_id))


def test_notify_hears_the_address_and_a_secret_that_it_alone_can_open(store, audit, announced, tx):
    secret = set_webhook(store, audit)
    (told,) = announced()
    assert (told["name"], told["state"], told["url"]) == ("vessels", "active", URL)
    assert told["contact_email"] == "ships@bureau.example"
    assert [opened(store, each) for each in told["secrets"]] == [secret]
    Webhook(secret)
    rows = tx.execute(
        "SELECT detail::text FROM audit_entry UNION ALL SELECT payload::text FROM outbox"
    ).fetchall()
    assert secret not in str(rows)
    assert secret.removeprefix("whsec_") not in str(rows)


def test_a_system_with_a_webhook_has_no_user_of_the_broker_and_gets_them_back_without_it(store, audit):
    def users():
        (system,) = actions.wanted_on_the_broker(store, NOW)
        return [each.user for each in system.credentials]

    assert users() == ["downstream.vessels.1"]
    set_webhook(store, audit)
    assert users() == []
    webhook_acts.remove_webhook(store, audit, BY, "vessels")
    assert users() == ["downstream.vessels.1"]


def test_another_address_keeps_the_secret(store, audit, announced):
    set_webhook(store, audit)
    assert set_webhook(store, audit, "https://ships.example.com/v2") is None
    first, second = announced()
    assert second["url"] == "https://ships.example.com/v2"
    assert first["secrets"] == second["secrets"]


def test_a_renewed_secret_signs_beside_the_former_one_for_a_week(store, audit, announced):
    first = set_webhook(store, audit)
    second = webhook_acts.renew_webhook_secret(store, audit, BY, "vessels", PUBLIC)
    told = announced()[-1]["secrets"]
    assert [opened(store, each) for each in told] == [first, second]
    assert datetime.fromisoformat(told[0]["ends_at"]) == NOW + timedelta(days=7)
    assert told[1].get("ends_at") is None
    with pytest.raises(SubscriberRefused, match="two signing secrets"):
        webhook_acts.renew_webhook_secret(store, audit, BY, "vessels", PUBLIC)
    third = webhook_acts.renew_webhook_secret(store, audit, later(days=8), "vessels", PUBLIC)
    assert [opened(store, each) for each in announced()[-1]["secrets"]] == [second, third]


def test_a_secret_that_leaked_ends_at_once(store, audit, announced):
    set_webhook(store, audit)
    webhook_acts.renew_webhook_secret(store, audit, BY, "vessels", PUBLIC)
    only = webhook_acts.renew_webhook_secret(store, audit, BY, "vessels", PUBLIC, overlap=timedelta())
    assert [opened(store, each) for each in announced()[-1]["secrets"]] == [only]


@pytest.mark.parametrize("days", [-1, 31])
def test_the_overlap_is_bounded(store, audit, days):
    set_webhook(store, audit)
    with pytest.raises(SubscriberRefused, match="0 to 30 days"):
        webhook_acts.renew_webhook_secret(store, audit, BY, "vessels", PUBLIC, overlap=timedelta(days=days))


def test_what_happens_to_the_system_happens_to_its_webhook(store, audit, announced):
    set_webhook(store, audit)
    actions.suspend(store, audit, BY, "vessels")
    actions.resume(store, audit, BY, "vessels")
    actions.remove(store, audit, BY, "vessels")
    assert [each["state"] for each in announced()] == ["active", "suspended", "active", "removed"]
    assert (announced()[-1]["url"], announced()[-1]["secrets"]) == ("", [])
    assert addresses(store.tx) == {}


def test_a_system_without_a_webhook_tells_notify_nothing(store, audit, announced):
    actions.suspend(store, audit, BY, "vessels")
    assert announced() == []
    for act in (
        lambda: webhook_acts.remove_webhook(store, audit, BY, "vessels"),
        lambda: webhook_acts.renew_webhook_secret(store, audit, BY, "vessels", PUBLIC),
    ):
        with pytest.raises(SubscriberRefused, match="no webhook"):
            act()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://ships.example.com/", "WEBHOOK_NOT_HTTPS"),
        ("https://10.0.0.1/", "WEBHOOK_NOT_PUBLIC"),
        ("https://[::ffff:10.0.0.1]/", "WEBHOOK_NOT_PUBLIC"),
        ("https://inside.example.com/", "WEBHOOK_NOT_PUBLIC"),
        ("x", "WEBHOOK_NOT_HTTPS"),
    ],
)
def test_an_address_that_may_not_be_is_refused_with_a_sentence_and_at_its_field(url, code):
    with pytest.raises(SubscriberRefused) as refused:
        webhook_acts.judged(url, lambda *_: ["8.8.8.8", "10.0.0.1"])
    assert str(refused.value).endswith(".")
    assert (refused.value.field, refused.value.code) == ("url", code)
    assert webhook_acts.judged(URL, lambda *_: ["8.8.8.8"]) == URL


def test_every_act_is_in_the_audit_log(store, audit, tx):
    set_webhook(store, audit)
    webhook_acts.renew_webhook_secret(store, audit, BY, "vessels", PUBLIC)
    webhook_acts.remove_webhook(store, audit, BY, "vessels")
    rows = tx.execute("SELECT action, detail FROM audit_entry ORDER BY position").fetchall()
    acts = [(action, detail["reason"]) for action, detail in rows if "webhook" in action]
    assert acts == [
        ("subscriber_webhook_set", BY.reason),
        ("subscriber_webhook_secret_renewed", BY.reason),
        ("subscriber_webhook_removed", BY.reason),
    ]


@pytest.mark.parametrize(
    ("found", "words"),
    [(["8.8.8.8", "10.0.0.1"], "not on the public internet"), (["::1"], "not on the public internet")],
)
def test_a_name_that_leads_into_a_private_network_is_refused(found, words):
    with pytest.raises(AddressRefused, match=words):
        judge_by_dns(webhook_address(URL), lambda *_: found, local=False)
    judge_by_dns(webhook_address(URL), lambda *_: ["8.8.8.8"], local=False)


def test_a_name_that_nobody_knows_is_refused():
    def unknown(*_):
        raise OSError("no such name")

    with pytest.raises(AddressRefused, match="not known to DNS"):
        judge_by_dns(webhook_address(URL), unknown, local=False)


@pytest.mark.stack
def test_the_commands(transactions, postgres_dsn, broker, monkeypatch, capsys):
    for name, value in {
        "ACCOUNTS_DATABASE_URL": postgres_dsn,
        "AMQP_OPERATOR_URL": broker.amqp_url,
        "RABBITMQ_MANAGEMENT_URL": broker.management_url,
        "SEALING_PUBLIC_KEY": PUBLIC,
        "WEBHOOKS_LOCAL": "yes",
    }.items():
        monkeypatch.setenv(name, value)
    why = ["--who", "operator1", "--reason", "a test"]
    add = ["add", "crew", "--title", "Crew", "--owner", "Crew office", "--email", "crew@example.com", *why]
    assert cli.main(add) == 0
    assert cli.main(["webhook", "crew", "--url", "http://127.0.0.1:9/events", *why]) == 0
    said = capsys.readouterr().out
    secret = said.partition("signing secret  ")[2].split()[0]
    Webhook(secret)
    assert "remove user downstream.crew.1" in said
    assert cli.main(["webhook-secret", "crew", *why]) == 0
    assert cli.main(["show", "crew"]) == 0
    assert "by webhook to http://127.0.0.1:9/events" in capsys.readouterr().out
    assert cli.main(["webhook", "crew", "--url", "https://10.0.0.1/", *why]) == 1
    assert "public internet" in capsys.readouterr().err
    assert cli.main(["webhook-remove", "crew", *why]) == 0
    monkeypatch.setenv("WEBHOOKS_LOCAL", "no")
    assert cli.main(["webhook", "crew", "--url", "http://127.0.0.1:9/events", *why]) == 1
    assert "https" in capsys.readouterr().err
