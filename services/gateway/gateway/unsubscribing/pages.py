"""The page behind the link at the end of a mail, and the one click of mail programs (RFC 8058)."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from mtnet_contracts.calls.notify import unsubscribing as calls
from mtnet_contracts.vocabulary.notices import CATEGORIES

from gateway.calls import call
from gateway.confirmations import confirm, confirmed
from gateway.navigation import see_other
from gateway.rpc.client import Refused

# Its POST comes from mail programs too, which have neither cookies nor the token of a form: the app exempts it from
# that check. What could be forged is a request that only whoever has the link can make.
pages = Blueprint("unsubscribing", __name__)

WORDS = {str(category): words for category, words in CATEGORIES.items()}


@pages.get("/unsubscribe/<token>")
def ask_to_unsubscribe(token: str) -> str | tuple[str, int]:
    """Changes nothing: programs that look through mails follow every link."""
    try:
        found = call(calls.UNSUBSCRIBE_LINK, unsubscribe_token=token)
    except Refused:
        return render_template("unsubscribing/invalid.html"), 404
    return render_template("unsubscribing/ask.html", token=token, category=WORDS[found["category"]])


@pages.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> Response | tuple[str, int]:
    """A mail program is answered at once: it must not be sent elsewhere (RFC 8058, 3.1). A browser is."""
    try:
        found = call(calls.UNSUBSCRIBE, unsubscribe_token=token)
    except Refused:
        return render_template("unsubscribing/invalid.html"), 404
    if request.form.get("List-Unsubscribe") == "One-Click":
        return _stopped(found["category"]), 200
    return confirm("unsubscribing.unsubscribed", found["category"])


@pages.get("/unsubscribed")
def unsubscribed() -> Response | str:
    category = confirmed()
    if category is None:
        return see_other(url_for("message_centre.notifications"))
    return _stopped(category)


def _stopped(category: str) -> str:
    return render_template("unsubscribing/done.html", category=WORDS[category])
