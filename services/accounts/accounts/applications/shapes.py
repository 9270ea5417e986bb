"""What several endpoints answer with, and read from what they are asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.actions.desk import Desk
from accounts.applications import actions as drafting
from accounts.applications.rules import Application, Form
from accounts.registry.rules import Account
from accounts.registry.store import ActivationLink


def of_contact(request: dict[str, Any]) -> tuple[str, str]:
    return request["application_token"], request["contact"]


def begun(desk: Desk, token: str, application: Application) -> dict[str, Any]:
    return {"application_token": token, "application": drafting.view(desk, application)}


def begun_again(desk: Desk, application_id: str) -> dict[str, Any] | None:
    """None for a draft that is used, or gone."""
    found = drafting.reopen_untouched(desk, UUID(application_id))
    return begun(desk, *found) if found else None


def stored(form: Form) -> dict[str, Any]:
    """A form that was uploaded."""
    return {
        "key": form.key,
        "filename": form.filename,
        "media_type": form.media_type,
        "size_bytes": form.size_bytes,
    }


def activation_view(account: Account, link: ActivationLink) -> dict[str, Any]:
    return {
        "account_name": account.account_name,
        "name": account.name,
        "expires_at": link.expires_at,
        "name_taken": account.name_wanted,
    }
