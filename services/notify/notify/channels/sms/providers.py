"""Companies that send text messages. Another one is a class of this size, and a line in `adapters.connect`."""

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import parse_qsl
from uuid import UUID

import requests

from notify.channels.rules import Failure, Outage, Receipt, Refusal, Webhook, WebhookUnreadable
from notify.channels.sms.rules import meaning_of_http, receipts_of
from notify.channels.webhooks import read_object, text_of

TIMEOUT_SECONDS = 15
LONGEST_WORD = 100
MOST_FIELDS = 20
# Of the 5xx the one that says that nothing was done.
OUT_OF_SERVICE = 503


class SmsProvider(Protocol):
    def send(self, delivery_id: UUID, recipient: str, text: str) -> str:
        """Returns the answer in codes. Raises Refusal, Deferral, Doubt, Outage."""
        ...

    def close(self) -> None: ...


class SmsGateway:
    """A gateway that accepts one JSON object per text message and sends each `reference` once.

    Its receipts are `{"reference", "status"}`.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, delivery_id: UUID, recipient: str, text: str) -> str:
        """Returns the status. Raises Refusal, Deferral, Doubt, Outage."""
        answer = posted(
            self.session, self.url, json={"to": recipient, "text": text, "reference": str(delivery_id)}
        )
        return str(answer.status_code)

    def close(self) -> None:
        self.session.close()


class FormGateway:
    """One that takes a form and answers in plain text: `OK <id>`, or `ERROR <code>`, code 12 for a wrong number.

    Its receipts are forms of `id` and `state`.
    """

    WRONG_NUMBER = "12"

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.session = requests.Session()

    def send(self, delivery_id: UUID, recipient: str, text: str) -> str:
        form = {"key": self.token, "to": recipient, "body": text, "id": str(delivery_id)}
        word, _, code = posted(self.session, self.url, data=form).text[:100].strip().partition(" ")
        if word == "OK":
            return "OK"
        if word == "ERROR" and code == self.WRONG_NUMBER:
            raise Refusal(Failure.RECIPIENT_REFUSED, f"ERROR {code}")
        if word == "ERROR":
            # Its other codes are about our account.
            raise Outage(f"ERROR {code}"[:20], not_taken=True)
        raise Outage("answer not understood")

    def close(self) -> None:
        self.session.close()


def json_receipts(webhook: Webhook) -> Sequence[Receipt] | None:
    """As SmsGateway's company posts them. Raises WebhookUnreadable."""
    content = read_object(webhook)
    reference, status = (text_of(content, name, LONGEST_WORD) for name in ("reference", "status"))
    return receipts_of("first", reference, status)


def form_receipts(webhook: Webhook) -> Sequence[Receipt] | None:
    """As FormGateway's company posts them. Raises WebhookUnreadable."""
    try:
        form = dict(parse_qsl(webhook.body.decode("ascii"), strict_parsing=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise WebhookUnreadable("no form") from None
    return receipts_of("second", form.get("id", ""), form.get("state", ""))


def posted(session: requests.Session, url: str, **content: object) -> requests.Response:
    """The answer that accepts. Raises what any other answer means."""
    try:
        # A redirected POST would be repeated as a GET, and its page would look like an acceptance.
        answer = session.post(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **content)  # type: ignore[arg-type]
    except requests.ConnectTimeout as away:
        raise Outage(type(away).__name__, not_taken=True) from away
    except requests.RequestException as gone:
        # The name alone: the text of some exceptions quotes the address with the token in it.
        raise Outage(type(gone).__name__, not_taken=_never_connected(gone)) from gone
    # The body is not kept: gateways repeat the number in it, or the text with its code.
    meaning = meaning_of_http(answer.status_code)
    if isinstance(meaning, Outage):
        meaning.not_taken = answer.status_code < 500 or answer.status_code == OUT_OF_SERVICE
    if meaning is not None:
        raise meaning
    return answer


def _never_connected(problem: requests.RequestException) -> bool:
    reason = getattr(problem.args[0], "reason", None) if problem.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError")
