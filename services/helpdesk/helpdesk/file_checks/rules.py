"""Which files the desk opens: by what they hold, not by what they are called; and names that are names."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

LONGEST_FILE_NAME = 120


class FileMissing(Exception):
    """There is no such file, page or upload, or nobody may open it."""


class FileEmpty(Exception):
    """An upload has no bytes."""


class FileTooLarge(Exception):
    """An upload is larger than LARGEST_FILE_BYTES."""


class HeldBack(StrEnum):
    """Why a file is kept away from the thread."""

    INFECTED = "infected"
    KIND = "kind"
    TOO_LARGE = "too_large"
    NOT_SCANNED = "not_scanned"
    MISSING = "missing"


@dataclass(frozen=True)
class StoredFile:
    """A file that lies in the store already, at `key`. `held_back`: why nobody can open it (`infected`, …), else empty.

    `pages`: so many pictures stand in for it, at `<key>-<n>.png`, n from 1 on (a fax).
    """

    file_id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    key: str
    held_back: str = ""
    pages: int = 0


# What a person may open by mistake and must not: programs, scripts, pages with scripts, disc images, macros.
DANGEROUS = frozenset({
    "ade", "adp", "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "docm", "dotm", "exe",
    "hta", "htm", "html", "img", "inf", "ins", "iso", "jar", "js", "jse", "lnk", "mht", "mhtml", "msc",
    "msi", "msp", "mst", "pif", "potm", "ppam", "ppsm", "pptm", "ps1", "ps1xml", "reg", "scf", "scr", "sct",
    "shb", "svg", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "wsc", "wsf", "wsh", "xbap", "xlam",
    "xlsm", "xltm", "xml", "xps",
})  # fmt: skip
SIGNATURES = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
)  # fmt: skip
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
}
OLD_OFFICE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
TEXTS = {
    "txt": "text/plain",
    "csv": "text/csv",
    "log": "text/plain",
    "ics": "text/calendar",
    "eml": "message/rfc822",
}


def kind_of(name: str, content: bytes) -> str:
    """The media type by content; empty for what the desk does not open."""
    if dangerous_name(name):
        return ""
    ending = _ending(name)
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            return kind
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(OLE):
        return OLD_OFFICE.get(ending, "")
    if content.startswith(ZIP):
        return OFFICE.get(ending, "")
    if ending in TEXTS and b"\x00" not in content[:4096]:
        return TEXTS[ending]
    return ""


def dangerous_name(name: str) -> bool:
    return _ending(name) in DANGEROUS


def _ending(name: str) -> str:
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def safe_name(name: str, number: int) -> str:
    """A file name that is one: no path, nothing that hides its ending (U+202E), short. `number` counts from 1."""
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    plain = "".join(
        each for each in plain if each.isprintable() and unicodedata.category(each) not in ("Cf", "Co", "Cs")
    )
    plain = re.sub(r'[<>:"|?*]', "_", plain).strip(" .")
    if not plain:
        return f"file-{number}"
    if len(plain) > LONGEST_FILE_NAME:
        stem, dot, ending = plain.rpartition(".")
        tail = dot + ending if stem and len(ending) <= 10 else ""
        plain = plain[: LONGEST_FILE_NAME - len(tail)].rstrip(" .") + tail
    return plain
