"""How the people of a broadcast are reached, many at a time: as routing says of every message."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.notices import Category

from notify.broadcast_chunks.rules import Crowd, Reach
from notify.broadcasts.rules import UNKNOWN, Broadcast, added, counts_of
from notify.broadcasts.store import Member, Stores
from notify.channels.registry import channel_plans
from notify.channels.rules import Failure
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import Person
from notify.messages.actions import contacts_of
from notify.preferences.rules import not_beside
from notify.routing import actions as routing
from notify.routing import rules as routes
from notify.routing.rules import KIND_PLANS, KindPlan, NoDelivery, Wanted
from notify.suppressions import actions as suppressions
from notify.templates.rules import Kind


def plan_of(category: str) -> KindPlan:
    return replace(KIND_PLANS[Kind.BROADCAST], category=Category(category))


def crowds_of(
    stores: Stores,
    broadcast: Broadcast,
    people: int,
    together: Collection[str],
    capacity: Mapping[str, int],
) -> list[tuple[str, Crowd]]:
    """Of the next so many people those who are reached by one call alone, without looking at each of them.

    What routing says of them is plain: one channel was chosen, and something arrives there. All others are looked at.
    """
    found = []
    for channel in sorted(together):
        if capacity[channel] >= people:
            crowds = crowds_of_channel(stores, broadcast, broadcast.frozen_to, people, channel)
            found += [(channel, crowd) for crowd in crowds]
    return found


def crowds_of_channel(
    stores: Stores, broadcast: Broadcast, after: int, people: int, channel: str
) -> list[Crowd]:
    """Of so many people behind a position, those whose only way is this channel."""
    plan = plan_of(broadcast.category)
    besides = not_beside(plan.category, channel, plan.channels)
    if besides is None:
        return []
    return stores.broadcasts.crowds_after(
        broadcast.broadcast_id, after, people, channel=channel, category=plan.category, not_beside=besides
    )


def counts_of_new(
    stores: Stores, broadcast: Broadcast, new: Sequence[Member], now: datetime
) -> dict[str, int]:
    """How those are reached today who stand behind the people of the broadcast."""
    counts: dict[str, int] = {}
    alone = set[int]()
    for channel in (name for name, plan in channel_plans().items() if plan.to_many is not None):
        for crowd in crowds_of_channel(stores, broadcast, broadcast.people, len(new), channel):
            alone |= set(crowd.positions)
            counts[channel] = counts.get(channel, 0) + len(crowd.positions)
    others = [member for member in new if member.position not in alone]
    return added(counts, counts_of(reaches_of(stores.tx, others, broadcast.category, now)))


def once_for_each_address(
    stores: Stores, broadcast_id: UUID, reaches: Sequence[Reach], together: Collection[str]
) -> list[Reach]:
    """Two accounts may have one LINE user: the text comes once. Who has no other way is not written to."""
    found = list(reaches)
    for channel in together:
        addresses = [address for reach in found for way, address in reach.ways if way == channel]
        shared = contact_points.shared_addresses(stores.tx, channel, addresses)
        if not shared:
            continue
        taken = stores.chunks.recipients_among(broadcast_id, channel, sorted(shared))
        for number, reach in enumerate(found):
            ways = []
            for way in reach.ways:
                if way[0] == channel and way[1] in shared:
                    if way[1] in taken:
                        continue
                    taken.add(way[1])
                ways.append(way)
            if len(ways) < len(reach.ways):
                reason = "" if ways else NoDelivery.SAME_ADDRESS
                found[number] = replace(reach, ways=tuple(ways), reason=reason)
    return found


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
