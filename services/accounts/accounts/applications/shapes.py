"""What the endpoints answer with that show an application."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.applications import actions
from accounts.applications.rules import (
    Application,
    Contact,
    changed_fields,
    form_hash,
)
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.consents.store import ConsentStore
from accounts.glyphs import unprintable_answers
from accounts.registry.actions import account_of_application
from accounts.registry.store import AccountStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification.actions import valid_codes
from accounts.verification.mailboxes import compared
from accounts.verification.rules import ValidCode
from accounts.verification.store import ChallengeStore


def started(tx: Tx, token: str, application: Application) -> dict[str, Any]:
    """A draft that was begun, with the token that opens it."""
    return {"application_token": token, "application": application_view(tx, application)}


def started_again(tx: Tx, application_id: str) -> dict[str, Any] | None:
    """None for a draft that is used, or gone."""
    now = datetime.now(UTC)
    found = actions.reopen_untouched(ApplicationStore(tx), GrantStore(tx), UUID(application_id), now)
    return started(tx, *found) if found else None


def application_view(tx: Tx, application: Application, *, reveal: bool = False) -> dict[str, Any]:
    """The application as its owner sees it (the call's ApplicationView).

    The ID number is there only with `reveal`: answers to writes are kept for their idempotency key.
    """
    applications, now = ApplicationStore(tx), datetime.now(UTC)
    last = actions.answers_submitted(applications, application)
    is_approved = application.status == "approved"
    account = account_of_application(AccountStore(tx), application.application_id) if is_approved else None
    editable = application.editable
    return {
        "application_id": application.application_id,
        "case_number": application.case_number,
        "identity_type": application.identity_type,
        "status": application.status,
        "submission": application.submission,
        "locale": application.locale,
        "answers": _answers(applications, application, reveal=reveal),
        "sections": application.sections,
        "contacts": _contacts(tx, application, now),
        "needs_form": application.needs_form,
        "form": _form(application),
        "missing": actions.missing_of(ConsentStore(tx), application, now) if editable else (),
        "marks": application.marks,
        "note": application.note,
        "resubmit_by": application.resubmit_by,
        "changed": changed_fields(last, application.answers) if application.submission else (),
        "editable": editable,
        "submitted_at": application.submitted_at,
        "started_at": application.started_at,
        "expires_at": application.expires_at,
        "unit": application.unit,
        "stage": application.stage,
        "stages": application.stages,
        "due_on": application.due_on,
        "expected_on": application.expected_on,
        "steps": applications.steps(application.application_id),
        "account_state": account.state if account else None,
        "versions": application.versions,
        "unprintable": unprintable_answers(application.answers) if application.needs_form else (),
    }


def _answers(applications: ApplicationStore, application: Application, *, reveal: bool) -> dict[str, Any]:
    answers = application.answers.as_asked()
    if reveal and "identity" in answers:
        number = actions.own_id_number(applications, vault_of(settings()), application.application_id)
        if number:
            answers["identity"]["id_number"] = number
    return answers


def _form(application: Application) -> dict[str, Any] | None:
    form = application.form
    if form is None:
        return None
    return {
        "file_id": form.file_id,
        "filename": form.filename,
        "media_type": form.media_type,
        "size_bytes": form.size_bytes,
        "pages": form.pages,
        "uploaded_at": form.uploaded_at,
        "outdated": form.content_hash != form_hash(application),
        "recognised": form.recognised,
    }


def _contacts(tx: Tx, application: Application, now: datetime) -> list[dict[str, Any]]:
    found = []
    is_asked = application.editable and any(c.verified_at is None for c in application.contacts)
    sent = valid_codes(ChallengeStore(tx), application.application_id, now) if is_asked else {}
    for name in application.asked_contacts:
        contact = application.contact(name)
        found.append(
            {
                "contact": name,
                "channel": "sms" if name.endswith("mobile") else "email",
                "value": contact.value if contact else None,
                "verified_at": contact.verified_at if contact else None,
                **_valid_code(contact, sent),
            }
        )
    return found


def _valid_code(contact: Contact | None, sent: dict[str, ValidCode]) -> dict[str, Any]:
    """When the code went to this contact that can still be used, for a page that is opened again."""
    last = sent.get(contact.contact) if contact else None
    if last is None or contact is None or contact.verified_at or compared(last.recipient) != contact.compared:
        return {"sent_at": None, "code_expires_at": None, "resend_at": None}
    return {"sent_at": last.sent_at, "code_expires_at": last.expires_at, "resend_at": last.resend_at}
