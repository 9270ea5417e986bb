"""An answered ticket becomes a question for everybody: the form, with what looks like something of a person."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls.content.pages import FAQ_CATEGORIES
from mtnet_contracts.calls.helpdesk import faq_proposals as calls
from mtnet_contracts.calls.helpdesk import tickets
from mtnet_contracts.vocabulary.ticket_numbers import typed_ticket_number

from gateway.calls import call
from gateway.helpdesk.labels import FAQ_FIELDS, FAQ_STATES, PERSONAL
from gateway.helpdesk.pages import pages
from gateway.locale import gettext, switched
from gateway.navigation import see_other
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused

SHOWN_HERE = {"NOT_ANSWERED_YET", "PROPOSED_ALREADY", "TICKET_MERGED"}


@pages.get("/tickets/<number>/question")
def faq(number: str) -> str:
    """What became of those before, and the form for another."""
    ticket, begun = _begun(number)
    values = request.form if switched() else begun
    return _page(ticket, begun, values, {}, begun["personal"])


@pages.post("/tickets/<number>/question")
def propose_faq(number: str) -> Response | tuple[str, int]:
    ticket, begun = _begun(number)
    values = {name: request.form.get(name, "") for name in FAQ_FIELDS}
    try:
        call(
            calls.PROPOSE_FAQ,
            ticket_id=ticket["ticket_id"],
            **values,
            checked="checked" in request.form,
        )
    except Refused as refused:
        g.another_key = True
        return _again(ticket, begun, refused)
    return see_other(url_for("helpdesk.faq", number=ticket["number"], done="proposed"))


def _again(ticket: dict[str, Any], begun: dict[str, Any], refused: Refused) -> tuple[str, int]:
    """With what was typed. What may be of a person is shown, to be taken out or said to be nobody's."""
    if refused.code == "PERSONAL_DATA":
        words = gettext("Take out what is of a person, or say below that nothing is")
        return _page(ticket, begun, request.form, {"checked": words}, refused.detail["personal"]), 422
    if refused.code == "INVALID":
        return _page(ticket, begun, request.form, faults_of(refused, names=FAQ_FIELDS), []), 422
    if refused.code not in SHOWN_HERE:
        raise refused
    return _page(ticket, begun, request.form, {"": refusal_text(refused)}, []), 409


def _begun(number: str) -> tuple[dict[str, Any], dict[str, Any]]:
    wanted = typed_ticket_number(number)
    if wanted is None:
        abort(404)
    ticket = call(tickets.TICKET, number=wanted)
    return ticket, call(calls.FAQ_BEGINNING, ticket_id=ticket["ticket_id"])


def _page(
    ticket: dict[str, Any], begun: dict[str, Any], values: Any, errors: dict[str, str], personal: list[Any]
) -> str:
    return render_template(
        "helpdesk/faq.html",
        t=ticket,
        begun=begun,
        values=values,
        errors=errors,
        personal=personal,
        kinds=PERSONAL,
        fields=FAQ_FIELDS,
        states=FAQ_STATES,
        categories=FAQ_CATEGORIES,
        notice=gettext("Proposed. The editors decide; what becomes of it stands here.")
        if "done" in request.args
        else "",
    )
