"""Faults that everybody is told of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event


@dataclass(frozen=True, kw_only=True)
class FaultAnnounced(Event):
    """A fault is announced, or what was announced has changed: content shows it among the announcements.

    Texts in Chinese and English as the desk wrote them; `workaround_zh` and `workaround_en` may be empty.
    """

    source = "helpdesk"
    aggregate = "fault"
    subject = "fault_id"

    fault_id: UUID
    number: str
    affected_system: str
    severity: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    workaround_zh: str
    workaround_en: str
    started_at: datetime
    announced_at: datetime


@dataclass(frozen=True, kw_only=True)
class FaultResolved(Event):
    """An announced fault is over: its announcement is taken down."""

    source = "helpdesk"
    aggregate = "fault"
    subject = "fault_id"

    fault_id: UUID
    number: str
    resolved_at: datetime
