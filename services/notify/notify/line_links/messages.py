"""What is said in the chat, in both languages at once, and the notice that a link was made or ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_contracts.vocabulary.labels import LABELS
from mtnet_contracts.vocabulary.texts import N_, texts_of

from notify.channels.line.adapters import text_message
from notify.contact_points.rules import Person
from notify.line_links.rules import Answer
from notify.messages.rules import Contact, Message, notice
from notify.templates.rules import HELPDESK_MAIL, HOTLINE, Kind

WELCOME = N_("Hello, this is MTNet. Link your account or your case, and results arrive here.")
WELCOME_BACK = N_("Welcome back. Notices arrive here again.")
WHERE_TO_TURN = N_(
    "The helpdesk has your message and answers here, at any hour. If it is urgent: telephone %(hotline)s, "
    "e-mail %(helpdesk_mail)s."
)
LINKED = N_(
    "Linked with %(whom)s: notices arrive here from now on. You can end it at any time: in the portal, or by "
    "blocking this account."
)
NOT_LINKED = N_("It was not linked. Tap the button on the telephone whose LINE is to be linked.")
LINK = N_("Link now")
ALT_TEXT = N_("Link LINE with MTNet")

LONGEST_BUTTON_TEXT = 160

SAID = {
    Answer.WELCOME: (None, WELCOME),
    Answer.WELCOME_BACK: (WELCOME_BACK, None),
    Answer.WHERE_TO_TURN: (WHERE_TO_TURN, None),
    Answer.WHERE_TO_TURN_AND_LINK: (WHERE_TO_TURN, WELCOME),
    Answer.LINKED: (LINKED, None),
    Answer.NOT_LINKED: (None, NOT_LINKED),
}


def chat_messages(answer: Answer, label: str, link_address: str) -> list[dict[str, Any]]:
    """Nobody knows yet which language the user reads, so both are said. `link_address` is behind the button."""
    text, above_button = SAID[answer]
    said = []
    if text is not None:
        said.append(text_message(_in_both(text, whom=label, hotline=HOTLINE, helpdesk_mail=HELPDESK_MAIL)))
    if above_button is not None:
        said.append(_button(_in_both(above_button), link_address))
    return said


def _button(text: str, address: str) -> dict[str, Any]:
    action = {"type": "uri", "label": _in_both(LINK, " "), "uri": address}
    template = {"type": "buttons", "text": text, "actions": [action]}
    return {"type": "template", "altText": _in_both(ALT_TEXT, " "), "template": template}


def _in_both(text: str, between: str = "\n", **values: str) -> str:
    chinese, english = (texts_of(locale, "notify", LABELS)[text] for locale in ("zh-Hant", "en"))
    return between.join(each % values if values else each for each in (chinese, english))


def link_notice(
    event_id: UUID, person: Person, contact: Contact, whom: str, change: str, at: datetime
) -> Message:
    """`change`: linked, unlinked."""
    details = {"change": change, "whom": whom, "changed_at": at.isoformat()}
    return notice(event_id, Kind.LINE_LINK_CHANGED, person, contact, details)
