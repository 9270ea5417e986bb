"""Draw forms and receipts, take uploads, show pages.

This costs seconds, so it is done outside any transaction, in one of few slots (pool.py), for people who can be reached,
and so often a day. Files that no row names any more are removed after the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from mtnet_chassis.data.files import Files
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary.masking import masked_id_number

from accounts.applications import actions as applying
from accounts.applications.access import require_held
from accounts.applications.rules import Application, Form, Incomplete, form_hash
from accounts.audit.actions import record
from accounts.documents import rules
from accounts.documents.inspection.uploads import checked_upload, forget_upload
from accounts.documents.pool import Busy, DocumentPool
from accounts.documents.printing import draw_page, form_pdf, receipt_pdf
from accounts.documents.rules import CleanFile, StoredFile
from accounts.documents.store import FormStore
from accounts.documents.worker import WorkerLate
from accounts.sources import UNKNOWN, source_of
from accounts.threads import run_in_thread
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.applications.store import ApplicationStore, GrantStore
    from accounts.audit.store import AuditStore
    from accounts.consents.store import ConsentStore

log = structlog.get_logger()


@dataclass(frozen=True)
class DocumentStores:
    """What work on documents reads and writes, in one transaction."""

    applications: ApplicationStore
    grants: GrantStore
    consents: ConsentStore
    forms: FormStore
    audit: AuditStore


class Documents:
    """`stores` opens a transaction; `files` must not block green threads."""

    def __init__(
        self,
        stores: Callable[[], AbstractContextManager[DocumentStores]],
        vault: Vault,
        portal_url: str,
        files: Files,
        pool: DocumentPool,
    ) -> None:
        self._stores = stores
        self._vault = vault
        self._portal_url = portal_url
        self._files = files
        self._pool = pool

    def form(self, token: str, ip: str | None) -> StoredFile:
        """The form to be stamped, drawn again each time: a draft keeps one, the latest.

        Raises Incomplete, Refused(CONTACT_NOT_VERIFIED, BUSY, TOO_MANY_DOCUMENTS).
        """
        with self._stores() as stores:
            application = _printable(stores, token)
            own = applying.own_id_number
            id_number = own(stores.applications, self._vault, application.application_id) or ""
        _require_verified_contact(application)
        key = rules.printed_form_key(application.application_id)
        with self._slot(application, ip, upload=False):
            run_in_thread(self._draw_form, application, id_number, key)
        return self._stored(key, f"{application.case_number}.pdf")

    def _draw_form(self, application: Application, id_number: str, key: str) -> None:
        drawn = form_pdf(
            application,
            masked_id_number=masked_id_number(id_number),
            digest=form_hash(application),
            portal_url=self._portal_url,
            directory=self._pool.directory,
        )
        self._files.put(key, drawn)

    def receipt(self, token: str) -> StoredFile:
        """The receipt of the last submission, drawn once. Raises Refused(NOT_SUBMITTED, BUSY)."""
        with self._stores() as stores:
            submitted = _last_submission(stores, token)
        key = rules.receipt_key(submitted.application_id, submitted.submission)
        if not self._files.exists(key):
            with self._busy_is_refused(), self._pool.slot(str(submitted.application_id), upload=False):
                run_in_thread(self._draw_receipt, submitted, key)
        return self._stored(key, f"{submitted.case_number}-receipt.pdf")

    def _draw_receipt(self, submitted: Application, key: str) -> None:
        drawn = receipt_pdf(submitted, portal_url=self._portal_url, directory=self._pool.directory)
        self._files.put(key, drawn)

    def attach(
        self,
        *,
        application_token: str,
        upload_key: str,
        filename: str,
        ip: str | None,
        sha256: str | None = None,
    ) -> Application:
        """Check an upload, rebuild it and attach it. Returns the application as it then is.

        May be called again: the upload is removed last, and what came of it is known by its key. Raises Refused,
        NotEditable, Incomplete.
        """
        with self._stores() as stores:
            attached = _attached_before(stores, application_token, upload_key)
            if attached is None:
                application = _printable(stores, application_token)
                application.require_editable()
                _require_verified_contact(application)
        if attached is None:
            attached = self._attach(application, application_token, upload_key, filename, ip)
        run_in_thread(forget_upload, self._files, upload_key)
        return attached

    def _attach(
        self, application: Application, token: str, upload_key: str, filename: str, ip: str | None
    ) -> Application:
        application_id, directory = application.application_id, self._pool.directory
        try:
            with self._slot(application, ip, upload=True):
                clean, recognised = run_in_thread(
                    checked_upload, self._files, application, upload_key, directory=directory
                )
        except Refused:
            run_in_thread(forget_upload, self._files, upload_key)
            raise
        file_id = rules.file_id_of(application_id, upload_key)
        key = rules.form_key(application_id, file_id, clean.media_type)
        with self._stores() as stores:
            # Noted, so that a file that is never attached is found and removed.
            stores.forms.add_unattached_form(key, datetime.now(UTC))
        self._files.put(key, clean.content)
        self._files.put(f"{rules.pictures_folder(application_id, file_id)}preview.jpg", clean.preview)
        with self._stores() as stores:
            form = new_form(clean, form_hash(application), recognised, key, file_id, filename)
            attached = attach_form(stores, token, form, datetime.now(UTC))
        self._remove_noted_now(application_id)
        return attached

    def remove(self, token: str) -> Application:
        """Take the form off the application, and remove its file. Raises NotEditable."""
        with self._stores() as stores:
            application = _without_form(stores, token, datetime.now(UTC))
        self._remove_noted_now(application.application_id)
        return application

    def preview(self, token: str) -> StoredFile:
        """The first page of the uploaded form as a small picture. Raises Refused(FILE_MISSING)."""
        with self._stores() as stores:
            application = applying.opened(stores.applications, stores.grants, token, datetime.now(UTC))
        form = application.form
        if form is None:
            raise Refused("FILE_MISSING")
        key = f"{rules.pictures_folder(application.application_id, form.file_id)}preview.jpg"
        if not self._files.exists(key):
            raise Refused("FILE_MISSING")
        return self._stored(key, "preview.jpg", "image/jpeg")

    def page(self, actor: Actor, application_id: UUID, file_id: UUID, page: int) -> StoredFile:
        """One page of a form as a picture, drawn once, for a reviewer; recorded. Raises Refused."""
        with self._stores() as stores:
            form = case_form_page(stores, actor, application_id, file_id, page, datetime.now(UTC))
        key = f"{rules.pictures_folder(application_id, file_id)}{page}.jpg"
        if not self._files.exists(key):
            with self._busy_is_refused(), self._pool.slot(str(actor.account_id), upload=False):
                run_in_thread(draw_page, self._files, form, page, key, directory=self._pool.directory)
        return self._stored(key, f"page-{page}.jpg", "image/jpeg")

    def tidy(self, now: datetime | None = None) -> int:
        """Remove drafts that nobody resumed, with files, and uploads that nobody took. Returns how many drafts."""
        now = now or datetime.now(UTC)
        with self._stores() as stores:
            drafts = remove_expired_drafts(stores, now)
        self._files.delete_all("uploads/", older_than=now - rules.UPLOADS_STAY)
        run_in_thread(self._pool.remove_left_behind)
        self.remove_noted()
        return drafts

    def remove_noted(self, application_id: UUID | None = None) -> None:
        """Remove the files that are noted for removal, of one application or of all. May be repeated."""
        while True:
            with self._stores() as stores:
                keys = stores.forms.files_to_remove(application_id)
            if not keys:
                return
            for key in keys:
                if key.endswith("/"):
                    self._files.delete_all(key)
                else:
                    self._files.delete(key)
            with self._stores() as stores:
                stores.forms.forget_removed(keys)

    def _remove_noted_now(self, application_id: UUID) -> None:
        """After the commit. If it fails, the hourly run repeats it: the change itself is done."""
        try:
            self.remove_noted(application_id)
        except Exception as problem:
            log.warning("files not removed yet", application_id=str(application_id), problem=repr(problem))

    @contextmanager
    def _slot(self, application: Application, ip: str | None, *, upload: bool) -> Iterator[None]:
        """A slot for this application's work, counted. Raises Refused(BUSY, TOO_MANY_DOCUMENTS)."""
        source = source_of(ip)
        if source == UNKNOWN:
            source = str(application.application_id)
        with self._busy_is_refused(), self._pool.slot(source, upload=upload):
            with self._stores() as stores:
                _count_work(stores.forms, application.application_id, source, datetime.now(UTC))
            yield

    @contextmanager
    def _busy_is_refused(self) -> Iterator[None]:
        try:
            yield
        except (Busy, WorkerLate) as problem:
            raise Refused("BUSY") from problem

    def _stored(self, key: str, filename: str, media_type: str = "application/pdf") -> StoredFile:
        return StoredFile(key, filename, media_type, self._files.size(key))


