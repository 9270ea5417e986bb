"""What was held because one sender or thread brought more than a person writes: a lead lets it in or discards it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request, url_for
from mtnet_contracts.calls.helpdesk import held_items as calls
from mtnet_contracts.vocabulary.desk import DESK_LEADS
from mtnet_contracts.vocabulary.kinds import Whole

from gateway.calls import call
from gateway.forms import asked, is_blank
from gateway.helpdesk.labels import HELD_BECAUSE
from gateway.helpdesk.pages import pages
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role


@pages.get("/held")
def held() -> str:
    require_role(*DESK_LEADS)
    done = {
        "release": gettext("Let in. It becomes a message of a ticket within seconds."),
        "discard": gettext("Discarded. It becomes no message."),
    }
    return _list({}, "", notice=done.get(request.args.get("done", ""), ""))


@pages.post("/held/<uuid:item_id>")
def decide_held(item_id: UUID) -> Response | tuple[str, int]:
    require_role(*DESK_LEADS)
    decision, reason = request.form.get("decision", ""), request.form.get("reason", "")
    if is_blank(reason):
        return _list({f"reason-{item_id}": gettext("Say why")}, reason), 422
    try:
        call(calls.DECIDE_HELD_ITEM, item_id=str(item_id), decision=decision, reason=reason)
    except Refused as refused:
        if refused.code == "INVALID":
            words = next(iter(faults_of(refused).values()))
            return _list({f"reason-{item_id}": words}, reason), 422
        if refused.code not in calls.DECIDE_HELD_ITEM.refusals:
            raise
        return _list({"": refusal_text(refused)}, ""), 409
    return see_other(url_for("helpdesk.held", done=decision))


def _list(errors: dict[str, str], reason: str, *, notice: str = "") -> str:
    """`errors` by field; the reason that was typed stays at the item that it was typed at."""
    after = asked("after", Whole(least=0, most=2**31 - 1), 0)
    return render_template(
        "helpdesk/held.html",
        found=call(calls.HELD_ITEMS, after=after),
        because=HELD_BECAUSE,
        errors=errors,
        reason=reason,
        notice=notice,
    )
