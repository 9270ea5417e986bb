"""How many secrets sign a webhook's messages, and how long two of them do."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

SECRET_BYTES = 32
PREFIX = "whsec_"
# While a receiver changes over to the new secret, what is sent is signed by both.
OVERLAP = timedelta(days=7)
LONGEST_OVERLAP = timedelta(days=30)
MOST_SECRETS = 2


class NoWebhook(Exception):
    """This system has no webhook."""


class TooManySecrets(Exception):
    """Two secrets sign already."""


@dataclass(frozen=True)
class SealedSecret:
    """`sealed` for notify. After `ends_at` it signs no more."""

    number: int
    sealed: str
    issued_at: datetime
    ends_at: datetime | None

    def holds_at(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at


@dataclass(frozen=True)
class Webhook:
    """Of one downstream system. `set_at`: when it got its address."""

    subscriber_id: UUID
    url: str
    secrets: tuple[SealedSecret, ...]
    set_at: datetime | None = None

    def live_secrets(self, now: datetime) -> tuple[SealedSecret, ...]:
        return tuple(each for each in self.secrets if each.holds_at(now))

    def next_number(self) -> int:
        return max((each.number for each in self.secrets), default=0) + 1

    def renewed(self, sealed: str, now: datetime, overlap: timedelta) -> Webhook:
        """With one secret more; those before it sign for `overlap` longer. Raises TooManySecrets."""
        if len(self.live_secrets(now)) >= MOST_SECRETS and overlap:
            raise TooManySecrets
        until = now + overlap
        former = tuple(
            each if each.ends_at is not None and each.ends_at <= until else replace(each, ends_at=until)
            for each in self.secrets
        )
        return replace(self, secrets=(*former, SealedSecret(self.next_number(), sealed, now, None)))


def secret_text(random: bytes) -> str:
    """As Standard Webhooks writes a secret: `whsec_` and base64 of 24 to 64 bytes."""
    return PREFIX + base64.b64encode(random).decode()


@dataclass(frozen=True)
class System:
    """What notify has to know of the system that a webhook belongs to. `state`: active, suspended or removed."""

    subscriber_id: UUID
    name: str
    title: str
    contact_email: str
    state: str
