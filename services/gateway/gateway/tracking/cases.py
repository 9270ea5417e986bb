"""The cases this browser can open: a cookie with a key for each, named for its case.

Every page of a case says in its address which case it is about, so no window, and no case, takes another's place.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Response, after_this_request, g, request
from mtnet_contracts.calls.accounts import applications as calls
from werkzeug.routing import BaseConverter

from gateway.calls import call
from gateway.cookies import cookie, drop_cookie, set_cookie
from gateway.rpc.client import Refused

# How long a browser keeps a key, by the case's status: printing, stamping and scanning may take until tomorrow.
# What was handed in would be seen by whoever uses the computer next; a code opens it again.
SECONDS = {"draft": 30 * 24 * 3600, "returned": 2 * 24 * 3600}
OTHER_SECONDS = 2 * 3600
MOST = calls.MOST_TOKENS
# A token as accounts makes it; what looks otherwise opens nothing, and is asked of nobody.
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")


class CaseNumber(BaseConverter):
    """`<case_number:…>` in a rule."""

    regex = "PTAPPLY[0-9A-F]{13}"


def is_number(text: str) -> bool:
    return re.fullmatch(CaseNumber.regex, text) is not None


def tokens() -> dict[str, str]:
    """The token of each case, by case number, the one opened first in front.

    Of too many the last MOST, and always the one of the case in the address.
    """
    if "case_tokens" not in g:
        prefix = cookie("case-")
        shown = [
            (name.removeprefix(prefix), token)
            for name, token in request.cookies.items()
            if name.startswith(prefix)
            and re.fullmatch(CaseNumber.regex, name.removeprefix(prefix))
            and TOKEN.fullmatch(token)
        ]
        if shown[MOST:]:
            shown.sort(key=lambda pair: pair[0] == g.get("case_number"))
        g.case_tokens = dict(shown[-MOST:])
    found: dict[str, str] = g.case_tokens
    return found


def token() -> str:
    """The secret that opens the case in the address. Raises Refused(APPLICATION_TOKEN_INVALID)."""
    found = tokens().get(g.case_number)
    if not found:
        raise Refused("APPLICATION_TOKEN_INVALID")
    return found


def none_is_shown() -> bool:
    """Whether the browser shows no key of the case in the address."""
    return g.get("case_number") not in tokens()


def current() -> dict[str, Any]:
    """The case in the address. Raises Refused(APPLICATION_TOKEN_INVALID)."""
    return call(calls.APPLICATION, application_token=token())


def opened() -> list[dict[str, Any]]:
    """Every case this browser can open, the newest first: one call, however many they are."""
    mine = list(tokens().items())
    if not mine:
        return []
    asked = [key for _, key in mine]
    found = call(calls.OPENED_APPLICATIONS, application_tokens=asked)["applications"]
    # A cookie may name one case and hold the key of another: it opens neither.
    found = [one for one in found if one["case_number"] == mine[one["position"]][0]]
    for number in {number for number, _ in mine} - {one["case_number"] for one in found}:
        forget(number)
    return sorted(found, key=lambda one: str(one["started_at"]), reverse=True)


def keep(number: str, key: str, status: str) -> None:
    """Remember how to open a case of this status."""
    if number not in tokens() and len(tokens()) >= MOST:
        forget(next(iter(tokens())))
    tokens()[number] = key

    @after_this_request
    def remember(response: Response) -> Response:
        set_cookie(response, f"case-{number}", key, seconds=SECONDS.get(status, OTHER_SECONDS))
        return response


def forget(number: str) -> None:
    tokens().pop(number, None)

    @after_this_request
    def drop(response: Response) -> Response:
        drop_cookie(response, f"case-{number}")
        return response


def leave(number: str) -> None:
    """Close a case on this computer: its token opens nothing any more. Raises ServiceUnavailable."""
    key = tokens().get(number)
    forget(number)
    if key:
        call(calls.LEAVE_APPLICATION, application_token=key)
