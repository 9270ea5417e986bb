"""What came back fails its delivery and suppresses dead addresses: once, and never lost."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from mtnet_chassis.runtime.imap import UNREAD, MailboxAway
from mtnet_chassis.testing.pytest_plugin import eventually
from notify.bounces import actions
from notify.bounces.actions import MOST_AT_ONCE, TRY_AGAIN_AFTER, BounceReader
from notify.channels.email.return_paths import ReturnPaths
from notify.suppressions.rules import SOFT_BOUNCES_THAT_SUPPRESS

from ..builders import NOW
from .mailboxes import ImapMailbox
from .reports import KEY, PATHS, a_report

pytestmark = pytest.mark.stack
SERVICES = ("notify",)


class Postbox:
    """A mailbox in memory that remembers what became of each mail, and fails as it is told."""

    def __init__(self):
        self.mails, self.read, self.aside, self.away = {}, [], [], False

    def put(self, *contents):
        self.mails |= {str(len(self.mails) + n): content for n, content in enumerate(contents)}

    def new_mails(self, most):
        if self.away:
            raise MailboxAway("away")
        return [uid for uid in self.mails if uid not in (*self.read, *self.aside)][:most]

    def content(self, uid):
        return self.mails[uid]

    def mark_read(self, uids):
        if self.away:
            raise MailboxAway("away")
        self.read += uids

    def set_aside(self, uids):
        self.aside += uids

    def remove_read_before(self, day):
        pass

    def keep_newest_aside(self, most, before):
        pass


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def empty(transactions):
    with transactions.transaction() as tx:
        tx.execute("TRUNCATE message, delivery, attempt, outbox, suppression, bounce, contact_point")
    return transactions


@pytest.fixture
def reader(empty, postbox, clock):
    return BounceReader(postbox, empty, PATHS.delivery_of, clock)


@pytest.fixture
def deliver(empty):
    """`deliver(address)`: a mail that the relay has accepted. Returns its delivery's id."""

    def deliver(address="gone@carrier.example.com", state="delivered", sender_id=None, delivery_id=None):
        delivery_id = delivery_id or uuid4()
        with empty.transaction() as tx:
            (message_id,) = tx.execute(
                "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details,"
                " created_at, category) VALUES (gen_random_uuid(), gen_random_uuid(), 'application_received',"
                " gen_random_uuid(), 'zh-Hant', 3, '{}', %s, 'information') RETURNING message_id",
                (NOW,),
            ).fetchone()
            tx.execute(
                "INSERT INTO delivery (delivery_id, message_id, channel, recipient, priority, state, attempts,"
                " next_attempt_at, sender_id) VALUES (%s, %s, 'email', %s, 5, %s, 1, %s, %s)",
                (delivery_id, message_id, address, state, NOW if state == "waiting" else None, sender_id),
            )
        return delivery_id

    return deliver


@pytest.fixture
def rows(empty):
    def rows(sql, *values):
        with empty.transaction() as tx:
            return tx.execute(sql, values).fetchall()

    return rows


STATE = "SELECT state, failure FROM delivery WHERE delivery_id = %s"
LIST = "SELECT address, reason, code FROM suppression WHERE lifted_at IS NULL ORDER BY address"


def test_a_hard_bounce_fails_the_delivery_is_announced_and_suppresses_the_address_at_once(
    reader, postbox, deliver, rows
):
    delivery_id = deliver("Gone@carrier.example.com")
    postbox.put(a_report("postfix_unknown_user", delivery_id))
    assert reader.read_new() == 1
    assert rows(STATE, delivery_id) == [("failed", "BOUNCED")]
    assert rows(LIST) == [("gone@carrier.example.com", "hard_bounce", "5.1.1")]
    assert "MessageFailed" in {name for (name,) in rows("SELECT name FROM outbox")}
    assert postbox.read == ["0"]
    assert reader.read_new() == 0


@pytest.mark.parametrize(
    ("report", "failure"), [("gmail_mailbox_full", "GAVE_UP"), ("exchange_not_wanted", "MESSAGE_REFUSED")]
)
def test_another_bounce_fails_the_delivery_and_leaves_the_address_alone(
    reader, postbox, deliver, rows, report, failure
):
    delivery_id = deliver()
    postbox.put(a_report(report, delivery_id))
    reader.read_new()
    assert (rows(STATE, delivery_id), rows(LIST)) == ([("failed", failure)], [])


