"""From the row to the provider and back: leases, attempts, secrets, and what is announced."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock
from uuid import uuid4

import psycopg
import pytest
from mtnet_contracts.calls.notify import DELIVERIES
from mtnet_contracts.event import new_event_id
from notify.actions.reading import deliveries
from notify.actions.sending import BATCH, LEASE, Outlet, Sender, by_mail, by_sms
from notify.actions.writing import account_contacts, applicant, write_messages
from notify.clients import HttpSmsChannel, SmtpChannel
from notify.domain.delivering import FAILURES_TO_OPEN, REST, Deferral, Failure, Outage, Pace, Refusal
from notify.domain.messages import EMAIL, SMS, Contact, ContactUnknown, Kind, message_id_for
from notify.store import Store

from .builders import CONTACT, NOW, PLACES, an_example, seconds

MIGRATIONS = Path(__file__).parents[1] / "migrations"


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Provider:
    """Remembers what it was handed, and fails as it is told: once per entry, then never."""

    def __init__(self):
        self.handed = []
        self.failures = []

    @contextmanager
    def __call__(self):
        yield self.send

    def send(self, delivery, details):
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.handed.append((delivery, details))
        return "250 OK"

    @property
    def kinds(self):
        return [delivery.kind for delivery, _ in self.handed]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def empty(transactions):
    with transactions.transaction() as tx:
        tx.execute("TRUNCATE message, delivery, attempt, outbox, application_contact, account_contact")
    return transactions


@pytest.fixture
def sender(empty, clock, provider, unsealing_key):
    return a_sender(empty, clock, provider, unsealing_key)


def a_sender(transactions, clock, opening, unsealing_key, channel=EMAIL):
    outlet = Outlet(channel, opening, PLACES, unsealing_key, Pace(1_000_000))
    return Sender(outlet, transactions.transaction, clock, chance=lambda: 0.0, sleep=lambda _: None)


@pytest.fixture
def write(empty):
    def write(*messages, at=NOW):
        with empty.transaction() as tx:
            write_messages(Store(tx), messages, at)
        return messages[0]

    return write


@pytest.fixture
def rows(empty):
    def rows(sql, *values):
        with empty.transaction() as tx:
            return tx.execute(sql, values).fetchall()

    return rows


def a_message(kind=Kind.ACCOUNT_FROZEN, **changes):
    message, event_id = an_example(kind), new_event_id()
    return replace(
        message,
        event_id=event_id,
        message_id=message_id_for(event_id, kind, message.channel),
        **changes,
    )


STATE = "SELECT state, attempts, failure FROM delivery WHERE message_id = %s"
ATTEMPTS = "SELECT outcome, detail FROM attempt WHERE message_id = %s ORDER BY attempt"
TOLD = "SELECT name, payload::jsonb ->> 'reason' FROM outbox WHERE subject = %s"


def test_what_is_written_is_sent_recorded_and_announced(write, sender, provider, rows):
    message = write(a_message())
    assert sender.send_due() == 1
    ((delivery, details),) = provider.handed
    assert (delivery.message_id, delivery.recipient) == (message.message_id, CONTACT.email)
    assert details["account_name"] == "QWERTYUI"
    assert rows(STATE, message.message_id) == [("delivered", 1, None)]
    assert rows(ATTEMPTS, message.message_id) == [("accepted", "250 OK")]
    assert rows(TOLD, str(message.message_id)) == [("MessageDelivered", None)]
    assert sender.send_due() == 0


def test_an_event_that_is_written_down_again_is_not_sent_again(write, sender, provider):
    message = a_message()
    write(message)
    sender.send_due()
    write(message)
    assert sender.send_due() == 0
    assert len(provider.handed) == 1


def test_a_deferred_message_is_tried_again_later_and_every_attempt_is_kept(
    write, sender, provider, clock, rows
):
    message = write(a_message())
    provider.failures = [Deferral("451 greylisted"), Outage("connection refused")]
    sender.send_due()
    assert sender.send_due() == 0
    clock.now += seconds(5)
    sender.send_due()
    clock.now += seconds(10)
    sender.send_due()
    assert rows(ATTEMPTS, message.message_id) == [
        ("deferred", "451 greylisted"),
        ("unavailable", "connection refused"),
        ("accepted", "250 OK"),
    ]
    assert rows(STATE, message.message_id) == [("delivered", 3, None)]


def test_a_refused_message_fails_for_good(write, sender, provider, rows, clock):
    message = write(a_message())
    provider.failures = [Refusal(Failure.RECIPIENT_REFUSED, "550 no such mailbox")]
    sender.send_due()
    assert rows(STATE, message.message_id) == [("failed", 1, "RECIPIENT_REFUSED")]
    assert rows(TOLD, str(message.message_id)) == [("MessageFailed", "RECIPIENT_REFUSED")]
    clock.now += timedelta(days=1)
    assert sender.send_due() == 0


def test_a_message_nobody_takes_is_given_up_after_two_days(write, sender, provider, rows, clock):
    message = write(a_message())
    tries = 0
    while rows(STATE, message.message_id)[0][0] == "waiting":
        provider.failures = [Deferral("451 later")]
        tries += sender.send_due()
        clock.now += timedelta(minutes=30)
    assert rows(STATE, message.message_id) == [("failed", tries, "GAVE_UP")]
    assert clock.now - NOW <= timedelta(hours=49)


class TestSecrets:
    def a_code(self, sealed, **changes):
        challenge_id = uuid4()
        return a_message(
            Kind.VERIFICATION_CODE,
            subject_id=challenge_id,
            channel=EMAIL,
            sealed_secret=sealed("482913", challenge_id),
            secret_context=str(challenge_id),
            expires_at=NOW + timedelta(minutes=10),
            **changes,
        )

    def test_a_code_is_opened_to_be_sent_and_erased_when_it_was(self, write, sender, provider, sealed, rows):
        message = write(self.a_code(sealed))
        sender.send_due()
        assert provider.handed[0][1]["code"] == "482913"
        assert rows("SELECT sealed_secret FROM message WHERE message_id = %s", message.message_id) == [
            (None,)
        ]
        assert "482913" not in str(rows("SELECT message::text FROM message"))

    def test_an_activation_token_becomes_a_link(self, write, sender, provider, sealed):
        account_id = uuid4()
        write(
            a_message(
                Kind.ACTIVATION_LINK,
                sealed_secret=sealed("tok-en_1", account_id),
                secret_context=str(account_id),
                expires_at=NOW + timedelta(days=7),
            )
        )
        sender.send_due()
        assert provider.handed[0][1]["activation_url"] == "https://mtnet.example/activate/tok-en_1"

    def test_a_code_that_ran_out_is_not_sent(self, write, sender, provider, sealed, rows, clock):
        message = write(self.a_code(sealed))
        clock.now += timedelta(minutes=10)
        sender.send_due()
        assert provider.handed == []
        assert rows(STATE, message.message_id)[0][::2] == ("failed", "EXPIRED")
        assert rows("SELECT sealed_secret FROM message WHERE message_id = %s", message.message_id) == [
            (None,)
        ]

    def test_a_code_sealed_for_something_else_is_never_sent(self, write, sender, provider, sealed, rows):
        message = write(replace(self.a_code(sealed), secret_context="another"))
        sender.send_due()
        assert provider.handed == []
        assert rows(STATE, message.message_id) == [("failed", 1, "UNREADABLE")]


class TestOrderAndHealth:
    def test_codes_go_before_ten_thousand_reminders(self, write, sender, provider, sealed):
        write(*(a_message(Kind.REMINDER_DUE) for _ in range(BATCH + 10)))
        code = TestSecrets().a_code(sealed)
        write(code, at=NOW)
        sender.send_due()
        assert Kind.VERIFICATION_CODE in provider.kinds

    def test_an_outage_in_a_batch_gives_the_rest_back_untouched(self, write, sender, provider, rows):
        write(*(a_message() for _ in range(10)))
        provider.failures = [None, None, Outage("gone")]
        assert sender.send_due() == 3
        assert Counter(rows("SELECT state, attempts FROM delivery")) == {
            ("delivered", 1): 2, ("waiting", 1): 1, ("waiting", 0): 7
        }  # fmt: skip
        assert sender.send_due() == 7

    def test_a_provider_that_is_away_is_left_in_peace_and_then_tried_with_one(
        self, write, sender, provider, clock, rows
    ):
        write(*(a_message() for _ in range(20)))
        provider.failures = [Outage("gone")] * (FAILURES_TO_OPEN + 1)
        for _ in range(FAILURES_TO_OPEN):
            assert sender.send_due() == 1
        assert sender.send_due() == 0
        clock.now += REST
        assert sender.send_due() == 1
        assert sender.send_due() == 0
        clock.now += REST
        assert sender.send_due() == 1
        assert sender.send_due() == 19
        assert rows("SELECT DISTINCT state FROM delivery") == [("delivered",)]

    def test_a_mistake_with_one_message_does_not_hold_up_the_others(self, write, sender, provider, rows):
        write(*(a_message() for _ in range(3)))
        provider.failures = [ZeroDivisionError("a template that divides")]
        sender.send_due()
        assert len(provider.handed) == 2
        assert rows("SELECT outcome, detail FROM attempt WHERE outcome <> 'accepted'") == [
            ("mistake", "ZeroDivisionError")
        ]

    def test_a_pace_makes_the_sender_wait(self, write, sender):
        write(*(a_message() for _ in range(3)))
        waited = []
        sender.outlet.pace, sender.sleep = Pace(2), waited.append
        sender.send_due()
        assert [round(each, 3) for each in waited] == [0.5, 1.0]


class TestManySenders:
    def test_share_the_work_and_send_nothing_twice(self, empty, write, clock, unsealing_key):
        write(*(a_message() for _ in range(200)))
        providers = [Provider() for _ in range(4)]

        def work(provider):
            sender = a_sender(empty, clock, provider, unsealing_key)
            while sender.send_due():
                pass

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, providers))
        handed = Counter(d.message_id for provider in providers for d, _ in provider.handed)
        assert len(handed) == 200
        assert set(handed.values()) == {1}

    def test_what_a_dead_sender_had_in_hand_comes_back_after_its_lease(
        self, empty, write, sender, provider, clock
    ):
        message = write(a_message())
        with empty.transaction() as tx:
            assert Store(tx).lease_due(EMAIL, clock.now, 10, uuid4(), LEASE)
        assert sender.send_due() == 0
        clock.now += LEASE
        assert sender.send_due() == 1
        assert provider.handed[0][0].message_id == message.message_id

    def test_a_sender_that_comes_back_too_late_records_nothing(self, empty, write, sender, clock, rows):
        message = write(a_message())
        with empty.transaction() as tx:
            (lost,) = Store(tx).lease_due(EMAIL, clock.now, 10, uuid4(), LEASE)
        clock.now += LEASE
        sender.send_due()
        sender._record_delivery(lost, "250 OK, five minutes late")
        assert rows(ATTEMPTS, message.message_id) == [("accepted", "250 OK")]
        assert len(rows(TOLD, str(message.message_id))) == 1


class TestRealProviders:
    def test_a_mail_whose_acceptance_was_never_recorded_goes_out_again_under_the_same_id(
        self, empty, write, clock, mailbox, unsealing_key, rows
    ):
        channel = SmtpChannel(f"smtp://127.0.0.1:{mailbox.port}", "no-reply@mtnet.example")
        message = write(a_message())
        sender = a_sender(empty, clock, by_mail(channel, PLACES), unsealing_key)
        sender._record_delivery = Mock(side_effect=psycopg.OperationalError("the database went away"))
        with pytest.raises(psycopg.OperationalError):
            sender.send_due()
        clock.now += LEASE
        assert a_sender(empty, clock, by_mail(channel, PLACES), unsealing_key).send_due() == 1
        assert [mail["Message-ID"] for _, mail in mailbox.received] == [
            f"<{message.message_id}@mtnet.example>"
        ] * 2
        assert rows(STATE, message.message_id) == [("delivered", 1, None)]

    def test_a_notice_arrives_by_mail(self, empty, write, clock, mailbox, unsealing_key, rows):
        channel = SmtpChannel(f"smtp://127.0.0.1:{mailbox.port}", "no-reply@mtnet.example")
        message = write(a_message(Kind.APPLICATION_RETURNED))
        a_sender(empty, clock, by_mail(channel, PLACES), unsealing_key).send_due()
        ((recipients, mail),) = mailbox.received
        assert recipients == [CONTACT.email]
        assert mail["Subject"] == "您的帳號申請需要修改（案件編號 PTAPPLY936EC90162340）"
        assert mail["Message-ID"] == f"<{message.message_id}@mtnet.example>"

    def test_one_refused_address_does_not_stop_the_batch(
        self, empty, write, clock, mailbox, unsealing_key, rows
    ):
        channel = SmtpChannel(f"smtp://127.0.0.1:{mailbox.port}", "no-reply@mtnet.example")
        mailbox.answers["gone@example.com"] = "550 no such mailbox"
        write(a_message(), a_message(recipient="gone@example.com"), a_message())
        a_sender(empty, clock, by_mail(channel, PLACES), unsealing_key).send_due()
        assert Counter(rows("SELECT state FROM delivery")) == {("delivered",): 2, ("failed",): 1}
        assert (len(mailbox.received), mailbox.connections) == (2, 1)

    def test_a_code_arrives_by_text_message(self, empty, write, clock, gateway, unsealing_key, sealed):
        message = replace(TestSecrets().a_code(sealed), channel=SMS, recipient="+886912345678")
        write(message)
        channel = HttpSmsChannel(f"http://127.0.0.1:{gateway.server_port}/sms", "token")
        a_sender(empty, clock, by_sms(channel, PLACES), unsealing_key, SMS).send_due()
        channel.session.close()
        ((_, _, body),) = gateway.requests
        assert body["reference"] == str(message.message_id)
        assert body["text"].startswith("482913 是您的 MTNet 驗證碼")
        assert body["text"].endswith("@mtnet.example #482913")


class TestContacts:
    def test_the_latest_submission_s_contact_stays_in_whatever_order_they_come(self, tx):
        store, application_id = Store(tx), uuid4()
        newer = Contact("新", "new@example.com", "en")
        for submission, contact in ((2, newer), (1, CONTACT)):
            store.keep_applicant(application_id, "PTAPPLY0000000000000", contact, submission)
        assert applicant(store, application_id) == newer

    def test_an_unknown_contact_is_waited_for(self, tx):
        with pytest.raises(ContactUnknown):
            applicant(Store(tx), uuid4())
        known = uuid4()
        Store(tx).keep_account(known, CONTACT)
        assert account_contacts(Store(tx), [known]) == {known: CONTACT}
        with pytest.raises(ContactUnknown):
            account_contacts(Store(tx), [known, uuid4()])


def test_an_operator_sees_deliveries_with_their_attempts_and_masked_recipients(
    empty, write, sender, provider, clock
):
    older, newer = a_message(), a_message(Kind.REMINDER_DUE)
    write(older)
    write(newer, at=NOW + seconds(1))
    provider.failures = [Deferral("451 later")]
    sender.send_due()
    with empty.transaction() as tx:
        found = deliveries(Store(tx), state=None, subject_id=None, page=1, page_size=25)
        one = deliveries(Store(tx), state="waiting", subject_id=newer.subject_id, page=1, page_size=25)
    assert [item["message_id"] for item in found["items"]] == [newer.message_id, older.message_id]
    assert found["items"][1]["attempts"][0].outcome == "deferred"
    assert {item["recipient"] for item in found["items"]} == {"c•••@carrier.example.com"}
    assert DELIVERIES.dump_reply(found)["items"][1]["attempts"][0]["detail"] == "451 later"
    assert one["total"] == 2


def test_what_providers_said_earlier_is_cut_down_to_their_codes(empty, write, sender, provider, rows):
    answers = {
        "550 5.1.1 <clerk@example.com>: user unknown": "550 5.1.1",
        "451 clerk@example.com is greylisted": "451",
        '422 {"to": "+886912345678"}': "422",
        "expired before it could be sent": "expired before it could be sent",
        "ConnectTimeout: no answer in 15 s": "ConnectTimeout: no answer in 15 s",
    }
    write(*(a_message() for _ in answers))
    provider.failures = [Deferral(answer) for answer in answers]
    sender.send_due()
    statement = (MIGRATIONS / "0020_codes_of_providers.sql").read_text("utf-8")
    for _ in range(2):
        with empty.transaction() as tx:
            tx.execute(statement)
    assert {detail for (detail,) in rows("SELECT detail FROM attempt")} == set(answers.values())
