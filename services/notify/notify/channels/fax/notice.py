"""A message as a fax: what stands at its head, its text, and what the reader can do with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mtnet_contracts.vocabulary.dates import moment_as_text
from mtnet_contracts.vocabulary.labels import LABELS, PORTAL
from mtnet_contracts.vocabulary.texts import N_, P_, Texts, texts_of
from mtnet_contracts.vocabulary.written_telephones import written

from notify.channels.fax.layout import Paragraph, Style, paragraphs_of
from notify.channels.fax.pages import Fact, Fax
from notify.channels.rules import OutgoingMessage
from notify.templates.actions import render_mail, render_words_of_its_own
from notify.templates.rules import HOTLINE, Kind, Links, name_without_links

HEADING = P_("fax", "Fax")
TO, NUMBER, SENT, SUBJECT = P_("fax", "To"), P_("fax", "Fax number"), P_("fax", "Sent"), P_("fax", "Subject")
CASE = N_("Case number")
CASE_ON_EVERY_PAGE = N_("Case %(number)s")
PAGE_NUMBER = N_("Page %(page)s of %(pages)s")
FOOT = N_("Helpdesk, 24 hours a day: %(hotline)s. This fax was sent automatically; please do not fax back.")
FOOT_OF_DESK = N_(
    "Helpdesk, 24 hours a day: %(hotline)s. To answer, fax to %(fax)s and write the ticket's number on it."
)
DESK_FAX = "02-8192-7019"
WRONG_READER = N_(
    "If you are not the person this fax is for, please destroy it and call the helpdesk: %(hotline)s."
)
CUT_SHORT = N_("The rest is too long for a fax. You can read it in the portal: %(address)s")
SEE_THE_CASE = N_("Scan the code with a phone to see the case.")
# Ten pages hold half of it.
LONGEST_TEXT = 20_000
SPACES = "\u2003\u2003"


def fax_of(message: OutgoingMessage, links: Links, now: datetime) -> Fax:
    """The message as it is printed at `now`: its text for faxes, or what the mail says. Raises as render_mail."""
    text = (links, message.kind, message.template_version, message.locale, message.details)
    mail = render_mail(*text)
    return fax_saying(message, mail.subject, render_words_of_its_own(*text, "fax") or mail.text, links, now)


def fax_saying(message: OutgoingMessage, subject: str, words: str, links: Links, now: datetime) -> Fax:
    """The same with a text that is given: a mail's, whose foot is left out, or one for faxes."""
    texts = texts_of(message.locale, "notify", LABELS)
    case_number = str(message.details.get("case_number") or "")
    address = links.placeholders(case_number)["case_url"] if case_number else ""
    sent = moment_as_text(now, message.locale, seconds=False)
    sent += " (Taipei)" if message.locale == "en" else ""
    hotline = {"hotline": HOTLINE}
    foot = FOOT_OF_DESK if message.kind is Kind.DESK_ANSWER else FOOT
    body = words.partition("\n\n-- \n")[0][:LONGEST_TEXT]
    return Fax(
        subject=subject,
        letterhead=texts[PORTAL],
        heading=texts[HEADING],
        facts=_facts(texts, message, subject, case_number, sent),
        paragraphs=[*paragraphs_of(body), Paragraph(texts[WRONG_READER] % hotline, Style.SMALL)],
        cover_line=SPACES.join(
            [
                texts[PORTAL],
                *([texts[CASE_ON_EVERY_PAGE] % {"number": case_number}] if case_number else []),
                sent,
            ]
        ),
        page_number=texts[PAGE_NUMBER],
        foot=texts[foot] % (hotline | {"fax": DESK_FAX}),
        cut_short=texts[CUT_SHORT] % {"address": address or links.portal_url},
        address=address,
        caption=[texts[SEE_THE_CASE], *([] if address in body else [address])] if address else [],
    )


def _facts(texts: Texts, message: OutgoingMessage, subject: str, case_number: str, sent: str) -> list[Fact]:
    rows: Mapping[str, Any] = {
        TO: name_without_links(str(message.details.get("name") or "")),
        NUMBER: written(message.recipient),
        CASE: case_number,
        SENT: sent,
        SUBJECT: subject,
    }
    return [Fact(texts[label], value) for label, value in rows.items() if value]