@pytest.mark.parametrize(
    "report", ["postfix_delayed", "postfix_delivered", "out_of_office", "our_own_mail_sent_back"]
)
def test_what_is_no_bounce_changes_nothing_and_is_marked(reader, postbox, deliver, rows, report):
    delivery_id = deliver()
    postbox.put(a_report(report, delivery_id))
    reader.read_new()
    assert rows(STATE, delivery_id) == [("delivered", None)]
    assert (postbox.read, postbox.aside, rows(LIST)) == (["0"], [], [])


def test_what_makes_no_sense_and_what_is_forged_is_set_aside(reader, postbox, deliver, rows):
    postbox.put(a_report("forged"), a_report("somebody_writes", deliver()), b"\xff\x00garbage")
    reader.read_new()
    assert (postbox.read, postbox.aside, rows(LIST)) == ([], ["0", "1", "2"], [])


def test_a_report_that_comes_twice_counts_once(reader, postbox, deliver, rows):
    delivery_id = deliver()
    report = a_report("gmail_mailbox_full", delivery_id)
    postbox.put(*[report] * SOFT_BOUNCES_THAT_SUPPRESS)
    reader.read_new()
    postbox.put(report)
    reader.read_new()
    assert rows("SELECT count(*) FROM bounce") == [(1,)]
    assert rows("SELECT count(*) FROM outbox WHERE name = 'MessageFailed'") == [(1,)]
    assert rows(LIST) == []


def test_a_mailbox_that_is_full_for_weeks_is_suppressed(reader, postbox, deliver, rows, clock):
    for _ in range(SOFT_BOUNCES_THAT_SUPPRESS - 1):
        postbox.put(a_report("gmail_mailbox_full", deliver("full@gmail.example")))
        reader.read_new()
        clock.now += timedelta(days=1)
    assert rows(LIST) == []
    last = deliver("full@gmail.example")
    postbox.put(a_report("gmail_mailbox_full", last))
    reader.read_new()
    assert rows(LIST) == [("full@gmail.example", "soft_bounces", "5.2.2")]
    assert rows(STATE, last) == [("failed", "BOUNCED")]


def test_a_bounce_that_is_faster_than_the_record_of_its_sending_comes_again(
    reader, postbox, deliver, rows, clock
):
    delivery_id = deliver(state="waiting", sender_id=uuid4())
    postbox.put(a_report("postfix_unknown_user", delivery_id))
    assert reader.read_new() == 1
    assert reader.read_new() == 0, "not before a while"
    assert (postbox.read, postbox.aside) == ([], [])
    rows("UPDATE delivery SET state = 'delivered', sender_id = NULL, next_attempt_at = NULL RETURNING 1")
    clock.now += TRY_AGAIN_AFTER
    reader.read_new()
    assert rows(STATE, delivery_id) == [("failed", "BOUNCED")]
    assert postbox.read == ["0"]


def test_a_bounce_of_a_delivery_that_is_forgotten_is_marked(reader, postbox, rows):
    postbox.put(a_report("postfix_unknown_user", uuid4()))
    reader.read_new()
    assert (postbox.read, rows(LIST)) == (["0"], [])


def test_nothing_is_marked_before_it_is_committed(reader, postbox, deliver, rows, monkeypatch):
    delivery_id = deliver()
    postbox.put(a_report("postfix_unknown_user", delivery_id))

    def away(*_):
        raise psycopg.OperationalError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "record_bounces", away)
        with pytest.raises(psycopg.OperationalError):
            reader.read_new()
    assert postbox.read == []
    assert reader.read_new() == 1
    assert rows(STATE, delivery_id) == [("failed", "BOUNCED")]


