"""Hand out stored files: as downloads, or as pictures to look at, that can do nothing in the browser."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from flask import Response

from gateway.extensions import files

LONGEST_NAME_BYTES = 200  # file systems take 255, and browsers may add " (1)"
# attr-char of RFC 5987, but for letters and digits
UNQUOTED = "!#$&+-.^_`|~"
# Of the kinds that accounts keeps; the first is the usual one.
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
}


def send_file(stored: dict[str, Any]) -> Response:
    """`stored` is a FileView: where the bytes are, and how to name them."""
    response = _inert(stored)
    name = named_for(safe_filename(stored["filename"]), stored["media_type"])
    named = {"filename": ascii_filename(name), "filename*": f"UTF-8''{quote(name, safe=UNQUOTED)}"}
    response.headers.set("Content-Disposition", "attachment", **named)
    return response


def send_picture(stored: dict[str, Any]) -> Response:
    """A picture of ours, shown in a page."""
    response = _inert(stored)
    response.headers.set("Content-Disposition", "inline")
    return response


def safe_filename(given: str) -> str:
    """The last part of the path, without what a header or a file system must not hold."""
    name = re.split(r"[/\\]", given)[-1]
    # Cc, Cf: control characters and invisible ones, among them those that turn the direction of writing.
    shown = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    shown = shown.strip(' ."')[-LONGEST_NAME_BYTES:]
    while len(shown.encode()) > LONGEST_NAME_BYTES:
        shown = shown[1:]
    return shown.strip(" .") or "file"


def named_for(name: str, media_type: str) -> str:
    """With an ending that opens what is in it: a photograph sent as a PNG may be kept as a JPEG, and a form that came
    as `form.exe`, or without any ending, would open in nothing, or be stopped on the way to whoever looks at it.
    """
    endings = ENDINGS.get(media_type, ())
    path = PurePosixPath(name)
    if not endings or path.suffix.lower() in endings:
        return name
    known = any(path.suffix.lower() in others for others in ENDINGS.values())
    return safe_filename((path.stem if known else name) + endings[0])


def ascii_filename(name: str) -> str:
    """The name for programs that do not read `filename*` (RFC 6266, 4.3): what of it is ASCII, `file` where none is."""
    path = PurePosixPath(name)
    stem, ending = (_ascii(part) for part in (path.stem, path.suffix))
    stem = stem.strip(" .")
    return (stem if re.search(r"\w", stem.replace("_", "")) else "file") + (ending if ending != "." else "")


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    # Quotation marks and per cent signs are read in several ways (RFC 6266, D); full-width slashes became plain ones.
    return re.sub(r'["%/\\]', "_", plain)


def _inert(stored: dict[str, Any]) -> Response:
    response = Response(files().get(stored["key"]), content_type=stored["media_type"])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
