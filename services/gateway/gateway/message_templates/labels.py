"""What the parts of a text, its languages and its faults are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

LANGUAGES = {"zh-Hant": N_("Chinese"), "en": N_("English")}
PARTS = {
    "subject": N_("Subject of the mail"),
    "body": N_("Mail"),
    "sms": N_("Text message"),
    "line": N_("LINE"),
    "fax": N_("Fax"),
}
ROWS = {"subject": 2, "body": 16, "sms": 4, "line": 6, "fax": 6}
# %(about)s is a placeholder, a line, or a number.
FAULTS = {
    "ADDRESS_NOT_ALLOWED": N_(
        "%(about)s: links lead to the portal only. Use [words](case_url) or another link below"
    ),
    "CHARACTER_NOT_ALLOWED": N_("There is a character that no text can have. Type the words anew"),
    "CHOICE_UNKNOWN": N_("%(about)s: there is no such case. Choose one of those listed below"),
    "HTML_NOT_ALLOWED": N_("%(about)s: HTML is not taken. Use **bold**, > box, - list or [words](case_url)"),
    "LINK_NOT_CLOSED": N_("A link is not complete. Write it as [words](case_url)"),
    "LIST_ALONE": N_("%(about)s is a list: give it a line of its own"),
    "NECESSARY_MISSING": N_("%(about)s is missing. Nobody can do without it"),
    "NOT_A_LINK": N_("%(about)s is no link. Choose one of the links below"),
    "NOT_IN_TEXTS": N_(
        "Line %(about)s: only placeholders and if … elif … else … endif may stand in {{ }} and {% %}"
    ),
    "NO_MARKUP_HERE": N_("%(about)s: this is plain text, without bold words and links"),
    "ONE_LINE_ONLY": N_("This takes a single line"),
    "PLACEHOLDER_NOT_CLOSED": N_("Line %(about)s: a placeholder or a condition is not complete"),
    "PLACEHOLDER_ONLY_DECIDES": N_("%(about)s decides what is said; it cannot be written itself"),
    "PLACEHOLDER_UNKNOWN": N_(
        "%(about)s: this message has no such placeholder. Choose one of those listed below"
    ),
    "PLACEHOLDER_WITHOUT_VALUE": N_("%(about)s: there is no value in this case. Put it into a condition"),
    "SMS_TOO_LONG": N_("The text message is too long: %(about)s parts. Shorten it"),
    "STRONG_NOT_CLOSED": N_("Bold words are not closed: write **words** on one line"),
    "TEXT_EMPTY": N_("The text is empty in one of the cases"),
    "TEXT_TOO_LONG": N_("The text is too long; %(about)s characters are allowed"),
    "TOO_MANY_CONDITIONS": N_("There are too many conditions, or conditions inside each other"),
}
FORMS = {
    "NAME": P_("form", "one line that people typed"),
    "NOTE": P_("form", "several lines that people typed"),
    "DAY": P_("form", "a day"),
    "MOMENT": P_("form", "day and time"),
    "MINUTE": P_("form", "day and time"),
    "HOUR": P_("form", "time of day"),
    "LINK": P_("form", "a link"),
    "CODE": P_("form", "a code, written large on a line of its own"),
    "CHOICE": P_("form", "decides what is said"),
    "RIGHT": P_("form", "decides what is said"),
    "REASONS": P_("form", "a list, on a line of its own"),
}
DONE = {
    "saved": N_("Saved. Nobody is sent this text until it is published."),
    "published": N_("Published. From now on messages are written with this text."),
    "restored": N_("Taken back. From now on messages are written with this text."),
}
