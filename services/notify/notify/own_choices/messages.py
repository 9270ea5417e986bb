"""What a person chose becomes an event."""

from collections.abc import Iterable
from datetime import datetime

from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.holder import Holder
from mtnet_contracts.events import NotificationChoiceChanged

from notify.contact_points.rules import Person

PREFERENCES = NotificationChoiceChanged.PREFERENCES
LINE_LINKED, LINE_UNLINKED = NotificationChoiceChanged.LINE_LINKED, NotificationChoiceChanged.LINE_UNLINKED
FAX_ADDED, FAX_REMOVED = NotificationChoiceChanged.FAX_ADDED, NotificationChoiceChanged.FAX_REMOVED


def choice_changed(
    person: Person, caller: Actor | Holder | None, change: str, categories: Iterable[str], at: datetime
) -> NotificationChoiceChanged:
    """`caller` None: LINE says what its user agreed to, after the person had agreed in the portal."""
    owner = person.id if person.kind == "account" else None
    return NotificationChoiceChanged(
        person_id=person.id,
        person_kind=person.kind,
        change=change,
        changed_at=at,
        categories=tuple(sorted(categories)),
        actor_account_id=owner,
        ip=caller.ip if isinstance(caller, Actor) else None,
    )
