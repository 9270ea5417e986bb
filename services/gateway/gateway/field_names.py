"""What the fields of forms are called that are no part of an application: an error never shows a field's raw name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mtnet_contracts.vocabulary.texts import N_, P_

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "account_name": N_("Account name"),
        "answer_en": N_("Answer in English"),
        "answer_zh": N_("Answer in Chinese"),
        "body_en": N_("Text in English"),
        "body_zh": N_("Text in Chinese"),
        "category": N_("System"),
        "channel": N_("Channel"),
        "direction": N_("Who called"),
        "email": N_("E-mail"),
        "from_day": N_("From"),
        "name": P_("field", "Name"),
        "note": P_("field", "Note"),
        "phone": N_("Telephone number"),
        "priority": N_("Priority"),
        "question_en": N_("Question in English"),
        "question_zh": N_("Question in Chinese"),
        "reason": P_("field", "Reason"),
        "review_on": N_("Look at it again by"),
        "subject": N_("Subject"),
        "team": P_("tickets", "Team"),
        "text": P_("field", "Text"),
        "title": N_("Title"),
        "to_day": N_("Until"),
    }
)
# What no page has a name for.
OTHER = P_("field", "This field")
