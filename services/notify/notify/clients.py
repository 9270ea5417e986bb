"""Other people's systems: a mail server over SMTP and a text message gateway over HTTP."""

import re
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, parseaddr
from types import TracebackType
from typing import NoReturn, Protocol, Self
from urllib.parse import unquote, urlsplit
from uuid import UUID

import requests

from notify.domain.delivering import Deferral, Failure, Outage, Refusal
from notify.domain.messages import Mail

TIMEOUT_SECONDS = 15
SERVICE_NOT_AVAILABLE = 421
TOO_MANY_REQUESTS = 429
PERMANENT = range(500, 600)
# RFC 3463: class, subject and detail at the beginning of an answer.
ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")


class MailChannel(Protocol):
    """A way to hand over mails, kept open for a batch."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...
    def send(self, message_id: UUID, recipient: str, mail: Mail, locale: str) -> str:
        """The provider's answer, in codes. Raises Refusal, Deferral, Outage."""
        ...


class SmsChannel(Protocol):
    """A way to hand over text messages."""

    def send(self, message_id: UUID, recipient: str, text: str) -> str:
        """The provider's answer, in codes. Raises Refusal, Deferral, Outage."""
        ...


class SmtpChannel:
    """One SMTP connection for a batch of mails; a broken one is opened again once per mail at most.

    `smtp://user:password@host:587?starttls=1`, `smtps://…`, or `smtp://host:25` inside a machine.
    """

    def __init__(self, url: str, mail_from: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "localhost"
        self.encrypted = parts.scheme == "smtps"
        self.port = parts.port or (465 if self.encrypted else 25)
        self.starttls = "starttls=1" in parts.query
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.mail_from = mail_from
        self.domain = parseaddr(mail_from)[1].rpartition("@")[2]
        self.connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._hang_up()

    def send(self, message_id: UUID, recipient: str, mail: Mail, locale: str) -> str:
        letter = self._letter(message_id, recipient, mail, locale)
        return _translated(lambda: self._hand_over(letter, recipient), self._hang_up)

    def _letter(self, message_id: UUID, recipient: str, mail: Mail, locale: str) -> EmailMessage:
        letter = EmailMessage(policy=SMTP_POLICY)
        letter["From"] = self.mail_from
        letter["To"] = recipient
        letter["Subject"] = mail.subject
        letter["Date"] = formatdate(localtime=False)
        # The same for every attempt: a server that took the mail before a crash can recognise it.
        letter["Message-ID"] = f"<{message_id}@{self.domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(mail.text)
        letter.add_alternative(mail.html, subtype="html")
        letter["Content-Language"] = locale
        return letter

    def _hand_over(self, letter: EmailMessage, recipient: str) -> str:
        if self.connection is None:
            self.connection = self._connected()
        options = () if recipient.isascii() else ("SMTPUTF8",)
        sender = parseaddr(self.mail_from)[1]
        self.connection.sendmail(sender, [recipient], letter.as_bytes(), mail_options=options)
        return "accepted"

    def _connected(self) -> smtplib.SMTP:
        secure = ssl.create_default_context() if self.encrypted or self.starttls else None
        if self.encrypted:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, self.domain, timeout=TIMEOUT_SECONDS, context=secure
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, self.domain, timeout=TIMEOUT_SECONDS)
        try:
            if self.starttls:
                connection.starttls(context=secure)
            if self.user:
                connection.login(self.user, self.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _hang_up(self) -> None:
        if self.connection is not None:
            connection, self.connection = self.connection, None
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()


def _translated(hand_over: Callable[[], str], hang_up: Callable[[], None]) -> str:
    """smtplib's exceptions as what they mean for the message."""
    try:
        return hand_over()
    except smtplib.SMTPRecipientsRefused as refused:
        (code, answer) = next(iter(refused.recipients.values()))
        _raise_for(code, answer, Failure.RECIPIENT_REFUSED, refused)
    except smtplib.SMTPAuthenticationError as refused:
        hang_up()
        answer = _codes_of(refused.smtp_code, refused.smtp_error)
        raise Outage(f"the mail server does not accept us: {answer}") from refused
    except smtplib.SMTPNotSupportedError as refused:
        hang_up()
        raise Outage(f"the mail server does not accept us: {refused}") from refused
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as refused:
        hang_up()
        raise Outage(_codes_of(refused.smtp_code, refused.smtp_error)) from refused
    except smtplib.SMTPResponseException as refused:
        if refused.smtp_code == SERVICE_NOT_AVAILABLE:
            hang_up()
        _raise_for(refused.smtp_code, refused.smtp_error, Failure.MESSAGE_REFUSED, refused)
    except (smtplib.SMTPException, OSError) as gone:
        hang_up()
        raise Outage(f"{type(gone).__name__}: {gone}") from gone


def _raise_for(code: int, answer: bytes | str, failure: Failure, cause: Exception) -> NoReturn:
    detail = _codes_of(code, answer)
    if code == SERVICE_NOT_AVAILABLE:
        raise Outage(detail) from cause
    if code in PERMANENT:
        raise Refusal(failure, detail) from cause
    raise Deferral(detail) from cause


def _codes_of(code: int, answer: bytes | str) -> str:
    """`550 5.1.1`: what the server means, without its words, which name the recipient more often than not."""
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    enhanced = ENHANCED_CODE.match(words)
    return f"{code} {enhanced[0]}" if enhanced else str(code)


class HttpSmsChannel:
    """A gateway that takes one JSON object per text message and knows a message by its `reference`."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, message_id: UUID, recipient: str, text: str) -> str:
        try:
            answer = self.session.post(
                self.url,
                json={"to": recipient, "text": text, "reference": str(message_id)},
                timeout=TIMEOUT_SECONDS,
            )
        except requests.RequestException as gone:
            raise Outage(f"{type(gone).__name__}: {gone}") from gone
        # The body is left out: gateways repeat the number, or the text with its code.
        detail = str(answer.status_code)
        if answer.status_code in (200, 202):
            return detail
        if answer.status_code in (401, 403, TOO_MANY_REQUESTS) or answer.status_code in PERMANENT:
            raise Outage(detail)
        if answer.status_code in (400, 422):
            raise Refusal(Failure.RECIPIENT_REFUSED, detail)
        raise Deferral(detail)
