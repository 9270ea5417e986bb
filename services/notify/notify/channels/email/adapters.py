"""The mail server, over SMTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from notify.channels.email.mime import mime_message
from notify.channels.rules import ChannelPlan, Connection, Limit, OutgoingMessage, Setting
from notify.channels.smtp import (
    LAST_ANSWER_SECONDS,
    LAST_ANSWER_TO_URGENT_SECONDS,
    MAILS_PER_CONNECTION,
    SmtpSession,
    routable,
)
from notify.templates.actions import render_mail
from notify.templates.rules import Links, Mail


class SmtpClient(SmtpSession):
    """Writes mails and sends them over one connection."""

    def send(
        self, delivery_id: UUID, recipient: str, mail: Mail, locale: str, last_answer_seconds: float
    ) -> str:
        """Write and send a mail. Raises as send_content."""
        content = mime_message(delivery_id, self.mail_from, routable(recipient), self.domain, mail, locale)
        return self.send_content(recipient, content, last_answer_seconds)


@dataclass
class EmailConnection:
    """Renders a mail and sends it over one SMTP connection."""

    smtp: SmtpClient
    links: Links

    def send(self, message: OutgoingMessage) -> str:
        mail = render_mail(
            self.links, message.kind, message.template_version, message.locale, message.details
        )
        seconds = LAST_ANSWER_TO_URGENT_SECONDS if message.urgent else LAST_ANSWER_SECONDS
        return self.smtp.send(message.delivery_id, message.recipient, mail, message.locale, seconds)

    def close(self) -> None:
        self.smtp.close()


def connect(settings: Mapping[str, str], links: Links) -> Connection:
    per_connection = settings["NOTIFY_MAILS_PER_CONNECTION"]
    if not per_connection.isdecimal() or not int(per_connection):
        raise ValueError("NOTIFY_MAILS_PER_CONNECTION is a number from 1 on.")
    smtp = SmtpClient(settings["NOTIFY_SMTP_URL"], settings["NOTIFY_MAIL_FROM"], int(per_connection))
    return EmailConnection(smtp, links)


CHANNEL = ChannelPlan(
    provider="A mail server over SMTP.",
    settings=(
        Setting(
            "NOTIFY_SMTP_URL",
            "the server: `smtp://user:password@host:587?starttls=1`, `smtps://…`, or `smtp://host:25` inside a machine",
        ),
        Setting("NOTIFY_MAIL_FROM", "the sender: `MTNet <no-reply@example.com>`"),
        Setting(
            "NOTIFY_MAILS_PER_CONNECTION",
            "after so many mails a connection is closed and another one opened",
            default=str(MAILS_PER_CONNECTION),
        ),
    ),
    per_second=Limit("NOTIFY_MAILS_PER_SECOND", 1000),
    connections=Limit("NOTIFY_MAIL_CONNECTIONS", 5),
    connect=connect,
)
