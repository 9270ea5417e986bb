"""Messages and notifications as a program sees them: of whoever is logged in, or holds an application."""

from __future__ import annotations

from mtnet_contracts.calls import notify
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation
from gateway.api.samples import UUID

OF_APPLICATION = "/applications/current/notifications"
CHOICES = {"categories": [{"category": "legal", "channels": ["email", "line"]}]}

OPERATIONS = (
    Operation(
        "own_messages",
        "GET",
        "/account/messages",
        notify.message_centre.OWN_MESSAGES,
        N_("List what one was told: unread first, then the newest"),
        "account",
    ),
    Operation(
        "own_message",
        "GET",
        "/account/messages/<uuid:message_id>",
        notify.message_centre.OWN_MESSAGE,
        N_("See a message in full, and where it went"),
        "account",
    ),
    Operation(
        "mark_messages_read",
        "POST",
        "/account/messages/read",
        notify.message_centre.MARK_MESSAGES_READ,
        N_("Mark messages as read; without ids all of them"),
        "account",
        example={"message_ids": [UUID]},
    ),
    Operation(
        "send_message_again",
        "POST",
        "/account/messages/<uuid:message_id>/again",
        notify.message_centre.SEND_MESSAGE_AGAIN,
        N_("Send a message once more, to the addresses of now"),
        "account",
    ),
    Operation(
        "own_notifications",
        "GET",
        "/account/notifications",
        notify.preferences.OWN_NOTIFICATIONS,
        N_("See on which channels one is told what, and at which addresses"),
        "account",
    ),
    Operation(
        "save_notifications",
        "PUT",
        "/account/notifications",
        notify.preferences.SAVE_NOTIFICATIONS,
        N_("Choose on which channels one is told what"),
        "account",
        example=CHOICES,
    ),
    Operation(
        "request_fax_code",
        "POST",
        "/account/fax-numbers",
        notify.contact_points.REQUEST_FAX_CODE,
        N_("Ask for a code by fax, to add a fax number"),
        "account",
        status=201,
        example={"number": "02-3343-6768", "locale": "zh-Hant"},
    ),
    Operation(
        "confirm_fax_code",
        "POST",
        "/account/fax-numbers/confirmations",
        notify.contact_points.CONFIRM_FAX_CODE,
        N_("Confirm the fax number with the code"),
        "account",
        "nothing",
        204,
        example={"challenge_id": UUID, "code": "123456"},
    ),
    Operation(
        "remove_fax_number",
        "DELETE",
        "/account/fax-numbers",
        notify.contact_points.REMOVE_FAX_NUMBER,
        N_("Remove the fax number that one has added"),
        "account",
    ),
    Operation(
        "notifications_of_application",
        "GET",
        OF_APPLICATION,
        notify.preferences.OWN_NOTIFICATIONS,
        N_("See on which channels the result of an application is told"),
        "application",
    ),
    Operation(
        "save_notifications_of_application",
        "PUT",
        OF_APPLICATION,
        notify.preferences.SAVE_NOTIFICATIONS,
        N_("Choose on which channels the result of an application is told"),
        "application",
        example=CHOICES,
    ),
)
