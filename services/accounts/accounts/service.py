"""The accounts service: its dependencies, and the endpoints of its topics."""

from __future__ import annotations

from typing import Any, ClassVar

from mtnet_chassis.data.database import Database

from accounts.account_card.endpoints import AccountCardEndpoints
from accounts.activation.endpoints import ActivationEndpoints
from accounts.api_clients.endpoints import ApiClientEndpoints
from accounts.applications.endpoints import ApplicationEndpoints
from accounts.audit.endpoints import AuditEndpoints
from accounts.confirmation.endpoints import ConfirmationEndpoints
from accounts.consents.endpoints import ConsentEndpoints
from accounts.contacts.endpoints import ContactEndpoints
from accounts.devices.endpoints import DeviceEndpoints
from accounts.documents.endpoints import DocumentEndpoints
from accounts.history.endpoints import HistoryEndpoints
from accounts.lifecycle.endpoints import LifecycleEndpoints
from accounts.login.endpoints import LoginEndpoints
from accounts.passwords.endpoints import PasswordEndpoints
from accounts.privacy_rights.endpoints import PrivacyEndpoints
from accounts.profile.endpoints import ProfileEndpoints
from accounts.reactivation.endpoints import ReactivationEndpoints
from accounts.second_factors.endpoints import SecondFactorEndpoints
from accounts.segments.endpoints import SegmentEndpoints
from accounts.sessions.endpoints import SessionEndpoints
from accounts.submission.endpoints import SubmissionEndpoints
from accounts.subscribers.endpoints import SubscriberEndpoints
from accounts.system_accounts.endpoints import SystemAccountEndpoints
from accounts.tracking.endpoints import TrackingEndpoints


class AccountsService(
    ConsentEndpoints,
    ApplicationEndpoints,
    ContactEndpoints,
    DocumentEndpoints,
    SubmissionEndpoints,
    TrackingEndpoints,
    ActivationEndpoints,
    LoginEndpoints,
    PasswordEndpoints,
    ConfirmationEndpoints,
    SecondFactorEndpoints,
    SessionEndpoints,
    DeviceEndpoints,
    ReactivationEndpoints,
    ProfileEndpoints,
    HistoryEndpoints,
    PrivacyEndpoints,
    LifecycleEndpoints,
    AuditEndpoints,
    SegmentEndpoints,
    AccountCardEndpoints,
    SubscriberEndpoints,
    ApiClientEndpoints,
    SystemAccountEndpoints,
):
    name = "accounts"
    refusals: ClassVar[dict[type[Exception], Any]] = {
        **ConsentEndpoints.refusals,
        **ApplicationEndpoints.refusals,
        **ContactEndpoints.refusals,
        **SubmissionEndpoints.refusals,
        **TrackingEndpoints.refusals,
        **ActivationEndpoints.refusals,
        **LoginEndpoints.refusals,
        **DeviceEndpoints.refusals,
        **PasswordEndpoints.refusals,
        **ConfirmationEndpoints.refusals,
        **SecondFactorEndpoints.refusals,
        **SessionEndpoints.refusals,
        **LifecycleEndpoints.refusals,
        **ReactivationEndpoints.refusals,
        **ProfileEndpoints.refusals,
        **PrivacyEndpoints.refusals,
        **AccountCardEndpoints.refusals,
        **SubscriberEndpoints.refusals,
        **ApiClientEndpoints.refusals,
        **SystemAccountEndpoints.refusals,
    }

    database = Database()


Service = AccountsService
