"""The events that services tell each other, by the service that announces them and its topics."""

from mtnet_contracts.event import Event, UnknownEvent, catalogue, event_class
from mtnet_contracts.events.accounts.applications import (
    ApplicationResubmitted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from mtnet_contracts.events.accounts.devices import NewDeviceLogin
from mtnet_contracts.events.accounts.lifecycle import (
    AccountClosed,
    AccountDisabled,
    AccountFrozen,
    AccountReactivated,
    ReminderDue,
)
from mtnet_contracts.events.accounts.passwords import PasswordChanged, PasswordResetRequested
from mtnet_contracts.events.accounts.privacy_rights import (
    PrivacyRequestAnswered,
    PrivacyRequestDueSoon,
    PrivacyRequestReceived,
)
from mtnet_contracts.events.accounts.profile import ContactChanged, ContactChangeUndone, MailLanguageChanged
from mtnet_contracts.events.accounts.registry import AccountOpened, AccountRolesChanged
from mtnet_contracts.events.accounts.second_factors import SecondFactorChanged
from mtnet_contracts.events.accounts.sessions import AccountActivated, ActivationLinkIssued
from mtnet_contracts.events.accounts.subscribers import SubscriberQueueFilling, SubscriberReminderDue
from mtnet_contracts.events.accounts.verification import ContactVerified, VerificationCodeRequested
from mtnet_contracts.events.accounts.webhooks import SigningSecret, WebhookChanged
from mtnet_contracts.events.content.editor_acts import EditorActed, EditorFact
from mtnet_contracts.events.content.faq_drafts import FaqDraftDeclined, FaqDraftPublished
from mtnet_contracts.events.content.pages import ContentPublished
from mtnet_contracts.events.helpdesk.desk_acts import DeskActed, DeskFact
from mtnet_contracts.events.helpdesk.faq import FaqDraftProposed
from mtnet_contracts.events.helpdesk.faults import FaultAnnounced, FaultResolved
from mtnet_contracts.events.helpdesk.reactivations import ReactivationApproved, ReactivationRefused
from mtnet_contracts.events.helpdesk.tickets import (
    AnsweredFile,
    TicketAcknowledged,
    TicketAnswered,
    TicketChanged,
    TicketClosed,
    TicketOpened,
    TicketReopened,
)
from mtnet_contracts.events.notify.choices import NotificationChoiceChanged
from mtnet_contracts.events.notify.contacts import ContactUnreachable
from mtnet_contracts.events.notify.deliveries import DeskAnswerFinished, MessageDelivered, MessageFailed
from mtnet_contracts.events.notify.fax import FaxNumberConfirmed, FaxNumberRemoved
from mtnet_contracts.events.notify.line import LineFile, LineLinked, LineMessageReceived, LineUnlinked
from mtnet_contracts.events.notify.operator_acts import ActFact, OperatorActed
from mtnet_contracts.events.review.cases import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReturned,
    CaseForwarded,
    CaseOpened,
)

__all__ = [
    "AccountActivated",
    "AccountClosed",
    "AccountDisabled",
    "AccountFrozen",
    "AccountOpened",
    "AccountReactivated",
    "AccountRolesChanged",
    "ActFact",
    "ActivationLinkIssued",
    "AnsweredFile",
    "ApplicationApproved",
    "ApplicationRejected",
    "ApplicationResubmitted",
    "ApplicationReturned",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "CaseForwarded",
    "CaseOpened",
    "ContactChangeUndone",
    "ContactChanged",
    "ContactUnreachable",
    "ContactVerified",
    "ContentPublished",
    "DeskActed",
    "DeskAnswerFinished",
    "DeskFact",
    "EditorActed",
    "EditorFact",
    "Event",
    "FaqDraftDeclined",
    "FaqDraftProposed",
    "FaqDraftPublished",
    "FaultAnnounced",
    "FaultResolved",
    "FaxNumberConfirmed",
    "FaxNumberRemoved",
    "LineFile",
    "LineLinked",
    "LineMessageReceived",
    "LineUnlinked",
    "MailLanguageChanged",
    "MessageDelivered",
    "MessageFailed",
    "NewDeviceLogin",
    "NotificationChoiceChanged",
    "OperatorActed",
    "PasswordChanged",
    "PasswordResetRequested",
    "PrivacyRequestAnswered",
    "PrivacyRequestDueSoon",
    "PrivacyRequestReceived",
    "ReactivationApproved",
    "ReactivationRefused",
    "ReminderDue",
    "SecondFactorChanged",
    "SigningSecret",
    "SubscriberQueueFilling",
    "SubscriberReminderDue",
    "TicketAcknowledged",
    "TicketAnswered",
    "TicketChanged",
    "TicketClosed",
    "TicketOpened",
    "TicketReopened",
    "UnknownEvent",
    "VerificationCodeRequested",
    "WebhookChanged",
    "catalogue",
    "event_class",
]
