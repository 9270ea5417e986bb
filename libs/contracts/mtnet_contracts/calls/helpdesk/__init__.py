"""The calls that helpdesk answers, by topic."""

from mtnet_contracts.calls.helpdesk import (
    canned_answers,
    faq_proposals,
    faults,
    figures,
    following,
    held_items,
    quick_answers,
    reactivations,
    requesters,
    shifts,
    status,
    ticket_files,
    ticket_joins,
    ticket_list,
    tickets,
    web_form,
)

__all__ = [
    "canned_answers",
    "faq_proposals",
    "faults",
    "figures",
    "following",
    "held_items",
    "quick_answers",
    "reactivations",
    "requesters",
    "shifts",
    "status",
    "ticket_files",
    "ticket_joins",
    "ticket_list",
    "tickets",
    "web_form",
]
