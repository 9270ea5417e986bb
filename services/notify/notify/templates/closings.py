"""What stands at the end of a mail: who wrote it, and whether it can be answered."""

from mtnet_contracts.vocabulary.texts import N_

from notify.templates.rules import Kind

SENT_AUTOMATICALLY = N_("This message was sent automatically; please do not reply.")
SENT_AND_ANSWERED = N_("This message was sent automatically; your reply reaches the helpdesk.")
WRITTEN_BY_A_PERSON = N_("An agent of the helpdesk wrote this message; your reply reaches the helpdesk.")
OF_THE_DESK = {Kind.DESK_ANSWER: WRITTEN_BY_A_PERSON, Kind.DESK_ACKNOWLEDGEMENT: SENT_AND_ANSWERED}


def closing_of(kind: Kind) -> str:
    return OF_THE_DESK.get(kind, SENT_AUTOMATICALLY)
