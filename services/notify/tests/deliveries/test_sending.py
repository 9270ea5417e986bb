"""From the row to the provider and back: leases, attempts, secrets, and what is announced."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from mtnet_chassis.data.presence import Presence
from mtnet_chassis.testing.pytest_plugin import eventually
from notify.channels.email.adapters import EmailConnection, SmtpClient
from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal
from notify.channels.sms.adapters import SmsConnection, SmsGateway
from notify.contact_points.rules import EMAIL
from notify.deliveries.actions import (
    LOCK_SPACE,
    ORPHAN_SECONDS,
    LeaseRecovery,
)
from notify.deliveries.rules import UnknownChannel
from notify.deliveries.sender import LARGEST_BATCH, ChannelState
from notify.deliveries.store import DeliveryStore
from notify.providers import actions as providers
from notify.providers.rules import FIRST_COOLDOWN, RateLimit
from notify.templates.rules import Kind

from ..builders import CONTACT, LINKS, NOW, seconds
from .senders import Provider, a_message, a_sender, the_delivery

MIGRATIONS = Path(__file__).parents[2] / "migrations"


STATE = "SELECT state, attempts, failure FROM delivery WHERE message_id = %s"
ATTEMPTS = (
    "SELECT outcome, detail FROM attempt JOIN delivery USING (delivery_id)"
    " WHERE message_id = %s ORDER BY attempt"
)
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


def test_a_channel_that_is_not_registered_is_refused_before_anything_is_stored(write, rows):
    with pytest.raises(UnknownChannel, match="pigeon"):
        write(a_message(channel="pigeon"))
    assert rows("SELECT count(*) FROM message") == [(0,)]


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
        write(*(a_message(Kind.REMINDER_DUE) for _ in range(LARGEST_BATCH + 10)))
        code = TestSecrets().a_code(sealed)
        write(code, at=NOW)
        sender.send_due()
        assert Kind.VERIFICATION_CODE in provider.kinds

    def test_an_outage_in_a_batch_gives_the_rest_back_untouched(self, write, sender, provider, rows, clock):
        write(*(a_message() for _ in range(10)))
        provider.failures = [None, None, Outage("gone")]
        assert sender.send_due() == 3
        assert Counter(rows("SELECT state, attempts FROM delivery")) == {
            ("delivered", 1): 2, ("waiting", 1): 1, ("waiting", 0): 7
        }  # fmt: skip
        assert rows("SELECT count(*) FROM delivery WHERE sender_id IS NOT NULL") == [(0,)]
        clock.now += FIRST_COOLDOWN
        sender.send_due()
        sender.send_due()
        assert rows("SELECT DISTINCT state FROM delivery") == [("delivered",)]

    def test_a_provider_that_is_away_is_left_in_peace_and_then_tried_with_one(
        self, write, sender, provider, clock, rows
    ):
        write(*(a_message() for _ in range(20)))
        provider.failures = [Outage("gone")] * 3
        for cooldown in (1, 2, 4):
            assert sender.send_due() == 1
            assert sender.send_due() == 0
            clock.now += seconds(cooldown)
        assert sender.send_due() == 1
        sender.batch = LARGEST_BATCH
        assert sender.send_due() == 19
        assert rows("SELECT DISTINCT state FROM delivery") == [("delivered",)]

    def test_nothing_fails_however_long_an_outage_lasts_and_all_goes_out_after_it(
        self, write, sender, provider, clock, rows
    ):
        messages = [a_message() for _ in range(5)]
        write(*messages)
        for _ in range(300):
            provider.failures = [Outage("530 5.7.0")]
            sender.send_due()
            clock.now += timedelta(hours=1)
        assert rows("SELECT DISTINCT state FROM delivery") == [("waiting",)]
        provider.failures = []
        while sender.send_due():
            pass
        assert len(provider.handed) == len(messages)

    def test_what_is_put_off_after_a_long_outage_has_its_two_days_yet(
        self, write, sender, provider, clock, rows
    ):
        message = write(a_message())
        clock.now += timedelta(days=9)
        provider.failures = [Deferral("450 busy")]
        sender.send_due()
        assert rows(STATE, message.message_id) == [("waiting", 1, None)]
        clock.now += seconds(5)
        sender.send_due()
        assert rows(STATE, message.message_id) == [("delivered", 2, None)]

    def test_the_operator_is_told_once_that_a_provider_takes_nothing_and_once_that_it_is_back(
        self, write, sender, provider, clock, capture_logs
    ):
        write(*(a_message() for _ in range(3)))
        provider.failures = [Outage("535 5.7.8")] * 3
        for _ in range(4):
            sender.send_due()
            clock.now += seconds(30)
        told = [(line["event"], line.get("answer")) for line in capture_logs if "provider" in line["event"]]
        assert told == [("provider takes nothing", "535 5.7.8"), ("provider takes messages again", None)]

    def test_a_mistake_with_one_message_does_not_hold_up_the_others(self, write, sender, provider, rows):
        write(*(a_message() for _ in range(3)))
        provider.failures = [ZeroDivisionError("a template that divides")]
        sender.elapsed = lambda: 0.0  # printing the traceback may take longer than a batch
        sender.send_due()
        assert len(provider.handed) == 2
        assert rows("SELECT outcome, detail FROM attempt WHERE outcome <> 'accepted'") == [
            ("mistake", "ZeroDivisionError")
        ]

    def test_a_rate_limit_makes_the_sender_wait(self, write, sender):
        write(*(a_message() for _ in range(3)))
        waited = []
        sender.state.rate_limit, sender.sleep = RateLimit(2), waited.append
        sender.send_due()
        assert [round(each, 1) for each in waited] == [0.5, 1.0]


class TestDoubt:
    """554 5.7.1 may be about one message or about us."""

    IN_DOUBT = Doubt("554 5.7.1", Failure.RECIPIENT_REFUSED)

    def rounds(self, sender, clock, count):
        for _ in range(count):
            while sender.send_due():
                pass
            clock.now += timedelta(hours=1)

    def test_said_to_everybody_it_is_an_outage_and_nothing_fails(
        self, write, sender, provider, clock, rows, sealed
    ):
        recipients = [f"{name}@example.com" for name in "abcdef"]
        write(*(a_message(recipient=each) for each in recipients))
        provider.refused = dict.fromkeys(recipients, self.IN_DOUBT)
        self.rounds(sender, clock, 100)
        assert rows("SELECT DISTINCT state, failure FROM delivery") == [("waiting", None)]
        provider.refused.clear()
        sender.send_due()
        while sender.send_due():
            pass
        assert len(provider.handed) == len(recipients), "all are due as soon as one is accepted"

    def test_said_to_one_while_others_are_taken_it_fails_that_one_after_two_rounds(
        self, write, sender, provider, clock, rows
    ):
        bad = write(a_message(recipient="bad@example.com"))
        provider.refused = {"bad@example.com": self.IN_DOUBT}
        for _ in range(3):
            sender.send_due()
            assert rows(STATE, bad.message_id)[0][0] == "waiting" or len(rows(ATTEMPTS, bad.message_id)) == 3
            clock.now += seconds(1)
            write(a_message(), at=clock.now)
            sender.send_due()
            clock.now += timedelta(hours=1)
        assert rows(STATE, bad.message_id) == [("failed", 3, "RECIPIENT_REFUSED")]
        assert [outcome for outcome, _ in rows(ATTEMPTS, bad.message_id)] == [
            "doubtful",
            "doubtful",
            "failed",
        ]

    def test_a_lone_message_is_never_failed_without_evidence(self, write, sender, provider, clock, rows):
        alone = write(a_message(recipient="bad@example.com"))
        provider.refused = {"bad@example.com": self.IN_DOUBT}
        self.rounds(sender, clock, 100)
        assert rows(STATE, alone.message_id)[0][0] == "waiting"
        provider.refused.clear()
        self.rounds(sender, clock, 1)
        assert rows(STATE, alone.message_id)[0][0] == "delivered"

    def test_one_acceptance_between_two_outages_fails_nobody(self, write, sender, provider, clock, rows):
        message = write(a_message(recipient="a@example.com"))
        provider.refused = {"a@example.com": self.IN_DOUBT}
        sender.send_due()
        clock.now += timedelta(minutes=1)
        write(a_message(), at=clock.now)
        provider.failures = []
        sender.send_due()
        clock.now += timedelta(minutes=1)
        self.rounds(sender, clock, 1)
        assert rows(STATE, message.message_id)[0][0] == "waiting"

    def test_a_temporary_one_that_only_one_meets_is_given_up_after_two_days(
        self, write, sender, provider, clock, rows
    ):
        bad = write(a_message(recipient="bad@example.com"))
        provider.refused = {"bad@example.com": Doubt("451 4.7.1", None)}
        for _ in range(60):
            sender.send_due()
            clock.now += seconds(1)
            write(a_message(), at=clock.now)
            self.rounds(sender, clock, 1)
        assert rows(STATE, bad.message_id)[0][::2] == ("failed", "GAVE_UP")

    def test_five_bad_addresses_hold_up_no_code(self, empty, write, clock, provider, unsealing_key, sealed):
        """Two senders, as in a process: one for whatever is due, one for codes alone."""
        state = ChannelState(EMAIL, LINKS, unsealing_key, RateLimit(1_000_000))
        anything = a_sender(empty, clock, provider, unsealing_key, state=state)
        codes = a_sender(empty, clock, provider, unsealing_key, state=state, urgent_only=True)
        bad = [f"clerk{number}@bad{number}.example" for number in range(9)]
        provider.refused = dict.fromkeys(bad, self.IN_DOUBT)
        write(*(TestSecrets().a_code(sealed, recipient=each) for each in bad))
        anything.send_due()
        codes.send_due()
        ordinary = write(TestSecrets().a_code(sealed), at=clock.now)
        while codes.send_due():
            pass
        assert [delivery.message_id for delivery, _ in provider.handed] == [ordinary.message_id]

    def test_addresses_that_are_refused_for_good_say_nothing_about_the_provider(
        self, write, sender, provider, clock, rows
    ):
        bad = [f"clerk{number}@example.com" for number in range(9)]
        provider.refused = dict.fromkeys(bad, Refusal(Failure.RECIPIENT_REFUSED, "550 5.1.1"))
        write(*(a_message(recipient=each) for each in bad), a_message())
        assert sender.send_due() == 10
        assert Counter(rows("SELECT state FROM delivery")) == {("failed",): 9, ("delivered",): 1}


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

    def test_a_slow_provider_and_two_senders_send_sixty_mails_once_each(
        self, empty, write, clock, unsealing_key, rows
    ):
        """Seven seconds a mail: a sender that lives keeps what it has in hand, for however long."""
        write(*(a_message() for _ in range(60)))
        slow, other = Provider(), Provider()
        waiting = a_sender(empty, clock, other, unsealing_key)
        elapsed = [0.0]

        def take_seven_seconds(message):
            clock.now += seconds(7)
            elapsed[0] += 7
            if len(slow.handed) % 10 == 5:
                waiting.send_due()
            return Provider.send(slow, message)

        slow.send = take_seven_seconds
        sender = a_sender(empty, clock, slow, unsealing_key, elapsed=lambda: elapsed[0])
        while sender.send_due():
            pass
        handed = Counter(d.message_id for provider in (slow, other) for d, _ in provider.handed)
        assert len(handed) == 60
        assert set(handed.values()) == {1}
        assert rows("SELECT DISTINCT attempts, state FROM delivery") == [(1, "delivered")]

    def test_of_a_slow_provider_a_sender_takes_one_at_a_time_and_of_a_fast_one_fifty(
        self, empty, write, clock, provider, unsealing_key
    ):
        write(*(a_message() for _ in range(200)))
        elapsed = [0.0]
        sender = a_sender(empty, clock, provider, unsealing_key, elapsed=lambda: elapsed[0], batch=1)
        sizes = [sender.send_due() for _ in range(7)]
        assert sizes == [1, 2, 4, 8, 16, 32, 50]
        provider.failures = [None] * 99

        def slow(message):
            elapsed[0] += 3
            return Provider.send(provider, message)

        provider.send = slow
        assert [sender.send_due() for _ in range(3)] == [1, 1, 1], "the rest is given back at once"

    def test_each_outcome_of_a_slow_provider_is_recorded_before_the_next_is_sent(
        self, empty, write, clock, provider, unsealing_key, rows
    ):
        write(*(a_message() for _ in range(3)))
        elapsed, recorded = [0.0], []

        def slow(message):
            recorded.append(rows("SELECT count(*) FROM attempt")[0][0])
            elapsed[0] += 0.2
            return Provider.send(provider, message)

        provider.send = slow
        sender = a_sender(empty, clock, provider, unsealing_key, elapsed=lambda: elapsed[0])
        while sender.send_due():
            pass
        assert recorded == [0, 1, 2]

    def test_what_a_database_outage_kept_from_being_recorded_is_recorded_after_it_and_not_sent_again(
        self, empty, write, clock, provider, unsealing_key, rows
    ):
        message = write(a_message())
        away = [False]

        def transaction():
            if away[0]:
                raise psycopg.OperationalError("the database went away")
            return empty.transaction()

        def send(message):
            away[0] = True
            return Provider.send(provider, message)

        provider.send = send
        sender = a_sender(empty, clock, provider, unsealing_key)
        sender.transaction = sender.recorder._transaction = transaction
        for _ in range(3):
            with pytest.raises(psycopg.OperationalError):
                sender.send_due()
        away[0] = False
        assert sender.send_due() == 0
        assert rows(STATE, message.message_id) == [("delivered", 1, None)]
        assert len(provider.handed) == 1

    def test_a_sender_that_cannot_show_that_it_lives_takes_nothing(
        self, empty, write, clock, provider, unsealing_key
    ):
        write(a_message())
        assert a_sender(empty, clock, provider, unsealing_key, sender_id=None).send_due() == 0
        assert provider.handed == []

    def test_a_sender_that_comes_back_too_late_records_nothing(
        self, empty, write, sender, provider, clock, rows
    ):
        message = write(a_message())
        late = a_sender(empty, clock, Provider(), sender.state.unsealing_key)
        with empty.transaction() as tx:
            (lost,) = DeliveryStore(tx).lease_due(EMAIL, clock.now, 10, late.sender_id())
            DeliveryStore(tx).release_all_of(late.sender_id(), clock.now)
        sender.send_due()
        late._accepted(lost, "250 OK, five minutes late")
        late.close()
        assert rows(ATTEMPTS, message.message_id) == [("accepted", "250 OK")]
        assert len(rows(TOLD, str(message.message_id))) == 1


class TestTheDead:
    """What a sender had in hand when it died goes to others; what one that lives has in hand never does."""

    @pytest.fixture
    def recovery(self, empty, clock, sender):
        self.elapsed = 0.0
        return LeaseRecovery(empty, sender.leases, clock, elapsed=lambda: self.elapsed)

    @pytest.fixture
    def presence(self, database_url):
        presence = Presence(database_url, LOCK_SPACE)
        yield presence
        presence.withdraw()

    def withdraw(self, presence, empty):
        """Until PostgreSQL has noticed, which takes it a moment, the process still counts as alive."""

        def held():
            with empty.transaction() as tx:
                count = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s::oid"
                return tx.execute(count, (LOCK_SPACE,)).fetchone()[0]

        before = held()
        presence.withdraw()
        eventually(lambda: held() < before)

    def leased_to(self, empty, clock, sender_id):
        with empty.transaction() as tx:
            return DeliveryStore(tx).lease_due(EMAIL, clock.now, 10, sender_id)

    def run_for(self, recovery, seconds, own_id):
        released = 0
        for _ in range(seconds):
            released += recovery.release_abandoned(own_id)
            self.elapsed += 1.0
        return released

    def test_it_comes_back_within_seconds_without_any_clock_having_moved(
        self, empty, write, sender, provider, clock, recovery, presence
    ):
        message = write(a_message())
        presence.show()
        self.leased_to(empty, clock, presence.id_if_present())
        assert self.run_for(recovery, 60, sender.sender_id()) == 0, "it lives"
        assert sender.send_due() == 0
        self.withdraw(presence, empty)
        assert self.run_for(recovery, 3, sender.sender_id()) == 0, "a session may break and come back"
        assert self.run_for(recovery, 1, sender.sender_id()) == 1
        sender.send_due()
        assert [delivery.message_id for delivery, _ in provider.handed] == [message.message_id]

    def test_a_session_that_broke_and_is_there_again_has_lost_nothing(
        self, empty, write, sender, clock, recovery, presence
    ):
        write(a_message())
        presence.show()
        self.leased_to(empty, clock, presence.id_if_present())
        self.withdraw(presence, empty)
        assert self.run_for(recovery, 2, sender.sender_id()) == 0
        presence.show()
        assert self.run_for(recovery, 10, sender.sender_id()) == 0

    def test_a_lease_whose_answer_got_lost_comes_back_although_its_sender_lives(
        self, empty, write, sender, clock, recovery
    ):
        write(a_message())
        self.leased_to(empty, clock, sender.sender_id())
        assert self.run_for(recovery, int(ORPHAN_SECONDS), sender.sender_id()) == 0
        assert self.run_for(recovery, 1, sender.sender_id()) == 1
        assert sender.send_due() == 1

    def test_what_is_being_sent_is_nobody_s_orphan(self, empty, write, sender, clock, recovery, provider):
        write(*(a_message() for _ in range(2)))
        released = []

        def send(message):
            released.append(self.run_for(recovery, 60, sender.sender_id()))
            return Provider.send(provider, message)

        provider.send = send
        sender.send_due()
        assert released[0] == 0
        assert len(provider.handed) == 2


def a_client(mailbox):
    return SmtpClient(f"smtp://127.0.0.1:{mailbox.port}", "no-reply@mtnet.example")


class TestRealProviders:
    def test_a_mail_whose_sender_was_killed_before_the_record_goes_out_again_under_the_same_id(
        self, empty, write, clock, mailbox, unsealing_key, rows
    ):
        """All that can be promised: SMTP has no word for "once"."""
        message = write(a_message())
        killed = a_sender(empty, clock, EmailConnection(a_client(mailbox), LINKS), unsealing_key)
        killed.recorder.keep = killed.recorder.flush = lambda *_: None
        killed.send_due()
        killed.close()
        with empty.transaction() as tx:
            assert DeliveryStore(tx).release_all_of(killed.sender_id(), clock.now) == 1
        next_one = a_sender(empty, clock, EmailConnection(a_client(mailbox), LINKS), unsealing_key)
        assert next_one.send_due() == 1
        next_one.close()
        assert [mail["Message-ID"] for _, mail in mailbox.received] == [
            f"<{the_delivery(message)}@mtnet.example>"
        ] * 2
        assert rows(STATE, message.message_id) == [("delivered", 1, None)]

    @pytest.mark.parametrize(
        ("stage", "answer"),
        [
            ("MAIL", "530 5.7.0 log in first"),
            ("MAIL", "550 5.7.60 no permission to send as this sender"),
            ("RCPT", "554 5.7.1 relay access denied"),
            ("RCPT", "550 relay not permitted"),
            ("RCPT", "421 4.3.2 closing"),
            ("DATA", "554 5.7.1 not wanted"),
            ("DATA", "451 4.3.1 disk full"),
        ],
    )
    def test_what_a_server_says_to_everybody_fails_nothing_and_all_goes_out_after_the_repair(
        self, empty, write, clock, mailbox, unsealing_key, rows, sealed, stage, answer
    ):
        mailbox.answers[stage] = answer
        sender = a_sender(empty, clock, EmailConnection(a_client(mailbox), LINKS), unsealing_key)
        recipients = [f"{name}@example.com" for name in "abcdef"]
        account_id = uuid4()
        secret = {"sealed_secret": sealed("tok", account_id), "secret_context": str(account_id)}
        write(
            *(a_message(recipient=each) for each in recipients),
            a_message(Kind.ACTIVATION_LINK, **secret, expires_at=NOW + timedelta(days=7)),
        )
        for _ in range(60):
            sender.send_due()
            clock.now += timedelta(hours=1)
        assert rows("SELECT DISTINCT state FROM delivery") == [("waiting",)]
        assert rows("SELECT count(sealed_secret) FROM message") == [(1,)]
        mailbox.answers.clear()
        for _ in range(9):
            sender.send_due()
        assert rows("SELECT DISTINCT state FROM delivery") == [("delivered",)]
        assert len(mailbox.received) == 7
        sender.close()

    def test_an_address_that_the_server_cannot_take_fails_once_and_alone(
        self, empty, write, clock, mailbox, unsealing_key, rows
    ):
        sender = a_sender(empty, clock, EmailConnection(a_client(mailbox), LINKS), unsealing_key)
        write(*(a_message(recipient=f"承辦人{n}@bücher.example") for n in range(5)), a_message())
        assert sender.send_due() == 6
        assert Counter(rows("SELECT state, attempts, failure FROM delivery")) == {
            ("failed", 1, "RECIPIENT_REFUSED"): 5, ("delivered", 1, None): 1
        }  # fmt: skip
        sender.close()

    def test_a_notice_arrives_by_mail(self, empty, write, clock, mailbox, unsealing_key, rows):
        message = write(a_message(Kind.APPLICATION_RETURNED))
        sender = a_sender(empty, clock, EmailConnection(a_client(mailbox), LINKS), unsealing_key)
        sender.send_due()
        sender.close()
        ((recipients, mail),) = mailbox.received
        assert recipients == [CONTACT.email]
        assert mail["Subject"] == "您的帳號申請退件待補正（案件編號 PTAPPLY936EC90162340）"
        assert mail["Message-ID"] == f"<{the_delivery(message)}@mtnet.example>"

    def test_one_refused_address_does_not_stop_the_batch(
        self, empty, write, clock, mailbox, unsealing_key, rows
    ):
        mailbox.answers["gone@example.com"] = "550 no such mailbox"
        write(a_message(), a_message(recipient="gone@example.com"), a_message())
        sender = a_sender(empty, clock, EmailConnection(a_client(mailbox), LINKS), unsealing_key)
        sender.send_due()
        sender.close()
        assert Counter(rows("SELECT state FROM delivery")) == {("delivered",): 2, ("failed",): 1}
        assert (len(mailbox.received), mailbox.connections) == (2, 1)

    def test_a_code_arrives_by_text_message(self, empty, write, clock, gateway, unsealing_key, sealed):
        message = replace(TestSecrets().a_code(sealed), named=(("sms", "+886912345678"),))
        write(message)
        gateway_client = SmsGateway(f"http://127.0.0.1:{gateway.server_port}/sms", "token")
        a_sender(empty, clock, SmsConnection(gateway_client, LINKS), unsealing_key, "sms").send_due()
        gateway_client.session.close()
        ((_, _, body),) = gateway.requests
        assert body["reference"] == str(the_delivery(message))
        assert body["text"].startswith("482913 是您的 MTNet 驗證碼")
        assert body["text"].endswith("@mtnet.example #482913")


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


class TestPausedByAnOperator:
    def test_nothing_goes_out_and_all_of_it_afterwards_at_every_process(
        self, empty, write, clock, provider, unsealing_key, sealed
    ):
        write(a_message(), TestSecrets().a_code(sealed))
        senders = [
            a_sender(empty, clock, provider, unsealing_key, urgent_only=urgent) for urgent in (True, False)
        ]
        with empty.transaction() as tx:
            providers.pause(tx, EMAIL, "operator1", "業者維護", clock())
        assert [sender.send_due() for sender in senders] == [0, 0]
        with empty.transaction() as tx:
            providers.resume(tx, EMAIL)
        assert sum(sender.send_due() for sender in senders) == 2
        assert len(provider.handed) == 2

    def test_other_channels_go_on(self, empty, write, clock, provider, unsealing_key):
        write(a_message())
        with empty.transaction() as tx:
            providers.pause(tx, "sms", "operator1", "業者維護", clock())
        assert a_sender(empty, clock, provider, unsealing_key).send_due() == 1
        with empty.transaction() as tx:
            providers.resume(tx, "sms")
