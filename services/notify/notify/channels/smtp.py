"""SMTP connections, for every channel that goes by mail."""

import re
import smtplib
import socket
import ssl
import time
from email.utils import formataddr, parseaddr
from typing import NoReturn
from urllib.parse import unquote, urlsplit

import idna

from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal
from notify.channels.smtp_answers import Stage, meaning_of_smtp

TIMEOUT_SECONDS = 15
# Relays end a connection after some mails: Exchange Online after 100 in a minute, Exim after 1,000, others sooner.
MAILS_PER_CONNECTION = 100
# How long to wait for the last answer. RFC 5321 (4.5.3.2.6) asks for minutes: whoever hangs up before a slow server has
# answered sends the same mail again. For a code that is better than a code that comes too late.
LAST_ANSWER_SECONDS = 300.0
LAST_ANSWER_TO_URGENT_SECONDS = 20.0
# Servers close idle sessions after minutes. We close ours sooner, so as not to meet that moment.
IDLE_SECONDS = 20
ACCEPTED = (250, 251, 252)
# What a server says that has taken enough over one connection (RFC 5321, 3.8): the next mail goes over a new one.
CLOSING = "421"
SEND_IT = 354
# What can be written between < and > without quoting.
LOCAL_PART = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]{1,64}")


class SmtpSession:
    """One SMTP connection, kept from mail to mail.

    `smtp://user:password@host:587?starttls=1`, `smtps://…`, or `smtp://host:25` inside a machine.
    """

    def __init__(self, url: str, mail_from: str, per_connection: int = MAILS_PER_CONNECTION) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "localhost"
        self.encrypted = parts.scheme == "smtps"
        self.port = parts.port or (465 if self.encrypted else 25)
        self.starttls = "starttls=1" in parts.query
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        name, address = parseaddr(mail_from)
        try:
            self.address = routable(address)
        except Refusal:
            raise ValueError(
                "NOTIFY_MAIL_FROM or NOTIFY_FAX_FROM is no address that mail can come from."
            ) from None
        self.mail_from = formataddr((name, self.address)) if name else self.address
        self.domain = self.address.rpartition("@")[2]
        self.connection: smtplib.SMTP | None = None
        self.used_at = 0.0
        self.per_connection = per_connection
        self.accepted = 0

    def send_content(
        self, recipient: str, content: bytes, last_answer_seconds: float, return_path: str | None = None
    ) -> str:
        """Send a mail as it goes over the wire, lines ending in CRLF. Waits `last_answer_seconds` for the server's last
        answer. `return_path` is where it comes back to; our own address where it is None.

        Raises Refusal, Deferral, Doubt, Outage.
        """
        sender = return_path or self.address
        address = routable(recipient)
        while True:
            try:
                connection = self._connection_for(sender, address)
                return self._hand_over(connection, address, content, last_answer_seconds)
            except Outage as outage:
                # A server that has accepted mails and then closes down has had enough of this connection, not of us.
                had_enough = self.accepted > 0 and outage.detail.startswith(CLOSING)
                self.close()
                if not had_enough:
                    raise

    def close(self) -> None:
        self.accepted = 0
        if self.connection is not None:
            connection, self.connection = self.connection, None
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()

    def _connection_for(self, sender: str, address: str) -> smtplib.SMTP:
        """A connection on which the server has accepted the sender. One that it closed meanwhile is opened again."""
        if self.connection is not None:
            if time.monotonic() - self.used_at < IDLE_SECONDS and self.accepted < self.per_connection:
                try:
                    return self._sender_accepted(self.connection, sender, address)
                except (Outage, smtplib.SMTPException, OSError):
                    pass
            self.close()
        try:
            self.connection = self._connected()
            self.used_at = time.monotonic()
            return self._sender_accepted(self.connection, sender, address)
        except smtplib.SMTPResponseException as refused:
            raise meaning_of_smtp(Stage.GREETING, refused.smtp_code, refused.smtp_error) from refused
        except (smtplib.SMTPException, OSError) as gone:
            raise Outage(type(gone).__name__) from gone

    def _sender_accepted(self, connection: smtplib.SMTP, sender: str, address: str) -> smtplib.SMTP:
        """Name the sender. To a server that takes commands together (RFC 2920), name the recipient at once
        and ask for the mail: every answer that is waited for costs a round trip.
        """
        options = []
        if not address.isascii():
            if not connection.has_extn("smtputf8"):
                raise Refusal(Failure.RECIPIENT_REFUSED, "the server takes ASCII addresses only")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        if _takes_commands_together(connection):
            mail = " ".join([f"MAIL FROM:<{sender}>", *options])
            connection.send(f"{mail}\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode())
            code, answer = connection.getreply()
        else:
            code, answer = connection.mail(sender, options)
        if code not in ACCEPTED:
            self._refuse(connection, Stage.SENDER, code, answer)
        return connection

    def _hand_over(
        self, connection: smtplib.SMTP, address: str, content: bytes, last_answer_seconds: float
    ) -> str:
        stage = Stage.RECIPIENT
        together = _takes_commands_together(connection)
        try:
            code, answer = connection.getreply() if together else connection.rcpt(address)
            if code not in ACCEPTED:
                self._refuse(connection, stage, code, answer)
            stage = Stage.CONTENT
            _wait_at_most(connection, last_answer_seconds)
            code, answer = connection.getreply() if together else connection.docmd("DATA")
            if code == SEND_IT:
                # Nothing in it but CRLF ends a line; a dot at a line's beginning would end the mail (RFC 5321, 4.5.2).
                connection.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
                code, answer = connection.getreply()
            if code not in ACCEPTED:
                self._refuse(connection, stage, code, answer)
            _wait_at_most(connection, TIMEOUT_SECONDS)
        except (smtplib.SMTPException, OSError) as gone:
            # The server was there and accepted our address: this very mail may be why it ended the session.
            self.close()
            raise Doubt(type(gone).__name__, None) from gone
        self.used_at = time.monotonic()
        self.accepted += 1
        return "accepted"

    def _refuse(self, connection: smtplib.SMTP, stage: Stage, code: int, answer: bytes | str) -> NoReturn:
        """Raise what the answer means, and leave the connection ready for the next mail, or closed."""
        meaning = meaning_of_smtp(stage, code, answer)
        if isinstance(meaning, Refusal | Deferral | Doubt):
            try:
                _wait_at_most(connection, TIMEOUT_SECONDS)
                if _takes_commands_together(connection):
                    _read_on(connection, Stage.CONTENT - stage)
                connection.rset()
                self.used_at = time.monotonic()
            except (smtplib.SMTPException, OSError):
                self.close()
        raise meaning

    def _connected(self) -> smtplib.SMTP:
        secure = ssl.create_default_context() if self.encrypted or self.starttls else None
        if self.encrypted:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, self.domain, timeout=TIMEOUT_SECONDS, context=secure
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, self.domain, timeout=TIMEOUT_SECONDS)
        try:
            if connection.sock is not None:
                _notice_a_dead_peer(connection.sock)
            if self.starttls:
                connection.starttls(context=secure)
            if self.user:
                connection.login(self.user, self.password)
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection


