"""What can be done with routes: find the ways of many messages at once, and another way for those that failed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.telemetry import logger
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.notices import Category

from notify.contact_points.actions import mark_unreachable, points_of
from notify.contact_points.rules import Address, ContactPoint, Person
from notify.preferences.actions import chosen_channels
from notify.routing import messages, rules
from notify.routing.rules import FAILURES_OF_THE_CONTACT, KIND_PLANS, Planned, PlannedDelivery, Wanted
from notify.settings import waking_hours
from notify.suppressions.actions import suppressed
from notify.templates.rules import Kind

log = logger()


@dataclass(frozen=True)
class FailedDelivery:
    """A delivery that has failed for good, and the addresses that its message went to. `lost`: all of them failed."""

    delivery_id: UUID
    kind: str
    person: Person | None
    channel: str
    recipient: str
    failure: str
    tried: frozenset[Address] = frozenset()
    lost: bool = True


def plan(tx: Tx, wanted: Sequence[Wanted], now: datetime) -> list[Planned]:
    """The ways of each, in the same order. At most three queries, however many there are."""
    persons = {each.person for each in wanted if each.person is not None and not each.plan.exactly}
    points = _points_of(tx, persons)
    chosen = chosen_channels(tx, persons)
    dead = suppressed(tx, {*_addresses(points), *(a for w in wanted if not w.plan.exactly for a in w.named)})
    none: Mapping[Category, frozenset[str]] = {}
    return [
        rules.plan_deliveries(
            each,
            points.get(each.person, ()) if each.person else (),
            chosen.get(each.person, none).get(each.plan.category, frozenset()) if each.person else (),
            dead,
            now,
            waking_hours(),
        )
        for each in wanted
    ]


def after_failures(
    tx: Tx, outbox: Outbox, failed: Sequence[FailedDelivery], now: datetime
) -> Mapping[UUID, PlannedDelivery]:
    """In the transaction of the failures: mark and announce dead addresses, and find the ways that stand in.

    By the failed delivery's id; without those whose message has another way, or none.
    """
    for each in failed:
        if each.failure in FAILURES_OF_THE_CONTACT and each.person is not None:
            persons = mark_unreachable(tx, each.channel, each.recipient, now)
            outbox.announce_many(
                messages.contact_unreachable(person, each.channel, each.failure, now) for person in persons
            )
    lost = [each for each in failed if each.lost and each.person is not None]
    points = _points_of(tx, {each.person for each in lost if each.person is not None})
    dead = suppressed(tx, _addresses(points))
    ways = {}
    for each in lost:
        kind_plan = KIND_PLANS[Kind(each.kind)]
        address = rules.after_failure(
            kind_plan,
            each.channel,
            each.failure,
            each.tried,
            points.get(each.person, ()) if each.person else (),
            dead,
        )
        if address is not None:
            at = rules.not_before(kind_plan, now, waking_hours())
            ways[each.delivery_id] = PlannedDelivery(*address, at)
            log.info(
                "message takes another way",
                delivery_id=str(each.delivery_id),
                channel=address[0],
                kind=each.kind,
            )
    return ways


def _points_of(tx: Tx, persons: Collection[Person]) -> Mapping[Person, Sequence[ContactPoint]]:
    """Without those of channels that this release does not know."""
    return {
        person: [point for point in points if point.channel in CHANNELS]
        for person, points in points_of(tx, persons).items()
    }


def _addresses(points: Mapping[Person, Sequence[ContactPoint]]) -> Collection[Address]:
    return {(point.channel, point.address) for each in points.values() for point in each}
