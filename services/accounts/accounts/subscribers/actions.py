"""Register a downstream system, grant it events, renew its secret, suspend and remove it; each on record."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from mtnet_chassis.broker.downstream import DownstreamSystem, hashed, is_password_of
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.actions import entries_about, record
from accounts.subscribers import by_webhook
from accounts.subscribers.adapters import event_named, on_the_broker, user_of
from accounts.subscribers.rules import (
    LONGEST_OVERLAP,
    LONGEST_TEXT,
    MOST_SECRETS,
    OVERLAP,
    Grant,
    ScopeGrant,
    Secret,
    State,
    Subscriber,
    SubscriberRefused,
    checked_nameko_method,
    checked_registration,
    is_line,
    new_grant,
    new_scope,
)
from accounts.subscribers.store import SubscriberStore

if TYPE_CHECKING:
    from accounts.audit.rules import Entry
    from accounts.audit.store import AuditStore

SECRET_BYTES = 24
TRAIL = 50
MOST_RECORDED = 50
# Compared with where there is no secret.
NOBODYS = hashed(secrets.token_urlsafe(SECRET_BYTES))


@dataclass(frozen=True)
class By:
    """The operator who does it, why, and when; by command without an account and an address."""

    who: str
    reason: str
    now: datetime
    account_id: UUID | None = None
    ip: str | None = None

    def __post_init__(self) -> None:
        """Raises SubscriberRefused."""
        for field, text in (("who", self.who), ("reason", self.reason)):
            if not text.strip() or not is_line(text):
                raise SubscriberRefused(
                    f"--{field} must be one line of 1 to {LONGEST_TEXT} characters.", field=field
                )


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
    secret: str | None = None,
) -> Issued:
    """With its first secret, and no events yet; a demonstration brings its own `secret`. Raises SubscriberRefused."""
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
        raise SubscriberRefused(
            f"There is a system {name} already, or was one: names are not used again.",
            "SYSTEM_NAME_TAKEN",
            "name",
        )
    noted(audit, by, "subscriber_registered", subscriber, owner=subscriber.owner, system=system)
    return _issue(store, subscriber, by.now, secret)


def change(
    store: SubscriberStore,
    audit: AuditStore,
    by: By,
    *,
    name: str,
    title: str,
    owner: str,
    email: str,
    system: str | None,
) -> None:
    """What it is called, who answers for it, where its owner is written to. Raises SubscriberRefused."""
    checked_registration(name, title, owner, email, system)
    subscriber = locked(store, name)
    changed = replace(
        subscriber, title=title.strip(), owner=owner.strip(), contact_email=email, system=system
    )
    store.save_owner(changed)
    by_webhook.follow(store, changed, by.now)
    noted(audit, by, "subscriber_changed", changed, owner=changed.owner, system=system)


def grant(
    store: SubscriberStore,
    audit: AuditStore,
    by: By,
    name: str,
    events: Sequence[str],
    ends_on: date | None,
) -> list[Grant]:
    """From now on the system gets these events; all of them, or none. `by.reason` is kept with each.

    Raises SubscriberRefused.
    """
    if not events:
        raise SubscriberRefused("Name at least one event.", "CHOOSE", "events")
    subscriber, today = locked(store, name), taipei_day(by.now)
    contracts = [event_named(event) for event in dict.fromkeys(events)]
    granted = [
        new_grant(each.source, each.event_name(), each.holds, by.reason, ends_on, today) for each in contracts
    ]
    store.save_grants(subscriber.subscriber_id, granted, by.now)
    ends = ends_on.isoformat() if ends_on else None
    noted(audit, by, "subscriber_granted", subscriber, events=[each.name for each in granted], ends_on=ends)
    return granted


def revoke(store: SubscriberStore, audit: AuditStore, by: By, name: str, event: str) -> None:
    """What is in the queue already stays there. Raises SubscriberRefused."""
    subscriber, contract = locked(store, name), event_named(event)
    if not store.remove_grant(subscriber.subscriber_id, contract.source, contract.event_name()):
        raise SubscriberRefused(f"{name} does not get {event}.", "EVENT_NOT_GRANTED", "event")
    noted(audit, by, "subscriber_revoked", subscriber, events=[event])


def set_nameko_method(
    store: SubscriberStore, audit: AuditStore, by: By, name: str, method: str | None
) -> None:
    """Let a Nameko service of the system's name declare queues for this method's `@event_handler`; None: no longer, and
    its queues go. Raises SubscriberRefused."""
    subscriber = locked(store, name)
    if method is not None:
        checked_nameko_method(method)
    store.set_nameko_method(subscriber.subscriber_id, method)
    noted(audit, by, "subscriber_nameko_changed", subscriber, method=method)


def end_own_queues(store: SubscriberStore, audit: AuditStore, names: Sequence[str], now: datetime) -> None:
    """Of systems that declared a queue otherwise than Nameko does: such a queue can hold up the portal's events."""
    for name in names:
        subscriber = store.named(name, lock=True)
        if subscriber is None:  # removed since the broker was asked
            continue
        store.set_nameko_method(subscriber.subscriber_id, None)
        by = By("MTNet", "queue arguments", now)
        noted(audit, by, "subscriber_nameko_ended", subscriber, method=subscriber.nameko_method)


