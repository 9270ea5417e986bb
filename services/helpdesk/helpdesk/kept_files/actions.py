"""What can be done with files for an answer: keep them, put them into it, forget them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from helpdesk.file_checks.adapters import Scanner, ScannerAway
from helpdesk.file_checks.rules import HeldBack, StoredFile, kind_of, safe_name
from helpdesk.kept_files.rules import (
    KEPT_FOR,
    SCAN_SECONDS_TOGETHER,
    FileInfected,
    FilesGone,
    KindNotTaken,
    Uploaded,
    UploadEmpty,
    UploadMissing,
    UploadTooLarge,
    file_id_of,
    require_room,
)
from helpdesk.kept_files.store import KeptFileStore
from helpdesk.settings import Settings

# Of those whose rows are gone, at a time.
DELETED_AT_A_TIME = 200


def keep(
    database: Transactions,
    told: Settings,
    kept_by: str,
    ticket_id: UUID,
    uploads: Sequence[Mapping[str, str]],
    form_key: str | None,
    now: datetime,
) -> list[StoredFile]:
    """Checked, stored, and noted under the name of who may send them. Twice with one `form_key` is once.

    `uploads`: as the calls have them.

    A row comes before its bytes, so that a process that ends in between leaves nothing behind that nobody forgets.
    Raises UploadMissing, UploadEmpty, UploadTooLarge, KindNotTaken, FileInfected, FilesEnough.
    """
    files, scanner = Files(told.files_url), Scanner(told.clamav) if told.clamav else None
    until = time.monotonic() + SCAN_SECONDS_TOGETHER
    read = {
        file.file_id: (file, content)
        for number, upload in enumerate((Uploaded(**each) for each in uploads), start=1)
        for file, content in [
            _checked(
                files,
                scanner if time.monotonic() < until else None,
                bool(told.clamav),
                file_id_of(kept_by, ticket_id, form_key, upload),
                upload,
                number,
            )
        ]
    }
    with database.transaction() as tx:
        store = KeptFileStore(tx)
        store.lock(kept_by, ticket_id)
        there = store.those_of(list(read))
        new = [file for file, _ in read.values() if file.file_id not in there]
        require_room(
            store.kept_since(kept_by, ticket_id, now - KEPT_FOR),
            [file.size for file in new],
        )
        store.add(kept_by, ticket_id, new, now)
    without_bytes = [file_id for file_id in read if not there.get(file_id)]
    for file_id in without_bytes:
        file, content = read[file_id]
        files.put(file.key, content)
    with database.transaction() as tx:
        KeptFileStore(tx).stored(without_bytes)
    return [file for file, _ in read.values()]


def _checked(
    files: Files, scanner: Scanner | None, looked_at: bool, file_id: UUID, upload: Uploaded, number: int
) -> tuple[StoredFile, bytes]:
    """`looked_at`: somebody looks for viruses here, now or later."""
    try:
        size = files.size(upload.upload_key)
        if size > LARGEST_FILE_BYTES:
            raise UploadTooLarge(upload.filename)
        content = files.get(upload.upload_key)
    except FileNotThere:
        raise UploadMissing(upload.filename) from None
    if not content:
        raise UploadEmpty(upload.filename)
    name = safe_name(upload.filename, number)
    kind = kind_of(name, content)
    if not kind:
        raise KindNotTaken(upload.filename)
    held_back = HeldBack.NOT_SCANNED if looked_at else ""
    try:
        if scanner is not None:
            if scanner.is_infected(content):
                raise FileInfected(upload.filename)
            held_back = ""
    except ScannerAway:
        pass
    file = StoredFile(
        file_id=file_id,
        filename=name,
        media_type=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        key=f"helpdesk/answers/{file_id}",
        held_back=held_back,
    )
    return file, content


def put_into_answer(
    tx: Tx, kept_by: str, ticket_id: UUID, file_ids: Sequence[UUID], now: datetime
) -> list[StoredFile]:
    """In the order in which they were asked for. Raises FilesGone."""
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return []
    found = {file.file_id: file for file in KeptFileStore(tx).use(kept_by, ticket_id, wanted, now)}
    if len(found) != len(wanted):
        raise FilesGone
    return [found[each] for each in wanted]


def delete_files_of_gone_rows(tx: Tx, files: Files) -> int:
    """What nothing refers to any more. A process that ends in between does it again. Returns how many."""
    store = KeptFileStore(tx)
    keys = store.files_to_delete(DELETED_AT_A_TIME)
    for key in keys:
        files.delete(key)
    store.deleted(keys)
    return len(keys)
