"""What the desk's pages call the views of the list, its orders, and what stands in a thread."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

VIEWS = {
    "live": N_("To do"),
    "mine": N_("Mine"),
    "unowned": N_("Nobody's"),
    "waiting": P_("tickets", "Waiting"),
    "overdue": N_("Overdue"),
    "resolved": N_("Resolved"),
    "closed": P_("ticket", "Closed"),
    "spam": N_("Spam"),
    "all": P_("tickets", "All"),
}
# Of the figures: days until today, or days of one's own.
PERIODS = {
    "1": N_("Today"),
    "7": N_("7 days"),
    "30": N_("30 days"),
    "90": N_("90 days"),
    "own": N_("Days that I choose"),
}
SORTS = {
    "due": N_("Due soonest first"),
    "oldest": N_("Oldest first"),
    "newest": N_("Newest first"),
}
# What an answer leaves the ticket in.
AFTER_AN_ANSWER = {
    "waiting_customer": N_("Wait for the customer"),
    "resolved": N_("Resolved"),
    "waiting_third_party": N_("Wait for a third party"),
    "open": N_("Stay open"),
}
ENTRIES = {
    "inbound": N_("Written by the customer"),
    "answer": N_("Answer of the desk"),
    "note": N_("Internal note"),
    "call": N_("Telephone call"),
    "change": N_("Change"),
}
RELATIONS = {
    "linked": N_("Linked"),
    "merged": N_("Merged into this one"),
    "split": N_("Split off from this one"),
    "split_from": N_("This one was split off from it"),
}
CHANGED_FIELDS = {
    "state": P_("ticket", "State"),
    "priority": N_("Priority"),
    "category": N_("System"),
    "owner": P_("ticket", "Owner"),
    "owner_id": P_("ticket", "Owner"),
    "owner_name": P_("ticket", "Owner"),
    "team": N_("Team"),
    "subject": N_("Subject"),
    "spam": N_("Spam"),
    "merged": N_("Merged"),
    "merged_into": N_("Merged"),
    "split": N_("Split"),
    "linked": N_("Linked"),
    "unlinked": N_("Link removed"),
    "address": N_("Address shown"),
    "faq_draft": N_("Question for everybody"),
    "answering": N_("Answering"),
    "reactivation_begun": N_("Reactivation case begun"),
    "reactivation_approved": N_("Reactivation approved"),
    "reactivation_refused": N_("Reactivation refused"),
}
# Those that stand in the thread as well: whoever answers has to know of them.
IN_THE_THREAD = ("reactivation_begun", "reactivation_approved", "reactivation_refused")
# What is offered as the answer once a case is decided. The reason is for the holder alone, who need not be the writer.
OUTCOMES = {
    "approved": N_(
        "The evidence was accepted (%(number)s), and the account can be used again. A message about it has gone to "
        "the contacts that the account has in the portal. If you have forgotten the password, you can set a new "
        "one on the login page."
    ),
    "refused": N_(
        "The evidence could not be accepted (%(number)s), and the account stays as it was. A message with the reason "
        "has gone to the contacts that the account has in the portal. You may hand in evidence again at any time."
    ),
}
# Of a question that is proposed for everybody.
FAQ_FIELDS = {
    "category": N_("Topic"),
    "question_zh": N_("Question in Chinese"),
    "answer_zh": N_("Answer in Chinese"),
    "question_en": N_("Question in English"),
    "answer_en": N_("Answer in English"),
}
FAQ_STATES = {
    "proposed": N_("The editors have not decided yet"),
    "published": N_("Published among the questions"),
    "declined": N_("Not published"),
}
PERSONAL = {
    "number": N_("may be somebody's number"),
    "address": N_("may be somebody's address"),
    "name": N_("may be somebody's name"),
}
# Why a file cannot be opened.
HELD_BACK = {
    "infected": N_("Held back: a virus was found"),
    "too_large": N_("Too large, not kept"),
    "kind": N_("Held back: a kind of file that may act by itself"),
    "not_scanned": N_("Held back until it was looked at for viruses"),
    "missing": N_("The file did not arrive. Ask for it again"),
}
# Why something that came in is held.
HELD_BECAUSE = {
    "sender": N_("This sender brought more within the hour than a person writes"),
    "thread": N_("This thread brought more within the hour than people write"),
}
# What was wrong with something that came in.
PROBLEMS = {
    "no_sender": N_("It names no sender."),
    "not_readable": N_("It cannot be read. The original is attached."),
    "too_large": N_("It is too large; only its beginning was taken in."),
    "too_many_parts": N_("It has too many parts; not all were taken in."),
    "too_many_files": N_("It has too many files; not all were taken in."),
    "encrypted": N_("It is encrypted and cannot be read here."),
    "winmail": N_("It came as winmail.dat of Outlook; parts may be missing."),
    "characters_lost": N_("Some characters cannot be read."),
    "shortened": N_("The text was shortened. The whole is in the original."),
    "no_pages": N_("The pages of this fax cannot be shown. Open the file."),
    "line_not_fetched": N_(
        "A picture or file was sent in LINE and could not be fetched. Ask for it another way."
    ),
    "line_too_large": N_(
        "A picture or file was sent in LINE that is too large to be fetched. Ask for it another way."
    ),
    "line_image": N_("A picture was sent in LINE. It cannot be shown here."),
    "line_video": N_("A video was sent in LINE. It cannot be shown here."),
    "line_audio": N_("A voice message was sent in LINE. It cannot be played here."),
    "line_file": N_("A file was sent in LINE. It cannot be opened here."),
    "line_location": N_("A place was sent in LINE."),
    "line_sticker": N_("A sticker was sent in LINE."),
    "line_other": N_("Something was sent in LINE that cannot be shown here."),
}
DIRECTIONS = {"in": N_("The customer called us"), "out": N_("We called the customer")}
# What a bulk action does, by the value of its choice.
BULK_STATES = ("open", "waiting_customer", "waiting_third_party", "resolved", "closed")

ACCOUNT_STATES = {
    "approved": N_("Approved, not activated yet"),
    "active": N_("Active"),
    "frozen": N_("Frozen"),
    "disabled": N_("Disabled"),
    "closed": P_("account", "Closed"),
}
