"""The files of applications: stamped forms, those of earlier submissions, and those never attached."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.database import Tx

from accounts.domain.application import Form

FORM_COLUMNS = (
    "file_id, key, filename, media_type, size_bytes, pages, sha256, content_hash, uploaded_at, recognised"
)


class FormStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def replace_form(self, application_id: UUID, form: Form, *, now: datetime) -> None:
        """Earlier forms stay, for the record of earlier submissions."""
        self.drop_form(application_id, now=now)
        self.remove_unattached_forms([form.key])
        self._tx.execute(
            "INSERT INTO form_file (file_id, application_id, key, filename, media_type, size_bytes, pages, sha256,"
            " content_hash, uploaded_at, recognised) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                form.file_id,
                application_id,
                form.key,
                form.filename,
                form.media_type,
                form.size_bytes,
                form.pages,
                form.sha256,
                form.content_hash,
                form.uploaded_at,
                form.recognised,
            ),
        )

    def drop_form(self, application_id: UUID, *, now: datetime) -> None:
        self._tx.execute(
            "UPDATE form_file SET replaced_at = %s WHERE application_id = %s AND replaced_at IS NULL",
            (now, application_id),
        )

    def add_unattached_form(self, key: str, now: datetime) -> None:
        self._tx.execute(
            "INSERT INTO unattached_form (key, stored_at) VALUES (%s, %s)"
            " ON CONFLICT (key) DO UPDATE SET stored_at = excluded.stored_at",
            (key, now),
        )

    def unattached_forms(self, before: datetime) -> list[str]:
        """Where files may lie that were stored before then and never attached."""
        # Noted a second time after it was attached: a call that came twice.
        self._tx.execute(
            "DELETE FROM unattached_form USING form_file WHERE form_file.key = unattached_form.key"
        )
        rows = self._tx.execute(
            "SELECT key FROM unattached_form WHERE stored_at < %s LIMIT 500 FOR UPDATE SKIP LOCKED", (before,)
        ).fetchall()
        return [row[0] for row in rows]

    def remove_unattached_forms(self, keys: list[str]) -> None:
        self._tx.execute("DELETE FROM unattached_form WHERE key = ANY (%s)", (keys,))

    def form_of_case(self, application_id: UUID, file_id: UUID) -> Form | None:
        """A form of this application, the present one or one of an earlier submission."""
        row = self._tx.execute(
            f"SELECT {FORM_COLUMNS} FROM form_file WHERE application_id = %s AND file_id = %s",
            (application_id, file_id),
        ).fetchone()
        return Form(*row) if row else None

    def form_submitted(self, application_id: UUID, submission: int) -> UUID | None:
        """The file of the form of that submission."""
        row = self._tx.execute(
            "SELECT file_id FROM submission WHERE application_id = %s AND submission = %s",
            (application_id, submission),
        ).fetchone()
        return row[0] if row else None
