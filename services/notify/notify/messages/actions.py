"""What can be done with messages: keep contacts, write what is to be sent. The senders send it after the commit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.inbox import TryLater

from notify.deliveries.actions import DeliveryQueue
from notify.deliveries.rules import URGENT, NewDelivery
from notify.deliveries.sender import ChannelState
from notify.messages.rules import Contact, ContactUnknown, Message
from notify.messages.store import MessageStore
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


def account_contacts(store: MessageStore, account_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Without those that are forgotten. Raises ContactUnknown when one was never heard of."""
    wanted = set(account_ids)
    contacts = store.account_contacts(list(wanted))
    if missing := wanted - contacts.keys():
        raise ContactUnknown(f"account {min(missing, key=str)}")
    return {account_id: contact for account_id, contact in contacts.items() if contact is not None}


def write_messages(
    store: MessageStore, queue: DeliveryQueue, messages: Sequence[Message], now: datetime
) -> None:
    """Store messages and queue their deliveries, in the transaction of the event. Raises UnknownChannel."""
    versions = {kind: current_version(kind) for kind in {message.kind for message in messages}}
    store.add_messages(messages, versions, now)
    queue.add(
        [NewDelivery(each.message_id, each.channel, each.recipient, each.priority) for each in messages], now
    )


def send(
    tx: Tx, database: Transactions, senders: Mapping[str, ChannelState], notices: Sequence[Message]
) -> None:
    """Write the notices, and wake the senders of this process once they are committed. Raises UnknownChannel."""
    write_messages(MessageStore(tx), DeliveryQueue(tx), notices, datetime.now(UTC))
    for channel in {notice.channel for notice in notices}:
        urgent = any(each.channel == channel and each.priority == URGENT for each in notices)
        database.after_commit(tx, partial(senders[channel].wake, urgent=urgent))


@contextmanager
def later_without_contact() -> Iterator[None]:
    """An event may arrive before the one that brings the contact: it is tried again later."""
    try:
        yield
    except ContactUnknown as unknown:
        raise TryLater(f"no contact yet of {unknown}") from unknown
