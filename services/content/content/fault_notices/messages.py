"""What the helpdesk announces of faults, in this topic's own words."""

from __future__ import annotations

from mtnet_contracts.events import FaultAnnounced, FaultResolved

from content.fault_notices.rules import Notice
from content.pages.rules import LOCALES

__all__ = ["FaultAnnounced", "FaultResolved", "notice_in"]


def notice_in(event: FaultAnnounced) -> Notice:
    def both(zh: str, en: str) -> dict[str, str]:
        return dict(zip(LOCALES, (zh, en), strict=True))

    return Notice(
        number=event.number,
        title=both(event.title_zh, event.title_en),
        text=both(event.text_zh, event.text_en),
        workaround=both(event.workaround_zh, event.workaround_en),
        announced_at=event.announced_at,
    )
