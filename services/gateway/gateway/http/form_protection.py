"""A form counts when a page of the portal sent it: by its token, and by what the browser says of where it came from.

A token alone can be had: a sister site can put a cookie of ours into somebody's browser, and has the token that fits.
No page can write the headers Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import Headers


def is_from_elsewhere(headers: Headers, host: str, own_hosts: frozenset[str]) -> bool:
    """Whether the browser names another origin. False where it names none that can be read: no browser writes it so.

    `host`: as the request names it; `own_hosts`: the portal's names, since a proxy may write another Host.
    """
    site = headers.get("Sec-Fetch-Site", "")
    if site in ("same-origin", "none"):
        return False
    origin = headers.get("Origin", "").lower()
    if site == "cross-site" or origin == "null":
        return True
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(netloc) and netloc != host.lower() and netloc.strip("[]") not in own_hosts


class FormProtection(CSRFProtect):  # type: ignore[misc]
    """Every form of every page; what is exempt says so where it is registered."""

    def __init__(self, app: Flask, own_hosts: frozenset[str]) -> None:
        self._own_hosts = own_hosts
        super().__init__(app)

    def protect(self, apply_exemptions: bool = False) -> None:
        """Raises CSRFError."""
        super().protect(apply_exemptions)
        exempt = apply_exemptions and (not request.endpoint or self._is_exempt())
        reads = request.method in ("GET", "HEAD", "OPTIONS", "TRACE")
        if not exempt and not reads and is_from_elsewhere(request.headers, request.host, self._own_hosts):
            raise CSRFError("another site sent it")
