"""A stamped form as it comes in: refused with a reason, or rebuilt so that nothing in it can act."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.clients.worker import WorkerFailed, work

LARGEST_BYTES = 10 * 1024 * 1024
SIGNATURES = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")  # PDF, JPEG, PNG
EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class UploadRefused(Exception):
    """The file cannot be the stamped form; `code` says why (FILE_BLANK, FILE_ENCRYPTED, …)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class CleanFile:
    """A file as it will be kept. `codes` are the texts of the QR codes that could be read on it."""

    content: bytes
    media_type: str
    pages: int
    codes: tuple[str, ...]


def clean_form(content: bytes) -> CleanFile:
    """Inspect and rebuild an upload in a process of its own. Raises UploadRefused.

    The type is told by the signature at offset 0; the name and what the browser says count for nothing.
    """
    if not content:
        raise UploadRefused("FILE_EMPTY")
    if len(content) > LARGEST_BYTES:
        raise UploadRefused("FILE_TOO_LARGE")
    if not content.startswith(SIGNATURES):
        raise UploadRefused("FILE_TYPE")
    try:
        result, rebuilt = work("upload", {}, content)
    except WorkerFailed as problem:
        raise UploadRefused("FILE_UNREADABLE") from problem
    if "refused" in result:
        raise UploadRefused(result["refused"])
    return CleanFile(
        content=rebuilt, media_type=result["media_type"], pages=result["pages"], codes=tuple(result["codes"])
    )
