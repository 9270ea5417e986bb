"""A downstream system as the broker has it, and an event as the catalogue has it."""

from __future__ import annotations

from datetime import date, datetime

from mtnet_chassis.broker.downstream import OF_DOWNSTREAM, Credential, DownstreamSystem
from mtnet_contracts.event import Event, UnknownEvent, event_class

from accounts.subscribers.rules import State, Subscriber, SubscriberRefused


def user_of(name: str, number: int) -> str:
    """The broker's user of one secret."""
    return f"{OF_DOWNSTREAM}{name}.{number}"


def event_named(name: str) -> type[Event]:
    """By `accounts.AccountActivated`. Raises SubscriberRefused."""
    source, _, event = name.partition(".")
    try:
        return event_class(source, event)
    except UnknownEvent:
        raise SubscriberRefused(
            f"There is no event {name!r}. docs/events.md names all, such as accounts.AccountActivated.",
            "EVENT_UNKNOWN",
            "events",
        ) from None


def holds_of(name: str) -> str:
    """What an event holds of people; an event that has left the catalogue holds nothing that is still sent."""
    source, _, event = name.partition(".")
    try:
        return event_class(source, event).holds.value
    except UnknownEvent:
        return ""


def on_the_broker(subscriber: Subscriber, now: datetime, today: date) -> DownstreamSystem | None:
    """What the broker should have of it at this moment.

    A suspended system has no user: it is turned away, and its queue goes on collecting. A removed one has nothing. One
    with a webhook has no user either: notify reads the queue, and two readers would each get a part.
    """
    if subscriber.state is State.REMOVED:
        return None
    return DownstreamSystem(
        name=subscriber.name,
        events=frozenset((each.source, each.event) for each in subscriber.grants if each.holds_on(today)),
        credentials=tuple(
            Credential(user_of(subscriber.name, each.number), each.password_hash)
            for each in (() if subscriber.by_webhook else subscriber.live_secrets(now))
        ),
        nameko_method=subscriber.nameko_method,
    )
