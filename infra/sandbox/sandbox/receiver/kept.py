"""What came to webhooks, by system: the newest, whether the signature was right, and how often each id came."""

import json
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

KEPT = 2000
LARGEST_BODY_BYTES = 1024 * 1024
MOST_SECRETS = 3
MOST_SYSTEMS = 50
LONGEST_SECONDS = 600.0
SHOWN_HEADERS = ("webhook-", "ce-", "traceparent", "content-type", "user-agent")


class Mode(StrEnum):
    """What a receiver does on a bad day:
    slow: answers after `seconds` · drip: answers at once, its body never ends · refuse: 500 · busy: 429 with
    Retry-After of `seconds` · away: 503 · gone: 410 · redirect: 307 to `to` · cut: ends the connection without a word ·
    cut_after: keeps the event, then ends the connection · garbage: keeps the event, and answers what is no HTTP ·
    flood: answers 200 with a body of 50 MB
    """

    NONE = "none"
    SLOW = "slow"
    DRIP = "drip"
    REFUSE = "refuse"
    BUSY = "busy"
    AWAY = "away"
    GONE = "gone"
    REDIRECT = "redirect"
    CUT = "cut"
    CUT_AFTER = "cut_after"
    GARBAGE = "garbage"
    FLOOD = "flood"


@dataclass(frozen=True)
class Fault:
    """`count` requests meet it; None: all. `only`: a part of the event's name."""

    mode: Mode = Mode.NONE
    count: int | None = None
    seconds: float = 0.0
    to: str = ""
    only: str = ""

    def problem(self) -> str:
        """What is wrong with it, or nothing."""
        if not (self.count is None or (type(self.count) is int and self.count > 0)):
            return "count is null or a number from 1 on"
        if type(self.seconds) not in (int, float) or not 0 <= self.seconds <= LONGEST_SECONDS:
            return f"seconds is a number up to {LONGEST_SECONDS:.0f}"
        if not all(isinstance(each, str) and len(each) <= 500 for each in (self.to, self.only)):
            return "to and only are texts"
        return ""


@dataclass(frozen=True)
class Received:
    """`verified`: None where the receiver knows no secret."""

    number: int
    system: str
    at: datetime
    headers: dict[str, str]
    body: str
    verified: bool | None

    @property
    def event_id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def event(self) -> str:
        return self.headers.get("ce-type", "")

    @property
    def pretty(self) -> str:
        try:
            return json.dumps(json.loads(self.body), ensure_ascii=False, indent=2)
        except ValueError:
            return self.body

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "system": self.system,
            "at": self.at.isoformat(),
            "event_id": self.event_id,
            "event": self.event,
            "headers": self.headers,
            "body": self.body,
            "verified": self.verified,
        }


@dataclass
class Receivers:
    """All of them; in memory."""

    received: deque[Received] = field(default_factory=lambda: deque(maxlen=KEPT))
    secrets: dict[str, list[str]] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    times: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def trust(self, system: str, secrets: list[str]) -> None:
        """Verify what comes to this system by these secrets. Raises ValueError for one that is none."""
        if len(secrets) > MOST_SECRETS or (system not in self.secrets and len(self.secrets) >= MOST_SYSTEMS):
            raise ValueError("too many secrets")
        for secret in secrets:
            if not secret.startswith("whsec_"):
                raise ValueError("a secret begins with whsec_")
            try:
                Webhook(secret)
            except EmptyWebhookSecretError:
                raise ValueError("a secret has 24 to 64 bytes") from None
        self.secrets[system] = secrets

    def keep(self, system: str, headers: dict[str, str], body: str) -> Received:
        self.number += 1
        if len(self.received) == KEPT:
            self._forget(self.received[0])
        shown = {name: value for name, value in headers.items() if name.startswith(SHOWN_HEADERS)}
        found = Received(
            self.number, system, datetime.now(UTC), shown, body, self._verified(system, shown, body)
        )
        self.received.append(found)
        self.times[system, found.event_id] += 1
        return found

    def strike(self, system: str, event: str) -> Fault:
        """The fault to show now, counted down."""
        fault = self.faults.get(system, Fault())
        if fault.mode is Mode.NONE or fault.only not in event:
            return Fault()
        if fault.count is not None:
            self.faults[system] = replace(fault, count=fault.count - 1) if fault.count > 1 else Fault()
        return fault

    def newest_first(self, system: str = "", limit: int = 200) -> list[Received]:
        found = [each for each in reversed(self.received) if system in ("", each.system)]
        return found[:limit]

    def systems(self) -> list[str]:
        return sorted({each.system for each in self.received} | self.secrets.keys())

    def empty(self) -> None:
        self.received.clear()
        self.times.clear()
        self.asked.clear()

    def asks(self, system: str) -> None:
        """A request for it has come, whatever becomes of it."""
        if system in self.asked or len(self.asked) < MOST_SYSTEMS:
            self.asked[system] += 1

    def misbehave(self, system: str, fault: Fault) -> None:
        """From now on. Raises ValueError where there are too many systems."""
        if system not in self.faults and len(self.faults) >= MOST_SYSTEMS:
            raise ValueError("too many systems")
        self.faults[system] = fault

    def _forget(self, oldest: Received) -> None:
        of = (oldest.system, oldest.event_id)
        self.times[of] -= 1
        if not self.times[of]:
            del self.times[of]

    def _verified(self, system: str, headers: dict[str, str], body: str) -> bool | None:
        if not (secrets := self.secrets.get(system)):
            return None
        for secret in secrets:
            try:
                Webhook(secret).verify(body, headers, json_parse=False)
                return True
            except (WebhookVerificationError, ValueError):
                continue
        return False
