"""What editors did, for the audit log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event


@dataclass(frozen=True, kw_only=True)
class EditorFact:
    """One fact of an act: `number`, `12`. Never a person's name or address."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class EditorActed(Event):
    """An editor changed what is published, or is to be. `action` is what it is called in the audit log."""

    source = "content"
    aggregate = "editor_act"
    subject = "act_id"

    act_id: UUID
    action: str
    actor_account_id: UUID
    facts: tuple[EditorFact, ...]
    acted_at: datetime
    ip: str | None = None
