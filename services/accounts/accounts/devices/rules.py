"""Which browser and system a request says it comes from, as its owner would call them."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
