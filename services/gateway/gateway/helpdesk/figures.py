"""Figures of the desk for those who lead it: charts with tables that say the same, and a file of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Response, g, render_template, request, url_for
from mtnet_contracts.calls.helpdesk import figures as calls
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.desk import DESK_CHANNELS, DESK_LEADS, DESK_TEAMS, TICKET_CATEGORIES
from mtnet_contracts.vocabulary.kinds import Choice, Day

from gateway.calls import call
from gateway.charts import HEIGHT, WIDTH, stacked
from gateway.files.csv import csv_file
from gateway.forms import asked
from gateway.helpdesk.figure_tables import PARTS, TABLES, name_in, rating
from gateway.helpdesk.labels import PERIODS
from gateway.helpdesk.pages import pages
from gateway.locale import gettext
from gateway.problems import faults_of
from gateway.rpc.client import Refused
from gateway.session import require_role

# Of each part; the others are in the folded table.
SHOWN_AT_ONCE = 5


@pages.get("/figures")
def figures() -> str | tuple[str, int]:
    require_role(*DESK_LEADS)
    wanted, errors = _wanted()
    found = None
    if not errors:
        try:
            found = call(calls.DESK_FIGURES, **wanted)
        except Refused as refused:
            if refused.code != "INVALID":
                raise
            errors = faults_of(refused)
    page = _page(wanted, errors, found)
    return (page, 422) if errors else page


@pages.get(f"/figures/<any({', '.join(TABLES)}):table>.csv")
def figures_as_file(table: str) -> Response | tuple[str, int]:
    """One of the tables that the page shows; times in seconds."""
    require_role(*DESK_LEADS)
    wanted, errors = _wanted()
    if not errors:
        try:
            found = call(calls.DESK_FIGURES, **wanted)
            return csv_file(f"desk-figures-{table}", TABLES[table].headings, TABLES[table].rows(found))
        except Refused as refused:
            if refused.code != "INVALID":
                raise
            errors = faults_of(refused)
    g.page_address = url_for("helpdesk.figures")
    return _page(wanted, errors, None), 422


def _wanted() -> tuple[dict[str, Any], dict[str, str]]:
    """What is asked for, and what cannot be: days of one's own are needed where another period is not chosen."""
    today, errors = taipei_day(datetime.now(UTC)), {}
    period = asked("period", Choice(*PERIODS), "30")
    days: dict[str, date | None] = {"from_day": today, "to_day": today}
    if period == "own":
        days = {name: asked(name, Day()) for name in days}
        for name, day in days.items():
            if day is None:
                errors[name] = gettext("Enter a day of the years 2000 to 2099, for example 2027-03-01")
    else:
        days["from_day"] = today - timedelta(days=int(period) - 1)
    return {
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "channel": asked("channel", Choice(*DESK_CHANNELS)) or None,
        "category": asked("category", Choice(*TICKET_CATEGORIES, "none")) or None,
        "team": asked("team", Choice(*DESK_TEAMS)) or None,
    }, errors


def _page(wanted: dict[str, Any], errors: dict[str, str], found: dict[str, Any] | None) -> str:
    shown = {} if found is None else _charts(found)
    return render_template(
        "helpdesk/figures.html",
        found=found,
        wanted=wanted | {name: request.args.get(name, "") for name in errors if name in wanted},
        period=asked("period", Choice(*PERIODS), "30"),
        periods=PERIODS,
        errors=errors,
        size=(WIDTH, HEIGHT),
        parts=PARTS,
        shown_at_once=SHOWN_AT_ONCE,
        name_in=name_in,
        tables=TABLES,
        answered_in_time=answered_in_time,
        solved_in_time=solved_in_time,
        rating=rating,
        duration=duration,
        **shown,
    )


def _charts(found: dict[str, Any]) -> dict[str, Any]:
    """The bars of each chart, in the order of its table."""
    by_hour = list(zip(*(each["opened"] for each in found["hours"]), strict=True))
    return {
        "by_hour": list(enumerate(by_hour)),
        "hour_bars": stacked(by_hour),
        "day_bars": stacked([(each["opened"],) for each in found["days"]]),
        "rating_bars": stacked([(number,) for number in found["ratings"]]),
    }


def share(part: int, whole: int) -> str:
    """`95 %`; a dash of nothing."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def answered_in_time(sums: dict[str, Any]) -> str:
    """Of what is answered, and of what should be by now."""
    return share(sums["answered_in_time"], sums["answered"] + sums["unanswered_late"])


def solved_in_time(sums: dict[str, Any]) -> str:
    return share(sums["solved_in_time"], sums["solved"] + sums["unsolved_late"])


def duration(seconds: int | None) -> str:
    """In the largest units that say it: minutes, hours and minutes, days and hours."""
    if seconds is None:
        return "–"
    minutes = seconds // 60
    if minutes < 1:
        return gettext("under 1 min")
    if minutes < 60:
        return gettext("%(minutes)s min", minutes=minutes)
    if minutes < 48 * 60:
        return gettext("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
    return gettext("%(days)s d %(hours)s h", days=minutes // 1440, hours=minutes % 1440 // 60)
