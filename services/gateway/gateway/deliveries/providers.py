"""The operators' page of providers: whether they take messages, how much went out; and how one is paused."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls.notify import providers as calls
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Whole
from mtnet_contracts.vocabulary.texts import N_

from gateway.calls import call
from gateway.deliveries.charts import HEIGHT, WIDTH, bars
from gateway.deliveries.labels import delay_shares
from gateway.errors.refusals import ERRORS
from gateway.forms import asked, is_blank
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import missing_text, refusal_text, with_field
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("providers", __name__)

PERIODS = (7, 14, 30, 90)
SAVED = {
    "paused": N_("The provider is paused. What is written from now on waits, and nothing is lost."),
    "resumed": N_("The provider goes on. What has waited is sent now."),
}
ACTS = {"pause": (calls.PAUSE_PROVIDER, "paused"), "resume": (calls.RESUME_PROVIDER, "resumed")}


@pages.get("/operations/providers")
def overview() -> str:
    require_role("operator")
    days = asked("days", Whole(least=1, most=calls.MOST_DAYS), PERIODS[1])
    found = call(calls.PROVIDERS, days=days)["items"]
    notice = gettext(SAVED[request.args["saved"]]) if request.args.get("saved") in SAVED else ""
    return render_template(
        "deliveries/providers.html",
        found=found,
        days=days,
        periods=PERIODS,
        channels=CHANNELS,
        delay_shares=delay_shares,
        bars=bars,
        size=(WIDTH, HEIGHT),
        notice=notice,
    )


@pages.get("/operations/providers/<channel>/<act>")
def ask_to_change(channel: str, act: str) -> str:
    require_role("operator")
    return _page(channel, act, "", {})


@pages.post("/operations/providers/<channel>/<act>")
def change(channel: str, act: str) -> Response | tuple[str, int]:
    require_role("operator")
    reason = request.form.get("reason", "").strip()
    if channel not in CHANNELS or act not in ACTS:
        abort(404)
    if is_blank(reason):
        return _page(channel, act, reason, {"reason": missing_text(gettext("Reason"))}), 422
    asked_for, saved = ACTS[act]
    try:
        call(asked_for, channel=channel, reason=reason)
    except Refused as refused:
        if refused.code in asked_for.refusals:
            g.another_key = True
            return _page(channel, act, reason, {"": refusal_text(refused)}), 409
        if refused.code != "INVALID" or "reason" not in refused.fields:
            raise
        words = with_field(ERRORS[refused.fields["reason"][0]], gettext("Reason"))
        return _page(channel, act, reason, {"reason": words}), 422
    return see_other(url_for("providers.overview", saved=saved))


def _page(channel: str, act: str, reason: str, errors: dict[str, str]) -> str:
    if channel not in CHANNELS or act not in ACTS:
        abort(404)
    return render_template(
        "deliveries/provider_act.html",
        channel=channel,
        act=act,
        name=gettext(CHANNELS[channel].title),
        reason=reason,
        errors=errors,
        longest=calls.LONGEST_REASON,
    )
