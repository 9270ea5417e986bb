"""The calls that helpdesk answers, by topic."""

from mtnet_contracts.calls.helpdesk import (
    canned_answers,
    figures,
    following,
    quick_answers,
    requesters,
    ticket_files,
    ticket_joins,
    ticket_list,
    tickets,
    web_form,
)

__all__ = [
    "canned_answers",
    "figures",
    "following",
    "quick_answers",
    "requesters",
    "ticket_files",
    "ticket_joins",
    "ticket_list",
    "tickets",
    "web_form",
]
