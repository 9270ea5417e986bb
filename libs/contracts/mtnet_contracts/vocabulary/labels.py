"""What the codes of the contracts are called: every field, choice, status and reason, as pages, mails and paper say it.

Each is translated once, in `translations/<language>/LC_MESSAGES/fields.po`. Look one up with `Texts`:
`texts_of("zh-Hant", LABELS)[UNITS["north"]]`.
"""

from mtnet_contracts.vocabulary.texts import N_, P_

# The package whose catalogue translates them.
LABELS = "mtnet_contracts.vocabulary"

PORTAL = N_("MTNet Maritime Single Window")

IDENTITY_TYPES = {
    "company": N_("Shipping company"),
    "public_body": N_("Public body, port company or association"),
    "individual": N_("Individual or examination candidate"),
    "bureau": N_("Maritime and Port Bureau"),
}

SECTIONS = {
    "registration": N_("How you want to register"),
    "identity": N_("Identity and account"),
    "company": N_("Organisation"),
    "applicant": N_("Applicant"),
}

# As they stand under the name of their section.
FIELDS = {
    "registration.method": N_("Way to register"),
    "registration.email": N_("E-mail"),
    "company.number_as_registered": N_("Number as registered"),
    "registration.agreed": N_("Privacy notice"),
    "registration.notice_version": N_("Version of the privacy notice"),
    "identity.id_number": N_("ID or resident certificate number"),
    "identity.account_name": N_("Account name"),
    "company.unified_business_number": N_("Company number (統一編號)"),
    "company.name_zh": N_("Name in Chinese"),
    "company.name_en": N_("Name in English"),
    "company.person_in_charge": N_("Person in charge"),
    "company.city": N_("City or county"),
    "company.district": N_("District"),
    "company.postal_code": N_("Postal code"),
    "company.address": N_("Address"),
    "company.phone": N_("Organisation's telephone number"),
    "company.fax": N_("Organisation's fax number"),
    "company.email": N_("Organisation's e-mail address"),
    "company.mobile": N_("Organisation's mobile number"),
    "applicant.name": N_("Applicant's name"),
    "applicant.department": N_("Department"),
    "applicant.title": N_("Job title"),
    "applicant.phone": N_("Telephone number"),
    "applicant.fax": N_("Fax number"),
    "applicant.email": N_("E-mail address"),
    "applicant.mobile": N_("Mobile number"),
    "applicant.systems": N_("Systems applied for"),
    "applicant.reason": N_("Reason for applying"),
    "form": N_("Application form"),
}

# Where fields of several sections stand together, in a mail for instance: whose telephone it is, is said.
FIELDS_IN_FULL = FIELDS | {
    "company.unified_business_number": N_("Company number"),
    "company.name_zh": N_("Organisation name in Chinese"),
    "company.name_en": N_("Organisation name in English"),
    "company.city": N_("Organisation's city or county"),
    "company.district": N_("Organisation's district"),
    "company.postal_code": N_("Organisation's postal code"),
    "company.address": N_("Organisation's address"),
    "applicant.department": N_("Applicant's department"),
    "applicant.title": N_("Applicant's job title"),
    "applicant.phone": N_("Applicant's telephone number"),
    "applicant.fax": N_("Applicant's fax number"),
    "applicant.email": N_("Applicant's e-mail address"),
    "applicant.mobile": N_("Applicant's mobile number"),
}

# On the printed form, where a cell is narrow.
FIELDS_ON_PAPER = FIELDS | {
    "company.unified_business_number": N_("Company number"),
    "company.name_zh": N_("Name (Chinese)"),
    "company.name_en": N_("Name (English)"),
    "company.phone": P_("paper, organisation", "Telephone"),
    "company.fax": N_("Fax"),
    "company.email": N_("E-mail"),
    "company.mobile": N_("Mobile"),
    "applicant.name": P_("paper, applicant", "Name"),
    "applicant.title": P_("paper, applicant", "Title"),
    "applicant.phone": P_("paper, applicant", "Telephone"),
    "applicant.fax": N_("Fax"),
    "applicant.email": N_("E-mail"),
    "applicant.mobile": N_("Mobile"),
    "applicant.systems": P_("paper, applicant", "Systems"),
    "applicant.reason": P_("paper, applicant", "Reason"),
}

