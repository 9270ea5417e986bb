"""A stamped form as it comes in: refused with a reason, or rebuilt so that nothing in it can act."""

from __future__ import annotations

import base64
from pathlib import Path

from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from accounts.applications.rules import Application, form_hash
from accounts.documents.rules import (
    SIGNATURES,
    UPLOAD_KEY,
    CleanFile,
    UploadRefused,
    pdf_within,
    read_qr,
)
from accounts.documents.worker import WorkerFailed, WorkerLate, work


def clean_form(content: bytes, *, directory: Path | None = None) -> CleanFile:
    """Inspect and rebuild an upload in a process of its own. Raises UploadRefused, WorkerLate.

    The type is told by the signature at the start; the name and what the browser says count for nothing.
    """
    if not content:
        raise UploadRefused("FILE_EMPTY")
    if len(content) > LARGEST_FILE_BYTES:
        raise UploadRefused("FILE_TOO_LARGE")
    if not content.startswith(SIGNATURES) and pdf_within(content[:2048]) is None:
        raise UploadRefused("FILE_TYPE")
    try:
        result, rebuilt = work("upload", {}, content, directory=directory)
    except WorkerLate:
        raise
    except WorkerFailed as problem:
        raise UploadRefused("FILE_UNREADABLE") from problem
    if "refused" in result:
        raise UploadRefused(result["refused"])
    return CleanFile(
        content=rebuilt,
        media_type=result["media_type"],
        pages=result["pages"],
        codes=tuple(result["codes"]),
        preview=base64.b64decode(result["preview"]),
    )


def checked_upload(
    files: Files, application: Application, upload_key: str, *, directory: Path | None = None
) -> tuple[CleanFile, bool]:
    """Fetch, check and rebuild an upload. Returns whether the form's fingerprint was read on it as well.

    A sheet whose QR code cannot be read is accepted: the applicant is told, and the reviewer compares the fingerprint.
    Slow; no transaction. Raises Refused with a FILE_… or FORM_… code, WorkerLate.
    """
    if not UPLOAD_KEY.fullmatch(upload_key):
        raise Refused("FILE_MISSING")
    try:
        content = files.get(upload_key)
    except FileNotThere as problem:
        raise Refused("FILE_MISSING") from problem
    try:
        clean = clean_form(content, directory=directory)
    except UploadRefused as problem:
        raise Refused(problem.code) from problem
    printed = next((found for text in clean.codes if (found := read_qr(text))), None)
    if printed is None:
        return clean, False
    case_number, digest = printed
    if case_number != application.case_number:
        raise Refused("FORM_OF_ANOTHER_CASE")
    if digest != form_hash(application):
        raise Refused("FORM_OUTDATED")
    return clean, True


def forget_upload(files: Files, upload_key: str) -> None:
    """Remove the raw bytes, once nobody can ask for them again. What a crash leaves is removed by the hourly run."""
    if UPLOAD_KEY.fullmatch(upload_key):
        files.delete(upload_key)
