"""The calls that helpdesk answers, by topic."""

from mtnet_contracts.calls.helpdesk import canned_answers, following, requesters, ticket_joins, tickets

__all__ = ["canned_answers", "following", "requesters", "ticket_joins", "tickets"]
