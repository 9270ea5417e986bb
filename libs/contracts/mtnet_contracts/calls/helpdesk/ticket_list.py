"""The desk's list of tickets, how many each view holds, what has changed, and whom a ticket can be given to."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.helpdesk.quick_answers import FoundPart
from mtnet_contracts.vocabulary.desk import (
    DESK_CHANNELS,
    DESK_TEAMS,
    TICKET_CATEGORIES,
    TICKET_PRIORITIES,
    TICKET_STATES,
)
from mtnet_contracts.vocabulary.kinds import Characters, Choice, Instant, Line, Several, Whole
from mtnet_contracts.vocabulary.shapes import Shape, code

# `unowned`, `mine` and `live` hold what is not yet resolved; `waiting` what waits for somebody else.
VIEWS = ("live", "mine", "unowned", "waiting", "overdue", "resolved", "closed", "spam", "all")
SORTS = ("due", "oldest", "newest")
MOST_TICKETS = 100
# A count stops here: nobody works through more, and counting a million rows helps nobody.
MOST_COUNTED = 1_000
LONGEST_PLACE = 80
LONGEST_SEARCH = 200


class Place(Characters):
    """Where a page ended: an instant and an id."""

    def __init__(self) -> None:
        super().__init__(
            longest=LONGEST_PLACE,
            load_default=None,
            allow_none=True,
            validate=[code("NOT_VALID", validate.Regexp(r"^[0-9T:.+-]{20,40} [0-9a-f-]{36}\Z"))],
        )


class ListTicketsRequest(Shape):
    """`view` and any filters; all of them must hold. `after`: as the last answer gave it.

    `due`: what must be done first; only of what is not yet resolved. `requester_id`: with those joined to it.
    `text`: what subject, number, name of the requester or thread hold; or an address of the requester, whole. What it
    finds comes newest first, whatever `sort` says.
    """

    view = Choice(*VIEWS, load_default="live")
    states = Several(Choice(*TICKET_STATES), most=len(TICKET_STATES), load_default=list)
    owner_id = fields.UUID(load_default=None, allow_none=True)
    team = Choice(*DESK_TEAMS, load_default=None, allow_none=True)
    category = Choice(*TICKET_CATEGORIES, "none", load_default=None, allow_none=True)
    priority = Choice(*TICKET_PRIORITIES, load_default=None, allow_none=True)
    channel = Choice(*DESK_CHANNELS, load_default=None, allow_none=True)
    requester_id = fields.UUID(load_default=None, allow_none=True)
    sort = Choice(*SORTS, load_default="due")
    text = Line(longest=LONGEST_SEARCH, load_default="")
    after = Place()
    limit = Whole(least=1, most=MOST_TICKETS, load_default=25)


class TicketLine(Shape):
    """One line of the list. `address` is masked. `due_at`: by when the next thing must be done; None while it waits.

    `lease_by`: who is answering at this moment.
    """

    ticket_id = fields.UUID(required=True)
    number = fields.String(required=True)
    subject = fields.String(required=True)
    requester_id = fields.UUID(required=True)
    requester_name = fields.String(required=True)
    address = fields.String(required=True)
    channel = Choice(*DESK_CHANNELS, required=True)
    state = Choice(*TICKET_STATES, required=True)
    priority = Choice(*TICKET_PRIORITIES, required=True)
    category = fields.String(required=True, allow_none=True)
    owner_id = fields.UUID(required=True, allow_none=True)
    owner_name = fields.String(required=True, allow_none=True)
    team = Choice(*DESK_TEAMS, required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    due_at = Instant(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)
    lease_by = fields.String(required=True, allow_none=True)
    spam = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class FoundIn(Shape):
    """Where a text was found, in parts; empty where it was not. `said`: a piece of the thread."""

    subject = fields.List(fields.Nested(FoundPart), required=True)
    requester_name = fields.List(fields.Nested(FoundPart), required=True)
    said = fields.List(fields.Nested(FoundPart), required=True)


class ListedTicket(TicketLine):
    """`found`: None where no text was looked for."""

    found = fields.Nested(FoundIn, required=True, allow_none=True)


class ListTicketsReply(Shape):
    """`next_after`: ask with it for the next page; None at the end. A page may hold less than was asked for, and still
    have a next one. `whole`: False while the search is still being filled and older tickets may be missing.
    """

    items = fields.List(fields.Nested(ListedTicket), required=True)
    next_after = fields.String(required=True, allow_none=True)
    whole = fields.Boolean(required=True)


# SEARCH_NOT_READY: nothing can be found by text yet; the list without it can be asked for.
LIST_TICKETS = Call(
    service="helpdesk",
    name="list_tickets",
    request=ListTicketsRequest,
    reply=ListTicketsReply,
    refusals=("SEARCH_NOT_READY",),
)


class CountTicketsRequest(Shape):
    """How many each view holds for the caller."""


class ViewCount(Shape):
    """At most MOST_COUNTED: then `more` says that there are others."""

    view = Choice(*VIEWS, required=True)
    count = fields.Integer(required=True)
    more = fields.Boolean(required=True)


class CountTicketsReply(Shape):
    """Of `live`, `mine`, `unowned`, `waiting`, `overdue` and `resolved`."""

    counts = fields.List(fields.Nested(ViewCount), required=True)


COUNT_TICKETS = Call(
    service="helpdesk", name="count_tickets", request=CountTicketsRequest, reply=CountTicketsReply
)


class DeskChangesRequest(Shape):
    """What has changed since a place; without one: the place of now, and nothing before it."""

    after = Place()


class ChangedTicket(Shape):
    ticket_id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = Choice(*TICKET_STATES, required=True)
    updated_at = Instant(required=True)


class DeskChangesReply(Shape):
    """At most MOST_TICKETS, oldest first; `after` is the place to ask with next time."""

    items = fields.List(fields.Nested(ChangedTicket), required=True)
    after = fields.String(required=True)


DESK_CHANGES = Call(
    service="helpdesk", name="desk_changes", request=DeskChangesRequest, reply=DeskChangesReply
)


class DeskPeopleReply(Shape):
    """Those who have worked at the desk in the last 90 days: whom a ticket can be given to."""

    class Person(Shape):
        account_id = fields.UUID(required=True)
        name = fields.String(required=True)

    people = fields.List(fields.Nested(Person), required=True)


class DeskPeopleRequest(Shape):
    """No choice."""


DESK_PEOPLE = Call(service="helpdesk", name="desk_people", request=DeskPeopleRequest, reply=DeskPeopleReply)
