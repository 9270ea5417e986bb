"""What states, outcomes and failures of deliveries are called."""

from __future__ import annotations

from collections.abc import Sequence

from mtnet_contracts.vocabulary.texts import N_, P_

STATES = {
    "waiting": P_("delivery", "Waiting"),
    "sent": P_("delivery", "Sent, not confirmed yet"),
    "delivered": P_("delivery", "Delivered"),
    "failed": P_("delivery", "Failed"),
    "cancelled": P_("delivery", "Cancelled"),
}
OUTCOMES = {
    "accepted": N_("The provider took it"),
    "deferred": N_("Put off by the provider"),
    "doubtful": N_("Refused, it is not clear why"),
    "unavailable": N_("The provider could not be reached"),
    "failed": N_("Refused for good"),
    "mistake": N_("A fault of the portal"),
}
RECEIPTS = {
    "delivered": N_("arrived"),
    "retry": N_("did not arrive yet"),
    "failed": N_("did not arrive"),
}
FAILURES = {
    "RECIPIENT_REFUSED": N_("The address does not exist, or takes nothing"),
    "MESSAGE_REFUSED": N_("The provider refused the message"),
    "EXPIRED": N_("It ran out before it could be sent"),
    "GAVE_UP": N_("Tried for too long"),
    "UNREADABLE": N_("A fault of the portal: the code could not be read"),
    "BLOCKED": N_("The person has blocked the portal's account"),
    "QUOTA": N_("The month's messages are used up"),
    "BOUNCED": N_("The mail came back"),
    "BUSY": N_("The line was busy"),
    "NO_ANSWER": N_("Nobody picked up"),
    "NO_CARRIER": N_("No fax machine answered"),
    "UNDELIVERED": N_("The provider could not deliver it"),
}


def failure_words(code: str | None) -> str:
    """A code that has no words is shown as it is; the caller translates."""
    return FAILURES.get(code or "", code or "")


# How soon what was sent went out, by the steps of calls.notify.providers.DELAYS.
DELAYS = (
    N_("within a second"),
    N_("within 10 seconds"),
    N_("within a minute"),
    N_("within 10 minutes"),
    N_("within an hour"),
    N_("later"),
)


def delay_shares(counts: Sequence[int]) -> list[tuple[str, float]]:
    """What to say of how soon messages went out, with the per cent of each step that there were any of."""
    total = sum(counts)
    return [(words, 100 * count / total) for words, count in zip(DELAYS, counts, strict=True) if count]
