"""What the parts of a reactivation case are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

TABS = {"waiting": N_("To be judged"), "decided": P_("reactivation", "Decided")}
STATES = {
    "open": N_("To be checked"),
    "checked": N_("Checked: a second person decides"),
    "approved": P_("reactivation", "Approved"),
    "refused": P_("reactivation", "Refused"),
}
# By colour and by symbol.
STATE_LOOKS = {
    "open": ("yellow", "○"),
    "checked": ("orange", "▲"),
    "approved": ("green", "✓"),
    "refused": ("red", "✕"),
}
ACCOUNT_STATES = {"frozen": N_("Frozen"), "disabled": N_("Disabled")}
EVIDENCE = {
    "letter": N_("Official letter"),
    "fax": N_("Fax"),
    "upload": N_("Files sent in"),
    "call_back": N_("Call back"),
}
CHECKS = {
    "name_fits": N_("The name, and that of the organisation if there is one, are those of the account"),
    "stamp_or_document": N_("The organisation's stamp, or the person's identity document, is there and fits"),
    "wish_stated": N_("It is asked for this account to be used again, with the reason"),
    "called_back": N_("I called back on a number that the portal knew before"),
    "legible": N_("Every page is there and can be read"),
    "number_on_file": N_("I called the number that the portal knew before, not one that the caller gave"),
    "questions_answered": N_("The person answered what only the holder can know"),
    "call_logged": N_("The call stands in the ticket"),
}
REFUSAL_REASONS = {
    "not_recognised": N_("It does not show that the account is theirs"),
    "not_entitled": N_("It does not show that they may ask for this account"),
    "incomplete": N_("Something is missing or cannot be read"),
    "no_answer": N_("They could not be reached to confirm it"),
}
# What the fields of the forms are called.
FIELDS = {
    "account_name": N_("Account name"),
    "evidence": N_("How the evidence came"),
    "reference": N_("Where the evidence is kept"),
    "received_on": N_("Day on which it came"),
    "reason": N_("How the holder was recognised"),
    "refusal_reason": N_("Why the evidence is not accepted"),
    "note": N_("What the person should know"),
}
