"""Mail that comes back, read as a program reads a mailbox: over IMAP."""

import imaplib
import smtplib
import socket
import threading
import time
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage

import pytest
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

RETURN_PATH = "bounces+abc@mtnet.example"


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def sandbox():
    sandbox = SandboxInThread(Settings(a_free_port(), a_free_port(), {"sms": "t"}, imap_port=a_free_port()))
    yield sandbox
    sandbox.close()


@pytest.fixture
def imap(sandbox):
    session = imaplib.IMAP4("127.0.0.1", sandbox.settings.imap_port, timeout=5)
    session.login("bounces", "any pass\\word")
    yield session
    with suppress(OSError):
        session.shutdown()


def send(sandbox, recipient, sender=RETURN_PATH):
    mail = EmailMessage()
    mail["Subject"], mail["Message-ID"] = "hello", "<1@mtnet.example>"
    mail.set_content("body")
    with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=5) as client:
        client.sendmail(sender, [recipient], mail.as_bytes())


def test_a_mail_to_an_address_that_bounces_comes_back_as_a_report_and_is_not_in_the_inbox(sandbox, imap):
    sandbox.fault("email", "bounce", only="gone@", answer="552 5.2.2 Mailbox full")
    send(sandbox, "gone@carrier.example.com")
    send(sandbox, "clerk@carrier.example.com")
    assert [message["to"] for message in sandbox.messages()] == ["clerk@carrier.example.com"]
    imap.select()
    (uid,) = imap.uid("SEARCH", "UNSEEN")[1][0].split()
    report = message_from_bytes(imap.uid("FETCH", uid, "(BODY.PEEK[]<0.9999>)")[1][0][1])
    assert (report.get_content_type(), report["To"]) == ("multipart/report", RETURN_PATH)
    (status,) = [part for part in report.walk() if part.get_content_type() == "message/delivery-status"]
    about_recipient = status.get_payload()[1]
    assert (about_recipient["Action"], about_recipient["Status"]) == ("failed", "5.2.2")
    assert about_recipient["Diagnostic-Code"] == "smtp; 552 5.2.2 Mailbox full"
    assert "<1@mtnet.example>" in report.as_string()


def test_nobody_is_told_of_a_report_that_comes_back(sandbox, imap):
    sandbox.fault("email", "bounce")
    send(sandbox, "gone@carrier.example.com", sender="")
    assert imap.select()[1] == [b"0"]


def test_the_fault_strikes_as_often_as_it_was_told(sandbox):
    sandbox.fault("email", "bounce", count=1)
    for _ in range(2):
        send(sandbox, "clerk@carrier.example.com")
    assert len(sandbox.messages()) == 1
    with pytest.raises(ValueError, match="400 to 599"):
        sandbox.fault("email", "bounce", answer="250 OK")


def test_a_mail_is_marked_moved_and_removed(sandbox, imap):
    sandbox.fault("email", "bounce")
    for name in "abc":
        send(sandbox, f"{name}@carrier.example.com")
    imap.select()
    first, second, _ = imap.uid("SEARCH", "UNSEEN")[1][0].decode().split()
    imap.uid("STORE", first, "+FLAGS.SILENT (\\Seen)")
    imap.create("unread")
    imap.uid("COPY", second, "unread")
    imap.uid("STORE", second, "+FLAGS.SILENT (\\Seen \\Deleted)")
    assert imap.expunge()[1] == [b"2"]
    assert len(imap.uid("SEARCH", "UNSEEN")[1][0].split()) == 1
    assert imap.uid("SEARCH", "SEEN BEFORE 01-Jan-2020")[1] == [b""]
    assert imap.select("unread")[1] == [b"1"]
    assert imap.select("nothing")[0] == "NO"
    with pytest.raises(imaplib.IMAP4.error):
        imap.check()


def test_whoever_waits_is_told_of_a_new_one(sandbox, imap):
    imap.select()
    tag = imap._new_tag()
    imap.send(tag + b" IDLE\r\n")
    assert imap.readline().startswith(b"+")
    sandbox.fault("email", "bounce")
    threading.Timer(0.2, send, [sandbox, "a@carrier.example.com"]).start()
    began = time.monotonic()
    assert imap.readline() == b"* 1 EXISTS\r\n"
    assert time.monotonic() - began < 4
    imap.send(b"DONE\r\n")
    assert imap.readline().startswith(tag + b" OK")
    imap.logout()


def test_without_a_login_there_is_nothing(sandbox):
    session = imaplib.IMAP4("127.0.0.1", sandbox.settings.imap_port, timeout=5)
    session.state = "AUTH"
    assert session.select()[0] == "NO"
    session.shutdown()
