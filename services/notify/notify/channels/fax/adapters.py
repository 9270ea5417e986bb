"""Fax: a message becomes pages, which a mail-to-fax gateway or a HylaFAX server sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from mtnet_chassis.settings import SettingMissing, env
from PIL.Image import Image

from notify.channels.fax.fonts import FontsMissing
from notify.channels.fax.hylafax import HylaFax
from notify.channels.fax.mailing import FORMATS, MailToFax
from notify.channels.fax.notice import fax_of
from notify.channels.fax.pages import drawn
from notify.channels.fax.rules import (
    fax_number,
    number_as,
    office_hours,
    problem_of_address,
    receipt_of,
)
from notify.channels.rules import (
    Accepted,
    ChannelPlan,
    Connection,
    Limit,
    Outage,
    OutgoingMessage,
    Receipt,
    RetryPolicy,
    Setting,
    Webhook,
    WebhookUnreadable,
    Window,
)
from notify.channels.smtp import SmtpSession
from notify.channels.webhooks import check_signature, read_object, text_of
from notify.templates.rules import Links

USUAL_HOURS = "08:00-18:00"
# A line that is busy or that nobody answers.
RETRIES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
LONGEST_TEXT = 200
MOST_PAGES_TOLD = 1000


class FaxProvider(Protocol):
    """A way to send pages: mail-to-fax, or a fax server."""

    def send(self, delivery_id: UUID, number: str, subject: str, pages: Sequence[Image]) -> tuple[str, str]:
        """The answer in codes, and what receipts will name. Raises Refusal, Deferral, Doubt, Outage."""
        ...

    def close(self) -> None: ...


@dataclass
class FaxConnection:
    """Draws a message and hands its pages to the provider. `abroad`: numbers of other countries, too."""

    provider: FaxProvider
    links: Links
    abroad: bool

    def send(self, message: OutgoingMessage) -> Accepted:
        number = fax_number(message.recipient, abroad=self.abroad)
        try:
            fax = fax_of(message, self.links, datetime.now(UTC))
            pages = drawn(fax)
        except FontsMissing as missing:
            raise Outage(f"font not installed: {missing}") from missing
        answer, reference = self.provider.send(message.delivery_id, number, fax.subject, pages)
        return Accepted(answer, reference, final=False)

    def close(self) -> None:
        self.provider.close()


def connect(settings: Mapping[str, str], links: Links) -> Connection:
    """Raises ValueError for a setting that cannot work."""
    office_hours(settings["NOTIFY_FAX_HOURS"])
    return FaxConnection(_provider(settings), links, _yes(settings, "NOTIFY_FAX_ABROAD"))


def read_receipts(webhook: Webhook, settings: Mapping[str, str]) -> Sequence[Receipt]:
    """`{"reference", "message_id", "status", "pages"}`. Raises WebhookForged, WebhookUnreadable."""
    check_signature(webhook, settings["NOTIFY_FAX_TOKEN"])
    content = read_object(webhook)
    pages = content.get("pages")
    if not (pages is None or (type(pages) is int and 0 <= pages <= MOST_PAGES_TOLD)):
        raise WebhookUnreadable("pages")
    receipt = receipt_of(
        text_of(content, "status", LONGEST_TEXT),
        text_of(content, "reference", LONGEST_TEXT),
        text_of(content, "message_id", LONGEST_TEXT),
        pages,
    )
    if receipt is None:
        raise WebhookUnreadable("status and reference")
    return [receipt]


def _office_hours() -> Window | None:
    """Raises SettingMissing for hours that are none."""
    try:
        return office_hours(env("NOTIFY_FAX_HOURS", USUAL_HOURS))
    except ValueError as problem:
        raise SettingMissing(str(problem)) from None


def poll_receipts(settings: Mapping[str, str], references: Sequence[str]) -> Sequence[Receipt]:
    """What became of jobs of a HylaFAX server; a gateway tells by itself. Raises Outage."""
    provider = _provider(settings)
    return provider.receipts(references) if isinstance(provider, HylaFax) else []


def _provider(settings: Mapping[str, str]) -> FaxProvider:
    scheme, form = urlsplit(settings["NOTIFY_FAX_URL"]).scheme, settings["NOTIFY_FAX_ADDRESS"]
    if scheme == "hylafax":
        return HylaFax(settings["NOTIFY_FAX_URL"], partial(number_as, "{national}"))
    if scheme not in ("smtp", "smtps"):
        raise ValueError("NOTIFY_FAX_URL begins with smtp://, smtps:// or hylafax://.")
    if problem := problem_of_address(form):
        raise ValueError(f"NOTIFY_FAX_ADDRESS cannot be used: {problem}.")
    if settings["NOTIFY_FAX_ATTACHMENT"] not in FORMATS:
        raise ValueError(f"NOTIFY_FAX_ATTACHMENT is one of {', '.join(FORMATS)}.")
    smtp = SmtpSession(settings["NOTIFY_FAX_URL"], settings["NOTIFY_FAX_FROM"])
    return MailToFax(smtp, partial(number_as, form), settings["NOTIFY_FAX_ATTACHMENT"])


def _yes(settings: Mapping[str, str], name: str) -> bool:
    if settings[name] not in ("yes", "no"):
        raise ValueError(f"{name} is yes or no.")
    return settings[name] == "yes"


CHANNEL = ChannelPlan(
    provider="A mail-to-fax gateway, or a HylaFAX server.",
    settings=(
        Setting(
            "NOTIFY_FAX_URL",
            "the gateway's mail server: `smtp://user:password@host:587?starttls=1`, `smtps://…`",
        ),
        Setting("NOTIFY_FAX_TOKEN", "the key by which its receipts are signed"),
        Setting("NOTIFY_FAX_FROM", "the sender that the gateway knows: `MTNet <fax@example.com>`"),
        Setting(
            "NOTIFY_FAX_ADDRESS",
            "the form of its addresses; `{digits}` 886281927019, `{e164}` +886281927019, `{national}` 0281927019",
            "FAX={e164}@fax.example",
        ),
        Setting("NOTIFY_FAX_ATTACHMENT", "what it takes: `tiff` or `pdf`", "tiff"),
        Setting(
            "NOTIFY_FAX_HOURS",
            "when faxes are sent, in Taipei and on working days of public offices: `08:00-18:00`; or `always`",
            USUAL_HOURS,
        ),
        Setting("NOTIFY_FAX_ABROAD", "`yes`: numbers of other countries are faxed to, which costs", "no"),
    ),
    per_second=Limit("NOTIFY_FAXES_PER_SECOND", 5),
    connections=Limit("NOTIFY_FAX_CONNECTIONS", 2),
    connect=connect,
    retry=RetryPolicy(
        delays=RETRIES,
        give_up_after=timedelta(days=7),
        most_deferrals=len(RETRIES),
        jitter=0.1,
        window=_office_hours,
    ),
    read_receipts=read_receipts,
    poll_receipts=poll_receipts,
    receipt_within=timedelta(hours=24),
)
