"""The events that services tell each other, one file per service that announces them."""

from mtnet_contracts.event import Event, UnknownEvent, catalogue, event_class
from mtnet_contracts.events.accounts import (
    AccountActivated,
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    ActivationLinkIssued,
    ApplicationResubmitted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ContactVerified,
    ReminderDue,
    VerificationCodeRequested,
)
from mtnet_contracts.events.content import ContentPublished
from mtnet_contracts.events.notify import MessageDelivered, MessageFailed
from mtnet_contracts.events.review import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReturned,
    CaseForwarded,
    CaseOpened,
)

__all__ = [
    "AccountActivated",
    "AccountFrozen",
    "AccountOpened",
    "AccountReactivated",
    "ActivationLinkIssued",
    "ApplicationApproved",
    "ApplicationRejected",
    "ApplicationResubmitted",
    "ApplicationReturned",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "CaseForwarded",
    "CaseOpened",
    "ContactVerified",
    "ContentPublished",
    "Event",
    "MessageDelivered",
    "MessageFailed",
    "ReminderDue",
    "UnknownEvent",
    "VerificationCodeRequested",
    "catalogue",
    "event_class",
]
