"""Messages and events for the tests of notify."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from mtnet_contracts import events
from mtnet_contracts.examples import example_of
from notify.account_notices import messages as of_accounts
from notify.channels.rules import OutgoingMessage
from notify.contact_points.rules import account
from notify.desk_answers import messages as of_the_desk
from notify.line_links.messages import link_notice
from notify.messages import messages as of_applications
from notify.messages.rules import Contact, Message, notice
from notify.templates.actions import current_version
from notify.templates.rules import Kind, Links
from notify.webhooks import messages as of_webhooks

NOW = datetime(2026, 11, 23, 9, 25, 24, tzinfo=UTC)  # 17:25:24 in Taipei
LINKS = Links("https://mtnet.example")
CONTACT = Contact("王小明", "clerk@carrier.example.com", "zh-Hant")
SECRETS = {
    Kind.VERIFICATION_CODE: {"code": "482913"},
    Kind.ACTIVATION_LINK: {"activation_url": "https://mtnet.example/activate/abc"},
    Kind.PASSWORD_RESET: {"reset_url": "https://mtnet.example/reset-password/abc"},
    Kind.NEW_DEVICE_LOGIN: {"not_me_url": "https://mtnet.example/not-me/abc"},
    Kind.CONTACT_CHANGED: {"undo_url": "https://mtnet.example/contacts/undo/abc"},
}
# Which event becomes which messages. Those with a contact of their own say it; the others get one that notify kept.
WRITTEN = {
    Kind.VERIFICATION_CODE: (events.VerificationCodeRequested, of_applications.code_message),
    Kind.APPLICATION_RECEIVED: (events.ApplicationSubmitted, of_applications.received_message),
    Kind.APPLICATION_RESUBMITTED: (events.ApplicationResubmitted, of_applications.resubmitted_message),
    Kind.APPLICATION_RETURNED: (events.ApplicationReturned, of_applications.returned_message),
    Kind.APPLICATION_REJECTED: (events.ApplicationRejected, of_applications.rejected_message),
    Kind.APPLICATION_WITHDRAWN: (events.ApplicationWithdrawn, of_applications.withdrawn_message),
    Kind.ACTIVATION_LINK: (events.ActivationLinkIssued, of_accounts.activation_message),
    Kind.ACCOUNT_ACTIVATED: (events.AccountActivated, of_accounts.activated_message),
    Kind.ACCOUNT_FROZEN: (events.AccountFrozen, of_accounts.frozen_message),
    Kind.ACCOUNT_REACTIVATED: (events.AccountReactivated, of_accounts.reactivated_message),
    Kind.ACCOUNT_DISABLED: (events.AccountDisabled, of_accounts.disabled_message),
    Kind.REACTIVATION_REFUSED: (events.ReactivationRefused, of_accounts.reactivation_refused_message),
    Kind.ACCOUNT_CLOSED: (events.AccountClosed, of_accounts.closed_message),
    Kind.REMINDER_DUE: (events.ReminderDue, of_accounts.reminder_message),
    Kind.PASSWORD_RESET: (events.PasswordResetRequested, of_accounts.password_reset_message),
    Kind.PASSWORD_CHANGED: (events.PasswordChanged, of_accounts.password_changed_message),
    Kind.NEW_DEVICE_LOGIN: (events.NewDeviceLogin, of_accounts.new_device_message),
    Kind.SECOND_FACTOR_CHANGED: (events.SecondFactorChanged, of_accounts.second_factor_message),
    Kind.CONTACT_CHANGED: (events.ContactChanged, of_accounts.contact_changed_messages),
    Kind.CONTACT_CONFIRMED: (events.ContactChanged, of_accounts.contact_changed_messages),
    Kind.CONTACT_CHANGE_UNDONE: (events.ContactChangeUndone, of_accounts.contact_change_undone_message),
    Kind.PRIVACY_REQUEST_RECEIVED: (
        events.PrivacyRequestReceived,
        of_accounts.privacy_request_received_message,
    ),
    Kind.PRIVACY_REQUEST_ANSWERED: (
        events.PrivacyRequestAnswered,
        of_accounts.privacy_request_answered_message,
    ),
    Kind.LINE_LINK_CHANGED: (
        events.AccountActivated,
        lambda event, contact: link_notice(
            event.event_id, account(event.account_id), contact, "QWERTYUI", "linked", NOW
        ),
    ),
    Kind.DESK_ACKNOWLEDGEMENT: (events.TicketAcknowledged, of_the_desk.acknowledgement_message),
    Kind.DESK_ANSWER: (events.TicketAnswered, of_the_desk.answer_message),
    Kind.WEBHOOK_TROUBLE: (
        events.WebhookChanged,
        lambda event: of_webhooks.trouble_notice(
            of_webhooks.webhook_of(event), gone=True, problem="HTTP 410", since=NOW
        ),
    ),
    Kind.PRIVACY_REQUEST_DUE: (events.PrivacyRequestDueSoon, of_accounts.privacy_request_due_message),
    Kind.SUBSCRIBER_REMINDER: (events.SubscriberReminderDue, of_accounts.subscriber_reminder_message),
    Kind.SUBSCRIBER_QUEUE: (events.SubscriberQueueFilling, of_accounts.subscriber_queue_message),
}


def an_example(kind: Kind, contact: Contact = CONTACT) -> Message:
    """The message that the contracts' example event of this kind makes."""
    if kind is Kind.BROADCAST:
        return a_broadcast_message(contact)
    event, write = WRITTEN[kind]
    with_contact = write.__code__.co_argcount > 1
    written = write(example_of(event), *([contact] if with_contact else []))
    return next(m for m in written if m.kind is kind) if isinstance(written, Iterator) else written


def a_broadcast_message(contact: Contact = CONTACT) -> Message:
    """What an operator writes to many: no event makes it."""
    words = "The portal is maintained on Sunday.\n\nSee https://mtnet.example/news."
    return notice(
        UUID(int=1), Kind.BROADCAST, account(UUID(int=1)), contact, {"title": "Maintenance", "words": words}
    )


def an_outgoing(kind: Kind, locale: str = "zh-Hant", **details: object) -> OutgoingMessage:
    """What a channel is asked to send."""
    message = an_example(kind)
    return OutgoingMessage(
        message_id=message.message_id,
        delivery_id=message.message_id,
        recipient=message.named[0][1],
        kind=kind,
        category=message.plan.category,
        template_version=current_version(kind),
        locale=locale,
        details=message.details | SECRETS.get(kind, {}) | details,
        urgent=False,
    )


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