# Uploads


def new_form(clean: CleanFile, digest: str, recognised: bool, key: str, file_id: UUID, filename: str) -> Form:
    """A checked form, uploaded now. `digest` is the fingerprint of the answers that it belongs to."""
    return Form(
        file_id=file_id,
        key=key,
        filename=filename,
        media_type=clean.media_type,
        size_bytes=len(clean.content),
        pages=clean.pages,
        sha256=hashlib.sha256(clean.content).hexdigest(),
        content_hash=digest,
        uploaded_at=datetime.now(UTC),
        recognised=recognised,
    )


def attach_form(stores: DocumentStores, token: str, form: Form, now: datetime) -> Application:
    """Record a checked form. Raises NotEditable, Refused(FORM_OUTDATED) when answers changed meanwhile."""
    application = applying.opened(stores.applications, stores.grants, token, now, lock=True)
    application.require_editable()
    if form.content_hash != form_hash(application):
        raise Refused("FORM_OUTDATED")
    if stores.forms.form_of_case(application.application_id, form.file_id):
        stores.forms.remove_unattached_forms([form.key])
        return application  # another call with the same upload was quicker
    stores.forms.replace_form(application.application_id, form, now=now)
    application = replace(application.touched(now), form=form)
    applying.keep(stores.applications, stores.grants, token, application, now)
    return application


