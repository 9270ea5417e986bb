"""What the entries of the audit log are called."""

from __future__ import annotations

from typing import Any

from mtnet_contracts.vocabulary.texts import N_

from gateway.locale import gettext
from gateway.profile.labels import ACTIONS as OF_AN_ACCOUNT

# What operators and the system do; an owner's history does not show these.
ACTIONS = OF_AN_ACCOUNT | {
    "audit_searched": N_("The audit log was searched"),
    "audit_break_accepted": N_("A break in the audit log was looked into"),
    "keys_rotated": N_("The encryption keys were rotated"),
    "notice_published": N_("A new version of the privacy notice was published"),
    "notice_withdrawn": N_("A version of the privacy notice was withdrawn before it was in force"),
    "message_sent_again": N_("A message was sent once more"),
    "template_published": N_("The text of a message was published"),
    "template_restored": N_("An earlier text of a message was taken back"),
    "address_suppressed": N_("An address was put on the list that nothing is sent to"),
    "suppression_lifted": N_("An address was taken off the list that nothing is sent to"),
    "broadcast_written": N_("A message to many was written"),
    "broadcast_changed": N_("A message to many was changed"),
    "broadcast_started": N_("A message to many was started or scheduled"),
    "broadcast_paused": N_("A message to many was paused"),
    "broadcast_resumed": N_("A message to many was continued"),
    "broadcast_cancelled": N_("A message to many was cancelled"),
    "provider_paused": N_("A provider of messages was paused"),
    "provider_resumed": N_("A provider of messages was let go on"),
    "notifications_changed": N_("A person changed how they are told"),
    "line_linked": N_("A person linked LINE"),
    "line_unlinked": N_("A person unlinked LINE"),
    "fax_number_added": N_("A person added a fax number"),
    "fax_number_removed": N_("A person removed a fax number"),
    "subscriber_registered": N_("A downstream system was registered"),
    "subscriber_changed": N_("The owner or contact of a downstream system was changed"),
    "subscriber_granted": N_("A downstream system was granted events"),
    "subscriber_revoked": N_("An event was taken from a downstream system"),
    "subscriber_nameko_changed": N_("Queues of a downstream system's Nameko service were allowed or removed"),
    "subscriber_nameko_ended": N_(
        "A downstream system may no longer declare queues: one was not as Nameko declares it"
    ),
    "subscriber_scope_granted": N_("A downstream system may ask more of the API"),
    "subscriber_scope_revoked": N_("A downstream system may ask less of the API"),
    "accounts_listed": N_("A downstream system listed its accounts"),
    "accounts_snapshot_told": N_("A downstream system read all accounts"),
    "api_token_issued": N_("A downstream system got an access token"),
    "api_token_revoked": N_("A downstream system gave an access token back"),
    "subscriber_secret_renewed": N_("A downstream system got a new secret"),
    "subscriber_webhook_set": N_("Where a downstream system's events are sent was set or changed"),
    "subscriber_webhook_secret_renewed": N_("A downstream system got a new signing secret"),
    "subscriber_webhook_removed": N_("The webhook of a downstream system was removed"),
    "webhook_event_sent_again": N_("An event was sent to a webhook once more"),
    "webhook_tested": N_("A test event was sent to a webhook"),
    "webhook_paused": N_("A webhook was paused"),
    "webhook_resumed": N_("A webhook was let go on"),
    "subscriber_suspended": N_("A downstream system was suspended"),
    "subscriber_resumed": N_("A downstream system was let in again"),
    "subscribers_applied": N_("The broker was brought in line with the downstream systems"),
    "subscriber_removed": N_("A downstream system was removed"),
    "reactivation_opened": N_("Evidence for an account was taken up"),
    "reactivation_checked": N_("Evidence for an account was checked"),
    "reactivation_approved": N_("Evidence for an account was accepted by a second person"),
    "reactivation_refused": N_("Evidence for an account was not accepted"),
    "fault_recorded": N_("A fault was recorded"),
    "fault_changed": N_("A fault was changed"),
    "fault_reports_added": N_("Tickets were joined to a fault"),
    "fault_report_removed": N_("A ticket was taken from a fault"),
    "fault_announced": N_("A fault was announced"),
    "fault_resolved": N_("A fault was solved, and its reporters were told"),
    "shift_taken": N_("Somebody was put on the roster"),
    "shift_left": N_("Somebody was taken off the roster"),
    "handover_written": N_("A shift was handed over"),
    "handover_acknowledged": N_("A shift was taken over"),
    "lifecycle_run": N_("A run froze, reminded or disabled accounts"),
}


def action_words(action: str) -> str:
    """The action in words; an action without any is shown as it is stored."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action


def detail_text(detail: dict[str, Any]) -> str:
    """The facts of an entry on one line, as they are stored: `reason: wrong, name: 4f2a…`."""
    return ", ".join(f"{name}: {_value_text(value)}" for name, value in sorted(detail.items()))


def _value_text(value: Any) -> str:
    return "/".join(str(each) for each in value) if isinstance(value, list) else str(value)
