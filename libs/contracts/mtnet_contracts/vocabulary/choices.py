"""The codes that all services choose from."""

from typing import Literal, get_args

IDENTITY_TYPES = ("company", "public_body", "individual", "bureau")
# Who applies for an organisation: asked about it, and for its stamp on a form (handout, 用印檔案).
ORGANISATIONS = ("company", "public_body")
CONTACTS = ("company_mobile", "company_email", "applicant_mobile", "applicant_email")
# By which a code reaches the owner of an account.
CODE_CHANNELS = ("email", "sms")
LOCALES = ("zh-Hant", "en")
STATUSES = ("draft", "submitted", "in_review", "returned", "approved", "rejected", "withdrawn")
SYSTEMS = ("mtnet", "carriers", "port_affairs", "vessels", "crew", "examinations")
Role = Literal[
    "member",
    "organisation_manager",
    "reviewer",
    "helpdesk_agent",
    "helpdesk_lead",
    "helpdesk_administrator",
    "editor",
    "operator",
    "administrator",
]
ROLES: tuple[Role, ...] = get_args(Role)
# Counties and cities as the Ministry of the Interior lists them; review maps them to maritime centres.
CITIES = (
    "taipei",
    "new_taipei",
    "keelung",
    "taoyuan",
    "hsinchu_city",
    "hsinchu_county",
    "miaoli",
    "taichung",
    "changhua",
    "nantou",
    "yunlin",
    "chiayi_city",
    "chiayi_county",
    "tainan",
    "kaohsiung",
    "pingtung",
    "yilan",
    "hualien",
    "taitung",
    "penghu",
    "kinmen",
    "lienchiang",
)

UNITS = ("north", "central", "south", "east", "operations", "personnel")
