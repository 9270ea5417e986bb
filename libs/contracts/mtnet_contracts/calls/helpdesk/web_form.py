"""What anybody writes to the desk by the form on the portal."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.desk import (
    LONGEST_DESK_SUBJECT,
    LONGEST_DESK_TEXT,
    MOST_DESK_FILES,
    TICKET_CATEGORIES,
)
from mtnet_contracts.vocabulary.kinds import (
    Choice,
    EmailAddress,
    Filename,
    Line,
    Prose,
    Several,
    Source,
    Telephone,
    Text,
)
from mtnet_contracts.vocabulary.shapes import FROM_GATEWAY, Shape, code

LONGEST_NAME = 100


class Upload(Shape):
    """Where the gateway put the bytes (`uploads/…`), and the name that the file had. `sha256` in hex."""

    upload_key = Text(longest=200, required=True, metadata=FROM_GATEWAY)
    filename = Filename(required=True)
    sha256 = Text(
        longest=64, required=True, validate=[code("NOT_VALID", validate.Regexp(r"^[0-9a-f]{64}\Z"))]
    )


class SendFormRequest(Shape):
    """One of `email` and `phone` is needed, so that somebody can be answered: REQUIRED at `email`.

    `suspicious`: it looks as if a program wrote it; a person at the desk decides.
    """

    name = Line(longest=LONGEST_NAME, load_default="")
    email = EmailAddress(load_default=None, allow_none=True)
    phone = Telephone(load_default="")
    category = Choice(*TICKET_CATEGORIES, load_default=None, allow_none=True)
    subject = Line(longest=LONGEST_DESK_SUBJECT, required=True)
    text = Prose(longest=LONGEST_DESK_TEXT, required=True)
    locale = Choice(*LOCALES, load_default="zh-Hant")
    uploads = Several(fields.Nested(Upload), most=MOST_DESK_FILES, load_default=list)
    source = Source()
    suspicious = fields.Boolean(load_default=False, metadata=FROM_GATEWAY)


class SentForm(Shape):
    """The same words and files from one source on one day in Taipei are one form: asked again, the same ticket is told.

    `link_token`: who holds it reads the ticket and answers, without a login.
    """

    number = fields.String(required=True)
    link_token = fields.String(required=True)


SEND_FORM = Call(
    service="helpdesk",
    name="send_form",
    request=SendFormRequest,
    reply=SentForm,
    refusals=("FILE_MISSING", "FILE_EMPTY", "FILE_TOO_LARGE", "WRITTEN_OFTEN_ENOUGH"),
    writes=True,
    repeat="harmless",
)
