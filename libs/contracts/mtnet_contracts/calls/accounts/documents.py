"""The application form, the stamped form that comes back, and the receipt."""

from marshmallow import fields, validate

from mtnet_contracts.calls.accounts.applications import TOKEN_REFUSALS, ApplicationToken, ApplicationView
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Filename, Source, Text, Whole
from mtnet_contracts.vocabulary.limits import LONGEST_FILENAME, MOST_FILE_PAGES
from mtnet_contracts.vocabulary.shapes import FROM_GATEWAY, Shape, code


class FileView(Shape):
    """Where the gateway finds the bytes: a key in the object store both share."""

    key = fields.String(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    size_bytes = fields.Integer(required=True)


class GenerateFormRequest(ApplicationToken):
    """`ip`: whose drawings are counted together."""

    ip = Source()


GENERATE_FORM = Call(
    service="accounts",
    name="generate_form",
    request=GenerateFormRequest,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "INCOMPLETE", "CONTACT_NOT_VERIFIED", "BUSY", "TOO_MANY_DOCUMENTS"),
    writes=True,
    repeat="harmless",
)


class AttachFormRequest(ApplicationToken):
    """`upload_key` is where the gateway put the raw bytes (`uploads/…`); accounts removes them.

    `sha256` (hex) tells one file from another: the key is a new one for each request.
    """

    upload_key = Text(longest=200, required=True, metadata=FROM_GATEWAY)
    sha256 = Text(
        longest=64,
        load_default=None,
        allow_none=True,
        validate=[code("NOT_VALID", validate.Regexp(r"^[0-9a-f]{64}\Z"))],
    )
    filename = Filename(longest=LONGEST_FILENAME, required=True)
    ip = Source()


ATTACH_FORM = Call(
    service="accounts",
    name="attach_form",
    request=AttachFormRequest,
    reply=ApplicationView,
    refusals=(
        *TOKEN_REFUSALS,
        "NOT_EDITABLE",
        "INCOMPLETE",
        "FILE_MISSING",
        "FILE_EMPTY",
        "FILE_TOO_LARGE",
        "FILE_TYPE",
        "FILE_UNREADABLE",
        "FILE_ENCRYPTED",
        "FILE_TOO_MANY_PAGES",
        "FILE_TOO_MANY_PIXELS",
        "FILE_BLANK",
        "FORM_OF_ANOTHER_CASE",
        "FORM_OUTDATED",
        "CONTACT_NOT_VERIFIED",
        "BUSY",
        "TOO_MANY_DOCUMENTS",
    ),
    writes=True,
)
REMOVE_FORM = Call(
    service="accounts",
    name="remove_form",
    request=ApplicationToken,
    reply=ApplicationView,
    refusals=(*TOKEN_REFUSALS, "NOT_EDITABLE"),
    writes=True,
)
OWN_FORM = Call(
    service="accounts",
    name="own_form",
    request=ApplicationToken,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "FILE_MISSING"),
)
OWN_FORM_PREVIEW = Call(
    service="accounts",
    name="own_form_preview",
    request=ApplicationToken,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "FILE_MISSING"),
)
RECEIPT = Call(
    service="accounts",
    name="receipt",
    request=ApplicationToken,
    reply=FileView,
    refusals=(*TOKEN_REFUSALS, "NOT_SUBMITTED", "BUSY"),
    writes=True,
    repeat="harmless",
)


class CaseFormRequest(Shape):
    """A reviewer's look at a stamped form; every look is recorded."""

    application_id = fields.UUID(required=True)
    file_id = fields.UUID(required=True)


CASE_FORM = Call(
    service="accounts",
    name="case_form",
    request=CaseFormRequest,
    reply=FileView,
    refusals=("CASE_NOT_FOUND", "FILE_MISSING"),
    writes=True,
    repeat="anew",
)


class CaseFormPageRequest(CaseFormRequest):
    """One page of it as a picture, from 1; every look is recorded."""

    page = Whole(least=1, most=MOST_FILE_PAGES, required=True)


CASE_FORM_PAGE = Call(
    service="accounts",
    name="case_form_page",
    request=CaseFormPageRequest,
    reply=FileView,
    refusals=("CASE_NOT_FOUND", "FILE_MISSING", "FILE_UNREADABLE", "BUSY"),
    writes=True,
    repeat="anew",
)
