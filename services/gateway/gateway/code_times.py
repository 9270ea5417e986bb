"""When a code was sent, for the page that asks for it, where the code belongs to no open application yet.

Accounts gives the times once, in its reply. They go along in the address (`?times=1764148524-60-600`: the second it was
sent, the seconds until another may be asked for and until it ends), so that the page says them after a redirect, a
wrong code or a change of language. They only inform: whether a code is good, accounts decides.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request

PACKED = re.compile(r"([0-9]{10})-([0-9]{1,3})-([0-9]{1,4})")
# Older times are not shown: the clock on the page names no day.
SHOWN_FOR = timedelta(hours=1)
CLOCKS_DIFFER = timedelta(minutes=1)


def packed(reply: dict[str, Any]) -> str | None:
    """For the address, of a CaseAccessReply. None where the reply has none."""
    if not reply.get("sent_at"):
        return None
    sent, again, ends = (
        datetime.fromisoformat(reply[name]) for name in ("sent_at", "resend_at", "expires_at")
    )
    return f"{int(sent.timestamp())}-{(again - sent).seconds}-{(ends - sent).seconds}"


def asked() -> str | None:
    """The times in the address of this page, if they are some."""
    given = request.args.get("times", "")
    return given if PACKED.fullmatch(given) else None


def shown(text: str | None) -> dict[str, str] | None:
    """`sent_at`, `resend_at` and `expires_at` of packed times. None where they are not of the last hour."""
    found = PACKED.fullmatch(text or "")
    if not found:
        return None
    sent = datetime.fromtimestamp(int(found[1]), UTC)
    if not -CLOCKS_DIFFER <= datetime.now(UTC) - sent <= SHOWN_FOR:
        return None
    later = {"sent_at": 0, "resend_at": int(found[2]), "expires_at": int(found[3])}
    return {name: (sent + timedelta(seconds=seconds)).isoformat() for name, seconds in later.items()}
