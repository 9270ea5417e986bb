"""A text message gateway over HTTP."""

from typing import Protocol
from uuid import UUID

import requests

from notify.domain.answers import meaning_of_http
from notify.domain.delivering import Outage

TIMEOUT_SECONDS = 15


class SmsChannel(Protocol):
    """A way to hand over text messages."""

    def send(self, message_id: UUID, recipient: str, text: str) -> str:
        """The provider's answer, in codes. Raises Refusal, Deferral, Doubt, Outage."""
        ...

    def close(self) -> None: ...


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
                # A redirected POST would come as a GET, and its page would look like an acceptance.
                allow_redirects=False,
            )
        except requests.RequestException as gone:
            # Its name alone: the words of some quote the address with the token in it.
            raise Outage(type(gone).__name__) from gone
        # The body is left out: gateways repeat the number, or the text with its code.
        if (meaning := meaning_of_http(answer.status_code)) is not None:
            raise meaning
        return str(answer.status_code)

    def close(self) -> None:
        self.session.close()
