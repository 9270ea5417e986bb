"""A real mail server (Debian's Dovecot): what is new is found, marked, set aside, removed, and waited for."""

import threading
import time
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from mtnet_chassis.runtime.imap import UNREAD, MailboxAway
from notify.bounces.actions import LARGEST_BYTES

from .mailboxes import ImapMailbox

pytestmark = pytest.mark.slow

MAIL = b"Subject: one\r\n\r\nbody\r\n"
TOMORROW = date.today() + timedelta(days=2)


@pytest.fixture
def mailbox(dovecot):
    mailbox = ImapMailbox(dovecot.url)
    yield mailbox
    mailbox.close()


def test_what_is_new_is_found_until_it_is_marked(dovecot, mailbox):
    assert mailbox.new_mails(10) == []
    dovecot.put(MAIL, MAIL, MAIL)
    first, second, _ = mailbox.new_mails(10)
    assert mailbox.new_mails(1) == [first]
    assert mailbox.content(first) == MAIL
    assert len(mailbox.new_mails(10)) == 3, "whoever looks at a mail does not mark it"
    mailbox.mark_read([first, second])
    assert len(mailbox.new_mails(10)) == 1
    mailbox.mark_read([])


def test_of_a_large_mail_the_beginning_is_read(dovecot, mailbox):
    dovecot.put(b"Subject: large\r\n\r\n" + b"x" * LARGEST_BYTES)
    (uid,) = mailbox.new_mails(10)
    assert len(mailbox.content(uid)) == LARGEST_BYTES


def test_a_mail_that_is_gone_is_empty(mailbox):
    assert mailbox.content("4711") == b""


def test_what_makes_no_sense_is_set_aside_and_no_more_than_so_much_of_it_kept(dovecot, mailbox):
    assert mailbox.keep_newest_aside(2, date.today()) == 0
    for _ in range(2):
        dovecot.put(MAIL, MAIL)
        mailbox.set_aside(mailbox.new_mails(10))
    mailbox.set_aside([])
    assert (dovecot.mails(), dovecot.mails(UNREAD)) == (0, 4)
    dovecot.put(MAIL)
    assert mailbox.keep_newest_aside(3, date.today() - timedelta(days=1)) == 1
    assert len(mailbox.new_mails(10)) == 1, "the mailbox itself is looked at again"
    assert mailbox.keep_newest_aside(3, TOMORROW) == 3
    assert (dovecot.mails(), dovecot.mails(UNREAD)) == (1, 0)


def test_what_was_read_is_removed_after_a_time(dovecot, mailbox):
    dovecot.put(MAIL, MAIL)
    mailbox.mark_read(mailbox.new_mails(1))
    assert mailbox.remove_read_before(date.today() - timedelta(days=1)) == 0
    assert mailbox.remove_read_before(TOMORROW) == 1
    assert dovecot.mails() == 1


def test_a_new_mail_ends_the_wait(dovecot, mailbox):
    mailbox.new_mails(1)
    threading.Timer(0.3, dovecot.put, [MAIL]).start()
    began = time.monotonic()
    mailbox.wait(20)
    assert time.monotonic() - began < 10
    assert len(mailbox.new_mails(10)) == 1


def test_and_so_does_who_interrupts_it(mailbox):
    mailbox.new_mails(1)
    threading.Timer(0.3, mailbox.interrupt).start()
    began = time.monotonic()
    with pytest.raises(MailboxAway):
        mailbox.wait(20)
    assert time.monotonic() - began < 10


def test_nothing_new_is_waited_for_so_long(mailbox):
    mailbox.wait(0.2)
    assert mailbox.new_mails(1) == []


def test_a_server_that_was_restarted_is_found_again(dovecot, mailbox):
    dovecot.put(MAIL)
    (uid,) = mailbox.new_mails(10)
    dovecot.stop()
    mailbox.interrupt()
    for _ in range(2):
        with pytest.raises(MailboxAway):
            mailbox.content(uid)
    dovecot.start()
    assert mailbox.new_mails(10) == [uid]


def test_a_wrong_password_is_said_without_it(dovecot):
    mailbox = ImapMailbox(f"imap://bounces:secret@127.0.0.1:{dovecot.port}?starttls=1")
    with pytest.raises(MailboxAway) as told:
        mailbox.new_mails(1)
    assert "secret" not in str(told.value)


def test_a_certificate_that_nobody_vouches_for_gets_no_password(dovecot, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(MailboxAway, match="SSL"):
        ImapMailbox(dovecot.url).new_mails(1)


def test_a_folder_of_another_name(dovecot):
    dovecot.put(MAIL, folder="returned mail")
    url = dovecot.url.replace("?", f"/{quote('returned mail')}?")
    mailbox = ImapMailbox(url)
    assert len(mailbox.new_mails(10)) == 1
    mailbox.close()
    with pytest.raises(MailboxAway, match="select"):
        ImapMailbox(dovecot.url.replace("?", "/none?")).new_mails(1)


@pytest.mark.parametrize("url", ["", "imap://", "http://u:p@host", "imap://host", "bounces"])
def test_an_address_that_leads_to_no_mailbox_is_said_at_the_start(url):
    with pytest.raises(ValueError, match="NOTIFY_BOUNCES_URL"):
        ImapMailbox(url)
