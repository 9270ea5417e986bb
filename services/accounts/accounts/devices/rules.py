"""Devices as their owner would call them, and when the owner is told of a login on a new one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address
from uuid import UUID

# The first that fits: many browsers also call themselves Chrome or Safari.
BROWSERS = (
    (r"\bLine/", "LINE"),
    (r"\bEdg(e|A|iOS)?/", "Edge"),
    (r"\bOPR/|\bOPiOS/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bFirefox/|\bFxiOS/", "Firefox"),
    (r"\bChrome/|\bChromium/|\bCriOS/|\bHeadlessChrome/", "Chrome"),
    (r"\bVersion/.*\bSafari/", "Safari"),
)
SYSTEMS = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bWindows\b", "Windows"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bMac OS X\b|\bMacintosh\b", "macOS"),
    (r"\bLinux\b", "Linux"),
)
PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,30}(?=/)")


@dataclass(frozen=True)
class Device:
    """Empty where it does not say; a program has its own name as `browser`."""

    browser: str = ""
    system: str = ""


def device_of(user_agent: str | None) -> Device:
    """What a `User-Agent` header says. Anybody may write anything there: it is shown, never judged by."""
    text = (user_agent or "")[:500]
    browser, system = _first(BROWSERS, text), _first(SYSTEMS, text)
    if not browser and not text.startswith("Mozilla/"):
        named = PROGRAM.match(text)
        browser = named[0] if named else ""
    return Device(browser, system)


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, text)), "")


# A login on a new device

# Somebody on leave reads their mail after a week.
NOTICE_LIVES = timedelta(days=7)


class NoticeNotValid(Exception):
    """No such link, used already, or older than a week."""


@dataclass(frozen=True)
class KnownDevice:
    """`label` names browser and system, empty where it is not known."""

    device_id: UUID
    label: str
    proved_at: datetime


@dataclass(frozen=True)
class LoginNotice:
    """What a link "this was not me" is about. It is good once."""

    account_id: UUID
    device: str
    logged_in_at: datetime
    expires_at: datetime
    used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


def label_of(user_agent: str | None) -> str:
    """`Chrome, Windows`, as far as the browser says."""
    device = device_of(user_agent)
    return ", ".join(part for part in (device.browser, device.system) if part)


def shortened(ip: str | None) -> str:
    """An address that tells the owner where it was, not exactly: `198.51.100.x`, `2001:db8:1::x`."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return ""
    if isinstance(address, IPv4Address):
        return f"{str(address).rpartition('.')[0]}.x"
    groups = address.exploded.split(":")[:3]
    return ":".join(group.lstrip("0") or "0" for group in groups) + "::x"
