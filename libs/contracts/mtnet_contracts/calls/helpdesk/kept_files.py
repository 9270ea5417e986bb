"""Files that are chosen for an answer: kept as soon as they come, so that no other mistake in the form loses them."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.helpdesk.following import REFUSALS as LINK_REFUSALS
from mtnet_contracts.calls.helpdesk.following import FollowTicketRequest
from mtnet_contracts.calls.helpdesk.tickets import TicketIdRequest
from mtnet_contracts.calls.helpdesk.web_form import Upload
from mtnet_contracts.vocabulary.desk import MOST_DESK_FILES
from mtnet_contracts.vocabulary.kinds import Several, Text
from mtnet_contracts.vocabulary.limits import LONGEST_KEY
from mtnet_contracts.vocabulary.shapes import FROM_GATEWAY, Shape, code

# Each names the file in its detail, `filename`; FILES_ENOUGH: of one person, agent or ticket in a day.
REFUSALS = (
    "FILE_MISSING",
    "FILE_EMPTY",
    "FILE_TOO_LARGE",
    "FILE_KIND",
    "FILE_INFECTED",
    "FILES_ENOUGH",
)


class _Uploads(Shape):
    """`form_key`: of the form that they were chosen in; the same file of one form is kept once, however often it
    comes. None: each time anew.
    """

    uploads = Several(
        fields.Nested(Upload),
        most=MOST_DESK_FILES,
        required=True,
        validate=[code("REQUIRED", validate.Length(min=1))],
    )
    form_key = Text(longest=LONGEST_KEY, load_default=None, allow_none=True, metadata=FROM_GATEWAY)


class KeptFile(Shape):
    """`file_id` goes into the answer within a day; later the file is forgotten. `held_back`: empty, or `not_scanned`
    while nobody can look for viruses: then it is sent, and opens once somebody has looked.
    """

    file_id = fields.UUID(required=True)
    filename = fields.String(required=True)
    size = fields.Integer(required=True)
    held_back = fields.String(required=True)


class KeptFiles(Shape):
    files = fields.List(fields.Nested(KeptFile), required=True)


class KeepFilesRequest(TicketIdRequest, _Uploads):
    """For an agent's answer in this ticket."""


KEEP_FILES = Call(
    service="helpdesk",
    name="keep_files",
    request=KeepFilesRequest,
    reply=KeptFiles,
    refusals=("TICKET_NOT_FOUND", *REFUSALS),
    writes=True,
    repeat="harmless",
)


class KeepFilesByLinkRequest(FollowTicketRequest, _Uploads):
    """For what the person writes by the secret link."""


KEEP_FILES_BY_LINK = Call(
    service="helpdesk",
    name="keep_files_by_link",
    request=KeepFilesByLinkRequest,
    reply=KeptFiles,
    refusals=(*LINK_REFUSALS, "TICKET_CLOSED", *REFUSALS),
    writes=True,
    repeat="harmless",
)
