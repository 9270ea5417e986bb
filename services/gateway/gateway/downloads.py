"""Hand out stored files: as downloads, or as pictures to look at, that can do nothing in the browser."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask import Response

from gateway import web

LONGEST_NAME = 150


def send_file(stored: dict[str, Any]) -> Response:
    """`stored` is a FileView: where the bytes are, and how to name them."""
    response = _inert(stored)
    response.headers.set("Content-Disposition", "attachment", filename=safe_filename(stored["filename"]))
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
    return shown.strip(' ."')[-LONGEST_NAME:] or "file"


def _inert(stored: dict[str, Any]) -> Response:
    response = Response(web.files().get(stored["key"]), content_type=stored["media_type"])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
