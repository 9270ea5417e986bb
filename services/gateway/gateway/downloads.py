"""Hand out stored files as downloads that can do nothing in the browser."""

from __future__ import annotations

from typing import Any

from flask import Response

from gateway import web


def send_file(stored: dict[str, Any]) -> Response:
    """`stored` is a FileView: where the bytes are, and how to name them."""
    response = Response(web.files().get(stored["key"]), content_type=stored["media_type"])
    response.headers.set("Content-Disposition", "attachment", filename=stored["filename"])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
