"""The operator's pages about unused accounts, and the page on which people close their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request, url_for
from marshmallow import fields
from mtnet_contracts.calls.accounts import lifecycle as calls
from mtnet_contracts.vocabulary.kinds import Choice

from gateway.calls import call
from gateway.confirmations import confirm, confirmed
from gateway.cookies import drop_cookie
from gateway.files.csv import csv_file
from gateway.formatting import when
from gateway.forms import asked, asked_page, is_blank, one_line
from gateway.lifecycle.labels import OUTCOMES, STEPS, by_whom
from gateway.locale import gettext
from gateway.navigation import see_other
from gateway.problems import faults_of, missing_text, refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role, session_changed, session_token

pages = Blueprint("lifecycle", __name__)

# A file of more rows than this opens in no spreadsheet program.
MOST_ROWS = 1_000_000


@pages.get("/operations/lifecycle")
def preview() -> str:
    require_role("operator")
    wanted = {
        "as_of": asked("as_of", fields.Date(format="%Y-%m-%d")),
        "step": asked("step", Choice(*calls.STEPS)),
        "account_name": one_line(request.args.get("account_name", ""), 20) or None,
        "page": asked_page(),
    }
    errors: dict[str, str] = {}
    if request.args.get("as_of") and not _is_day(wanted["as_of"]):
        wanted["as_of"] = None
        errors["as_of"] = gettext("Enter a day of the years 2000 to 2099, for example 2027-03-01")
    found = call(calls.LIFECYCLE_PREVIEW, **wanted | {"as_of": _text(wanted["as_of"])})
    return render_template("lifecycle/preview.html", found=found, wanted=wanted, steps=STEPS, errors=errors)


def _is_day(value: date | None) -> bool:
    return value is not None and 2000 <= value.year < 2100


def _text(value: date | None) -> str | None:
    return value.isoformat() if value else None


@pages.post("/operations/lifecycle/run")
def run_now() -> Response:
    """What is due today; a day of the future can be looked at only."""
    require_role("operator")
    done = call(calls.RUN_LIFECYCLE)
    return see_other(url_for("lifecycle.run", run_id=done["run_id"], more=None if done["complete"] else 1))


@pages.get("/operations/lifecycle/runs")
def runs() -> str:
    require_role("operator")
    found = call(calls.LIFECYCLE_RUNS, page=asked_page())
    return render_template("lifecycle/runs.html", found=found, outcomes=OUTCOMES, by_whom=by_whom)


@pages.get("/operations/lifecycle/runs.csv")
def runs_as_file() -> Response:
    """All reports that are kept."""
    require_role("operator")
    headings = [
        "開始時間 Started", "結束時間 Finished", "基準日 As of", "執行者 Started by", "結果 Outcome",
        "停用 Disabled", "凍結 Frozen", "提醒 Reminded", "編號 Run",
    ]  # fmt: skip
    rows = (
        (
            when(run["started_at"]),
            when(run["finished_at"]),
            run["as_of"],
            run["started_by"],
            gettext(OUTCOMES[run["outcome"]]),
            run["disabled"],
            run["frozen"],
            run["reminded"],
            run["run_id"],
        )
        for run in _all_runs()
    )
    return csv_file("lifecycle-runs", headings, rows)


def _all_runs() -> Iterator[dict[str, Any]]:
    page, seen = 1, 0
    while True:
        found = call(calls.LIFECYCLE_RUNS, page=page, page_size=100)
        yield from found["items"]
        page, seen = page + 1, seen + len(found["items"])
        if not found["items"] or seen >= found["total"]:
            return


@pages.get("/operations/lifecycle/runs/<uuid:run_id>")
def run(run_id: UUID) -> str:
    require_role("operator")
    found = call(calls.LIFECYCLE_CHANGES, run_id=str(run_id), limit=100)
    return render_template(
        "lifecycle/run.html",
        found=found,
        steps=STEPS,
        outcomes=OUTCOMES,
        by_whom=by_whom,
        more=bool(request.args.get("more")),
    )


@pages.get("/operations/lifecycle/runs/<uuid:run_id>.csv")
def run_as_file(run_id: UUID) -> Response:
    """What the run did, account by account."""
    require_role("operator")
    headings = [
        "帳號 Account name", "動作 What was done", "最後使用日 Last active", "提前通知天數 Days of notice",
        "通知所載停用日 Day named", "帳號編號 Account id",
    ]  # fmt: skip
    rows = (
        (
            change["account_name"],
            gettext(STEPS[change["step"]]),
            change["last_active_on"],
            change["notice_days"],
            change["disable_on"],
            change["account_id"],
        )
        for change in _changes_of(run_id)
    )
    return csv_file(f"lifecycle-run-{run_id}", headings, rows)


def _changes_of(run_id: UUID) -> Iterator[dict[str, Any]]:
    after, seen = 0, 0
    while after is not None and seen < MOST_ROWS:
        found = call(calls.LIFECYCLE_CHANGES, run_id=str(run_id), after=after, limit=calls.MOST_CHANGES)
        yield from found["items"]
        after, seen = found["next_after"], seen + len(found["items"])


# Closing an account


@pages.get("/operations/close-account")
def ask_to_close() -> str:
    require_role("operator")
    return _close_page({}, {})


@pages.post("/operations/close-account")
def close_account() -> Response | tuple[str, int]:
    require_role("operator")
    g.page_address = url_for("lifecycle.ask_to_close")
    values = {name: request.form.get(name, "").strip() for name in ("account_name", "reason")}
    words = {"account_name": gettext("Account name"), "reason": gettext("Reason")}
    errors = {name: missing_text(words[name]) for name, value in values.items() if is_blank(value)}
    if errors:
        return _close_page(values, errors), 422
    try:
        call(calls.CLOSE_ACCOUNT, **values)
    except Refused as refused:
        errors = _at_name(refused)
        if not errors:
            raise
        return _close_page(values, errors), 422
    return confirm("lifecycle.closed_by_operator", values["account_name"])


@pages.get("/operations/close-account/closed")
def closed_by_operator() -> Response | str:
    require_role("operator")
    name = confirmed()
    if name is None:
        return see_other(url_for("lifecycle.ask_to_close"))
    return render_template("lifecycle/closed_by_operator.html", account_name=name)


def _close_page(values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("lifecycle/close_by_operator.html", values=values, errors=errors)


@pages.get("/account/close")
def ask_to_close_own() -> str:
    require_role(before_consent=True)
    return _close_own_page("", {})


@pages.post("/account/close")
def close_own() -> Response | str | tuple[str, int]:
    """The account is closed for good, and whoever closed it is here no more."""
    require_role(before_consent=True)
    g.page_address = url_for("lifecycle.ask_to_close_own")
    typed = request.form.get("account_name", "").strip()
    if is_blank(typed):
        return _close_own_page(typed, {"account_name": missing_text(gettext("Account name"))}), 422
    try:
        call(calls.CLOSE_OWN_ACCOUNT, account_name=typed)
    except Refused as refused:
        errors = _at_name(refused)
        if not errors:
            raise
        return _close_own_page(typed, errors), 422
    session_changed(session_token() or "")
    response = see_other(url_for("lifecycle.closed"))
    drop_cookie(response, "sid")
    return response


@pages.get("/account/closed")
def closed() -> str:
    return render_template("lifecycle/closed.html")


def _close_own_page(typed: str, errors: dict[str, str]) -> str:
    return render_template("lifecycle/close.html", typed_name=typed, errors=errors)


def _at_name(refused: Refused) -> dict[str, str]:
    """Words at the fields; a refusal about the account as a whole stands at its name."""
    if refused.code in ("ACCOUNT_NAME_DIFFERS", "ACCOUNT_NOT_FOUND", "OWN_ACCOUNT", "STAFF_ACCOUNT"):
        return {"account_name": refusal_text(refused)}
    return faults_of(refused) if refused.code == "INVALID" else {}
