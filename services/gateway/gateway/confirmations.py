"""What a form has done, on a page with an address of its own: to load it again sends nothing again.

What is confirmed lies in a sealed cookie for ten minutes: the address holds no link's token and no name, and whoever
opens it without having done anything is led on, since nothing is confirmed to them.
"""

from __future__ import annotations

from flask import Response, request, url_for

from gateway.cookies import cookie, set_cookie
from gateway.extensions import confirmation_seal
from gateway.navigation import see_other

SECONDS = 600
COOKIE = "done"


def confirm(endpoint: str, about: str = "") -> Response:
    """To the page that says what was done. `about`: ASCII without secrets, what the page names."""
    response = see_other(url_for(endpoint))
    set_cookie(response, COOKIE, confirmation_seal().sealed(f"{endpoint}:{about}"), seconds=SECONDS)
    return response


def confirmed() -> str | None:
    """What the page that was asked for is about; None where nothing was done in this browser just now."""
    done = confirmation_seal().opened(request.cookies.get(cookie(COOKIE)))
    endpoint, _, about = (done or "").partition(":")
    return about if endpoint == request.endpoint else None
