"""How the people of a broadcast are reached, many at a time: as routing says of every message."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.notices import Category

from notify.broadcast_chunks.rules import Reach
from notify.broadcasts.rules import UNKNOWN
from notify.broadcasts.store import Member
from notify.channels.rules import Failure
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import Person
from notify.messages.actions import contacts_of
from notify.routing import actions as routing
from notify.routing import rules as routes
from notify.routing.rules import KIND_PLANS, KindPlan, Wanted
from notify.suppressions import actions as suppressions
from notify.templates.rules import Kind


def plan_of(category: str) -> KindPlan:
    return replace(KIND_PLANS[Kind.BROADCAST], category=Category(category))


def reaches_of(tx: Tx, members: Sequence[Member], category: str, now: datetime) -> list[Reach]:
    """In the order of the members; a few statements, however many they are."""
    persons = [Person(member.person_kind, member.person_id) for member in members]
    contacts = contacts_of(tx, persons)
    plan = plan_of(category)
    known = [
        (member.position, person)
        for member, person in zip(members, persons, strict=True)
        if person in contacts
    ]
    planned = routing.plan(tx, [Wanted(plan, person=person) for _, person in known], now)
    by_position = {position: ways for (position, _), ways in zip(known, planned, strict=True)}
    found = []
    for member, person in zip(members, persons, strict=True):
        if (ways := by_position.get(member.position)) is None:
            found.append(Reach(member.position, person, "", "", (), UNKNOWN))
            continue
        contact = contacts[person]
        addresses = tuple((way.channel, way.recipient) for way in ways.deliveries)
        reason = ways.reason_for_none or ""
        found.append(Reach(member.position, person, contact.name, contact.locale, addresses, reason))
    return found


def stand_ins_for(
    tx: Tx, reaches: Sequence[Reach], category: str, failed_channel: str, failure: Failure
) -> list[Reach]:
    """Those whose only way has failed, with the way that takes its place; without those who have none."""
    plan = plan_of(category)
    lost = [reach for reach in reaches if {channel for channel, _ in reach.ways} == {failed_channel}]
    points = contact_points.points_of(tx, [reach.person for reach in lost])
    known = {(point.channel, point.address) for several in points.values() for point in several}
    dead = suppressions.suppressed(tx, known)
    found = []
    for reach in lost:
        # All addresses of the channel that failed have failed with it.
        others = [point for point in points.get(reach.person, ()) if point.channel != failed_channel]
        address = routes.after_failure(plan, failed_channel, failure, reach.ways, others, dead)
        if address is not None:
            found.append(replace(reach, ways=(address,)))
    return found
