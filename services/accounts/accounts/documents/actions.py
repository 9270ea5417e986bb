"""Work on documents: drawing forms and receipts, taking uploads, showing pages.

It costs seconds, so it is done outside any transaction, in one of few places (`clients/places.py`), for people who can
be reached, and so often a day. Files that no row names any more go at once, after the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from mtnet_chassis.data.database import Transactions
from mtnet_chassis.data.files import Files
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused

from accounts.actions.desk import Desk, desk_for
from accounts.applications import actions as drafting
from accounts.applications import reviewing
from accounts.applications.rules import Application
from accounts.documents.pool import Busy, Places
from accounts.documents.store import pictures_folder
from accounts.documents.worker import WorkerLate
from accounts.settings import Settings
from accounts.sources import UNKNOWN, source_of
from accounts.submission import actions as submitting
from accounts.threads import off_the_hub

MOST_WORK_A_DAY = 40  # by one application
MOST_WORK_OF_SOURCE_A_DAY = 200
DAY = timedelta(days=1)
# What the gateway put down and nobody took: its call is over after seconds.
UPLOADS_STAY = timedelta(hours=1)
UNATTACHED_STAY = timedelta(days=1)

log = structlog.get_logger()


class Documents:
    """The work of one process. `files` must not hold up green threads."""

    def __init__(self, transactions: Transactions, told: Settings, files: Files, places: Places) -> None:
        self._transactions = transactions
        self._told = told
        self._files = files
        self._places = places

    def form(self, token: str, ip: str | None) -> dict[str, Any]:
        """The form to be stamped, drawn anew: a draft keeps one, the latest.

        Raises Incomplete, Refused(CONTACT_NOT_VERIFIED, BUSY, TOO_MANY_DOCUMENTS).
        """
        with self._desk() as desk:
            printable = submitting.printable_form(desk, token)
        application = printable[0]
        _require_proved_contact(application)
        with self._place(application, ip, upload=False):
            key = off_the_hub(
                submitting.make_form,
                self._files,
                self._told.portal_url,
                *printable,
                directory=self._places.directory,
            )
        return self._made(key, f"{application.case_number}.pdf")

    def receipt(self, token: str) -> dict[str, Any]:
        """Drawn once for each submission. Raises Refused(NOT_SUBMITTED, BUSY)."""
        with self._desk() as desk:
            submitted = submitting.receipt_of(desk, token)
        key = submitting.receipt_key(submitted)
        if not self._files.exists(key):
            with self._busy_is_refused(), self._places.taken(str(submitted.application_id), upload=False):
                off_the_hub(
                    submitting.make_receipt,
                    self._files,
                    self._told.portal_url,
                    submitted,
                    directory=self._places.directory,
                )
        return self._made(key, f"{submitted.case_number}-receipt.pdf")

    def attach(
        self,
        *,
        application_token: str,
        upload_key: str,
        filename: str,
        ip: str | None,
        sha256: str | None = None,
    ) -> dict[str, Any]:
        """Check an upload, rebuild it and attach it; the application as it then is.

        Stands being called again: the upload goes last, and what came of it is known by its key. Raises Refused,
        NotEditable, Incomplete.
        """
        with self._desk() as desk:
            before = submitting.attached_before(desk, application_token, upload_key)
            if before is None:
                application, _, _ = submitting.printable_form(desk, application_token)
                application.require_editable()
                _require_proved_contact(application)
            else:
                reply = drafting.view(desk, before)
        if before is None:
            reply = self._attached(application, application_token, upload_key, filename, ip)
        off_the_hub(submitting.forget_upload, self._files, upload_key)
        return reply

    def _attached(
        self, application: Application, token: str, upload_key: str, filename: str, ip: str | None
    ) -> dict[str, Any]:
        try:
            with self._place(application, ip, upload=True):
                clean, digest, recognised = off_the_hub(
                    submitting.checked_upload,
                    self._files,
                    application,
                    upload_key,
                    directory=self._places.directory,
                )
        except Refused:
            off_the_hub(submitting.forget_upload, self._files, upload_key)
            raise
        with self._desk() as desk:
            file_id, key = submitting.new_form_key(desk, application, upload_key, clean.media_type)
        self._files.put(key, clean.content)
        self._files.put(f"{pictures_folder(application.application_id, file_id)}preview.jpg", clean.preview)
        with self._desk() as desk:
            attached = submitting.attach_form(
                desk,
                token,
                clean=clean,
                digest=digest,
                recognised=recognised,
                key=key,
                sha256=hashlib.sha256(clean.content).hexdigest(),
                file_id=file_id,
                filename=filename,
            )
            reply = drafting.view(desk, attached)
        self._clear(application.application_id)
        return reply

    def remove(self, token: str) -> dict[str, Any]:
        """Take the form off the application, and its file away. Raises NotEditable."""
        with self._desk() as desk:
            application = drafting.without_form(desk, token)
            reply = drafting.view(desk, application)
        self._clear(application.application_id)
        return reply

    def preview(self, token: str) -> dict[str, Any]:
        """The first page of the uploaded form as a small picture. Raises Refused(FILE_MISSING)."""
        with self._desk() as desk:
            application = drafting.opened(desk, token)
        form = application.form
        if form is None:
            raise Refused("FILE_MISSING")
        key = f"{pictures_folder(application.application_id, form.file_id)}preview.jpg"
        if not self._files.exists(key):
            raise Refused("FILE_MISSING")
        return self._made(key, "preview.jpg", "image/jpeg")

    def page(self, actor: Actor, application_id: UUID, file_id: UUID, page: int) -> dict[str, Any]:
        """One page of a form as a picture, drawn once; the look is recorded. Raises Refused."""
        with self._desk() as desk:
            form = reviewing.case_form_page(desk, actor, application_id, file_id, page)
        key = f"{pictures_folder(application_id, file_id)}{page}.jpg"
        if not self._files.exists(key):
            with self._busy_is_refused(), self._places.taken(str(actor.account_id), upload=False):
                off_the_hub(
                    reviewing.draw_page, self._files, form, page, key, directory=self._places.directory
                )
        return self._made(key, f"page-{page}.jpg", "image/jpeg")

    def tidy(self, now: datetime | None = None) -> int:
        """Remove drafts that nobody resumed, with their files, and uploads that nobody took; how many drafts."""
        now = now or datetime.now(UTC)
        with self._transactions.transaction() as tx:
            drafts = forget_expired(desk_for(tx, self._told, now))
        self._files.delete_all("uploads/", older_than=now - UPLOADS_STAY)
        off_the_hub(self._places.remove_left_behind)
        self.remove_noted()
        return drafts

    def remove_noted(self, application_id: UUID | None = None) -> None:
        """Remove what was noted, of one application or of all. Repeated, it finds the files gone and the notes too."""
        while True:
            with self._transactions.transaction() as tx:
                keys = desk_for(tx, self._told).forms.files_to_remove(application_id)
            if not keys:
                return
            for key in keys:
                if key.endswith("/"):
                    self._files.delete_all(key)
                else:
                    self._files.delete(key)
            with self._transactions.transaction() as tx:
                desk_for(tx, self._told).forms.forget_removed(keys)

    def _clear(self, application_id: UUID) -> None:
        """After the commit. Where it fails the clock does it again: the change itself is done."""
        try:
            self.remove_noted(application_id)
        except Exception as problem:
            log.warning("files not removed yet", application_id=str(application_id), problem=repr(problem))

    @contextmanager
    def _place(self, application: Application, ip: str | None, *, upload: bool) -> Iterator[None]:
        """A place for this application's work, counted. Raises Refused(BUSY, TOO_MANY_DOCUMENTS)."""
        source = source_of(ip)
        if source == UNKNOWN:
            source = str(application.application_id)
        with self._busy_is_refused(), self._places.taken(source, upload=upload):
            with self._desk() as desk:
                _count(desk, application.application_id, source)
            yield

    @contextmanager
    def _busy_is_refused(self) -> Iterator[None]:
        try:
            yield
        except (Busy, WorkerLate) as problem:
            raise Refused("BUSY") from problem

    @contextmanager
    def _desk(self) -> Iterator[Desk]:
        with self._transactions.transaction() as tx:
            yield desk_for(tx, self._told)

    def _made(self, key: str, filename: str, media_type: str = "application/pdf") -> dict[str, Any]:
        return {
            "key": key,
            "filename": filename,
            "media_type": media_type,
            "size_bytes": self._files.size(key),
        }


