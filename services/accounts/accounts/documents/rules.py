"""How much work on documents one may ask for, where files are stored, and what the QR code of a form says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from accounts.applications.rules import HASH_DIGITS
from accounts.numbers import CASE_PREFIX

DAY = timedelta(days=1)
MOST_WORK_A_DAY = 40  # by one application
MOST_WORK_OF_SOURCE_A_DAY = 200
# What the gateway stored and nobody took: its call is over after seconds.
UPLOADS_STAY = timedelta(hours=1)
UNATTACHED_STAY = timedelta(days=1)

# Uploads

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


# Where files are stored

# Where the gateway puts raw uploads; no other key may be read, and removed, by a call.
UPLOAD_KEY = re.compile(r"uploads/[A-Za-z0-9_-]{8,100}(\.[a-z]{3,4})?")


@dataclass(frozen=True)
class StoredFile:
    """Where the gateway finds the bytes of a document, and what to call it (the call's FileView)."""

    key: str
    filename: str
    media_type: str
    size_bytes: int


def file_id_of(application_id: UUID, upload_key: str) -> UUID:
    """The same for the same upload: attaching it twice is noticed, and leaves one file."""
    return uuid5(application_id, upload_key)


def form_key(application_id: UUID, file_id: UUID, media_type: str) -> str:
    return f"forms/{application_id}/{file_id}.{EXTENSIONS[media_type]}"


def printed_form_key(application_id: UUID) -> str:
    return f"generated/{application_id}/form.pdf"


def receipt_key(application_id: UUID, submission: int) -> str:
    return f"generated/{application_id}/submission-{submission}.pdf"


def pictures_folder(application_id: UUID, file_id: UUID) -> str:
    """Where the pictures of a form's pages are."""
    return f"generated/{application_id}/{file_id}/"


def folders_of(application_id: UUID) -> list[str]:
    """Everything that is stored for an application."""
    return [f"forms/{application_id}/", f"generated/{application_id}/"]


# The QR code of a form

QR_TEXT = re.compile(rf"https?://\S+/f/({CASE_PREFIX}[0-9A-F]{{13}})/([0-9a-f]{{{HASH_DIGITS}}})")


def qr_text(portal_url: str, case_number: str, digest: str) -> str:
    """What the QR code says: an address at the portal that leads to the case, and the form's fingerprint."""
    return f"{portal_url}/f/{case_number}/{digest}"


def read_qr(text: str) -> tuple[str, str] | None:
    """Case number and fingerprint of a QR code of ours, under whatever address the portal had when it was printed."""
    found = QR_TEXT.fullmatch(text)
    return (found[1], found[2]) if found else None
