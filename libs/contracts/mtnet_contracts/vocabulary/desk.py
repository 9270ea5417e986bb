"""The words of the helpdesk: what a ticket may be in, belong to and come by."""

from mtnet_contracts.vocabulary.choices import SYSTEMS, Role

TICKET_STATES = ("new", "open", "waiting_customer", "waiting_third_party", "resolved", "closed", "reopened")
TICKET_PRIORITIES = ("low", "normal", "high", "urgent")
# By system of the handout; a ticket that nobody has sorted yet has none.
TICKET_CATEGORIES = (*SYSTEMS, "other")
DESK_CHANNELS = ("email", "fax", "line", "phone", "web")
DESK_TEAMS = ("first_line", "technical", "business")
# `page`: the person reads it on the page that the secret link leads to; nothing is sent.
DESK_DELIVERIES = ("sending", "delivered", "failed", "page")

# Who works at the desk; who leads a shift; who keeps its settings.
DESK: tuple[Role, ...] = ("helpdesk_agent", "helpdesk_lead", "helpdesk_administrator")
DESK_LEADS: tuple[Role, ...] = ("helpdesk_lead", "helpdesk_administrator")
DESK_ADMINISTRATORS: tuple[Role, ...] = ("helpdesk_administrator",)

# What somebody writes to the desk, and what the desk answers: a longer mail is cut, its raw form is kept.
LONGEST_DESK_TEXT = 10_000
LONGEST_DESK_SUBJECT = 200
MOST_DESK_FILES = 10
