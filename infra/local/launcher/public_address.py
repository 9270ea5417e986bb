"""The address people type where proxies stand in front of the portal: three settings, here and in containers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit


class AddressProblem(Exception):
    """A setting that cannot be right; the text names it and says what to do."""


@dataclass(frozen=True)
class PublicAddress:
    """`url` is what people type, `proxies` how many proxies that write X-Forwarded-For stand before the portal."""

    url: str
    proxies: int
    hosts: str


def public_address(own_url: str) -> PublicAddress:
    """PORTAL_URL, PORTAL_PROXIES, PORTAL_HOSTS; without them the portal is reached at its own address.

    Raises AddressProblem.
    """
    url = (os.environ.get("PORTAL_URL") or own_url).rstrip("/")
    try:
        parts = urlsplit(url)
        right = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.path and not parts.query
        )
        _ = parts.port  # raises where it is no number
    except ValueError:
        right = False
    if not right:
        raise AddressProblem(f"PORTAL_URL is {url!r}: write it as https://portal.example, without a path.")
    proxies = os.environ.get("PORTAL_PROXIES") or "0"
    if not (proxies.isascii() and proxies.isdigit() and int(proxies) <= 9):
        raise AddressProblem(f"PORTAL_PROXIES is {proxies!r}: write how many proxies stand in front, 0 to 9.")
    return PublicAddress(url, int(proxies), os.environ.get("PORTAL_HOSTS", ""))
