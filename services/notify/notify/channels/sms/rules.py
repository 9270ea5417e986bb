"""What an answer of a text message company means, and which company gets a message when there are two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notify.channels.rules import Deferral, Doubt, Failure, Outage, Receipt, ReceiptOutcome, Refusal


def meaning_of_http(status: int) -> Refusal | Deferral | Outage | Doubt | None:
    """What the status means for the message. None: the gateway accepted it.

    422: the gateway will never accept this number or text. 400: perhaps the same, or it no longer understands our
    requests. 409: it is working on this reference. Everything else is about us: not let in (401, 403, 407), not
    paid (402), too many (429), a wrong address (3xx, 404, 405), out of order (5xx).
    """
    detail = str(status)
    if status in range(200, 300):
        return None
    match status:
        case 422:
            return Refusal(Failure.RECIPIENT_REFUSED, detail)
        case 413:
            return Refusal(Failure.MESSAGE_REFUSED, detail)
        case 400:
            return Doubt(detail, Failure.RECIPIENT_REFUSED)
        case 409:
            return Deferral(detail)
        case _:
            return Outage(detail)


# What companies say later about a text message: the first in words, others as SMPP 3.4 does (appendix B).
DELIVERED = (ReceiptOutcome.DELIVERED, None)
UNDELIVERED = (ReceiptOutcome.FAILED, Failure.UNDELIVERED)
TOO_LATE = (ReceiptOutcome.FAILED, Failure.EXPIRED)
REJECTED = (ReceiptOutcome.FAILED, Failure.MESSAGE_REFUSED)
NO_SUCH_NUMBER = (ReceiptOutcome.FAILED, Failure.RECIPIENT_REFUSED)
STATES: Mapping[str, tuple[ReceiptOutcome, Failure | None]] = {
    "delivered": DELIVERED,
    "undelivered": UNDELIVERED,
    "expired": TOO_LATE,
    "rejected": REJECTED,
    "unknown_number": NO_SUCH_NUMBER,
    "DELIVRD": DELIVERED,
    "UNDELIV": UNDELIVERED,
    "EXPIRED": TOO_LATE,
    "DELETED": UNDELIVERED,
    "REJECTD": REJECTED,
}
# On its way, or nobody knows: another receipt follows, or none.
NOT_YET = frozenset({"accepted", "queued", "ENROUTE", "ACCEPTD", "UNKNOWN"})


def receipts_of(company: str, reference: str, state: str) -> Sequence[Receipt] | None:
    """What a company tells about one text message, which it names by our delivery. None: nothing that we understand."""
    try:
        delivery_id = UUID(reference)
    except ValueError:
        return None
    if state in NOT_YET:
        return ()
    if state not in STATES:
        return None
    outcome, failure = STATES[state]
    detail = f"{company}: {state}"
    return (Receipt("sms", outcome, delivery_id=delivery_id, failure=failure, detail=detail),)


# A provider whose every answer was an outage for so long loses its share; one message tries it every half minute.
FAILING = timedelta(seconds=60)
PROBE_EVERY = timedelta(seconds=30)
# It gets its share back by and by: what broke under the whole load may break again.
WHOLE_SHARE_AFTER = timedelta(minutes=5)
SMALLEST_PART = 0.1
MOMENTS = ("failing_since", "probed_at", "regained_at")


@dataclass(frozen=True)
class Share:
    """How much of the messages a provider gets: by its weight, and by how it has answered lately."""

    name: str
    weight: int
    failing_since: datetime | None = None
    probed_at: datetime | None = None
    regained_at: datetime | None = None

    @property
    def is_lost(self) -> bool:
        return self.probed_at is not None

    def known(self) -> dict[str, str]:
        """What other processes are told of it."""
        moments = {name: getattr(self, name) for name in MOMENTS}
        return {name: moment.isoformat() for name, moment in moments.items() if moment is not None}

    def as_known(self, known: Mapping[str, Any]) -> "Share":
        """With what other processes know of it."""
        moments = {name: datetime.fromisoformat(known[name]) for name in MOMENTS if name in known}
        return Share(self.name, self.weight, **moments)

    def after_acceptance(self, now: datetime) -> "Share":
        return Share(self.name, self.weight, regained_at=now if self.is_lost else self.regained_at)

    def after_outage(self, now: datetime) -> "Share":
        since = self.failing_since or now
        lost = self.is_lost or now - since >= FAILING
        return replace(
            self,
            failing_since=since,
            probed_at=now if lost else None,
            regained_at=None if lost else self.regained_at,
        )

    def part(self, now: datetime) -> float:
        """Its weight at present; 0 while it has lost its share."""
        if self.is_lost:
            return 0.0
        if self.regained_at is None:
            return float(self.weight)
        return self.weight * min(1.0, max(SMALLEST_PART, (now - self.regained_at) / WHOLE_SHARE_AFTER))

    def wants_a_probe(self, now: datetime) -> bool:
        return self.probed_at is not None and now - self.probed_at >= PROBE_EVERY


def order(shares: Sequence[Share], now: datetime, point: float) -> list[Share]:
    """In which order to try the providers for one message. `point`, from 0 to below 1, is the message's own and always
    the same, so that a message tried again goes to the same provider, which recognises it.
    """
    probed = [share for share in shares if share.wants_a_probe(now)]
    parts = [(share, share.part(now)) for share in shares]
    at = point * sum(part for _, part in parts)
    chosen: list[Share] = []
    for share, part in parts:
        if not chosen and at < part:
            chosen.append(share)
        at -= part
    first = [*probed[:1], *chosen]
    rest = sorted((share for share in shares if share not in first), key=lambda share: -share.part(now))
    return [*first, *rest]
