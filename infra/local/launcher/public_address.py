"""The address people type where proxies stand in front of the portal: three settings, here and in containers."""

import os
from urllib.parse import urlsplit

from launcher.problem import Problem


def public_address(own_url: str, own_proxies: int = 0) -> dict[str, object]:
    """PORTAL_URL, PORTAL_PROXIES, PORTAL_HOSTS; without them the portal is reached at its own address. `own_proxies`
    stand before it in any case, and write X-Forwarded-For.

    Raises Problem when a setting cannot be right.
    """
    url = (os.environ.get("PORTAL_URL") or own_url).rstrip("/")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError where it is no number
        right = parts.scheme in ("http", "https") and parts.hostname and not (parts.path or parts.query)
    except ValueError:
        right = False
    if not right:
        raise Problem(f"PORTAL_URL is {url!r}: write it as https://portal.example, without a path.")
    proxies = os.environ.get("PORTAL_PROXIES") or "0"
    if proxies not in list("0123456789"):
        raise Problem(f"PORTAL_PROXIES is {proxies!r}: write how many proxies stand in front, 0 to 9.")
    hosts = os.environ.get("PORTAL_HOSTS", "")
    return {"portal_url": url, "proxies": int(proxies) + own_proxies, "portal_hosts": hosts}
