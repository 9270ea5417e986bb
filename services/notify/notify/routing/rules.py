"""What is told how: for every kind of message its category, its priority and the channels that fit it."""

from dataclasses import dataclass
from types import MappingProxyType

from mtnet_contracts.vocabulary.notices import Category

from notify.templates.rules import Kind

# Somebody waits at a screen for what is urgent; bulk comes by the ten thousand.
URGENT, NORMAL, BULK = 1, 5, 9


@dataclass(frozen=True)
class KindPlan:
    category: Category
    priority: int = NORMAL


LEGAL, SECURITY, REMINDER, INFORMATION = Category

KIND_PLANS = MappingProxyType(
    {
        Kind.VERIFICATION_CODE: KindPlan(SECURITY, URGENT),
        Kind.ACTIVATION_LINK: KindPlan(SECURITY, URGENT),
        Kind.PASSWORD_RESET: KindPlan(SECURITY, URGENT),
        Kind.PASSWORD_CHANGED: KindPlan(SECURITY, URGENT),
        Kind.NEW_DEVICE_LOGIN: KindPlan(SECURITY, URGENT),
        Kind.SECOND_FACTOR_CHANGED: KindPlan(SECURITY, URGENT),
        Kind.CONTACT_CHANGED: KindPlan(SECURITY, URGENT),
        Kind.CONTACT_CONFIRMED: KindPlan(SECURITY),
        Kind.CONTACT_CHANGE_UNDONE: KindPlan(SECURITY, URGENT),
        Kind.ACCOUNT_REACTIVATED: KindPlan(SECURITY),
        Kind.APPLICATION_RECEIVED: KindPlan(INFORMATION),
        Kind.APPLICATION_RESUBMITTED: KindPlan(INFORMATION),
        Kind.ACCOUNT_ACTIVATED: KindPlan(INFORMATION),
        Kind.APPLICATION_RETURNED: KindPlan(LEGAL),
        Kind.APPLICATION_REJECTED: KindPlan(LEGAL),
        Kind.APPLICATION_WITHDRAWN: KindPlan(LEGAL),
        Kind.ACCOUNT_FROZEN: KindPlan(LEGAL, BULK),
        Kind.ACCOUNT_DISABLED: KindPlan(LEGAL, BULK),
        Kind.ACCOUNT_CLOSED: KindPlan(LEGAL),
        Kind.PRIVACY_REQUEST_RECEIVED: KindPlan(LEGAL),
        Kind.PRIVACY_REQUEST_ANSWERED: KindPlan(LEGAL),
        Kind.REMINDER_DUE: KindPlan(REMINDER, BULK),
        Kind.PRIVACY_REQUEST_DUE: KindPlan(REMINDER),
        # An operator may say that a broadcast is a legal notice.
        Kind.BROADCAST: KindPlan(INFORMATION, BULK),
    }
)
