"""The files of a ticket: as they came, and the pages of a fax as pictures."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.documents import FileView
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Whole
from mtnet_contracts.vocabulary.shapes import Shape

MOST_PAGES = 200


class TicketFileRequest(Shape):
    attachment_id = fields.UUID(required=True)


# Neither a file that is held back nor one that is not there: both are FILE_MISSING.
TICKET_FILE = Call(
    service="helpdesk",
    name="ticket_file",
    request=TicketFileRequest,
    reply=FileView,
    refusals=("FILE_MISSING",),
)


class TicketFilePageRequest(TicketFileRequest):
    """A page as a picture, from 1."""

    page = Whole(least=1, most=MOST_PAGES, required=True)


TICKET_FILE_PAGE = Call(
    service="helpdesk",
    name="ticket_file_page",
    request=TicketFilePageRequest,
    reply=FileView,
    refusals=("FILE_MISSING",),
)
