"""The text message gateway, over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import requests

from notify.channels.rules import ChannelPlan, Connection, Limit, Outage, OutgoingMessage, Setting
from notify.channels.sms.rules import meaning_of_http
from notify.templates.actions import render_text
from notify.templates.rules import Links

TIMEOUT_SECONDS = 15


class SmsGateway:
    """A gateway that accepts one JSON object per text message and sends each `reference` once."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, delivery_id: UUID, recipient: str, text: str) -> str:
        """Returns the status. Raises Refusal, Deferral, Doubt, Outage."""
        try:
            answer = self.session.post(
                self.url,
                json={"to": recipient, "text": text, "reference": str(delivery_id)},
                timeout=TIMEOUT_SECONDS,
                # A redirected POST would be repeated as a GET, and its page would look like an acceptance.
                allow_redirects=False,
            )
        except requests.RequestException as gone:
            # The name alone: the text of some exceptions quotes the address with the token in it.
            raise Outage(type(gone).__name__) from gone
        # The body is not kept: gateways repeat the number in it, or the text with its code.
        if (meaning := meaning_of_http(answer.status_code)) is not None:
            raise meaning
        return str(answer.status_code)

    def close(self) -> None:
        self.session.close()


@dataclass
class SmsConnection:
    """Renders a text message and hands it to the gateway."""

    gateway: SmsGateway
    links: Links

    def send(self, message: OutgoingMessage) -> str:
        text = render_text(
            self.links, message.kind, message.template_version, message.locale, message.details, "sms"
        )
        return self.gateway.send(message.delivery_id, message.recipient, text)

    def close(self) -> None:
        self.gateway.close()


def connect(settings: Mapping[str, str], links: Links) -> Connection:
    return SmsConnection(SmsGateway(settings["NOTIFY_SMS_URL"], settings["NOTIFY_SMS_TOKEN"]), links)


CHANNEL = ChannelPlan(
    provider="A text message gateway over HTTP.",
    settings=(
        Setting("NOTIFY_SMS_URL", "the gateway's address"),
        Setting("NOTIFY_SMS_TOKEN", "our token there, sent as `Authorization: Bearer`"),
    ),
    per_second=Limit("NOTIFY_SMS_PER_SECOND", 20),
    connections=Limit("NOTIFY_SMS_CONNECTIONS", 3),
    connect=connect,
)