# How to register.
METHODS = {
    "email": N_("Register by e-mail"),
}

SYSTEMS = {
    "mtnet": N_("MTNet portal"),
    "carriers": N_("Carrier information"),
    "port_affairs": N_("Port affairs"),
    "vessels": N_("Vessel management"),
    "crew": N_("Maritime personnel"),
    "examinations": N_("E-learning and examinations"),
}

SYSTEMS_ON_PAPER = SYSTEMS | {"examinations": P_("paper", "E-learning and examinations")}

CITIES = {
    "taipei": N_("Taipei City"),
    "new_taipei": N_("New Taipei City"),
    "keelung": N_("Keelung City"),
    "taoyuan": N_("Taoyuan City"),
    "hsinchu_city": N_("Hsinchu City"),
    "hsinchu_county": N_("Hsinchu County"),
    "miaoli": N_("Miaoli County"),
    "taichung": N_("Taichung City"),
    "changhua": N_("Changhua County"),
    "nantou": N_("Nantou County"),
    "yunlin": N_("Yunlin County"),
    "chiayi_city": N_("Chiayi City"),
    "chiayi_county": N_("Chiayi County"),
    "tainan": N_("Tainan City"),
    "kaohsiung": N_("Kaohsiung City"),
    "pingtung": N_("Pingtung County"),
    "yilan": N_("Yilan County"),
    "hualien": N_("Hualien County"),
    "taitung": N_("Taitung County"),
    "penghu": N_("Penghu County"),
    "kinmen": N_("Kinmen County"),
    "lienchiang": N_("Lienchiang County"),
}

# Inside a sentence.
CONTACTS = {
    "company_mobile": N_("the company's mobile number"),
    "company_email": N_("the company's e-mail address"),
    "applicant_mobile": N_("your mobile number"),
    "applicant_email": N_("your e-mail address"),
}

# Inside a sentence.
CHANNELS = {
    "sms": N_("text message"),
    "email": N_("e-mail"),
}

# Of an application.
STATUSES = {
    "draft": N_("Draft"),
    "submitted": P_("status", "Received"),
    "in_review": N_("In review"),
    "returned": N_("Returned for correction"),
    "approved": N_("Approved"),
    "rejected": N_("Not approved"),
    "withdrawn": N_("Withdrawn"),
}

CASE_STATES = {
    "open": P_("case", "Open"),
    "returned": N_("Returned for correction"),
    "approved": N_("Approved"),
    "rejected": N_("Not approved"),
    "withdrawn": N_("Withdrawn"),
}

# In the history of a case.
ACTIONS = {
    "submitted": P_("action", "Submitted"),
    "resubmitted": N_("Resubmitted"),
    "claimed": N_("Claimed"),
    "released": N_("Released"),
    "forwarded": N_("Forwarded"),
    "returned": N_("Returned"),
    "approved": N_("Approved"),
    "rejected": N_("Not approved"),
    "withdrawn": N_("Withdrawn by the applicant"),
}

# Why something has to be corrected.
REASONS = {
    "WRONG": N_("Wrong"),
    "UNREADABLE": N_("Cannot be read"),
    "INCOMPLETE": N_("Incomplete"),
    "MISMATCH": N_("Does not match the other data"),
    "NOT_STAMPED": N_("Not stamped"),
    "MISSING": N_("Missing"),
    "EXPIRED": N_("No longer valid"),
    "DUPLICATE": N_("Same as another application or account"),
}

UNITS = {
    "north": N_("Northern Maritime Affairs Centre"),
    "central": N_("Central Maritime Affairs Centre"),
    "south": N_("Southern Maritime Affairs Centre"),
    "east": N_("Eastern Maritime Affairs Centre"),
    "operations": N_("Operations Centre"),
    "personnel": N_("Personnel Office"),
}

