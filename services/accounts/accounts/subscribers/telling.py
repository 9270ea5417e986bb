"""Tell the owners of downstream systems what ends soon, each thing once."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.subscribers import messages
from accounts.subscribers.store import NoticeStore


def remind(notices: NoticeStore, outbox: Outbox, now: datetime) -> None:
    """Of whatever ends within 30 days and was not told yet, and again within 7."""
    today = taipei_day(now)
    for ending in notices.newly_ending(today, now):
        outbox.announce(messages.reminder(ending, today))
    notices.forget_past(today)
