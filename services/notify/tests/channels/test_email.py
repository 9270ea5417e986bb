"""Real SMTP: what each answer of the server means for a mail, and what goes over the wire."""

import socket
import ssl
import threading
from base64 import b64encode
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.notices import Category
from notify.channels.email.adapters import CHANNEL, SmtpClient
from notify.channels.email.mime import mime_message
from notify.channels.email.return_paths import ReturnPaths
from notify.channels.email.unsubscribing import OPTIONAL, UnsubscribeLinks
from notify.channels.rules import Deferral, Doubt, Failure, Outage, OutgoingMessage, Refusal
from notify.contact_points.rules import Person, account
from notify.templates.actions import current_version
from notify.templates.rules import EMBLEM_ID, Kind, Mail

from ..builders import LINKS, an_example

SETTINGS = {
    "NOTIFY_SMTP_URL": "smtp://127.0.0.1:9",
    "NOTIFY_MAIL_FROM": "MTNet <no-reply@mtnet.example>",
    "NOTIFY_MAILS_PER_CONNECTION": "100",
    "NOTIFY_SIGNING_KEY": b64encode(b"k" * 32).decode(),
    "NOTIFY_RETURN_PATH": "bounces@mtnet.example",
    "NOTIFY_DESK_ADDRESS": "",
}
MAIL = Mail("您的帳號申請需要修改", "純文字\n第二行", "<p>超文字</p>")


@pytest.fixture(params=[False, True], ids=["one command at a time", "commands together"])
def channel(mailbox, request):
    mailbox.takes_commands_together = request.param
    channel = SmtpClient(f"smtp://127.0.0.1:{mailbox.port}", "MTNet <no-reply@mtnet.example>")
    yield channel
    channel.close()


def send(channel, recipient="clerk@example.com", message_id=None, last_answer_seconds=5):
    return channel.send(message_id or uuid4(), recipient, MAIL, "zh-Hant", last_answer_seconds)


def meaning(exception):
    return type(exception), getattr(exception, "failure", None)


