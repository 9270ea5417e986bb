"""What whoever has the secret link of a ticket may do with it."""

from datetime import datetime, timedelta

from helpdesk.tickets.rules import DONE, State, Ticket

# A link is forwarded and guessed at by machines: nobody writes more than that by one.
MOST_MESSAGES = 30
IN = timedelta(hours=1)
# So long after it was closed an opinion is still asked for.
RATED_WITHIN = timedelta(days=30)


class LinkNotValid(Exception):
    """No ticket has this link, or it is kept no more."""


class TicketIsClosed(Exception):
    """Whoever has something new writes anew."""


class WrittenOftenEnough(Exception):
    """So much in an hour is written by no person."""


class NotResolvedYet(Exception):
    """There is nothing to say an opinion of."""


def may_answer(ticket: Ticket) -> bool:
    return ticket.state != State.CLOSED and not ticket.spam


def may_rate(ticket: Ticket, now: datetime) -> bool:
    closed_long_ago = ticket.closed_at is not None and now - ticket.closed_at > RATED_WITHIN
    return ticket.state in DONE and not closed_long_ago and not ticket.spam
