"""The topics of the portal, each with its pages and what it offers to programs. A new topic is named here."""

from __future__ import annotations

from gateway.applying import api as applying_api
from gateway.applying import pages as applying
from gateway.audit import api as audit_api
from gateway.audit import pages as audit
from gateway.broadcasts import api as broadcasts_api
from gateway.broadcasts import pages as broadcasts
from gateway.consents import api as consents_api
from gateway.consents import pages as consents
from gateway.contact import pages as contact
from gateway.deliveries import api as deliveries_api
from gateway.deliveries import pages as deliveries
from gateway.deliveries import providers
from gateway.desk_reactivations import api as desk_reactivations_api
from gateway.desk_reactivations import pages as desk_reactivations
from gateway.faq_drafts import api as faq_drafts_api
from gateway.faq_drafts import pages as faq_drafts
from gateway.faults import api as faults_api
from gateway.faults import pages as faults
from gateway.helpdesk import api as helpdesk_api
from gateway.helpdesk import canned as _canned  # noqa: F401 - its pages
from gateway.helpdesk import exports as _exports  # noqa: F401 - its pages
from gateway.helpdesk import faq as _faq  # noqa: F401 - its pages
from gateway.helpdesk import figures as _figures  # noqa: F401 - its pages
from gateway.helpdesk import held as _held  # noqa: F401 - its pages
from gateway.helpdesk import pages as helpdesk
from gateway.helpdesk import phone as _phone  # noqa: F401 - its pages
from gateway.helpdesk import ticket as _ticket  # noqa: F401 - its pages
from gateway.lifecycle import api as lifecycle_api
from gateway.lifecycle import pages as lifecycle
from gateway.line import api as line_api
from gateway.line import pages as line
from gateway.line import webhook as line_webhook
from gateway.message_centre import api as message_centre_api
from gateway.message_centre import pages as message_centre
from gateway.message_templates import api as message_templates_api
from gateway.message_templates import pages as message_templates
from gateway.oauth import pages as oauth
from gateway.operations import pages as operations
from gateway.own_reactivation import api as own_reactivation_api
from gateway.own_reactivation import pages as own_reactivation
from gateway.passwords import api as passwords_api
from gateway.passwords import pages as passwords
from gateway.privacy_rights import api as privacy_rights_api
from gateway.privacy_rights import pages as privacy_rights
from gateway.profile import api as profile_api
from gateway.profile import pages as profile
from gateway.public import api as public_api
from gateway.public import pages as public
from gateway.quick_answers import api as quick_answers_api
from gateway.quick_answers import pages as quick_answers
from gateway.receipts import pages as receipts
from gateway.review import api as review_api
from gateway.review import pages as review
from gateway.second_factors import api as second_factors_api
from gateway.second_factors import devices as second_factors
from gateway.second_factors import security as _security  # noqa: F401 - its pages
from gateway.sessions import api as sessions_api
from gateway.sessions import pages as sessions
from gateway.shifts import api as shifts_api
from gateway.shifts import pages as shifts
from gateway.status import pages as status
from gateway.subscribers import api as subscribers_api
from gateway.subscribers import pages as subscribers
from gateway.subscribers import webhook as system_webhook
from gateway.suppressions import api as suppressions_api
from gateway.suppressions import pages as suppressions
from gateway.tracking import api as tracking_api
from gateway.tracking import pages as tracking
from gateway.unsubscribing import pages as unsubscribing
from gateway.who_is_who import api as who_is_who_api

PAGES = (
    public.pages,
    contact.pages,
    applying.pages,
    tracking.pages,
    sessions.pages,
    passwords.pages,
    second_factors.pages,
    own_reactivation.pages,
    lifecycle.pages,
    operations.pages,
    audit.pages,
    profile.pages,
    message_centre.pages,
    consents.pages,
    privacy_rights.pages,
    broadcasts.pages,
    suppressions.pages,
    subscribers.pages,
    system_webhook.pages,
    unsubscribing.pages,
    message_templates.pages,
    deliveries.pages,
    providers.pages,
    review.pages,
    desk_reactivations.pages,
    faults.pages,
    shifts.pages,
    status.pages,
    helpdesk.pages,
    receipts.pages,
    line.pages,
    line_webhook.webhook,
    oauth.pages,
    quick_answers.pages,
    faq_drafts.pages,
)
OPERATIONS = (
    *applying_api.OPERATIONS,
    *tracking_api.OPERATIONS,
    *sessions_api.OPERATIONS,
    *passwords_api.OPERATIONS,
    *second_factors_api.OPERATIONS,
    *own_reactivation_api.OPERATIONS,
    *lifecycle_api.OPERATIONS,
    *profile_api.OPERATIONS,
    *message_centre_api.OPERATIONS,
    *audit_api.OPERATIONS,
    *consents_api.OPERATIONS,
    *privacy_rights_api.OPERATIONS,
    *message_templates_api.OPERATIONS,
    *deliveries_api.OPERATIONS,
    *broadcasts_api.OPERATIONS,
    *suppressions_api.OPERATIONS,
    *subscribers_api.OPERATIONS,
    *public_api.OPERATIONS,
    *review_api.OPERATIONS,
    *desk_reactivations_api.OPERATIONS,
    *faults_api.OPERATIONS,
    *shifts_api.OPERATIONS,
    *line_api.OPERATIONS,
    *helpdesk_api.OPERATIONS,
    *quick_answers_api.OPERATIONS,
    *faq_drafts_api.OPERATIONS,
    *who_is_who_api.OPERATIONS,
)