def own_form(applications: ApplicationStore, grants: GrantStore, token: str, now: datetime) -> Form:
    """The form uploaded last. Raises Refused(FILE_MISSING)."""
    form = applying.opened(applications, grants, token, now).form
    if form is None:
        raise Refused("FILE_MISSING")
    return form


# A reviewer's look at a form; every look is recorded


def case_form(
    stores: DocumentStores, actor: Actor, application_id: UUID, file_id: UUID, now: datetime
) -> Form:
    """Raises Refused(CASE_NOT_FOUND), Refused(FILE_MISSING)."""
    require_held(stores.applications, actor, application_id)
    form = stores.forms.form_of_case(application_id, file_id)
    if form is None:
        raise Refused("FILE_MISSING")
    _record_look(stores.audit, actor, application_id, {"file_id": str(file_id)}, now)
    return form


def case_form_page(
    stores: DocumentStores, actor: Actor, application_id: UUID, file_id: UUID, page: int, now: datetime
) -> Form:
    """The form whose page will be drawn. Raises Refused(CASE_NOT_FOUND), Refused(FILE_MISSING)."""
    require_held(stores.applications, actor, application_id)
    form = stores.forms.form_of_case(application_id, file_id)
    if form is None or page > form.pages:
        raise Refused("FILE_MISSING")
    _record_look(stores.audit, actor, application_id, {"file_id": str(file_id), "page": str(page)}, now)
    return form


# Clean up


def remove_expired_drafts(stores: DocumentStores, now: datetime) -> int:
    """Remove a batch of drafts that nobody resumed, and note their files for removal. Returns how many drafts."""
    drafts = applying.expired_drafts(stores.applications, now)
    for application_id in drafts:
        stores.forms.note_removal(application_id, rules.folders_of(application_id), now=now)
    applying.remove_applications(stores.applications, drafts)
    stores.forms.note_unattached(now - rules.UNATTACHED_STAY, now)
    return len(drafts)


def remove_closed_applications(stores: DocumentStores, now: datetime, most: int) -> int:
    """Remove a batch of decided applications whose time is over, and note their files for removal. Returns how many."""
    closed = applying.applications_kept_no_longer(stores.applications, now, most)
    for application_id in closed:
        stores.forms.note_removal(application_id, rules.folders_of(application_id), now=now)
    applying.remove_applications(stores.applications, closed)
    return len(closed)


def _printable(stores: DocumentStores, token: str) -> Application:
    """An application with all the answers that a form shows. Raises Incomplete."""
    now = datetime.now(UTC)
    application = applying.opened(stores.applications, stores.grants, token, now)
    missing = applying.missing_of(stores.consents, application, now)
    sections = tuple(code for code in missing if code.startswith("section:"))
    if sections:
        raise Incomplete(sections)
    return application


def _last_submission(stores: DocumentStores, token: str) -> Application:
    """The application as it was last submitted: a receipt never shows what was only typed since.

    Raises Refused(NOT_SUBMITTED).
    """
    application = applying.opened(stores.applications, stores.grants, token, datetime.now(UTC))
    if application.submission == 0:
        raise Refused("NOT_SUBMITTED")
    return replace(application, answers=applying.answers_submitted(stores.applications, application))


def _attached_before(stores: DocumentStores, token: str, upload_key: str) -> Application | None:
    """The application, when this upload was attached already and the answer got lost."""
    application = applying.opened(stores.applications, stores.grants, token, datetime.now(UTC))
    file_id = rules.file_id_of(application.application_id, upload_key)
    return application if stores.forms.form_of_case(application.application_id, file_id) else None


def _without_form(stores: DocumentStores, token: str, now: datetime) -> Application:
    application = applying.opened(stores.applications, stores.grants, token, now, lock=True)
    application.require_editable()
    stores.forms.drop_form(application.application_id, now=now)
    application = replace(application.touched(now), form=None)
    applying.keep(stores.applications, stores.grants, token, application, now)
    return application


def _require_verified_contact(application: Application) -> None:
    """Forms are drawn, and files inspected, for people who can be reached. Raises Refused(CONTACT_NOT_VERIFIED)."""
    if application.code_contact is None:
        raise Refused("CONTACT_NOT_VERIFIED")


def _count_work(forms: FormStore, application_id: UUID, source: str, now: datetime) -> None:
    """Raises Refused(TOO_MANY_DOCUMENTS)."""
    own, of_source = forms.work_since(application_id, source, now - rules.DAY)
    if own >= rules.MOST_WORK_A_DAY or of_source >= rules.MOST_WORK_OF_SOURCE_A_DAY:
        raise Refused("TOO_MANY_DOCUMENTS")
    forms.add_work(application_id, source, now)


def _record_look(
    audit: AuditStore, actor: Actor, application_id: UUID, detail: dict[str, str], now: datetime
) -> None:
    record(
        audit,
        "form_viewed",
        now=now,
        subject_id=application_id,
        detail=detail,
        actor_account_id=actor.account_id,
        ip=actor.ip,
    )
