"""What can be done with messages: keep contacts, write what is to be sent. The senders send it after the commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from notify.deliveries.actions import DeliveryQueue
from notify.deliveries.rules import NewDelivery
from notify.messages.rules import Contact, ContactUnknown, Message
from notify.messages.store import MessageStore
from notify.templates.actions import current_version


def keep_applicant(
    store: MessageStore, application_id: UUID, case_number: str, contact: Contact, submission: int
) -> None:
    store.keep_applicant(application_id, case_number, contact, submission)


def keep_account(store: MessageStore, account_id: UUID, contact: Contact) -> None:
    store.keep_account(account_id, contact)


def applicant(store: MessageStore, application_id: UUID) -> Contact:
    """Raises ContactUnknown."""
    contact = store.applicant(application_id)
    if contact is None:
        raise ContactUnknown(f"application {application_id}")
    return contact


def account_contacts(store: MessageStore, account_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Raises ContactUnknown when one of them is."""
    wanted = set(account_ids)
    contacts = dict(store.account_contacts(list(wanted)))
    if missing := wanted - contacts.keys():
        raise ContactUnknown(f"account {min(missing, key=str)}")
    return contacts


def write_messages(
    store: MessageStore, queue: DeliveryQueue, messages: Sequence[Message], now: datetime
) -> None:
    """Store messages and queue their deliveries, in the transaction of the event. Raises UnknownChannel."""
    versions = {kind: current_version(kind) for kind in {message.kind for message in messages}}
    store.add_messages(messages, versions, now)
    queue.add(
        [NewDelivery(each.message_id, each.channel, each.recipient, each.priority) for each in messages], now
    )