class TestMail:
    def test_arrives_as_text_and_html_in_its_language(self, mailbox, channel):
        message_id = uuid4()
        send(channel, message_id=message_id)
        ((recipients, mail),) = mailbox.received
        assert recipients == ["clerk@example.com"]
        assert mail["To"] == "clerk@example.com"
        assert mail["Subject"] == MAIL.subject
        assert mail["From"] == "MTNet <no-reply@mtnet.example>"
        assert mail["Message-ID"] == f"<{message_id}@mtnet.example>"
        assert abs(mail["Date"].datetime - datetime.now(UTC)).total_seconds() < 3600
        assert (mail["Content-Language"], mail["Auto-Submitted"]) == ("zh-Hant", "auto-generated")
        assert mail.get_body(("plain",)).get_content().splitlines() == ["純文字", "第二行"]
        assert mail.get_body(("html",)).get_content().strip() == "<p>超文字</p>"
        assert not mail.defects

    def test_brings_the_emblem_that_its_html_shows(self, mailbox, channel):
        send(channel)
        (image,) = [
            part
            for _, mail in mailbox.received
            for part in mail.walk()
            if part.get_content_type() == "image/png"
        ]
        assert image["Content-ID"] == f"<{EMBLEM_ID}>"
        assert image.get_content_disposition() == "inline"
        assert image.get_content().startswith(b"\x89PNG")

    def test_two_mails_over_one_connection_keep_their_own_words(self, mailbox, channel):
        texts = [Mail(f"主旨 {n} " + "很長" * 40, f"text {n}\n.\n..", f"<p>.{n}</p>") for n in (1, 2)]
        for text in texts:
            channel.send(uuid4(), f"a{text.subject[3]}@example.com", text, "en", 5)
        for text, (recipients, mail) in zip(texts, mailbox.received, strict=True):
            assert recipients == [mail["To"]]
            assert mail["Subject"] == text.subject
            assert mail.get_body(("plain",)).get_content().splitlines() == text.text.splitlines()
            assert mail.get_body(("html",)).get_content().strip() == text.html

    def test_no_line_is_longer_than_smtp_allows(self, channel):
        mail = Mail("字" * 300, "字" * 5000, "<p>" + "字" * 5000 + "</p>")
        content = mime_message(
            uuid4(), channel.mail_from, "clerk@example.com", "mtnet.example", mail, "zh-Hant"
        )
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert b"\n" not in content.replace(b"\r\n", b"")

    def test_sent_again_is_recognisable_by_its_message_id(self, mailbox, channel):
        message_id = uuid4()
        for _ in range(2):
            send(channel, message_id=message_id)
            channel.close()
        assert len({mail["Message-ID"] for _, mail in mailbox.received}) == 1
        assert len(mailbox.received) == 2

    def test_many_mails_use_one_connection(self, mailbox, channel):
        for _ in range(5):
            send(channel)
        assert (len(mailbox.received), mailbox.connections) == (5, 1)

    def test_after_so_many_mails_another_connection_is_opened(self, mailbox, channel):
        channel.per_connection = 3
        for _ in range(7):
            send(channel)
        assert (len(mailbox.received), mailbox.connections, mailbox.farewells) == (7, 3, 2)

    @pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
    def test_a_server_that_has_had_enough_of_one_connection_gets_another(self, mailbox, channel, stage):
        mailbox.most_per_connection = (stage, 2)
        for _ in range(5):
            assert send(channel) == "accepted"
        assert (len(mailbox.received), mailbox.connections) == (5, 3)

    def test_a_server_that_closes_down_before_it_has_accepted_anything_is_an_outage(self, mailbox, channel):
        mailbox.most_per_connection = ("RCPT", 0)
        with pytest.raises(Outage, match="421"):
            send(channel)
        assert mailbox.connections == 1

    @pytest.mark.parametrize("limit", ["", "0", "-1", "many"])
    def test_a_limit_of_a_connection_that_is_none_is_said_at_the_start(self, limit):
        with pytest.raises(ValueError, match="NOTIFY_MAILS_PER_CONNECTION"):
            CHANNEL.connect(SETTINGS | {"NOTIFY_MAILS_PER_CONNECTION": limit}, LINKS)

    def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(self, mailbox, channel):
        send(channel)
        channel.connection.sock.shutdown(socket.SHUT_RDWR)
        assert send(channel) == "accepted"
        assert (len(mailbox.received), mailbox.connections) == (2, 2)

    @pytest.mark.parametrize(
        ("answer", "detail"),
        [
            ("550 5.1.1 <clerk@example.com>: user unknown", "550 5.1.1"),
            ("552-5.2.2 clerk is over quota\r\n552 5.2.2 clerk@example.com", "552 5.2.2"),
            ("550 clerk@example.com has moved", "550"),
            ("550 5.1.1clerk", "550"),
            ("553 sorry, clerk is not in my rcpthosts (#5.7.1)", "553 5.7.1"),
        ],
    )
    def test_of_an_answer_the_codes_are_kept_and_no_word_that_may_name_somebody(
        self, mailbox, channel, answer, detail
    ):
        mailbox.answers["RCPT"] = answer
        with pytest.raises((Refusal, Doubt)) as refused:
            send(channel)
        assert refused.value.detail == detail

    @pytest.mark.parametrize("stage", ["RCPT", "DATA"])
    def test_the_connection_goes_on_after_a_refusal(self, mailbox, channel, stage):
        mailbox.answers[stage] = "550 5.1.1 no such mailbox"
        for _ in range(3):
            with pytest.raises(Refusal):
                send(channel)
        mailbox.answers.clear()
        send(channel)
        assert (len(mailbox.received), mailbox.connections) == (1, 1)

    def test_a_server_that_is_not_there_is_an_outage(self):
        with pytest.raises(Outage):
            send(SmtpClient("smtp://127.0.0.1:9", "no-reply@mtnet.example"))

    def test_a_server_without_the_encryption_we_want_is_an_outage(self, mailbox):
        plain = SmtpClient(f"smtp://127.0.0.1:{mailbox.port}?starttls=1", "no-reply@mtnet.example")
        with pytest.raises(Outage):
            send(plain)
        assert mailbox.received == []

    def test_a_server_that_falls_silent_after_the_mail_leaves_a_doubt_and_no_connection(
        self, mailbox, channel
    ):
        mailbox.seconds = 1
        with pytest.raises(Doubt):
            send(channel, last_answer_seconds=0.2)
        mailbox.seconds = 0
        assert send(channel) == "accepted"

    def test_a_slow_server_is_waited_for(self, mailbox, channel):
        mailbox.seconds = 0.5
        assert send(channel, last_answer_seconds=5) == "accepted"
        assert len(mailbox.received) == 1

    def test_a_sender_s_address_that_cannot_be_one_is_said_at_the_start(self):
        with pytest.raises(ValueError, match="NOTIFY_MAIL_FROM"):
            SmtpClient("smtp://127.0.0.1:9", "nobody")


