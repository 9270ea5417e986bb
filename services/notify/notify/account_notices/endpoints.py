"""How events of accounts reach their owners: each handler writes the notices of one kind of event."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.consumer import on_event, on_events
from mtnet_chassis.events.outbox import Outbox

from notify.account_notices import messages
from notify.contact_points import actions as contact_points
from notify.contact_points.actions import keep_points
from notify.contact_points.messages import addresses_of_account, proved_by_code
from notify.contact_points.rules import account
from notify.deliveries.sender import ChannelState
from notify.messages import actions
from notify.messages.actions import later_without_contact
from notify.messages.rules import Contact, Message
from notify.messages.store import MessageStore
from notify.preferences import actions as preferences
from notify.suppressions.actions import lift_proved

OfAccount = TypeVar(
    "OfAccount",
    messages.AccountActivated,
    messages.AccountReactivated,
    messages.AccountClosed,
    messages.AccountFrozen,
    messages.AccountDisabled,
    messages.ReactivationRefused,
    messages.ReminderDue,
)


class AccountNoticeEndpoints:
    """Handlers write messages; the senders of the process are woken after the commit."""

    database: Transactions
    senders: Mapping[str, ChannelState]

    def _tell(self, tx: Tx, notices: Iterable[Message]) -> None:
        actions.send(tx, self.database, self.senders, tuple(notices))

    # With a link that works once: a queue of their own, since somebody waits at a screen.

    @on_event(messages.ActivationLinkIssued, group="secrets")
    def write_activation_link(self, tx: Tx, event: messages.ActivationLinkIssued) -> None:
        self._tell(tx, [messages.activation_message(event)])

    @on_event(messages.PasswordResetRequested, group="secrets")
    def write_password_link(self, tx: Tx, event: messages.PasswordResetRequested) -> None:
        self._tell(tx, [messages.password_reset_message(event)])

    @on_event(messages.PasswordChanged, group="secrets")
    def write_password_notice(self, tx: Tx, event: messages.PasswordChanged) -> None:
        self._tell(tx, [messages.password_changed_message(event)])

    @on_event(messages.NewDeviceLogin, group="secrets")
    def write_new_device_notice(self, tx: Tx, event: messages.NewDeviceLogin) -> None:
        self._tell(tx, [messages.new_device_message(event)])

    @on_event(messages.SecondFactorChanged, group="secrets")
    def write_second_factor_notice(self, tx: Tx, event: messages.SecondFactorChanged) -> None:
        self._tell(tx, [messages.second_factor_message(event)])

    # The contact, and what is written to it, in the order of the events.

    @on_event(messages.AccountOpened, group="accounts")
    def keep_account_contact(self, tx: Tx, event: messages.AccountOpened) -> None:
        contact = messages.contact_of_account(event)
        actions.keep_account(MessageStore(tx), event.account_id, contact, event.occurred_at)
        given = addresses_of_account(event), event.fax, event.occurred_at
        preferences.open_account(tx, event.application_id, event.account_id, *given)

    @on_event(messages.ContactChanged, group="accounts")
    def write_contact_notice(self, tx: Tx, event: messages.ContactChanged) -> None:
        contact = messages.contact_of_account(event)
        actions.keep_account(MessageStore(tx), event.account_id, contact, event.occurred_at)
        keep_points(tx, account(event.account_id), addresses_of_account(event), event.occurred_at)
        lift_proved(tx, proved_by_code(event), event.changed_at)
        self._tell(tx, messages.contact_changed_messages(event))

    @on_event(messages.ContactChangeUndone, group="accounts")
    def write_undo_notice(self, tx: Tx, event: messages.ContactChangeUndone) -> None:
        contact = messages.contact_of_account(event)
        actions.keep_account(MessageStore(tx), event.account_id, contact, event.occurred_at)
        former = addresses_of_account(event)
        contact_points.undo(tx, Outbox(tx), event.account_id, former, event.occurred_at)
        self._tell(tx, [messages.contact_change_undone_message(event)])

    @on_event(messages.MailLanguageChanged, group="accounts")
    def keep_mail_language(self, tx: Tx, event: messages.MailLanguageChanged) -> None:
        with later_without_contact():
            actions.keep_language(MessageStore(tx), event.account_id, event.locale, event.occurred_at)

    @on_event(messages.AccountActivated, group="accounts")
    def write_activation_notice(self, tx: Tx, event: messages.AccountActivated) -> None:
        self._tell(tx, (messages.activated_message(*told) for told in _with_contacts(tx, event)))

    @on_event(messages.AccountReactivated, group="accounts")
    def write_reactivation_notice(self, tx: Tx, event: messages.AccountReactivated) -> None:
        self._tell(tx, (messages.reactivated_message(*told) for told in _with_contacts(tx, event)))

    @on_event(messages.ReactivationRefused)
    def write_refusal_of_reactivation(self, tx: Tx, event: messages.ReactivationRefused) -> None:
        self._tell(tx, (messages.reactivation_refused_message(*told) for told in _with_contacts(tx, event)))

    @on_event(messages.AccountClosed, group="accounts")
    def write_closing_notice(self, tx: Tx, event: messages.AccountClosed) -> None:
        self._tell(tx, (messages.closed_message(*told) for told in _with_contacts(tx, event)))
        actions.forget_account(MessageStore(tx), event.account_id)
        preferences.close_account(tx, event.account_id)

    # These come by the ten thousand from one run of the lifecycle.

    @on_events(messages.AccountFrozen)
    def write_freeze_notices(self, tx: Tx, batch: list[messages.AccountFrozen]) -> None:
        self._tell(tx, (messages.frozen_message(*told) for told in _with_contacts(tx, *batch)))

    @on_events(messages.AccountDisabled)
    def write_disabling_notices(self, tx: Tx, batch: list[messages.AccountDisabled]) -> None:
        self._tell(tx, (messages.disabled_message(*told) for told in _with_contacts(tx, *batch)))

    @on_events(messages.ReminderDue)
    def write_reminders(self, tx: Tx, batch: list[messages.ReminderDue]) -> None:
        self._tell(tx, (messages.reminder_message(*told) for told in _with_contacts(tx, *batch)))

    # What people ask for under the Personal Data Protection Act.

    @on_event(messages.PrivacyRequestReceived, group="privacy_requests")
    def write_privacy_receipt(self, tx: Tx, event: messages.PrivacyRequestReceived) -> None:
        self._tell(tx, [messages.privacy_request_received_message(event)])

    @on_event(messages.PrivacyRequestAnswered, group="privacy_requests")
    def write_privacy_answer(self, tx: Tx, event: messages.PrivacyRequestAnswered) -> None:
        self._tell(tx, [messages.privacy_request_answered_message(event)])

    @on_event(messages.PrivacyRequestDueSoon, group="privacy_requests")
    def write_privacy_deadline(self, tx: Tx, event: messages.PrivacyRequestDueSoon) -> None:
        self._tell(tx, [messages.privacy_request_due_message(event)])

    # To the owners of downstream systems.

    @on_event(messages.SubscriberReminderDue, group="subscribers")
    def write_subscriber_reminder(self, tx: Tx, event: messages.SubscriberReminderDue) -> None:
        self._tell(tx, [messages.subscriber_reminder_message(event)])

    @on_event(messages.SubscriberQueueFilling, group="subscribers")
    def write_subscriber_alarm(self, tx: Tx, event: messages.SubscriberQueueFilling) -> None:
        self._tell(tx, [messages.subscriber_queue_message(event)])


def _with_contacts(tx: Tx, *events: OfAccount) -> list[tuple[OfAccount, Contact]]:
    """Each event with the contact of its account; without those of accounts that were closed meanwhile."""
    with later_without_contact():
        contacts = actions.account_contacts(MessageStore(tx), (event.account_id for event in events))
    return [(event, contacts[event.account_id]) for event in events if event.account_id in contacts]
