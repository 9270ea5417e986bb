"""What people of the desk did, for the audit log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class DeskFact:
    """One fact of an act: `number`, `HD2026-000123`. Never a person's name or address."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class DeskActed(Event):
    """Somebody of the helpdesk changed something, or looked at what is hidden: an address, with a reason.

    `action` is what it is called in the audit log; `subject_id` is the account that it was done about.
    """

    source = "helpdesk"
    aggregate = "desk_act"
    subject = "act_id"
    holds = Holds.SECRETS

    act_id: UUID
    action: str
    actor_account_id: UUID
    facts: tuple[DeskFact, ...]
    acted_at: datetime
    subject_id: UUID | None = None
    ip: str | None = None