def routable(address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008). The local part stays as it was written.

    Raises Refusal when no server will ever accept it.
    """
    local_part, _, domain = address.rpartition("@")
    if not LOCAL_PART.fullmatch(local_part):
        raise Refusal(Failure.RECIPIENT_REFUSED, "no address that mail can be sent to")
    try:
        in_ascii = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise Refusal(Failure.RECIPIENT_REFUSED, "no domain that mail can be sent to") from None
    if not in_ascii or not re.fullmatch(r"[!-;=?-~]+", in_ascii):
        raise Refusal(Failure.RECIPIENT_REFUSED, "no domain that mail can be sent to")
    return f"{local_part}@{in_ascii}"


def _takes_commands_together(connection: smtplib.SMTP) -> bool:
    return connection.has_extn("pipelining")


def _read_on(connection: smtplib.SMTP, unread: int) -> None:
    """Read the answers to what went out together with the refused command.

    A server that asks for the mail all the same gets an empty one, which has no recipient (RFC 2920, 3.1).
    """
    answers = [connection.getreply() for _ in range(unread)]
    if answers and answers[-1][0] == SEND_IT:
        connection.docmd(".")


def _wait_at_most(connection: smtplib.SMTP, seconds: float) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(seconds)


def _notice_a_dead_peer(connection: socket.socket) -> None:
    """Notice within half a minute that the server is gone, while we wait minutes for a slow one."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
