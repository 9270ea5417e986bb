"""What operators did in notify, for the audit log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ActFact:
    """One fact of an act: `version`, `1004`. Never a person's name or address."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class OperatorActed(Event):
    """An operator changed something: a text, a broadcast, a list, a provider; or sent a message again.

    `action` is what it is called in the audit log; `subject_id` is the account or application that it was done about.
    """

    source = "notify"
    aggregate = "operator_act"
    subject = "act_id"
    holds = Holds.SECRETS

    act_id: UUID
    action: str
    actor_account_id: UUID
    facts: tuple[ActFact, ...]
    acted_at: datetime
    subject_id: UUID | None = None
    ip: str | None = None
