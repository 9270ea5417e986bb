"""What an applicant fills in, section by section. Shapes only: checksums and rules are accounts' own."""

from marshmallow import fields, validate

from mtnet_contracts.vocabulary.choices import CITIES, SYSTEMS
from mtnet_contracts.vocabulary.kinds import AccountName, Choice, Choices, EmailAddress, Line, Prose, Text
from mtnet_contracts.vocabulary.shapes import Shape, code


class RegistrationAnswers(Shape):
    """註冊方式 and 個資告知書: how to register, and which version of the notice was agreed to.

    `email` is the applicant's, until the section of that name has one: proved first, it is the way back to the draft.
    """

    method = Choice("email", required=True)
    notice_version = Text(longest=20, required=True)
    agreed = fields.Boolean(required=True, validate=[code("NOTICE_NOT_AGREED", validate.Equal(True))])
    email = EmailAddress(load_default=None, allow_none=True)


class IdentityAnswers(Shape):
    """身分證字號 (national ID, new or old resident number) and the account name wanted."""

    id_number = Text(longest=20, required=True)
    account_name = AccountName(required=True)


class CompanyAnswers(Shape):
    """公司／機關基本資料. `number_as_registered`: the number stands so on the registration."""

    unified_business_number = Text(longest=20, required=True)
    name_zh = Line(longest=100, required=True)
    name_en = Text(longest=200, load_default=None, allow_none=True)
    person_in_charge = Line(longest=50, required=True)
    city = Choice(*CITIES, required=True)
    district = Line(longest=20, load_default=None, allow_none=True)
    postal_code = Text(
        longest=6,
        load_default=None,
        allow_none=True,
        validate=[code("POSTAL_CODE_INVALID", validate.Regexp(r"^(\d{3}|\d{5}|\d{6})?\Z"))],
    )
    address = Line(longest=200, required=True)
    phone = Text(longest=30, required=True)
    fax = Text(longest=30, load_default=None, allow_none=True)
    email = EmailAddress(required=True)
    mobile = Text(longest=30, required=True)
    number_as_registered = fields.Boolean(load_default=False)


class ApplicantAnswers(Shape):
    """申請者基本資料."""

    name = Line(longest=50, required=True)
    department = Line(longest=50, load_default=None, allow_none=True)
    title = Line(longest=50, load_default=None, allow_none=True)
    phone = Text(longest=30, required=True)
    fax = Text(longest=30, load_default=None, allow_none=True)
    email = EmailAddress(required=True)
    mobile = Text(longest=30, required=True)
    systems = Choices(*SYSTEMS, at_least_one="SYSTEMS_REQUIRED", required=True)
    reason = Prose(longest=500, required=True)


ANSWERS: dict[str, type[Shape]] = {
    "registration": RegistrationAnswers,
    "identity": IdentityAnswers,
    "company": CompanyAnswers,
    "applicant": ApplicantAnswers,
}