class ServerThatWaitsForAllCommands(threading.Thread):
    """Answers MAIL, RCPT and DATA when all three are there, as `answers` say; then, as told, takes a mail."""

    def __init__(self, *answers, garbage=None):
        super().__init__(daemon=True)
        self.answers, self.garbage, self.mails, self.after = answers, garbage, [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        with self.listener:
            connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as read:
            connection.sendall(b"220 mail.example ESMTP\r\n")
            assert read.readline().startswith(b"ehlo")
            connection.sendall(b"250-mail.example\r\n250 PIPELINING\r\n")
            assert [read.readline()[:4] for _ in range(3)] == [b"MAIL", b"RCPT", b"DATA"]
            connection.sendall("".join(f"{answer}\r\n" for answer in self.answers).encode())
            if self.answers[-1].startswith("354"):
                self.mails.append(b"".join(iter(read.readline, b".\r\n")))
                if self.garbage is not None:
                    connection.sendall(self.garbage.encode())
                    return
                connection.sendall(b"250 2.0.0 taken\r\n" if self.mails[0] else b"554 no recipient\r\n")
            while (command := read.readline()) and command != b"quit\r\n":
                self.after.append(command)
                connection.sendall(b"250 2.0.0 OK\r\n")
            connection.sendall(b"221 bye\r\n")


class TestCommandsTogether:
    def a_channel(self, server):
        return SmtpClient(f"smtp://127.0.0.1:{server.port}", "MTNet <no-reply@mtnet.example>")

    def test_sender_recipient_and_data_go_out_before_any_of_them_is_answered(self):
        server = ServerThatWaitsForAllCommands("250 OK", "250 OK", "354 go on")
        channel = self.a_channel(server)
        assert send(channel) == "accepted"
        channel.close()
        server.join(5)
        assert message_from_bytes(server.mails[0], policy=default)["Subject"] == MAIL.subject

    @pytest.mark.parametrize(
        ("answers", "expected"),
        [
            (["250 OK", "550 5.1.1 no such mailbox", "503 5.5.1 no recipient"], Refusal),
            (["250 OK", "450 4.2.1 busy", "554 5.5.1 no valid recipients"], Deferral),
            (["552 5.3.4 too large", "503 5.5.1 MAIL first", "503 5.5.1 MAIL first"], Refusal),
            (["530 5.7.0 log in first", "530 5.7.0 log in first", "530 5.7.0 log in first"], Outage),
        ],
    )
    def test_the_first_refusal_counts_and_the_other_answers_are_read(self, answers, expected):
        server = ServerThatWaitsForAllCommands(*answers)
        channel = self.a_channel(server)
        with pytest.raises(expected):
            send(channel)
        channel.close()
        server.join(5)
        assert server.after == ([] if expected is Outage else [b"rset\r\n"])

    def test_a_server_that_wants_a_mail_for_nobody_gets_an_empty_one(self):
        server = ServerThatWaitsForAllCommands("250 OK", "550 5.1.1 no such mailbox", "354 go on")
        channel = self.a_channel(server)
        with pytest.raises(Refusal):
            send(channel)
        channel.close()
        server.join(5)
        assert (server.mails, server.after) == ([b""], [b"rset\r\n"])


class TestReturnPathAndOneClick:
    """Through the channel as notify connects it."""

    ONE_CLICK = "List-Unsubscribe=One-Click"

    @pytest.fixture(params=[False, True], ids=["one command at a time", "commands together"])
    def connected(self, mailbox, request):
        mailbox.takes_commands_together = request.param
        settings = SETTINGS | {"NOTIFY_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}"}
        connection = CHANNEL.connect(settings, LINKS)
        yield connection
        connection.close()

    def outgoing(self, category=Category.INFORMATION, person=account(UUID(int=7))):  # noqa: B008
        message = an_example(Kind.APPLICATION_RECEIVED)
        return OutgoingMessage(
            message_id=uuid4(), delivery_id=uuid4(), recipient="clerk@example.com", kind=message.kind, urgent=False,
            template_version=current_version(message.kind), locale="en", details=message.details, category=category,
            person=person,
        )  # fmt: skip

    def test_each_mail_comes_back_to_an_address_of_its_own(self, mailbox, connected):
        sent = [self.outgoing(), self.outgoing()]
        for message in sent:
            connected.send(message)
        paths = ReturnPaths("bounces@mtnet.example", b"k" * 32)
        assert [paths.delivery_of(sender) for sender in mailbox.senders] == [m.delivery_id for m in sent]
        ids = [mail["Message-ID"] for _, mail in mailbox.received]
        assert ids == [f"<{message.delivery_id}@mtnet.example>" for message in sent]

    def test_without_a_return_path_mails_come_back_to_the_sender(self, mailbox):
        settings = {"NOTIFY_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}", "NOTIFY_RETURN_PATH": ""}
        connection = CHANNEL.connect(SETTINGS | settings, LINKS)
        connection.send(self.outgoing())
        connection.close()
        assert mailbox.senders == ["no-reply@mtnet.example"]

    @pytest.mark.parametrize("category", [Category.INFORMATION, Category.REMINDER])
    def test_what_is_optional_is_stopped_by_one_click(self, mailbox, connected, category):
        message = self.outgoing(category)
        connected.send(message)
        ((_, mail),) = mailbox.received
        url = mail["List-Unsubscribe"].strip("<>")
        assert mail["List-Unsubscribe-Post"] == self.ONE_CLICK
        assert url.startswith("https://mtnet.example/unsubscribe/")
        token = url.rpartition("/")[2]
        links = UnsubscribeLinks(LINKS.portal_url, b"k" * 32)
        assert links.read(token) == (message.person, category)
        assert url in mail.get_body(("plain",)).get_content()
        assert url in mail.get_body(("html",)).get_content()
        assert mail.get_body(("plain",)).get_content().count("Stop mails like this one") == 1

    @pytest.mark.parametrize("category", [Category.LEGAL, Category.SECURITY])
    def test_what_must_be_told_is_not(self, mailbox, connected, category):
        connected.send(self.outgoing(category))
        connected.send(self.outgoing(person=None))
        for _, mail in mailbox.received:
            assert mail["List-Unsubscribe"] is None
            assert mail["List-Unsubscribe-Post"] is None
            assert "unsubscribe" not in mail.as_string()

    @pytest.mark.parametrize(
        ("name", "value"),
        [("NOTIFY_SIGNING_KEY", ""), ("NOTIFY_SIGNING_KEY", "c2hvcnQ="), ("NOTIFY_SIGNING_KEY", "?"),
         ("NOTIFY_RETURN_PATH", "x")],
    )  # fmt: skip
    def test_a_key_or_address_that_cannot_work_is_said_at_the_start(self, name, value):
        with pytest.raises(ValueError, match=name):
            CHANNEL.connect(SETTINGS | {name: value}, LINKS)


class TestTokensOfLinks:
    LINKS = UnsubscribeLinks("https://mtnet.example", b"k" * 32)

    @given(st.uuids(), st.sampled_from(["account", "application"]), st.sampled_from(OPTIONAL))
    def test_a_token_says_who_and_what_and_nobody_can_make_or_change_one(self, person_id, kind, category):
        person = Person(kind, person_id)
        token = self.LINKS.of(person, category).rpartition("/")[2]
        assert self.LINKS.read(token) == (person, category)
        assert UnsubscribeLinks("https://mtnet.example", b"x" * 32).read(token) is None
        assert self.LINKS.read(token[:-1]) is None
        other = self.LINKS.of(Person(kind, UUID(int=person_id.int ^ 1)), category).rpartition("/")[2]
        assert self.LINKS.read(other[:24] + token[24:]) is None

    @pytest.mark.parametrize("token", ["", "a", "é" * 38, "A" * 38, "A" * 5000, "../..", "\x00"])
    def test_what_is_no_token_is_none(self, token):
        assert self.LINKS.read(token) is None


@pytest.fixture
def secure_mailbox(certificate, mailbox_with):
    """A server that takes nothing, and no password, before the connection is encrypted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return mailbox_with(tls=context)


class TestEncryption:
    def a_channel(self, mailbox, host="127.0.0.1"):
        return SmtpClient(f"smtp://portal:right@{host}:{mailbox.port}?starttls=1", "no-reply@mtnet.example")

    def test_mail_and_password_go_over_an_encrypted_connection(self, secure_mailbox, trusted):
        secure_mailbox.passwords = ("portal", "right")
        channel = self.a_channel(secure_mailbox)
        for _ in range(2):
            assert send(channel) == "accepted"
        channel.close()
        assert (len(secure_mailbox.received), secure_mailbox.encrypted) == (2, {"TLSv1.3"})

    def test_a_server_whose_certificate_nobody_vouches_for_gets_neither(self, secure_mailbox):
        secure_mailbox.passwords = ("portal", "right")
        with pytest.raises(Outage):
            send(self.a_channel(secure_mailbox))
        assert (secure_mailbox.received, secure_mailbox.logins) == ([], 0)

    def test_nor_does_one_with_somebody_else_s_certificate(self, secure_mailbox, trusted):
        secure_mailbox.passwords = ("portal", "right")
        with pytest.raises(Outage):
            send(self.a_channel(secure_mailbox, "localhost"))
        assert (secure_mailbox.received, secure_mailbox.logins) == ([], 0)

    def test_whoever_does_not_ask_for_encryption_is_told_that_it_is_about_us(self, secure_mailbox):
        with pytest.raises(Outage, match="530"):
            send(SmtpClient(f"smtp://127.0.0.1:{secure_mailbox.port}", "no-reply@mtnet.example"))


class TestGarbage:
    @pytest.mark.parametrize(
        "garbage", [b"", b"\x00\xff\xfe\r\n", b"hello\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"9" * 20_000]
    )
    def test_a_server_that_greets_with_garbage_is_an_outage(self, garbage):
        server = TalksNonsense(garbage)
        channel = SmtpClient(f"smtp://127.0.0.1:{server.port}", "no-reply@mtnet.example")
        with pytest.raises(Outage) as told:
            send(channel)
        assert len(told.value.detail) < 100
        server.join(5)

    @pytest.mark.parametrize(
        "garbage", ["", "\x00\x00\r\n", "yes\r\n", "25\r\n", "250" + "0" * 20_000 + "\r\n"]
    )
    def test_one_that_answers_a_mail_with_garbage_leaves_a_doubt_and_no_connection(self, garbage):
        server = ServerThatWaitsForAllCommands("250 OK", "250 OK", "354 go on", garbage=garbage)
        channel = SmtpClient(f"smtp://127.0.0.1:{server.port}", "no-reply@mtnet.example")
        with pytest.raises((Doubt, Outage)) as told:
            send(channel)
        assert len(told.value.detail) < 100
        assert channel.connection is None
        server.join(5)


class TalksNonsense(threading.Thread):
    """Says its one sentence to the first who connects, and hangs up."""

    def __init__(self, sentence):
        super().__init__(daemon=True)
        self.sentence = sentence
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        with self.listener:
            connection, _ = self.listener.accept()
        with connection:
            connection.sendall(self.sentence)


class TestLoggingIn:
    def a_channel(self, mailbox, password):
        return SmtpClient(f"smtp://portal:{password}@127.0.0.1:{mailbox.port}", "no-reply@mtnet.example")

    def test_a_password_that_the_server_takes_opens_it(self, mailbox):
        mailbox.passwords = ("portal", "right")
        channel = self.a_channel(mailbox, "right")
        assert send(channel) == "accepted"
        channel.close()

    def test_a_password_that_it_does_not_take_is_an_outage(self, mailbox):
        mailbox.passwords = ("portal", "right")
        with pytest.raises(Outage, match="535"):
            send(self.a_channel(mailbox, "wrong"))

    def test_a_server_that_knows_no_logging_in_is_an_outage(self, mailbox):
        with pytest.raises(Outage):
            send(self.a_channel(mailbox, "right"))


RECIPIENT, MESSAGE = (Refusal, Failure.RECIPIENT_REFUSED), (Refusal, Failure.MESSAGE_REFUSED)
OURS, LATER = (Outage, None), (Deferral, None)
IN_DOUBT, IN_DOUBT_AT_DATA = (Doubt, Failure.RECIPIENT_REFUSED), (Doubt, Failure.MESSAGE_REFUSED)
LATER_IN_DOUBT = (Doubt, None)


@pytest.mark.parametrize(
    ("stage", "answer", "expected"),
    [
        # Before the recipient is named, nothing is about it.
        ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", OURS),
        ("MAIL", "530 5.7.0 Authentication required", OURS),
        ("MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", OURS),
        ("MAIL", "550 5.7.1 sender denied", OURS),
        ("MAIL", "550 5.1.1 no such mailbox", OURS),
        ("MAIL", "553 5.1.8 sender domain does not exist", OURS),
        ("MAIL", "554 no", OURS),
        ("MAIL", "503 5.5.1 Error: send HELO first", OURS),
        ("MAIL", "451 4.3.0 later", OURS),
        ("MAIL", "452 4.3.1 disk full", OURS),
        ("MAIL", "552 5.3.4 message size exceeds the limit", MESSAGE),
        # Some servers say what is about us only when the recipient is named.
        ("RCPT", "530 5.7.0 Must issue a STARTTLS command first", OURS),
        ("RCPT", "535 5.7.8 not logged in", OURS),
        ("RCPT", "538 5.7.11 encryption required", OURS),
        ("RCPT", "503 5.5.1 Error: need MAIL command", OURS),
        ("RCPT", "550 5.7.60 no permission", OURS),
        ("RCPT", "550 5.1.8 sender domain not found", OURS),
        ("RCPT", "421 4.3.2 shutting down", OURS),
        # About this mailbox.
        ("RCPT", "550 5.1.1 user unknown", RECIPIENT),
        ("RCPT", "550 5.1.10 recipient not found", RECIPIENT),
        ("RCPT", "501 5.1.3 bad address syntax", RECIPIENT),
        ("RCPT", "550 5.2.1 mailbox disabled", RECIPIENT),
        ("RCPT", "552 5.2.2 mailbox full", RECIPIENT),
        ("RCPT", "550 5.4.1 recipient address rejected: access denied", RECIPIENT),
        ("RCPT", "556 5.1.10 null MX", RECIPIENT),
        ("RCPT", "550 no such mailbox", RECIPIENT),
        ("RCPT", "551 user not local", RECIPIENT),
        ("RCPT", "553 mailbox name not allowed", RECIPIENT),
        ("RCPT", "450 4.2.1 mailbox busy", LATER),
        ("RCPT", "450 try again", LATER),
        ("RCPT", "452 4.2.2 mailbox full", LATER),
        ("DATA", "550 5.1.1 user unknown", RECIPIENT),
        ("DATA", "552 5.2.2 mailbox full", RECIPIENT),
        ("DATA", "552 message too large", MESSAGE),
        ("DATA", "552 5.3.4 message too large", MESSAGE),
        # Quotas of ours in the manner of Exchange Online, and mailboxes with almost the same codes.
        ("RCPT", "550 5.1.90 Your message can't be sent because you've reached your daily limit", OURS),
        ("RCPT", "550 5.7.705 Access denied, tenant has exceeded threshold", OURS),
        ("RCPT", "550 5.7.501 Access denied, spam abuse detected", OURS),
        ("RCPT", "550 5.7.504 Recipient address rejected: Access denied", IN_DOUBT),
        ("RCPT", "550 5.1.9 non-compatible recipient", RECIPIENT),
        ("RCPT", "552 5.2.2 The mailbox is over its quota limit", RECIPIENT),
        ("DATA", "554 5.2.2 Submission quota exceeded", LATER_IN_DOUBT),
        # Relaying, logging in and quotas: tried until it is repaired, and never failed by the answer alone.
        ("RCPT", "554 5.7.1 relay access denied", LATER_IN_DOUBT),
        ("RCPT", "550 relay not permitted", LATER_IN_DOUBT),
        ("RCPT", "550 Authentication is required for relay", LATER_IN_DOUBT),
        ("RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", LATER_IN_DOUBT),
        ("RCPT", "550 5.4.5 daily sending quota exceeded", LATER_IN_DOUBT),
        ("DATA", "554 Throttling failure: daily message quota exceeded", LATER_IN_DOUBT),
        ("RCPT", "550 5.1.1 user unknown; relay access denied", RECIPIENT),
        # Only what becomes of others tells.
        ("RCPT", "550 5.7.1 client host rejected", IN_DOUBT),
        ("RCPT", "550 5.1.0 sender rejected", IN_DOUBT),
        ("RCPT", "550 5.3.2 system not accepting messages", IN_DOUBT),
        ("RCPT", "554 transaction failed", IN_DOUBT),
        ("RCPT", "571 blocked", IN_DOUBT),
        ("RCPT", "454 4.7.1 relay access denied", LATER_IN_DOUBT),
        ("RCPT", "451 4.7.1 greylisted", LATER_IN_DOUBT),
        ("RCPT", "451 4.3.0 temporary lookup failure", LATER_IN_DOUBT),
        ("DATA", "554 5.7.1 this mail is not wanted", IN_DOUBT_AT_DATA),
        ("DATA", "554 looks like spam", IN_DOUBT_AT_DATA),
        ("DATA", "550 5.6.0 content", IN_DOUBT_AT_DATA),
        ("DATA", "451 4.3.2 too busy", LATER_IN_DOUBT),
        ("DATA", "421 4.3.2 shutting down", OURS),
    ],
)  # fmt: skip
def test_an_answer_is_judged_by_what_it_means_and_not_by_its_first_digit(
    mailbox, channel, stage, answer, expected
):
    mailbox.answers[stage] = answer
    with pytest.raises((Refusal, Deferral, Doubt, Outage)) as told:
        send(channel)
    assert meaning(told.value) == expected


class TestAddresses:
    def test_a_domain_goes_out_as_mail_servers_know_it(self, mailbox, channel):
        send(channel, "clerk@bücher.example")
        ((recipients, mail),) = mailbox.received
        assert recipients == ["clerk@xn--bcher-kva.example"]
        assert mail["To"] == "clerk@xn--bcher-kva.example"

    @pytest.mark.parametrize(
        ("domain", "in_ascii"),
        [
            ("航港.tw", "xn--j6w393b.tw"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("straße.de", "xn--strae-oqa.de"),
        ],
    )
    def test_the_domain_is_that_of_idna_2008(self, mailbox, channel, domain, in_ascii):
        send(channel, f"clerk@{domain}")
        assert mailbox.received[0][0] == [f"clerk@{in_ascii}"]

    def test_a_local_part_beyond_ascii_is_refused_once_where_the_server_takes_ascii_only(
        self, mailbox, channel
    ):
        with pytest.raises(Refusal) as refused:
            send(channel, "承辦人@航港.tw")
        assert refused.value.failure is Failure.RECIPIENT_REFUSED
        assert send(channel) == "accepted"
        assert mailbox.connections == 1

    def test_and_sent_where_the_server_offers_more(self, mailbox, channel):
        mailbox.takes_utf8 = True
        send(channel, "承辦人@航港.tw")
        ((recipients, mail),) = mailbox.received
        assert recipients == ["承辦人@xn--j6w393b.tw"]
        assert mail["To"] == "承辦人@xn--j6w393b.tw"
        assert mail["Subject"] == MAIL.subject

    @pytest.mark.parametrize(
        "address",
        [
            "", "clerk", "@example.com", "clerk@", "cl erk@example.com", "a\r\nRCPT TO:<b@example.com>@example.com",
            "a@exa mple.com", "a@example.com\r\nBcc: b@example.com", "a<b>@example.com", "a@b@example.com",
            "clerk@-ü-.example", "clerk@" + "ü" * 70 + ".example", "clerk@\u200b.example", "x" * 65 + "@example.com",
        ],
    )  # fmt: skip
    def test_what_is_no_address_is_refused_before_anything_is_sent(self, mailbox, channel, address):
        with pytest.raises(Refusal) as refused:
            send(channel, address)
        assert refused.value.failure is Failure.RECIPIENT_REFUSED
        assert (mailbox.received, mailbox.connections) == ([], 0)