def test_a_connection_that_breaks_after_the_commit_doubles_nothing(reader, postbox, deliver, rows):
    postbox.put(a_report("postfix_unknown_user", deliver()))
    mark_read, postbox.mark_read = postbox.mark_read, lambda uids: (_ for _ in ()).throw(MailboxAway("cut"))
    with pytest.raises(MailboxAway):
        reader.read_new()
    postbox.mark_read = mark_read
    assert reader.read_new() == 1
    assert rows("SELECT count(*) FROM outbox WHERE name = 'MessageFailed'") == [(1,)]
    assert len(rows(LIST)) == 1


def test_one_that_shows_a_mistake_of_ours_is_set_aside_and_delays_no_other(
    reader, postbox, deliver, rows, monkeypatch
):
    good, bad = deliver("a@b.example"), deliver("c@d.example")
    postbox.put(a_report("postfix_unknown_user", bad), a_report("postfix_unknown_user", good))
    record_receipt = actions.record_receipt

    def mistaken(tx, receipt, now):
        if receipt.delivery_id == bad:
            raise ZeroDivisionError
        return record_receipt(tx, receipt, now)

    monkeypatch.setattr(actions, "record_receipt", mistaken)
    reader.read_new()
    assert (postbox.aside, postbox.read) == (["0"], ["1"])
    assert rows(STATE, good) == [("failed", "BOUNCED")]
    assert rows(LIST) == [("a@b.example", "hard_bounce", "5.1.1")]


def test_many_are_taken_in_batch_by_batch(reader, postbox, deliver, rows):
    postbox.put(
        *(a_report("postfix_unknown_user", deliver(f"c{n}@b.example")) for n in range(MOST_AT_ONCE + 1))
    )
    assert [reader.read_new(), reader.read_new(), reader.read_new()] == [MOST_AT_ONCE, 1, 0]
    assert len(rows(LIST)) == MOST_AT_ONCE + 1


def test_a_real_mailbox_read_by_two_at_once_doubles_nothing(dovecot, empty, deliver, rows):
    dovecot.put(
        *(a_report("gmail_unknown_user", deliver(f"c{n}@b.example")) for n in range(4)), a_report("forged")
    )
    now = datetime.now(UTC)
    readers = [
        BounceReader(ImapMailbox(dovecot.url), empty, PATHS.delivery_of, lambda: now) for _ in range(2)
    ]
    first = readers[0].mailbox
    mark_read, first.mark_read = first.mark_read, lambda uids: None
    assert [reader.read_new() for reader in readers] == [5, 4]
    first.mark_read = mark_read
    assert [reader.read_new() for reader in readers] == [0, 0]
    assert (dovecot.mails(which="UNSEEN"), dovecot.mails(UNREAD)) == (0, 1)
    assert rows("SELECT count(*) FROM outbox WHERE name = 'MessageFailed'") == [(4,)]
    for reader in readers:
        reader.mailbox.close()


@pytest.mark.slow
def test_two_running_services_take_in_what_comes_back_and_one_of_them_reads(
    dovecot, empty, deliver, rows, start
):
    environment = {
        "NOTIFY_RETURN_PATH": PATHS.address,
        "NOTIFY_BOUNCES_URL": dovecot.url,
        "SSL_CERT_FILE": str(dovecot.home / "certificate.pem"),
    }
    processes = [start(**environment) for _ in range(2)]
    dovecot.put(a_report("exim_unknown_user", deliver("first@b.example")))
    eventually(lambda: [a for a, *_ in rows(LIST)] == ["first@b.example"], seconds=30)
    dovecot.put(a_report("exchange_not_found", deliver("second@b.example")))
    eventually(lambda: len(rows(LIST)) == 2, seconds=20)
    eventually(lambda: dovecot.mails(which="UNSEEN") == 0, seconds=10)
    read = ['mtnet_bounces_total{what="hard"} 2.0' in each.get("/metrics")[1] for each in processes]
    assert sorted(read) == [False, True]
    # The other takes over from one that was killed.
    processes[read.index(True)].kill()
    dovecot.put(a_report("qmail", deliver("third@b.example")))
    eventually(lambda: len(rows(LIST)) == 3, seconds=30)


def test_the_address_that_a_mail_goes_out_with_leads_back_to_its_delivery():
    made = ReturnPaths("bounces@mtnet.example", KEY).of(UUID(int=7))
    assert PATHS.delivery_of(made) == UUID(int=7)