def forget_expired(desk: Desk) -> int:
    """Remove a batch of drafts that nobody resumed, and note their files; how many."""
    drafts = desk.applications.expired_drafts(desk.now)
    for application_id in drafts:
        folders = [f"forms/{application_id}/", f"generated/{application_id}/"]
        desk.forms.note_removal(application_id, folders, now=desk.now)
    desk.applications.remove_applications(drafts)
    desk.forms.note_unattached(desk.now - UNATTACHED_STAY, desk.now)
    desk.forms.remove_old_work(desk.now - DAY)
    return len(drafts)


def _require_proved_contact(application: Application) -> None:
    """Forms are drawn, and files looked at, for people who can be reached. Raises Refused(CONTACT_NOT_VERIFIED)."""
    if application.code_contact is None:
        raise Refused("CONTACT_NOT_VERIFIED")


def _count(desk: Desk, application_id: UUID, source: str) -> None:
    """Raises Refused(TOO_MANY_DOCUMENTS)."""
    own, of_source = desk.forms.work_since(application_id, source, desk.now - DAY)
    if own >= MOST_WORK_A_DAY or of_source >= MOST_WORK_OF_SOURCE_A_DAY:
        raise Refused("TOO_MANY_DOCUMENTS")
    desk.forms.add_work(application_id, source, desk.now)
