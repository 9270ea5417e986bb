"""A fax number of one's own: it counts after a code that is sent there by fax."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.notify.preferences import WaitingFaxNumber
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.kinds import Choice, Telephone, Text
from mtnet_contracts.vocabulary.shapes import Empty, Shape


class FaxNumberRequest(Shape):
    """`locale`: the language of the fax."""

    number = Telephone(required=True)
    locale = Choice(*LOCALES, load_default="zh-Hant")


REQUEST_FAX_CODE = Call(
    service="notify",
    name="request_fax_code",
    request=FaxNumberRequest,
    reply=WaitingFaxNumber,
    refusals=("FAX_AWAY", "ACCOUNT_CLOSED", "CONTACT_KNOWN", "TOO_SOON", "TOO_MANY_FAXES"),
    writes=True,
)


class FaxCodeRequest(Shape):
    challenge_id = fields.UUID(required=True)
    code = Text(longest=20, required=True)


CONFIRM_FAX_CODE = Call(
    service="notify",
    name="confirm_fax_code",
    request=FaxCodeRequest,
    reply=Empty,
    refusals=("CODE_WRONG", "CODE_EXPIRED", "CODE_VOID", "ACCOUNT_CLOSED"),
    writes=True,
)


class RemovedReply(Shape):
    """False where there was no number of one's own."""

    removed = fields.Boolean(required=True)


REMOVE_FAX_NUMBER = Call(
    service="notify", name="remove_fax_number", request=Empty, reply=RemovedReply, writes=True
)