ROLES = {
    "member": N_("Member"),
    "organisation_manager": N_("Organisation manager"),
    "reviewer": N_("Reviewer"),
    "helpdesk_agent": N_("Helpdesk agent"),
    "helpdesk_lead": N_("Helpdesk team lead"),
    "helpdesk_administrator": N_("Helpdesk administrator"),
    "editor": N_("Editor"),
    "operator": N_("Operator"),
    "administrator": N_("Administrator"),
}

# Of questions and answers.
CATEGORIES = {
    "mtnet": N_("MTNet"),
    "carriers": N_("Carrier information"),
    "port_affairs": N_("Port affairs"),
    "vessels": N_("Vessel management"),
    "crew": N_("Maritime personnel"),
    "examinations": N_("E-learning and examinations"),
    "carrier_grades": N_("Grades of carriers"),
    "contacts": N_("Other maritime contacts"),
    "port_dues": N_("Commercial port dues"),
    "seafarers": N_("Seafarers' smart services"),
}

# What messages are about (notify's kinds), for operators. A test of notify finds one that is missing.
MESSAGE_KINDS = {
    "verification_code": N_("One-time code"),
    "application_received": N_("Application received"),
    "application_resubmitted": N_("Corrected application received"),
    "application_returned": N_("Application returned"),
    "application_rejected": N_("Application rejected"),
    "application_withdrawn": N_("Application withdrawn, lapsed or replaced"),
    "activation_link": N_("Account approved: activation link"),
    "account_activated": N_("Account activated"),
    "account_frozen": N_("Account frozen"),
    "account_reactivated": N_("Account active again"),
    "reactivation_refused": N_("Evidence for a disabled account not accepted"),
    "account_disabled": N_("Account disabled"),
    "account_closed": N_("Account closed"),
    "reminder_due": N_("Account will be disabled: reminder"),
    "password_reset": N_("Link for a new password"),
    "password_changed": N_("Password changed"),
    "new_device_login": N_("Login on a new device"),
    "second_factor_changed": N_("Second factor changed"),
    "line_link_changed": N_("LINE linked or unlinked"),
    "contact_changed": N_("Contacts changed: to the former ones"),
    "contact_confirmed": N_("Contacts changed: to the new one"),
    "contact_change_undone": N_("Change of contacts undone"),
    "privacy_request_received": N_("Request for personal data received"),
    "privacy_request_answered": N_("Request for personal data answered"),
    "privacy_request_due": N_("Request for personal data due (to operators)"),
    "subscriber_reminder": N_("Downstream system: a secret or a grant ends (to its owner)"),
    "subscriber_queue": N_("Downstream system: its queue fills up (to its owner)"),
    "broadcast": N_("Message to many"),
    "desk_acknowledgement": N_("Helpdesk: a message came in"),
    "desk_answer": N_("Answer of the helpdesk"),
    "webhook_trouble": N_("Webhook takes no events (to the owner of a downstream system)"),
}

# Of the helpdesk.
TICKET_STATES = {
    "new": P_("ticket", "New"),
    "open": P_("ticket", "Open"),
    "waiting_customer": N_("Waiting for the customer"),
    "waiting_third_party": N_("Waiting for a third party"),
    "resolved": N_("Resolved"),
    "closed": P_("ticket", "Closed"),
    "reopened": N_("Reopened"),
}

TICKET_PRIORITIES = {
    "low": P_("priority", "Low"),
    "normal": P_("priority", "Normal"),
    "high": P_("priority", "High"),
    "urgent": P_("priority", "Urgent"),
}

TICKET_CATEGORIES = SYSTEMS | {"other": P_("ticket", "Other")}

DESK_TEAMS = {
    "first_line": N_("First line"),
    "technical": N_("System operation"),
    "business": N_("Business units"),
}

DESK_CHANNELS = {
    "email": N_("E-mail"),
    "fax": N_("Fax"),
    "line": N_("LINE"),
    "phone": P_("paper, organisation", "Telephone"),
    "web": N_("Web form"),
}

# What an answer of the desk became.
DESK_DELIVERIES = {
    "sending": N_("On its way"),
    "delivered": P_("answer", "Delivered"),
    "failed": N_("Could not be delivered"),
    "page": N_("On the person's page"),
}