def has_own_queues(store: SubscriberStore) -> bool:
    """Whether any system may declare queues."""
    return any(subscriber.nameko_method for subscriber in store.all())


def grant_scopes(
    store: SubscriberStore,
    audit: AuditStore,
    by: By,
    name: str,
    scopes: Sequence[str],
    ends_on: date | None,
) -> list[ScopeGrant]:
    """From now on the system may ask this of the API; all of it, or nothing. `by.reason` is kept with each.

    Raises SubscriberRefused.
    """
    if not scopes:
        raise SubscriberRefused("Name at least one scope.", "CHOOSE", "scopes")
    subscriber, today = locked(store, name), taipei_day(by.now)
    granted = [new_scope(scope, by.reason, ends_on, today, by.now) for scope in dict.fromkeys(scopes)]
    store.save_scopes(subscriber.subscriber_id, granted)
    ends = ends_on.isoformat() if ends_on else None
    named = [each.scope for each in granted]
    noted(audit, by, "subscriber_scope_granted", subscriber, scopes=named, ends_on=ends)
    return granted


def revoke_scope(store: SubscriberStore, audit: AuditStore, by: By, name: str, scope: str) -> None:
    """At once, for tokens that were given out, too. Raises SubscriberRefused."""
    subscriber = locked(store, name)
    if not store.remove_scope(subscriber.subscriber_id, scope):
        raise SubscriberRefused(f"{name} does not have {scope}.", "SCOPE_NOT_HELD", "scope")
    noted(audit, by, "subscriber_scope_revoked", subscriber, scopes=[scope])


def proved(store: SubscriberStore, name: str, secret: str, now: datetime) -> tuple[Subscriber, Secret] | None:
    """The system whose secret this is, suspended or not, and which of its secrets. None for any other.

    The same work is done for a name that nobody has, so time tells nothing.
    """
    subscriber = store.named(name)
    holding = [each for each in subscriber.secrets if each.holds_at(now)] if subscriber else []
    fit = [each for each in holding if is_password_of(each.password_hash, secret)]
    for _ in range(MOST_SECRETS - len(holding)):
        is_password_of(NOBODYS, secret)
    return (subscriber, fit[0]) if subscriber and fit else None


def system_of(store: SubscriberStore, subscriber_id: UUID) -> Subscriber | None:
    """As it stands now; None where it was removed."""
    return store.with_id(subscriber_id)


def rotate(
    store: SubscriberStore, audit: AuditStore, by: By, name: str, overlap: timedelta = OVERLAP
) -> Issued:
    """A new secret. The present one works for `overlap` longer, so that the system can change over without a gap; with
    no overlap it ends at once. Raises SubscriberRefused."""
    subscriber = locked(store, name)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise SubscriberRefused(
            f"The two secrets may both work for 0 to {LONGEST_OVERLAP.days} days.", field="overlap_days"
        )
    live = [each for each in subscriber.secrets if each.holds_at(by.now)]
    if len(live) >= MOST_SECRETS and overlap:
        raise SubscriberRefused(
            f"{name} has {len(live)} secrets that work. With --overlap-days 0 both end at once.",
            "TWO_SECRETS",
            "overlap_days",
        )
    issued = _issue(store, subscriber, by.now)
    store.end_secrets(subscriber.subscriber_id, _next_number(subscriber), by.now + overlap)
    noted(audit, by, "subscriber_secret_renewed", subscriber, overlap_days=overlap.days)
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
    subscriber = locked(store, name)
    store.set_state(subscriber.subscriber_id, State.REMOVED, by.now)
    by_webhook.follow(store, replace(subscriber, state=State.REMOVED), by.now)
    noted(audit, by, "subscriber_removed", subscriber)


