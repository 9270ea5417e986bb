"""What can be done with messages: keep contacts, write what is to be sent. The senders send it after the commit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.inbox import TryLater

from notify.channels.rules import Failure
from notify.contact_points.rules import Address, Person
from notify.deliveries.actions import PROCESS, DeliveryQueue, add_finished
from notify.deliveries.rules import URGENT, NewDelivery, State
from notify.deliveries.sender import ChannelState
from notify.messages.rules import Contact, ContactUnknown, Message
from notify.messages.store import MessageStore
from notify.routing import actions as routing
from notify.routing.rules import Planned, Wanted
from notify.templates.actions import current_version


def keep_applicant(
    store: MessageStore, application_id: UUID, case_number: str, contact: Contact, submission: int
) -> None:
    store.keep_applicant(application_id, case_number, contact, submission)


def keep_account(store: MessageStore, account_id: UUID, contact: Contact, as_of: datetime) -> None:
    store.keep_account(account_id, contact, as_of)


def keep_language(store: MessageStore, account_id: UUID, locale: str, as_of: datetime) -> None:
    """Raises ContactUnknown."""
    if not store.keep_language(account_id, locale, as_of):
        raise ContactUnknown(f"account {account_id}")


def forget_account(store: MessageStore, account_id: UUID) -> None:
    """Nothing more will be written to this person."""
    store.forget_account(account_id)


def applicant(store: MessageStore, application_id: UUID) -> Contact:
    """Raises ContactUnknown."""
    contact = store.applicant(application_id)
    if contact is None:
        raise ContactUnknown(f"application {application_id}")
    return contact


def contact_of(tx: Tx, person: Person) -> Contact | None:
    """Where this person is written to by mail. None while nothing is known of them, or no more."""
    store = MessageStore(tx)
    if person.kind == "account":
        return store.account_contacts([person.id]).get(person.id)
    return store.applicant(person.id)


def account_contacts(store: MessageStore, account_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Without those that are forgotten. Raises ContactUnknown when one was never heard of."""
    wanted = set(account_ids)
    contacts = store.account_contacts(list(wanted))
    if missing := wanted - contacts.keys():
        raise ContactUnknown(f"account {min(missing, key=str)}")
    return {account_id: contact for account_id, contact in contacts.items() if contact is not None}


def contacts_of(tx: Tx, persons: Iterable[Person]) -> dict[Person, Contact]:
    """Of many at once; without those who are forgotten or were never heard of."""
    store = MessageStore(tx)
    ids: dict[str, list[UUID]] = {"account": [], "application": []}
    for person in persons:
        ids[person.kind].append(person.id)
    accounts = store.account_contacts(ids["account"]) if ids["account"] else {}
    applicants = store.applicants(ids["application"]) if ids["application"] else {}
    return {
        **{Person("account", each): contact for each, contact in accounts.items() if contact is not None},
        **{Person("application", each): contact for each, contact in applicants.items()},
    }


def write_messages(tx: Tx, messages: Sequence[Message], now: datetime) -> Mapping[str, bool]:
    """Store messages, find their ways and queue their deliveries, in the transaction of the event.

    A message that is there already stays as it is. Returns the channels with work, and whether it is urgent.
    Raises UnknownChannel.
    """
    planned = routing.plan(tx, [Wanted(each.plan, each.named, each.person) for each in messages], now)
    return write_planned(tx, messages, planned, now)


def write_planned(
    tx: Tx, messages: Sequence[Message], planned: Sequence[Planned], now: datetime
) -> Mapping[str, bool]:
    """The same for messages whose ways are known already."""
    versions = {kind: current_version(kind) for kind in {message.kind for message in messages}}
    new = MessageStore(tx).add_messages(list(zip(messages, planned, strict=True)), versions, now)
    queued = [
        NewDelivery(message.message_id, way.channel, way.recipient, message.plan.priority, way.not_before)
        for message, ways in zip(messages, planned, strict=True)
        if message.message_id in new
        for way in ways.deliveries
    ]
    DeliveryQueue(tx, PROCESS).add(queued, now)
    return {
        channel: any(each.channel == channel and each.priority == URGENT for each in queued)
        for channel in {each.channel for each in queued}
    }


def write_sent(
    tx: Tx,
    message: Message,
    people: Mapping[UUID, tuple[Person, Address]],
    state: State,
    failure: Failure | None,
    at: datetime,
) -> None:
    """One message that a provider has had for many people in one call, as the message of each of them.

    `people` by message id, with the address that it went to; what is there already stays as it is.
    """
    if not people:
        return
    persons = [person for person, _ in people.values()]
    MessageStore(tx).add_to_many(
        message, list(people), [each.kind for each in persons], [each.id for each in persons], at
    )
    sent = [
        NewDelivery(message_id, *address, message.plan.priority)
        for message_id, (_, address) in people.items()
    ]
    add_finished(tx, sent, state, failure, at)


def wake_after_commit(
    tx: Tx, database: Transactions, senders: Mapping[str, ChannelState], channels: Mapping[str, bool]
) -> None:
    """Wake the senders of this process once the transaction is committed. `channels` as write_messages returns them."""
    for channel, urgent in channels.items():
        database.after_commit(tx, partial(senders[channel].wake, urgent=urgent))


def send(
    tx: Tx, database: Transactions, senders: Mapping[str, ChannelState], notices: Sequence[Message]
) -> None:
    """Write the notices, and wake the senders of this process once they are committed. Raises UnknownChannel."""
    wake_after_commit(tx, database, senders, write_messages(tx, notices, datetime.now(UTC)))


@contextmanager
def later_without_contact() -> Iterator[None]:
    """An event may arrive before the one that brings the contact: it is tried again later."""
    try:
        yield
    except ContactUnknown as unknown:
        raise TryLater(f"no contact yet of {unknown}") from unknown
