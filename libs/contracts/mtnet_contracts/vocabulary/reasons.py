"""Why a reviewer sends a case back: which fields can be marked, and which reasons fit each."""

# Why a case goes back, by what it is bound to; the words are the gateway's.
RETURN_CODES = (
    "WRONG",
    "UNREADABLE",
    "INCOMPLETE",
    "MISMATCH",
    "NOT_STAMPED",
    "MISSING",
    "EXPIRED",
    "DUPLICATE",
)
MARKABLE_FIELDS = (
    "identity.id_number",
    "identity.account_name",
    "company.unified_business_number",
    "company.name_zh",
    "company.name_en",
    "company.person_in_charge",
    "company.city",
    "company.district",
    "company.postal_code",
    "company.address",
    "company.phone",
    "company.fax",
    "company.email",
    "company.mobile",
    "applicant.name",
    "applicant.department",
    "applicant.title",
    "applicant.phone",
    "applicant.fax",
    "applicant.email",
    "applicant.mobile",
    "applicant.systems",
    "applicant.reason",
    "form",
)
# Which reasons fit which kind of field: a telephone cannot lack a stamp. Only the form is a picture that may be
# unreadable or unstamped; a number may belong to a certificate that ran out.
_GIVEN = ("WRONG", "INCOMPLETE", "MISMATCH", "MISSING")
REASONS_OF_KIND = {
    "number": (*_GIVEN, "EXPIRED", "DUPLICATE"),
    "account": ("WRONG", "MISMATCH", "DUPLICATE"),
    "company name": (*_GIVEN, "DUPLICATE"),
    "contact": (*_GIVEN, "DUPLICATE"),
    "text": _GIVEN,
    "choice": ("WRONG", "MISMATCH", "MISSING"),
    "form": ("WRONG", "UNREADABLE", "INCOMPLETE", "MISMATCH", "NOT_STAMPED", "MISSING", "EXPIRED"),
}
_KIND_BY_NAME = {
    "id_number": "number",
    "unified_business_number": "number",
    "account_name": "account",
    "name_zh": "company name",
    "name_en": "company name",
    "phone": "contact",
    "fax": "contact",
    "email": "contact",
    "mobile": "contact",
    "city": "choice",
    "district": "choice",
    "form": "form",
}
REASONS_THAT_FIT = {
    field: REASONS_OF_KIND[_KIND_BY_NAME.get(field.rpartition(".")[2], "text")] for field in MARKABLE_FIELDS
}
# Two at each field.
MOST_REASONS = 2 * len(MARKABLE_FIELDS)
