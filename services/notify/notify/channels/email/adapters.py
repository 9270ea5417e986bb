"""The mail server, over SMTP."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from notify.channels.email.conversations import Thread, desk_address_of, desk_thread
from notify.channels.email.mime import mime_message
from notify.channels.email.return_paths import ReturnPaths
from notify.channels.email.unsubscribing import UnsubscribeLinks
from notify.channels.rules import ChannelPlan, Connection, Limit, OutgoingMessage, Setting
from notify.channels.smtp import (
    LAST_ANSWER_SECONDS,
    LAST_ANSWER_TO_URGENT_SECONDS,
    MAILS_PER_CONNECTION,
    SmtpSession,
    routable,
)
from notify.templates.actions import render_mail
from notify.templates.rules import Kind, Links, Mail

SHORTEST_KEY = 32
# What comes from the helpdesk, and is part of the conversation there.
OF_THE_DESK = frozenset({Kind.DESK_ACKNOWLEDGEMENT, Kind.DESK_ANSWER})


class SmtpClient(SmtpSession):
    """Writes mails and sends them over one connection. `return_paths`: where each one comes back to."""

    return_paths: ReturnPaths | None = None

    def send(
        self,
        delivery_id: UUID,
        recipient: str,
        mail: Mail,
        locale: str,
        last_answer_seconds: float,
        unsubscribe_url: str | None = None,
        thread: Thread | None = None,
    ) -> str:
        """Write and send a mail. Raises as send_content."""
        address = routable(recipient)
        content = mime_message(
            delivery_id, self.mail_from, address, self.domain, mail, locale, unsubscribe_url, thread
        )
        return_path = self.return_paths.of(delivery_id) if self.return_paths else None
        return self.send_content(recipient, content, last_answer_seconds, return_path)


@dataclass
class EmailConnection:
    """Renders a mail and sends it over one SMTP connection. What is optional says how it is stopped."""

    smtp: SmtpClient
    links: Links
    unsubscribing: UnsubscribeLinks | None = None
    desk_address: str = ""

    def send(self, message: OutgoingMessage) -> str:
        url = self.unsubscribing.of(message.person, message.category) if self.unsubscribing else None
        mail = render_mail(
            self.links, message.kind, message.template_version, message.locale, message.details, url
        )
        seconds = LAST_ANSWER_TO_URGENT_SECONDS if message.urgent else LAST_ANSWER_SECONDS
        thread = (
            desk_thread(
                message.details,
                self.desk_address,
                message.locale,
                by_person=message.kind is Kind.DESK_ANSWER,
            )
            if message.kind in OF_THE_DESK
            else None
        )
        return self.smtp.send(
            message.delivery_id, message.recipient, mail, message.locale, seconds, url, thread
        )

    def close(self) -> None:
        self.smtp.close()


def signing_key(settings: Mapping[str, str]) -> bytes:
    """Raises ValueError."""
    try:
        key = b64decode(settings["NOTIFY_SIGNING_KEY"], validate=True)
    except binascii.Error:
        key = b""
    if len(key) < SHORTEST_KEY:
        raise ValueError("NOTIFY_SIGNING_KEY is 32 random bytes in base64.")
    return key


def return_paths(settings: Mapping[str, str]) -> ReturnPaths | None:
    """None: mails come back to our own address, where nobody reads them. Raises ValueError."""
    address = settings["NOTIFY_RETURN_PATH"]
    return ReturnPaths(address, signing_key(settings)) if address else None


def connect(settings: Mapping[str, str], links: Links) -> Connection:
    per_connection = settings["NOTIFY_MAILS_PER_CONNECTION"]
    if not per_connection.isdecimal() or not int(per_connection):
        raise ValueError("NOTIFY_MAILS_PER_CONNECTION is a number from 1 on.")
    smtp = SmtpClient(settings["NOTIFY_SMTP_URL"], settings["NOTIFY_MAIL_FROM"], int(per_connection))
    smtp.return_paths = return_paths(settings)
    unsubscribing = UnsubscribeLinks(links.portal_url, signing_key(settings))
    desk_address = desk_address_of(settings["NOTIFY_DESK_ADDRESS"], settings["NOTIFY_MAIL_FROM"])
    return EmailConnection(smtp, links, unsubscribing, desk_address)


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
        Setting(
            "NOTIFY_SIGNING_KEY",
            "32 random bytes in base64, which sign return paths and the links that stop mails",
        ),
        Setting(
            "NOTIFY_DESK_ADDRESS",
            "the helpdesk's address, from which its answers come and whose mailbox gets `service+…@example.com` too; "
            "without it `service@` of the sender's domain",
            default="",
        ),
        Setting(
            "NOTIFY_RETURN_PATH",
            "where mails come back to: `bounces@example.com`, whose mailbox gets `bounces+…@example.com` too",
            default="",
        ),
    ),
    per_second=Limit("NOTIFY_MAILS_PER_SECOND", 3000),
    connections=Limit("NOTIFY_MAIL_CONNECTIONS", 5),
    connect=connect,
)
