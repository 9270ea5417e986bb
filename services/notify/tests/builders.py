"""Messages and events for the tests of notify."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from mtnet_contracts.examples import example_of
from notify.messages import messages
from notify.messages.rules import Contact, Message
from notify.templates.rules import Kind, Links

NOW = datetime(2026, 11, 23, 9, 25, 24, tzinfo=UTC)  # 17:25:24 in Taipei
LINKS = Links("https://mtnet.example")
CONTACT = Contact("王小明", "clerk@carrier.example.com", "zh-Hant")
SECRETS = {
    Kind.VERIFICATION_CODE: {"code": "482913"},
    Kind.ACTIVATION_LINK: {"activation_url": "https://mtnet.example/activate/abc"},
}


def an_example(kind: Kind, contact: Contact = CONTACT) -> Message:
    """The message that the contracts' example event of this kind makes."""
    of = SimpleNamespace(**{name: getattr(messages, name) for name in messages.__all__})
    match kind:
        case Kind.VERIFICATION_CODE:
            return messages.code_message(example_of(of.VerificationCodeRequested))
        case Kind.APPLICATION_RECEIVED:
            return messages.received_message(example_of(of.ApplicationSubmitted))
        case Kind.APPLICATION_RESUBMITTED:
            return messages.resubmitted_message(example_of(of.ApplicationResubmitted))
        case Kind.APPLICATION_RETURNED:
            return messages.returned_message(example_of(of.ApplicationReturned), contact)
        case Kind.APPLICATION_REJECTED:
            return messages.rejected_message(example_of(of.ApplicationRejected), contact)
        case Kind.APPLICATION_WITHDRAWN:
            return messages.withdrawn_message(example_of(of.ApplicationWithdrawn), contact)
        case Kind.ACTIVATION_LINK:
            return messages.activation_message(example_of(of.ActivationLinkIssued))
        case Kind.ACCOUNT_ACTIVATED:
            return messages.activated_message(example_of(of.AccountActivated), contact)
        case Kind.ACCOUNT_FROZEN:
            return messages.frozen_message(example_of(of.AccountFrozen), contact)
        case Kind.ACCOUNT_REACTIVATED:
            return messages.reactivated_message(example_of(of.AccountReactivated), contact)
        case Kind.REMINDER_DUE:
            return messages.reminder_message(example_of(of.ReminderDue), contact)
    raise AssertionError(kind)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
