"""SQL of the files of applications: stamped forms, those of earlier submissions, and those never attached."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.applications.rules import Form
from accounts.documents.rules import pictures_folder

FORM_COLUMNS = ", ".join(field.name for field in fields(Form))


class FormStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def replace_form(self, application_id: UUID, form: Form, *, now: datetime) -> None:
        """The one before stays if it was handed in, for the record; else its file is noted to be removed."""
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
        dropped = self._tx.execute(
            "DELETE FROM form_file WHERE application_id = %s AND replaced_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM submission WHERE submission.file_id = form_file.file_id)"
            " RETURNING key, file_id",
            (application_id,),
        ).fetchall()
        self._tx.execute(
            "UPDATE form_file SET replaced_at = %s WHERE application_id = %s AND replaced_at IS NULL",
            (now, application_id),
        )
        for key, file_id in dropped:
            self.note_removal(application_id, [key, pictures_folder(application_id, file_id)], now=now)

    def note_removal(self, application_id: UUID, keys: list[str], *, now: datetime) -> None:
        """Files, or folders with a slash at the end, to be removed once this transaction is committed."""
        self._tx.execute(
            "INSERT INTO file_to_remove (key, application_id, noted_at)"
            " SELECT key, %s, %s FROM unnest(%s::text[]) AS key ON CONFLICT (key) DO NOTHING",
            (application_id, now, keys),
        )

    def files_to_remove(self, application_id: UUID | None = None) -> list[str]:
        """A batch, of one application or the oldest of all."""
        rows = self._tx.execute(
            "SELECT key FROM file_to_remove WHERE application_id = %s LIMIT 500"
            if application_id
            else "SELECT key FROM file_to_remove ORDER BY noted_at LIMIT 500",
            (application_id,) if application_id else (),
        ).fetchall()
        return [row[0] for row in rows]

    def forget_removed(self, keys: list[str]) -> None:
        self._tx.execute("DELETE FROM file_to_remove WHERE key = ANY (%s)", (keys,))

    def work_since(self, application_id: UUID, source: str, since: datetime) -> tuple[int, int]:
        """How many documents were worked on for this application, and for this source."""
        row = self._tx.execute(
            "SELECT (SELECT count(*) FROM document_work WHERE application_id = %s AND at > %s),"
            " (SELECT count(*) FROM document_work WHERE source = %s AND at > %s)",
            (application_id, since, source, since),
        ).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def add_work(self, application_id: UUID, source: str, now: datetime) -> None:
        self._tx.execute(
            "INSERT INTO document_work (application_id, source, at) VALUES (%s, %s, %s)",
            (application_id, source, now),
        )

    def add_unattached_form(self, key: str, now: datetime) -> None:
        self._tx.execute(
            "INSERT INTO unattached_form (key, stored_at) VALUES (%s, %s)"
            " ON CONFLICT (key) DO UPDATE SET stored_at = excluded.stored_at",
            (key, now),
        )

    def note_unattached(self, before: datetime, now: datetime) -> None:
        """Files that were stored before then and never attached are to be removed, with their pictures."""
        # Noted a second time after it was attached: a call that came twice.
        self._tx.execute(
            "DELETE FROM unattached_form USING form_file WHERE form_file.key = unattached_form.key"
        )
        self._tx.execute(
            "WITH left_behind AS (DELETE FROM unattached_form WHERE stored_at < %s RETURNING key)"
            " INSERT INTO file_to_remove (key, application_id, noted_at)"
            " SELECT unnest(ARRAY[key, regexp_replace(key, '^forms/([^/]+)/([^.]+).*$', 'generated/\\1/\\2/')]),"
            " split_part(key, '/', 2)::uuid, %s FROM left_behind ON CONFLICT (key) DO NOTHING",
            (before, now),
        )

    def remove_unattached_forms(self, keys: list[str]) -> None:
        self._tx.execute("DELETE FROM unattached_form WHERE key = ANY (%s)", (keys,))

    def form_of_case(self, application_id: UUID, file_id: UUID) -> Form | None:
        """A form of this application, the present one or one of an earlier submission."""
        row = self._tx.execute(
            f"SELECT {FORM_COLUMNS} FROM form_file WHERE application_id = %s AND file_id = %s",
            (application_id, file_id),
        ).fetchone()
        return Form(*row) if row else None
