"""The desk's page of shifts: who is on now, the roster of a week, handing over and taking over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.helpdesk import shifts as calls
from mtnet_contracts.vocabulary.desk import DESK
from mtnet_contracts.vocabulary.kinds import Day, Whole
from mtnet_contracts.vocabulary.texts import N_, P_

from gateway.calls import call
from gateway.forms import asked
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import faults_called, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("shifts", __name__)

SHIFTS = {
    "night": P_("shift", "Night, 00:00 to 08:00"),
    "morning": P_("shift", "Morning, 08:00 to 16:00"),
    "evening": P_("shift", "Evening, 16:00 to 24:00"),
}
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
FIELDS = {"text": N_("What the next shift has to know"), "day": N_("Day"), "shift": P_("roster", "Shift")}
AT_THE_TOP = frozenset(
    {
        "SHIFT_OVER",
        "SHIFT_TOO_FAR",
        "SHIFT_OF_ANOTHER",
        "SHIFT_FULL",
        "NOT_AN_AGENT",
        "HANDOVER_NOT_FOUND",
        "OWN_HANDOVER",
        "ACKNOWLEDGED_ALREADY",
    }
)
SAVED = {
    "roster": N_("The roster is changed."),
    "written": N_("Handed over. A colleague of the next shift takes over here."),
    "taken": N_("You have taken over."),
}


@pages.get("/desk/shifts")
def shifts() -> str:
    require_role(*DESK)
    return _page({}, {})


def _page(values: dict[str, Any], errors: dict[str, str]) -> str:
    begins = asked("begins", Day())
    roster = call(calls.ROSTER, begins=begins and begins.isoformat())
    first = date.fromisoformat(roster["begins"])
    days = [first + timedelta(days=number) for number in range(calls.ROSTER_DAYS)]
    notice = gettext(SAVED[request.args["saved"]]) if request.args.get("saved") in SAVED else ""
    return render_template(
        "shifts/shifts.html",
        roster=roster,
        days=[(each.isoformat(), gettext(WEEKDAYS[each.weekday()])) for each in days],
        on=_on(roster["items"]),
        before=(first - timedelta(days=calls.ROSTER_DAYS)).isoformat(),
        after=(first + timedelta(days=calls.ROSTER_DAYS)).isoformat(),
        situation=call(calls.SITUATION),
        handovers=call(calls.HANDOVERS, before=asked("older", Whole(least=1))),
        shift_names=SHIFTS,
        shift_choices=[(code, gettext(text)) for code, text in SHIFTS.items()],
        colleagues=[(each["account_id"], each["name"]) for each in roster["colleagues"]],
        values=values,
        errors=errors,
        notice=notice,
    )


def _on(items: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Who is on, by day and shift."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in items:
        found.setdefault((each["day"], each["shift"]), []).append(each)
    return found


@pages.post("/desk/shifts/take")
def take() -> Response | tuple[str, int]:
    return _done(calls.TAKE_SHIFT, _slot(), "roster")


@pages.post("/desk/shifts/leave")
def leave() -> Response | tuple[str, int]:
    return _done(calls.LEAVE_SHIFT, _slot(), "roster")


def _slot() -> dict[str, Any]:
    names = ("day", "shift", "account_id")
    return {name: request.form[name].strip() for name in names if request.form.get(name, "").strip()}


@pages.post("/desk/shifts/handover")
def write() -> Response | tuple[str, int]:
    return _done(calls.WRITE_HANDOVER, {"text": request.form.get("text", "").strip()}, "written")


@pages.post("/desk/shifts/handover/<int:position>")
def acknowledge(position: int) -> Response | tuple[str, int]:
    return _done(calls.ACKNOWLEDGE_HANDOVER, {"position": position}, "taken")


def _done(wanted: Call, values: dict[str, Any], saved: str) -> Response | tuple[str, int]:
    require_role(*DESK)
    try:
        call(wanted, **values)
    except Refused as refused:
        g.another_key = True
        if refused.fields:
            return _page(values, faults_called(refused, FIELDS)), 422
        if refused.code in AT_THE_TOP:
            return _page(values, {"": refusal_text(refused)}), 409
        raise
    return see_other(url_for("shifts.shifts", saved=saved, begins=_week()))


def _week() -> str | None:
    """The week that was looked at."""
    choice = asked("begins", Day())
    return choice.isoformat() if choice else None
