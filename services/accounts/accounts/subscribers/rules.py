"""Who may subscribe to what: names, grants, and how long secrets and grants hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.holds import Holds
from mtnet_contracts.vocabulary.scopes import SCOPES

NAME = re.compile(r"[a-z][a-z0-9-]{1,29}")
NAMEKO_METHOD = re.compile(r"[a-z][a-z0-9_]{0,39}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
LONGEST_TEXT = 300
# Personal data is granted for a purpose, which is looked at again at least once a year (PDPA Art. 5, 16).
LONGEST_GRANT = timedelta(days=366)
# While a secret is being replaced both work, so that no message waits for the change.
OVERLAP = timedelta(days=7)
LONGEST_OVERLAP = timedelta(days=30)
MOST_SECRETS = 2
# How many days before something ends its owner is told, each once, the longer notice first.
NOTICE_DAYS = (30, 7)
# From which share of a limit of its queue on the owner is told, and below which that is over: not at each message
# around the half.
ALARM_FROM = 0.5
ALARM_OVER_BELOW = 0.45


class State(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class SubscriberRefused(Exception):
    """Something that an operator asked for cannot be; the text says what and how to mend it.

    `code` says the same to a page, at `field` of its form, or of the whole where there is none.
    """

    def __init__(self, text: str, code: str = "NOT_VALID", field: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.field = field


class BrokerAway(Exception):
    """The broker's management did not answer as it should; what is on record is not applied yet."""


@dataclass(frozen=True)
class Grant:
    """One event, by its source. `ends_on`: the last day, in Taipei, on which it is delivered; None: no end."""

    source: str
    event: str
    reason: str
    ends_on: date | None
    granted_at: datetime | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return f"{self.source}.{self.event}"

    def holds_on(self, today: date) -> bool:
        return self.ends_on is None or today <= self.ends_on


@dataclass(frozen=True)
class ScopeGrant:
    """Something it may ask of the API. `ends_on`: the last day of it, in Taipei."""

    scope: str
    reason: str
    ends_on: date
    granted_at: datetime

    def holds_on(self, today: date) -> bool:
        return today <= self.ends_on


