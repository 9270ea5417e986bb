"""What the facts of a copy of personal data are called on paper, and what the codes among them say."""

from __future__ import annotations

from collections.abc import Mapping

from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.texts import N_, P_

# By the name that a fact has for programs; fields of the application have their own (labels.FIELDS).
FACTS = {
    "account_name": N_("Account name"),
    "name": P_("copy", "Name"),
    "state": P_("copy", "State"),
    "identity_type": N_("Applicant type"),
    "roles": P_("copy", "Roles"),
    "unit": P_("copy", "Unit"),
    "systems": P_("copy", "Systems"),
    "locale": P_("copy", "Language of mails"),
    "approved_at": P_("copy", "Approved"),
    "activated_at": P_("copy", "Activated"),
    "last_login_at": P_("copy", "Last login"),
    "unified_business_number": N_("Company number (統一編號)"),
    "name_zh": N_("Name in Chinese"),
    "name_en": N_("Name in English"),
    "id_number": N_("ID or resident certificate number"),
    "phone": N_("Telephone number"),
    "fax": N_("Fax number"),
    "department": N_("Department"),
    "title": N_("Job title"),
    "version": P_("copy", "Version"),
    "kind": P_("copy", "Kind"),
    "value": P_("copy", "Address or number"),
    "verified_at": P_("copy", "Confirmed"),
    "case_number": P_("copy", "Case number"),
    "status": P_("copy", "State"),
    "submission": P_("copy", "Submission"),
    "submitted_at": P_("copy", "Submitted"),
    "notice_version": N_("Version of the privacy notice"),
    "agreed_at": P_("copy", "Agreed"),
    "how": P_("copy", "How"),
    "ip": P_("copy", "Address (IP)"),
    "request_number": P_("copy", "Request number"),
    "words": P_("copy", "What was asked for"),
    "received_at": P_("copy", "Received"),
    "due_on": P_("copy", "Due"),
    "steps": P_("copy", "What was done"),
    "started_at": P_("copy", "Began"),
    "ended_at": P_("copy", "Ended"),
    "user_agent": P_("copy", "Browser"),
    "at": P_("copy", "Time"),
    "action": P_("copy", "What happened"),
    "category": P_("copy", "Kind"),
    "by": P_("copy", "By whom"),
    "detail": P_("copy", "Details"),
    "reason": P_("copy", "Reason"),
    "fields": P_("copy", "Fields"),
    "change": P_("copy", "Change"),
    "method": P_("copy", "Way"),
    "person": P_("copy", "Keyed fingerprint of the ID number"),
    "masked_id_number": P_("copy", "ID number, masked"),
}
# What the codes of a fact say.
CODES: Mapping[str, Mapping[str, str]] = {
    "identity_type": labels.IDENTITY_TYPES,
    "roles": labels.ROLES,
    "unit": labels.UNITS,
    "systems": labels.SYSTEMS,
    "status": labels.STATUSES,
    "city": labels.CITIES,
}


def label_of(path: str) -> str | None:
    """The English name of a fact, such as `consents.how`; that of its last part where the whole has none."""
    path = path.removeprefix("answers.")
    return labels.FIELDS.get(path) or FACTS.get(path.rpartition(".")[2])
