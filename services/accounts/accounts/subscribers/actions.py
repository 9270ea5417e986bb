"""Register a downstream system, grant it events, renew its secret, suspend and remove it; each on record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from mtnet_chassis.broker.downstream import DownstreamSystem, hashed
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.actions import record
from accounts.subscribers.adapters import event_named, on_the_broker, user_of
from accounts.subscribers.rules import (
    LONGEST_OVERLAP,
    LONGEST_TEXT,
    MOST_SECRETS,
    OVERLAP,
    Grant,
    Secret,
    State,
    Subscriber,
    SubscriberRefused,
    checked_registration,
    new_grant,
)
from accounts.subscribers.store import SubscriberStore

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore

SECRET_BYTES = 24


@dataclass(frozen=True)
class By:
    """The operator who does it, why, and when."""

    who: str
    reason: str
    now: datetime

    def __post_init__(self) -> None:
        """Raises SubscriberRefused."""
        for what, text in (("--who", self.who), ("--reason", self.reason)):
            if not 1 <= len(text.strip()) <= LONGEST_TEXT or not text.isprintable():
                raise SubscriberRefused(f"{what} must be one line of 1 to {LONGEST_TEXT} characters.")


@dataclass(frozen=True)
class Issued:
    """A secret in the only moment in which it is known: a user of the broker and the password."""

    user: str
    password: str


def register(
    store: SubscriberStore,
    audit: AuditStore,
    by: By,
    *,
    name: str,
    title: str,
    owner: str,
    email: str,
    system: str | None,
) -> Issued:
    """With its first secret, and no events yet. Raises SubscriberRefused."""
    checked_registration(name, title, owner, email, system)
    subscriber = Subscriber(
        subscriber_id=uuid4(),
        name=name,
        title=title.strip(),
        owner=owner.strip(),
        contact_email=email,
        system=system,
        state=State.ACTIVE,
        registered_at=by.now,
    )
    if not store.add(subscriber):
        raise SubscriberRefused(f"There is a system {name} already, or was one: names are not used again.")
    _record(audit, by, "subscriber_registered", subscriber, owner=subscriber.owner, system=system)
    return _issue(store, subscriber, by.now)


def grant(
    store: SubscriberStore, audit: AuditStore, by: By, name: str, event: str, ends_on: date | None
) -> Grant:
    """From now on the system gets this event. `by.reason` is kept with the grant. Raises SubscriberRefused."""
    subscriber = _locked(store, name)
    contract = event_named(event)
    granted = new_grant(
        contract.source, contract.event_name(), contract.holds, by.reason, ends_on, taipei_day(by.now)
    )
    store.save_grant(subscriber.subscriber_id, granted, by.now)
    ends = ends_on.isoformat() if ends_on else None
    _record(audit, by, "subscriber_granted", subscriber, event=granted.name, ends_on=ends)
    return granted


def revoke(store: SubscriberStore, audit: AuditStore, by: By, name: str, event: str) -> None:
    """What is in the queue already stays there. Raises SubscriberRefused."""
    subscriber, contract = _locked(store, name), event_named(event)
    if not store.remove_grant(subscriber.subscriber_id, contract.source, contract.event_name()):
        raise SubscriberRefused(f"{name} does not get {event}.")
    _record(audit, by, "subscriber_revoked", subscriber, event=event)


def rotate(
    store: SubscriberStore, audit: AuditStore, by: By, name: str, overlap: timedelta = OVERLAP
) -> Issued:
    """A new secret. The present one works for `overlap` longer, so that the system can change over without a gap; with
    no overlap it ends at once. Raises SubscriberRefused."""
    subscriber = _locked(store, name)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise SubscriberRefused(f"The two secrets may both work for 0 to {LONGEST_OVERLAP.days} days.")
    live = [each for each in subscriber.secrets if each.holds_at(by.now)]
    if len(live) >= MOST_SECRETS and overlap:
        raise SubscriberRefused(
            f"{name} has {len(live)} secrets that work. With --overlap-days 0 both end at once."
        )
    issued = _issue(store, subscriber, by.now)
    store.end_secrets(subscriber.subscriber_id, _next_number(subscriber), by.now + overlap)
    _record(audit, by, "subscriber_secret_renewed", subscriber, overlap_days=overlap.days)
    return issued


def suspend(store: SubscriberStore, audit: AuditStore, by: By, name: str) -> None:
    """Its users are removed and its connections end; its queue goes on collecting, within its limits.

    Raises SubscriberRefused.
    """
    _change(store, audit, by, name, State.ACTIVE, State.SUSPENDED, "subscriber_suspended")


def resume(store: SubscriberStore, audit: AuditStore, by: By, name: str) -> None:
    """With the secrets it had. Raises SubscriberRefused."""
    _change(store, audit, by, name, State.SUSPENDED, State.ACTIVE, "subscriber_resumed")


def remove(store: SubscriberStore, audit: AuditStore, by: By, name: str) -> None:
    """For good: users, queue and dead letters go; the record stays. Raises SubscriberRefused."""
    subscriber = _locked(store, name)
    store.set_state(subscriber.subscriber_id, State.REMOVED, by.now)
    _record(audit, by, "subscriber_removed", subscriber)


def wanted_on_the_broker(store: SubscriberStore, now: datetime) -> list[DownstreamSystem]:
    today = taipei_day(now)
    systems = (on_the_broker(subscriber, now, today) for subscriber in store.all())
    return [system for system in systems if system is not None]


def _change(
    store: SubscriberStore, audit: AuditStore, by: By, name: str, before: State, after: State, action: str
) -> None:
    subscriber = _locked(store, name)
    if subscriber.state is not before:
        raise SubscriberRefused(f"{name} is {subscriber.state} already.")
    store.set_state(subscriber.subscriber_id, after, by.now)
    _record(audit, by, action, subscriber)


def _locked(store: SubscriberStore, name: str) -> Subscriber:
    found = store.named(name, lock=True)
    if found is None:
        raise SubscriberRefused(f"There is no system {name!r}.")
    return found


def _issue(store: SubscriberStore, subscriber: Subscriber, now: datetime) -> Issued:
    password = secrets.token_urlsafe(SECRET_BYTES)
    number = _next_number(subscriber)
    store.add_secret(subscriber.subscriber_id, Secret(number, hashed(password), now, None))
    return Issued(user_of(subscriber.name, number), password)


def _next_number(subscriber: Subscriber) -> int:
    return max((each.number for each in subscriber.secrets), default=0) + 1


def _record(audit: AuditStore, by: By, action: str, subscriber: Subscriber, **facts: Any) -> None:
    detail = {"who": by.who, "reason": by.reason, "name": subscriber.name} | facts
    record(audit, action, now=by.now, subject_id=subscriber.subscriber_id, detail=detail)