def one(store: SubscriberStore, name: str) -> Subscriber:
    """Also a removed one. Raises SubscriberRefused."""
    found = store.ever_named(name)
    if found is None:
        raise SubscriberRefused(f"There is no system {name!r}.", "SUBSCRIBER_NOT_FOUND")
    return found


def trail(audit: AuditStore, subscriber: Subscriber) -> list[Entry]:
    """The latest acts about it, newest first."""
    found, _ = entries_about(
        audit,
        [subscriber.subscriber_id],
        only=None,
        without=(),
        begins=None,
        ends=None,
        limit=TRAIL,
        offset=0,
    )
    return found


def remove_confirmed(store: SubscriberStore, audit: AuditStore, by: By, name: str, confirmed: str) -> None:
    """Where the name was typed once more: its queue and what is in it will be gone. Raises SubscriberRefused."""
    if confirmed != name:
        raise SubscriberRefused(
            f"Its queue and what is in it would be gone: --confirm {name}",
            "SYSTEM_NAME_DIFFERS",
            "confirm_name",
        )
    remove(store, audit, by, name)


def listed(
    store: SubscriberStore, *, text: str | None, state: str | None, page: int, page_size: int
) -> tuple[list[Subscriber], int]:
    """A page of those that match, by name, and how many there are; without a state all but the removed ones."""
    return store.page(text, state, limit=page_size, offset=(page - 1) * page_size)


def record_applied(
    audit: AuditStore, account_id: UUID, ip: str | None, done: list[str], now: datetime
) -> None:
    """An operator had the broker brought in line."""
    detail = {"differences": done[:MOST_RECORDED], "count": len(done)}
    record(
        audit,
        "subscribers_applied",
        now=now,
        subject_id=None,
        detail=detail,
        actor_account_id=account_id,
        ip=ip,
    )


def wanted_on_the_broker(store: SubscriberStore, now: datetime) -> list[DownstreamSystem]:
    today = taipei_day(now)
    systems = (on_the_broker(subscriber, now, today) for subscriber in store.all())
    return [system for system in systems if system is not None]


def _change(
    store: SubscriberStore, audit: AuditStore, by: By, name: str, before: State, after: State, action: str
) -> None:
    subscriber = locked(store, name)
    if subscriber.state is not before:
        raise SubscriberRefused(f"{name} is {subscriber.state} already.", "SUBSCRIBER_STATE")
    store.set_state(subscriber.subscriber_id, after, by.now)
    by_webhook.follow(store, replace(subscriber, state=after), by.now)
    noted(audit, by, action, subscriber)


def locked(store: SubscriberStore, name: str) -> Subscriber:
    """Nobody else changes it until the transaction ends. Raises SubscriberRefused."""
    found = store.named(name, lock=True)
    if found is None:
        raise SubscriberRefused(f"There is no system {name!r}.", "SUBSCRIBER_NOT_FOUND")
    return found


def _issue(
    store: SubscriberStore, subscriber: Subscriber, now: datetime, secret: str | None = None
) -> Issued:
    password = secret or secrets.token_urlsafe(SECRET_BYTES)
    number = _next_number(subscriber)
    store.add_secret(subscriber.subscriber_id, Secret(number, hashed(password), now, None))
    return Issued(user_of(subscriber.name, number), password)


def _next_number(subscriber: Subscriber) -> int:
    return max((each.number for each in subscriber.secrets), default=0) + 1


def noted(audit: AuditStore, by: By, action: str, subscriber: Subscriber, **facts: Any) -> None:
    """Put an act on record: by whom and why."""
    detail = {"who": by.who, "reason": by.reason, "name": subscriber.name} | facts
    record(
        audit,
        action,
        now=by.now,
        subject_id=subscriber.subscriber_id,
        detail=detail,
        actor_account_id=by.account_id,
        ip=by.ip,
    )
