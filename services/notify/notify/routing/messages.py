"""What routing announces: that a person cannot be reached at an address. Never the address."""

from datetime import datetime

from mtnet_contracts.events import ContactUnreachable

from notify.contact_points.rules import Person


def contact_unreachable(person: Person, channel: str, reason: str, at: datetime) -> ContactUnreachable:
    return ContactUnreachable(
        person_id=person.id,
        person_kind=person.kind,
        channel=channel,
        reason=reason,
        unreachable_since=at,
    )
