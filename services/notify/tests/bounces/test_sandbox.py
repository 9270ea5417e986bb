"""What a developer sees with `make run`: the sandbox sends a mail back, and notify reads its mailbox there."""

import socket
import threading
import time
from datetime import date, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.runtime.imap import UNREAD
from notify.bounces.rules import Bounce, Weight, read_report
from notify.channels.email.adapters import SmtpClient
from notify.templates.rules import Mail
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

from .mailboxes import ImapMailbox
from .reports import PATHS


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
def send(sandbox):
    client = SmtpClient(f"smtp://127.0.0.1:{sandbox.settings.smtp_port}", "no-reply@mtnet.example")
    client.return_paths = PATHS

    def send(recipient):
        delivery_id = uuid4()
        assert (
            client.send(delivery_id, recipient, Mail("主旨", "text", "<p>text</p>"), "zh-Hant", 5)
            == "accepted"
        )
        return delivery_id

    yield send
    client.close()


@pytest.fixture
def mailbox(sandbox):
    mailbox = ImapMailbox(f"imap://bounces:sandbox@127.0.0.1:{sandbox.settings.imap_port}")
    yield mailbox
    mailbox.close()


@pytest.mark.parametrize(
    ("answer", "weight", "code"),
    [("", Weight.HARD, "5.1.1"), ("552 5.2.2 Mailbox full", Weight.SOFT, "5.2.2"), ("550 no", Weight.SOFT, "5.0.0"),
     ("550 5.7.1 Not wanted", Weight.POLICY, "5.7.1")],
)  # fmt: skip
def test_a_mail_that_the_sandbox_sends_back_is_read_as_a_bounce_of_its_delivery(
    sandbox, send, mailbox, answer, weight, code
):
    sandbox.fault("email", "bounce", only="gone@", answer=answer)
    delivery_id = send("gone@carrier.example.com")
    (uid,) = mailbox.new_mails(10)
    assert read_report(mailbox.content(uid), PATHS.delivery_of) == Bounce(delivery_id, weight, code)


def test_its_mailbox_does_all_that_is_asked_of_a_mailbox(sandbox, send, mailbox):
    sandbox.fault("email", "bounce")
    for name in "abc":
        send(f"{name}@carrier.example.com")
    first, second, third = mailbox.new_mails(10)
    assert mailbox.new_mails(1) == [first]
    mailbox.mark_read([first, second])
    mailbox.set_aside([third])
    assert mailbox.new_mails(10) == []
    assert mailbox.remove_read_before(date.today()) == 0
    assert mailbox.remove_read_before(date.today() + timedelta(days=2)) == 2
    assert mailbox.keep_newest_aside(1, date.today()) == 0
    assert mailbox.keep_newest_aside(0, date.today()) == 1
    assert mailbox.content("4711") == b""
    threading.Timer(0.2, send, ["d@carrier.example.com"]).start()
    began = time.monotonic()
    mailbox.wait(20)
    assert time.monotonic() - began < 10
    assert len(mailbox.new_mails(10)) == 1
    assert UNREAD == "unread"
