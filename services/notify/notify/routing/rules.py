"""Which message goes where: for each kind its category, priority and channels, and the ways of one message."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.notices import Category

from notify.channels.rules import Failure, Window
from notify.contact_points.rules import EMAIL, FAX, LINE, SMS, Address, ContactPoint, Person
from notify.templates.rules import Kind

# Somebody waits at a screen for what is urgent; bulk comes by the ten thousand.
URGENT, NORMAL, BULK = 1, 5, 9
# When one way does not work, the next one is taken; what is read soonest stands first.
CHAIN = (LINE, EMAIL, FAX)
# After these there is no other way: it is too late, or nobody can read it any more.
FINAL_FAILURES = frozenset({Failure.EXPIRED, Failure.UNREADABLE})
# The address is dead. Whoever adds such a failure to a channel adds it here.
FAILURES_OF_THE_CONTACT = frozenset({Failure.RECIPIENT_REFUSED, Failure.BLOCKED, Failure.BOUNCED})


@dataclass(frozen=True)
class KindPlan:
    """How messages of one kind go out.

    `channels` are those that fit. `exactly`: to the addresses that the event names and to no other, since it holds a
    code or link for whoever reads it there, or proves that very address; whatever is known of the address.
    `at_once`: the person has just done it and expects it, at any hour. `expires_after`: what has not gone out by then
    is worth nothing any more.
    """

    category: Category
    channels: frozenset[str]
    priority: int = NORMAL
    exactly: bool = False
    at_once: bool = False
    expires_after: timedelta | None = None


LEGAL, SECURITY, REMINDER, INFORMATION = Category

ON_PAPER_TOO = frozenset({EMAIL, LINE, FAX})
ON_SCREENS = frozenset({EMAIL, LINE})
MAIL_ALONE = frozenset({EMAIL})

KIND_PLANS = MappingProxyType(
    {
        Kind.VERIFICATION_CODE: KindPlan(SECURITY, frozenset(CHANNELS), URGENT, exactly=True),
        Kind.ACTIVATION_LINK: KindPlan(SECURITY, MAIL_ALONE, URGENT, exactly=True),
        Kind.PASSWORD_RESET: KindPlan(SECURITY, MAIL_ALONE, URGENT, exactly=True),
        Kind.PASSWORD_CHANGED: KindPlan(SECURITY, ON_SCREENS | {SMS}, URGENT),
        Kind.NEW_DEVICE_LOGIN: KindPlan(SECURITY, ON_SCREENS, URGENT),
        Kind.SECOND_FACTOR_CHANGED: KindPlan(SECURITY, ON_SCREENS, URGENT),
        Kind.CONTACT_CHANGED: KindPlan(SECURITY, MAIL_ALONE | {SMS}, URGENT, exactly=True),
        Kind.CONTACT_CONFIRMED: KindPlan(SECURITY, MAIL_ALONE, exactly=True),
        Kind.CONTACT_CHANGE_UNDONE: KindPlan(SECURITY, ON_SCREENS, URGENT),
        Kind.ACCOUNT_REACTIVATED: KindPlan(SECURITY, ON_SCREENS),
        Kind.REACTIVATION_REFUSED: KindPlan(LEGAL, ON_PAPER_TOO),
        # In the chat its user is answered; this is for somebody whose account another person linked.
        Kind.LINE_LINK_CHANGED: KindPlan(SECURITY, MAIL_ALONE),
        Kind.APPLICATION_RECEIVED: KindPlan(INFORMATION, ON_SCREENS, at_once=True),
        Kind.APPLICATION_RESUBMITTED: KindPlan(INFORMATION, ON_SCREENS, at_once=True),
        Kind.ACCOUNT_ACTIVATED: KindPlan(INFORMATION, ON_SCREENS, at_once=True),
        Kind.APPLICATION_RETURNED: KindPlan(LEGAL, ON_PAPER_TOO),
        Kind.APPLICATION_REJECTED: KindPlan(LEGAL, ON_PAPER_TOO),
        Kind.APPLICATION_WITHDRAWN: KindPlan(LEGAL, ON_PAPER_TOO),
        Kind.ACCOUNT_FROZEN: KindPlan(LEGAL, ON_PAPER_TOO, BULK),
        Kind.ACCOUNT_DISABLED: KindPlan(LEGAL, ON_PAPER_TOO, BULK),
        Kind.ACCOUNT_CLOSED: KindPlan(LEGAL, ON_PAPER_TOO),
        Kind.PRIVACY_REQUEST_RECEIVED: KindPlan(LEGAL, ON_SCREENS),
        Kind.PRIVACY_REQUEST_ANSWERED: KindPlan(LEGAL, ON_SCREENS),
        Kind.REMINDER_DUE: KindPlan(REMINDER, ON_PAPER_TOO, BULK, expires_after=timedelta(days=7)),
        # To operators, who get one each day until it is answered.
        Kind.PRIVACY_REQUEST_DUE: KindPlan(REMINDER, MAIL_ALONE, expires_after=timedelta(days=3)),
        # To the owners of downstream systems, at the address that is registered.
        Kind.SUBSCRIBER_REMINDER: KindPlan(REMINDER, MAIL_ALONE, expires_after=timedelta(days=7)),
        Kind.SUBSCRIBER_QUEUE: KindPlan(REMINDER, MAIL_ALONE, at_once=True, expires_after=timedelta(days=3)),
        # To the office that answers for a downstream system: its events do not arrive.
        Kind.WEBHOOK_TROUBLE: KindPlan(LEGAL, MAIL_ALONE, exactly=True),
        # Whoever has just written waits for it; two days later it says nothing any more.
        Kind.DESK_ACKNOWLEDGEMENT: KindPlan(
            INFORMATION, MAIL_ALONE, at_once=True, expires_after=timedelta(days=2)
        ),
        # The person wrote from this address, and has a right to an answer there.
        Kind.DESK_ANSWER: KindPlan(LEGAL, ON_PAPER_TOO, exactly=True),
        # An operator may say that a broadcast is a legal notice, and says when it goes out.
        Kind.BROADCAST: KindPlan(INFORMATION, ON_PAPER_TOO, BULK, at_once=True),
    }
)


class NoDelivery(StrEnum):
    """Why a message goes to nobody."""

    NO_ADDRESS = "NO_ADDRESS"
    UNREACHABLE = "UNREACHABLE"
    SWITCHED_OFF = "SWITCHED_OFF"
    # Of a broadcast: another account with the same LINE user gets it there.
    SAME_ADDRESS = "SAME_ADDRESS"


@dataclass(frozen=True)
class Wanted:
    """A message that is to find its ways: its plan, the addresses that its event names, and whose it is."""

    plan: KindPlan
    named: tuple[Address, ...] = ()
    person: Person | None = None


@dataclass(frozen=True)
class PlannedDelivery:
    """`not_before`: quiet hours; None means at once."""

    channel: str
    recipient: str
    not_before: datetime | None = None


@dataclass(frozen=True)
class Planned:
    """The ways of one message, or why there is none."""

    deliveries: tuple[PlannedDelivery, ...]
    reason_for_none: NoDelivery | None = None


def plan_deliveries(
    wanted: Wanted,
    points: Sequence[ContactPoint],
    chosen: Collection[str],
    suppressed: Collection[Address],
    now: datetime,
    waking_hours: Window | None,
) -> Planned:
    """The ways of one message.

    `points` are the person's addresses, of each channel the best first; `chosen` the channels that hold for the
    category. Legal and security notices go to every address that their event names, and to the chosen channels
    besides; others go to the chosen channels alone. Where an address cannot be reached another one stands in. What is
    addressed to nobody in particular, as to operators, goes where its event says. Outside `waking_hours`, in Taipei,
    nobody is reminded or informed of anything; None: at any hour.
    """
    plan = wanted.plan
    if plan.exactly or wanted.person is None:
        left_out = frozenset[Address]() if plan.exactly else suppressed
        reachable = [each for each in dict.fromkeys(wanted.named) if each not in left_out]
    else:
        reachable = _ways_to_a_person(wanted, points, chosen, suppressed)
    at = not_before(plan, now, waking_hours)
    if reachable:
        return Planned(tuple(PlannedDelivery(*address, at) for address in reachable))
    switched_off = wanted.person is not None and not _must_arrive(plan) and not plan.channels & set(chosen)
    if switched_off:
        return Planned((), NoDelivery.SWITCHED_OFF)
    known = wanted.named or any(point.channel in plan.channels for point in points)
    return Planned((), NoDelivery.UNREACHABLE if known else NoDelivery.NO_ADDRESS)


def after_failure(
    plan: KindPlan,
    failed_channel: str,
    failure: str,
    tried: Collection[Address],
    points: Sequence[ContactPoint],
    suppressed: Collection[Address],
) -> Address | None:
    """Where a message goes whose last way has failed for good. `tried` are the addresses that it went to already."""
    if plan.exactly or failure in FINAL_FAILURES:
        return None
    return next(_stand_ins(plan, failed_channel, points, {*suppressed, *tried}), None)


def not_before(plan: KindPlan, now: datetime, waking_hours: Window | None) -> datetime | None:
    """When a message of this plan may go out, None: at once."""
    if _must_arrive(plan) or plan.at_once or waking_hours is None:
        return None
    opens_at = waking_hours.next_open(now)
    return opens_at if opens_at > now else None


def _ways_to_a_person(
    wanted: Wanted, points: Sequence[ContactPoint], chosen: Collection[str], suppressed: Collection[Address]
) -> list[Address]:
    plan, ways = wanted.plan, dict[Address, None]()
    known = [*points, *_unknown_points(wanted.named, points)]
    dead = {(each.channel, each.address) for each in points if not each.reachable} | set(suppressed)
    named = wanted.named if _must_arrive(plan) else ()
    for address in named:
        ways[address] = None
    for channel in CHAIN:
        if channel in chosen and channel in plan.channels and channel not in {each[0] for each in named}:
            first = next((each.address for each in known if each.channel == channel), "")
            ways[channel, first] = None
    found: dict[Address, None] = {}
    missed: list[str] = []
    for way in ways:
        if way[1] and way not in dead:
            found[way] = None
        else:
            missed.append(way[0])
    for channel in missed:
        # What takes the place of a way may be one that is taken already: then it is on its way there.
        stand_in = next(_stand_ins(plan, channel, known, dead), None)
        if stand_in is not None:
            found[stand_in] = None
    return list(found)


def _stand_ins(
    plan: KindPlan, channel: str, points: Sequence[ContactPoint], excluded: Collection[Address]
) -> Iterator[Address]:
    """Other addresses of the same channel, then those of the channels after it in the chain."""
    later = CHAIN[CHAIN.index(channel) + 1 :] if channel in CHAIN else (EMAIL, FAX)
    for each in (channel, *later):
        if each in plan.channels:
            for point in points:
                address = (point.channel, point.address)
                if point.channel == each and point.reachable and address not in excluded:
                    yield address


def _unknown_points(named: Sequence[Address], points: Sequence[ContactPoint]) -> list[ContactPoint]:
    known = {(each.channel, each.address) for each in points}
    return [ContactPoint(*address) for address in named if address not in known]


def _must_arrive(plan: KindPlan) -> bool:
    return plan.category in (Category.LEGAL, Category.SECURITY)
