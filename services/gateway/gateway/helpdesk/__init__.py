"""The helpdesk's place: the list of tickets, a ticket, a call that is logged."""
