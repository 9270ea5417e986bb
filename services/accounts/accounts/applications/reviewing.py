"""What a reviewer may see beyond the case: the ID number and the stamped form. Every look is recorded."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from mtnet_chassis.data.files import Files
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused

from accounts.actions.desk import Desk
from accounts.applications.actions import own_id_number
from accounts.applications.rules import Form
from accounts.audit.store import Entry
from accounts.documents.worker import WorkerFailed, WorkerLate, work


def require_held(desk: Desk, actor: Actor, application_id: UUID) -> None:
    """Raises Refused(CASE_NOT_FOUND) for a case that the reviewer's unit never held."""
    if actor.unit is None or not desk.applications.was_held_by(application_id, actor.unit):
        raise Refused("CASE_NOT_FOUND")


def reveal_id_number(desk: Desk, actor: Actor, application_id: UUID, reason: str) -> str:
    """Raises Refused(CASE_NOT_FOUND) for cases the reviewer's unit never held."""
    require_held(desk, actor, application_id)
    number = own_id_number(desk, application_id)
    if number is None:
        raise Refused("CASE_NOT_FOUND")
    _record(desk, actor, "id_number_revealed", application_id, {"reason": reason})
    return number


def case_form(desk: Desk, actor: Actor, application_id: UUID, file_id: UUID) -> Form:
    """Raises Refused(CASE_NOT_FOUND), Refused(FILE_MISSING)."""
    require_held(desk, actor, application_id)
    form = desk.forms.form_of_case(application_id, file_id)
    if form is None:
        raise Refused("FILE_MISSING")
    _record(desk, actor, "form_viewed", application_id, {"file_id": str(file_id)})
    return form


def case_form_page(desk: Desk, actor: Actor, application_id: UUID, file_id: UUID, page: int) -> Form:
    """The form whose page will be drawn. Raises Refused(CASE_NOT_FOUND), Refused(FILE_MISSING)."""
    require_held(desk, actor, application_id)
    form = desk.forms.form_of_case(application_id, file_id)
    if form is None or page > form.pages:
        raise Refused("FILE_MISSING")
    _record(desk, actor, "form_viewed", application_id, {"file_id": str(file_id), "page": str(page)})
    return form


def draw_page(files: Files, form: Form, page: int, key: str, *, directory: Path | None = None) -> None:
    """Draw the page as a picture and store it under `key`.

    Slow; no transaction. Raises Refused(FILE_UNREADABLE), WorkerLate.
    """
    try:
        _, picture = work("page", {"page": page}, files.get(form.key), directory=directory)
    except WorkerLate:
        raise
    except WorkerFailed as problem:
        raise Refused("FILE_UNREADABLE") from problem
    files.put(key, picture)


def _record(desk: Desk, actor: Actor, action: str, application_id: UUID, detail: dict[str, str]) -> None:
    desk.audit.append(
        Entry(
            at=desk.now,
            actor_account_id=actor.account_id,
            action=action,
            subject_id=application_id,
            detail=detail,
            ip=actor.ip,
        )
    )
