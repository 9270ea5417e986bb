"""A stamped form as it comes in: refused with a reason, or rebuilt so that nothing in it can act."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from accounts.documents.worker import WorkerFailed, WorkerLate, work

# What printers' and mail software put before a PDF, and viewers pass over: byte order marks, blank lines, PJL commands.
BEFORE = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|[\0\t\n\f\r ]|\x1b%-12345X(?:@PJL[^\r\n]{0,200}\r?\n)*){1,1024}(?=%PDF-)"
)
LONGEST_BEFORE = 1024  # ISO 32000-1, annex H.3, note 13: viewers look for the header so far
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")  # JPEG, PNG
EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class UploadRefused(Exception):
    """The file cannot be the stamped form; `code` says why (FILE_BLANK, FILE_ENCRYPTED, …)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class CleanFile:
    """A file as it will be kept.

    `codes` are the texts of the QR codes that could be read on it; `preview` is its first page as a small JPEG.
    """

    content: bytes
    media_type: str
    pages: int
    codes: tuple[str, ...]
    preview: bytes


def pdf_within(content: bytes) -> bytes | None:
    """The PDF without what printers and mail software have put before it; None where the content is none."""
    if content.startswith(b"%PDF-"):
        return content
    before = BEFORE.match(content)
    return content[before.end() :] if before and before.end() <= LONGEST_BEFORE else None


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