@dataclass(frozen=True)
class Secret:
    """`number` counts the secrets of a system; each is a user of the broker. Only the broker's hash of it is kept."""

    number: int
    password_hash: str
    issued_at: datetime
    ends_at: datetime | None

    def holds_at(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at


@dataclass(frozen=True)
class Subscriber:
    """`owner`: the office that answers for it. `system`: which of the portal's systems (申請系統) it is, if any.
    `nameko_method`: that of a Nameko service of the system's name which may declare its own queues, if any."""

    subscriber_id: UUID
    name: str
    title: str
    owner: str
    contact_email: str
    system: str | None
    state: State
    registered_at: datetime
    nameko_method: str | None = None
    grants: tuple[Grant, ...] = ()
    secrets: tuple[Secret, ...] = ()
    scopes: tuple[ScopeGrant, ...] = ()
    state_changed_at: datetime | None = None
    # Notify reads its queue and sends what comes to its webhook: it has no user on the broker.
    by_webhook: bool = False

    def live_secrets(self, now: datetime) -> tuple[Secret, ...]:
        """What it may log in with: a suspended system with nothing."""
        return tuple(each for each in self.secrets if self.state is State.ACTIVE and each.holds_at(now))


@dataclass(frozen=True)
class Applied:
    """How far the broker follows the records: `changed` counts their changes, `applied` is how many it has.

    `failure` is what kept the last try from it, empty after one that did not fail.
    """

    changed: int
    applied: int
    applied_at: datetime | None
    failed_at: datetime | None
    failure: str

    @property
    def is_whole(self) -> bool:
        return self.applied >= self.changed


@dataclass(frozen=True)
class Ending:
    """Things of one system that end on one day: `what` is secret, grant or scope."""

    subscriber_id: UUID
    name: str
    title: str
    email: str
    what: str
    items: tuple[str, ...]
    ends_on: date


def checked_registration(name: str, title: str, owner: str, email: str, system: str | None) -> None:
    """Raises SubscriberRefused."""
    if not NAME.fullmatch(name):
        raise SubscriberRefused(
            f"{name!r} cannot be a name: 2 to 30 small letters, digits and hyphens, a letter first.",
            "SYSTEM_NAME_INVALID",
            "name",
        )
    for what, text in (("title", title), ("owner", owner)):
        if not is_line(text) or not text.strip():
            raise SubscriberRefused(
                f"The {what} must be one line of 1 to {LONGEST_TEXT} characters.", field=what
            )
    if not EMAIL.fullmatch(email):
        raise SubscriberRefused(f"{email!r} is no e-mail address.", "EMAIL_INVALID", "contact_email")
    if system is not None and system not in SYSTEMS:
        raise SubscriberRefused(
            f"There is no system {system!r}; there are {', '.join(SYSTEMS)}.", "NOT_A_CHOICE", "system"
        )


def is_line(text: str) -> bool:
    """Whether it is one line that can be read, of at most 300 characters; the space of Chinese text is one."""
    return len(text.strip()) <= LONGEST_TEXT and text.replace("\u3000", " ").isprintable()


def checked_nameko_method(method: str) -> str:
    """Raises SubscriberRefused."""
    if not NAMEKO_METHOD.fullmatch(method):
        raise SubscriberRefused(
            f"{method!r} cannot be a method: 1 to 40 small letters, digits and underscores, a letter first."
        )
    return method


def new_grant(source: str, event: str, holds: Holds, reason: str, ends_on: date | None, today: date) -> Grant:
    """What may be granted: facts without more; personal data with a reason, for a year at most; secrets never.

    Raises SubscriberRefused.
    """
    name = f"{source}.{event}"
    if holds is Holds.SECRETS:
        raise SubscriberRefused(
            f"{name} is for the portal's own services: it holds secrets, and cannot be granted.",
            "EVENT_NEVER_GRANTED",
            "events",
        )
    if ends_on is not None and ends_on < today:
        raise SubscriberRefused(f"{ends_on} is over already.", "DAY_OVER", "ends_on")
    if holds is Holds.PERSONAL_DATA:
        if not reason.strip():
            raise SubscriberRefused(
                f"{name} holds personal data: say why it is needed with --reason.", "REQUIRED", "reason"
            )
        if ends_on is None or ends_on > today + LONGEST_GRANT:
            raise SubscriberRefused(
                f"{name} holds personal data: say until when with --until, {today + LONGEST_GRANT} at the latest.",
                "GRANT_END_REQUIRED",
                "ends_on",
            )
    if not is_line(reason):
        raise SubscriberRefused(
            f"The reason must be one line of at most {LONGEST_TEXT} characters.", field="reason"
        )
    return Grant(source, event, reason.strip(), ends_on)


def new_scope(scope: str, reason: str, ends_on: date | None, today: date, now: datetime) -> ScopeGrant:
    """Every scope has a reason and an end, a year from today at most: then it is looked at again.

    Raises SubscriberRefused.
    """
    if scope not in SCOPES:
        raise SubscriberRefused(
            f"There is no scope {scope!r}; there are {', '.join(SCOPES)}.", "NOT_A_CHOICE", "scopes"
        )
    if not reason.strip() or not is_line(reason):
        raise SubscriberRefused(
            f"The reason must be one line of 1 to {LONGEST_TEXT} characters.", field="reason"
        )
    if ends_on is None or ends_on > today + LONGEST_GRANT:
        raise SubscriberRefused(
            f"Say with --until how long {scope} is needed, {today + LONGEST_GRANT} at the latest.",
            "SCOPE_END_REQUIRED",
            "ends_on",
        )
    if ends_on < today:
        raise SubscriberRefused(f"{ends_on} is over already.", "DAY_OVER", "ends_on")
    return ScopeGrant(scope, reason.strip(), ends_on, now)
