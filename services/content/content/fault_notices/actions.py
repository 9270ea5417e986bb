"""Show a fault among the announcements, and take it down when it is over."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox

from content.fault_notices.rules import KIND, Notice, page_of, slug_of
from content.pages import actions as pages


def show_fault(tx: Tx, outbox: Outbox, notice: Notice, now: datetime) -> None:
    """Once more is a new version of the same page."""
    pages.publish(tx, outbox, page_of(notice), now)


def take_down_fault(tx: Tx, number: str, now: datetime) -> None:
    pages.take_down(tx, KIND, slug_of(number), now)
