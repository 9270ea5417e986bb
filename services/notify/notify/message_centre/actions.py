"""Show people what they were told and how they are told; read, search, send once more, choose."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.holder import Holder
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.masking import masked_contact
from mtnet_contracts.vocabulary.notices import Category

from notify.channels.registry import channel_plans
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import LINE, ContactPoint, Person
from notify.fax_codes import actions as fax_codes
from notify.message_centre import rules
from notify.message_centre.rules import MessageNotFound, OwnDelivery, OwnMessage, holds
from notify.message_centre.store import MessageCentreStore
from notify.messages.actions import write_messages
from notify.messages.rules import Message
from notify.own_choices.actions import note_preferences
from notify.preferences import actions as preferences
from notify.preferences.rules import ALWAYS, CATEGORIES_OF, CHOOSABLE, NONE, Channels
from notify.templates.actions import load_texts, render_plain
from notify.templates.rules import Kind, Links, NoSuchTemplate

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Shown:
    """A message with its words."""

    message: OwnMessage
    subject: str
    text: str


# What people were told


def own_messages(
    tx: Tx, links: Links, person: Person, *, query: str, unread: bool, page: int, page_size: int
) -> dict[str, Any]:
    """The call's OwnMessagesReply."""
    store = MessageCentreStore(tx)
    counts = store.counts(person)
    if query.strip():
        newest = store.messages(person, unread=unread, limit=rules.MOST_SEARCHED, offset=0)
        found = [one for one in _shown(tx, links, newest) if holds(query, (one.subject, one.text))]
        total, found = len(found), found[(page - 1) * page_size : page * page_size]
    else:
        limits = {"limit": page_size, "offset": (page - 1) * page_size}
        found = _shown(tx, links, store.messages(person, unread=unread, **limits))
        total = counts.unread if unread else counts.total
    items = _with_deliveries(store, found)
    return {
        "items": items,
        "page": page,
        "page_size": page_size,
        "total": total,
        "unread": counts.unread,
    }


def own_message(tx: Tx, links: Links, person: Person, message_id: UUID) -> dict[str, Any]:
    """The call's OwnMessage. Raises MessageNotFound."""
    store = MessageCentreStore(tx)
    message = store.message(person, message_id)
    if message is None:
        raise MessageNotFound
    (shown,) = _shown(tx, links, [message])
    (line,) = _with_deliveries(store, [shown])
    more = {"text": shown.text, "can_be_sent_again": rules.can_be_copied(message)}
    return line | more


def mark_read(tx: Tx, person: Person, message_ids: Sequence[UUID], at: datetime) -> int:
    """These, or all where none is named. Returns how many are unread."""
    store = MessageCentreStore(tx)
    store.mark_read(person, message_ids, at)
    return store.counts(person).unread


def send_again(tx: Tx, person: Person, message_id: UUID, now: datetime) -> Mapping[str, bool]:
    """The message goes to the person's present addresses. Returns the channels to wake (messages.wake_after_commit).

    It is a copy of the message: a second try of the same delivery would be swallowed, by LINE, which knows its retry
    key, and by mail programs, which know its Message-ID. Raises MessageNotFound, NotSentAgain, SentOftenEnough.
    """
    store = MessageCentreStore(tx)
    message = store.message(person, message_id, lock=True)
    if message is None:
        raise MessageNotFound
    rules.require_copyable(message, store.copies_since(person, now - ONE_DAY), now)
    copy = Message(
        message_id=rules.copy_id(message),
        event_id=message.event_id,
        kind=Kind(message.kind),
        subject_id=message.subject_id,
        locale=message.locale,
        person=person,
        details=dict(message.details),
    )
    channels = write_messages(tx, [copy], now)
    store.mark_copy(copy.message_id, message)
    return channels


def _shown(tx: Tx, links: Links, messages: Sequence[OwnMessage]) -> list[Shown]:
    load_texts(tx, (each.template_version for each in messages))
    return [Shown(message, *_words_of(links, message)) for message in messages]


def _words_of(links: Links, message: OwnMessage) -> tuple[str, str]:
    """Subject and text, empty where the template is gone: the page then says what it was about."""
    details = rules.without_secret(message.kind, message.details, links.portal_url)
    try:
        return render_plain(links, Kind(message.kind), message.template_version, message.locale, details)
    except (NoSuchTemplate, ValueError):
        return "", ""


def _with_deliveries(store: MessageCentreStore, shown: Sequence[Shown]) -> list[dict[str, Any]]:
    deliveries = store.deliveries_of([one.message.message_id for one in shown])
    return [
        vars(one.message)
        | {"subject": one.subject}
        | {
            "deliveries": [
                _delivery_view(each) for each in deliveries if each.message_id == one.message.message_id
            ]
        }
        for one in shown
    ]


def _delivery_view(delivery: OwnDelivery) -> dict[str, Any]:
    hidden = "" if delivery.channel == LINE else masked_contact(delivery.recipient)
    return asdict(delivery) | {"recipient": hidden}


# How people are told


def own_notifications(tx: Tx, person: Person, now: datetime) -> dict[str, Any]:
    """The call's NotificationsView."""
    usable = [name for name in CHANNELS if name in channel_plans()]
    held = preferences.chosen_channels(tx, [person])[person]
    waiting = fax_codes.waiting_code(tx, person.id, now) if person.kind == "account" else None
    return {
        "channels": [
            each for each in usable if any(each in CHOOSABLE[c] | ALWAYS.get(c, NONE) for c in Category)
        ],
        "categories": [
            {"category": category, "channels": _choices(category, held[category], usable)}
            for category in CATEGORIES_OF[person.kind]
        ],
        "contact_points": [
            _point_view(each) for each in contact_points.points_of(tx, [person]).get(person, ())
        ],
        "waiting_fax": waiting,
    }


def save_notifications(
    tx: Tx, caller: Actor | Holder, wanted: dict[Category, Channels], now: datetime
) -> dict[str, Any]:
    """The call's NotificationsView; what is another choice than before goes on record.

    Raises NotChoosable, AccountClosed, CaseHasAccount.
    """
    person = contact_points.person_of(caller)
    before = preferences.chosen_channels(tx, [person])[person]
    preferences.choose(tx, person, wanted, now)
    after = preferences.chosen_channels(tx, [person])[person]
    if changed := [category for category in Category if before[category] != after[category]]:
        note_preferences(tx, person, caller, changed, now)
    return own_notifications(tx, person, now)


def _choices(category: Category, held: Channels, usable: Sequence[str]) -> list[dict[str, Any]]:
    always = ALWAYS.get(category, NONE)
    return [
        {"channel": channel, "chosen": channel in held, "always": channel in always}
        for channel in usable
        if channel in CHOOSABLE[category] | always
    ]


def _point_view(point: ContactPoint) -> dict[str, Any]:
    return vars(point) | {"address": "" if point.channel == LINE else point.address}
