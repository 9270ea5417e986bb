"""The desk's mailbox on a real mail server: nothing is marked before it is kept, nothing lost, nothing doubled."""

import threading

import psycopg
import pytest
from helpdesk.inbound import keeping
from helpdesk.inbound.mailbox import LARGEST_READ, MailReader
from helpdesk.inbound.rules import LARGEST_RAW_BYTES
from mtnet_chassis.runtime.imap import UNREAD, ImapMailbox, MailboxAway

from . import corpus
from .conftest import NOW, Clock
from .corpus import simple

SERVICES = ("helpdesk",)
pytestmark = pytest.mark.slow


@pytest.fixture
def mailbox(dovecot):
    mailbox = ImapMailbox(dovecot.url, "HELPDESK_IMAP_URL", LARGEST_READ)
    yield mailbox
    mailbox.close()


@pytest.fixture
def reader(mailbox, empty, files):
    return MailReader(mailbox, empty, files, Clock(NOW))


def test_mails_are_kept_then_marked_and_come_in(dovecot, reader, desk):
    dovecot.put(*(simple(n, sender=f"clerk{n}@agency.example") for n in range(5)))
    assert reader.read_new() == 5
    assert reader.read_new() == 0
    assert dovecot.mails(which="UNSEEN") == 0
    desk.understand()
    assert len(desk.entries()) == 5


def test_what_cannot_be_kept_stays_unread(dovecot, reader, desk, monkeypatch):
    dovecot.put(simple(1))

    def away(*_):
        raise psycopg.OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr(keeping.InboundStore, "add", away)
        with pytest.raises(psycopg.OperationalError):
            reader.read_new()
    assert dovecot.mails(which="UNSEEN") == 1
    reader.read_new()
    assert desk.states() == ["stored"]


def test_what_was_kept_before_the_server_went_is_kept_once(dovecot, reader, mailbox, desk, monkeypatch):
    dovecot.put(*(simple(n) for n in range(4)))

    def gone(uids):
        mailbox.interrupt()
        raise MailboxAway("gone before anything was marked")

    with monkeypatch.context() as broken:
        broken.setattr(mailbox, "mark_read", gone)
        with pytest.raises(MailboxAway):
            reader.read_new()
    assert (dovecot.mails(which="UNSEEN"), len(desk.states())) == (4, 4)
    with pytest.raises(MailboxAway):
        reader.read_new()
    assert reader.read_new() == 4
    assert (dovecot.mails(which="UNSEEN"), len(desk.states())) == (0, 4)


def test_a_server_that_goes_in_the_middle_of_a_mail_loses_nothing(dovecot, reader, mailbox, desk):
    large = corpus.multipart(corpus.text_part(), corpus.file_part("a.pdf", b"%PDF-1.7" + b"x" * 3_000_000))
    dovecot.put(simple(1), large, simple(2))
    mailbox.new_mails(1)
    connection, read = mailbox._connection, mailbox._connection.read

    def cut_off(size):
        """The connection breaks while the mail's four megabytes are on their way."""
        if size > 1_000_000:
            mailbox.interrupt()
        return read(size)

    connection.read = cut_off
    with pytest.raises(MailboxAway):
        reader.read_new()
    assert dovecot.mails(which="UNSEEN") == 3, "of a batch that was not read as a whole nothing is marked"
    assert reader.read_new() == 3
    assert max(size for (size,) in desk.rows("SELECT size FROM inbound_item")) == len(large)
    assert len(desk.states()) == 3


def test_one_that_is_too_large_comes_in_by_its_beginning_and_waits_in_the_mailbox(dovecot, reader, desk):
    line = b"x" * 75 + b"\n"
    dovecot.put(corpus.with_body(line * (LARGEST_RAW_BYTES // len(line) + 100), "application/octet-stream"))
    assert reader.read_new() == 1
    assert (dovecot.mails(), dovecot.mails(UNREAD)) == (0, 1)
    desk.understand()
    assert "too_large" in desk.problems()
    assert reader.read_new() == 0


def test_a_mailbox_that_was_made_anew_marks_no_mail_by_an_old_number(dovecot, mailbox):
    dovecot.put(simple(1))
    (uid,) = mailbox.new_mails(10)
    mailbox._uid_validity = b"1"  # as it was before the server's mailbox was made anew
    mailbox.close()
    with pytest.raises(MailboxAway, match="UIDVALIDITY"):
        mailbox.mark_read([uid])
    assert dovecot.mails(which="UNSEEN") == 1
    assert mailbox.new_mails(10) == [uid]


def test_several_readers_at_once_keep_each_mail_once(dovecot, files, desk):
    dovecot.put(*(simple(n) for n in range(30)))
    mailboxes = [ImapMailbox(dovecot.url, "HELPDESK_IMAP_URL", LARGEST_READ) for _ in range(3)]

    def read(mailbox):
        MailReader(mailbox, desk.database, files, Clock(NOW)).read_new()
        mailbox.close()

    threads = [threading.Thread(target=read, args=(each,)) for each in mailboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(desk.states()) == 30
    assert dovecot.mails(which="UNSEEN") == 0
