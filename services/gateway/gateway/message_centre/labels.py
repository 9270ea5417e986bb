"""What channels, states and reasons of messages are called on the pages."""

from mtnet_contracts.vocabulary.texts import N_, P_

# Of a delivery, by state. What a mail server takes is not yet read: the words say no more than is known.
STATES = {
    "waiting": N_("On its way"),
    "sent": N_("Handed over; the confirmation is still to come"),
    "delivered": P_("message", "Delivered"),
    "failed": P_("message", "Not delivered"),
    "cancelled": P_("message", "Not sent"),
}
# Why it was not delivered, where its owner can do something about it.
FAILURES = {
    "RECIPIENT_REFUSED": N_("this address or number does not exist, or takes no messages"),
    "BOUNCED": N_("the mail came back: the mailbox does not exist or is full"),
    "MESSAGE_REFUSED": N_("the provider did not take the message"),
    "EXPIRED": N_("it was out of date before it could be sent"),
    "GAVE_UP": N_("it was tried for a long time in vain"),
    "BUSY": N_("the line was busy each time"),
    "NO_ANSWER": N_("nobody answered"),
    "NO_CARRIER": N_("no fax machine answered"),
    "UNDELIVERED": N_("the telephone network could not deliver it"),
    "BLOCKED": N_("you have blocked our account in LINE, or left it"),
    "QUOTA": N_("no more messages could be sent on this channel this month"),
}
# Under the table of choices, by category.
ABOUT = {
    "legal": N_("Results of applications, closing and freezing of the account, answers to your requests"),
    "security": N_("Codes, links, new devices, changes of password and contacts"),
    "reminder": N_("Before an unused account is frozen or disabled"),
    "information": N_("Confirmations of receipt, and news from the bureau"),
}
