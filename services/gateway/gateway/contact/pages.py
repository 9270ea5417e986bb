"""Write to the helpdesk; then follow the ticket, answer, and say whether it helped, by its secret link."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, jsonify, render_template, request, url_for
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.content import searching
from mtnet_contracts.calls.helpdesk import following, kept_files, web_form
from mtnet_contracts.vocabulary.desk import MOST_DESK_FILES
from mtnet_contracts.vocabulary.kinds import Whole
from mtnet_contracts.vocabulary.texts import N_
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.contact import proof
from gateway.contact.labels import HELD_BACK, SATISFACTION, STATES
from gateway.extensions import settings
from gateway.files.chosen import MOST_FILES, file_ids, with_chosen_files
from gateway.files.downloads import send_file
from gateway.files.uploads import FilesRefused, put_uploads
from gateway.forms import asked, is_blank, new_key, one_line
from gateway.http import incoming
from gateway.locale import gettext, locale, switched
from gateway.navigation import see_other
from gateway.problems import faults_called, refusal_text
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.rpc.time_budget import at_most
from gateway.session import recent_session

pages = Blueprint("contact", __name__)

FIELDS = ("name", "email", "phone", "category", "subject", "text")
NAMES = {
    "name": N_("Name"),
    "email": N_("E-mail"),
    "phone": N_("Telephone"),
    "category": N_("System"),
    "subject": N_("Subject"),
    "text": N_("Your message"),
    "comment": N_("Comment"),
}
# One source that has sent more in an hour is asked the question: an office may be behind it.
MANY_IN_AN_HOUR = 5
# Of the questions that fit what somebody is about to ask, and how long they may keep the page waiting.
MOST_SHOWN = 5
SEARCH_SECONDS = 1.0
# People correct a form and send it again; the same words count once, other words are a program's.
MANY_OF_ONE_FORM = 3


@pages.get("/contact")
def start() -> str:
    """With `q`, the questions that fit: perhaps the answer is there already."""
    return _form({}, request.form if switched() else MultiDict(), None)


@pages.get("/contact/answers")
def answers() -> Response:
    """For the form, while somebody types the subject: questions that fit."""
    found = _questions_for(one_line(request.args.get("q", ""), searching.LONGEST_SEARCH))
    items = [
        {
            "title": "".join(part["text"] for part in each["title"]),
            "address": url_for("public.published_page", name="questions", slug=each["slug"]),
        }
        for each in found
    ]
    response = jsonify({"items": items})
    response.headers["Cache-Control"] = "no-store"
    return response


def _questions_for(text: str) -> list[dict[str, Any]]:
    """At most MOST_SHOWN; none where the search does not answer, which keeps nobody from writing."""
    if not text:
        return []
    try:
        with at_most(SEARCH_SECONDS):
            asked_for = {"text": text, "locale": locale(), "limit": MOST_SHOWN}
            found: list[dict[str, Any]] = call(searching.SEARCH_PAGES, **asked_for)["items"]
    except (Refused, ServiceUnavailable):
        return []
    return found


@pages.post("/contact")
def send() -> Response | tuple[str, int]:
    values = request.form
    shown = proof.taken_back(_seal(), values.get("shown", ""))
    if shown is not None and shown.key != values.get("key"):
        shown = None
    errors = _missing(values)
    if not errors:
        errors = _unproved(values, shown)
    if errors:
        return _form(errors, values, shown), 422
    try:
        with put_uploads(request.files.getlist("files"), most=MOST_DESK_FILES) as uploads:
            sent = call(
                web_form.SEND_FORM,
                **{name: values.get(name, "") for name in FIELDS if name != "category"},
                category=values.get("category") or None,
                locale=locale(),
                uploads=uploads,
                source=request.remote_addr,
                # Whoever has answered the question is a person, in haste or behind a busy address. What is in the
                # field that nobody sees, no person has typed.
                suspicious=not is_blank(values.get("leave_empty", "")),
            )
    except FilesRefused as refused:
        return _form({"files": refused.words}, values, shown), 422
    except Refused as refused:
        if refused.code == "INVALID":
            return _form(faults_called(refused, NAMES), values, shown), 422
        if refused.code not in web_form.SEND_FORM.refusals:
            raise
        return _form({"files" if "FILE" in refused.code else "": refusal_text(refused)}, values, shown), 409
    return see_other(url_for("contact.follow", link_token=sent["link_token"], sent=1))


@pages.get("/contact/<link_token>")
def follow(link_token: str) -> str:
    notices = {
        "sent": gettext("We have your message. Keep the address of this page: here you read the answer."),
        "answered": gettext("Your answer is with the helpdesk."),
        "rated": gettext("Thank you. Your rating was kept."),
    }
    notice = next((words for name, words in notices.items() if name in request.args), "")
    values = request.form if switched() else MultiDict()
    found = _followed(following.FOLLOW_TICKET, link_token, before=asked("before", Whole(least=1)))
    return _thread(found, {}, values, notice=notice)


@pages.post("/contact/<link_token>/answer")
def answer(link_token: str) -> Response | tuple[str, int]:
    try:
        values = with_chosen_files(kept_files.KEEP_FILES_BY_LINK, link_token=link_token)
    except FilesRefused as refused:
        found = _followed(following.FOLLOW_TICKET, link_token)
        return _thread(found, {"files": refused.words}, request.form), 422
    except Refused as refused:
        return _not_written(refused, kept_files.KEEP_FILES_BY_LINK, link_token, request.form)
    if is_blank(values.get("text", "")):
        found = _followed(following.FOLLOW_TICKET, link_token)
        return _thread(found, {"text": gettext("Write your answer")}, values), 422
    asked = {"text": values["text"], "file_ids": file_ids(values)}
    return _written(link_token, "answered", following.ANSWER_BY_LINK, values, **asked)


@pages.get("/contact/<link_token>/files/<uuid:attachment_id>")
def file(link_token: str, attachment_id: UUID) -> Response | tuple[str, int]:
    """What belongs to the thread; while it is held back the page says so."""
    try:
        found = call(following.FOLLOWED_FILE, link_token=link_token, attachment_id=str(attachment_id))
    except Refused as refused:
        if refused.code != "FILE_MISSING":
            raise Refused("DESK_LINK_INVALID") if refused.code == "INVALID" else refused from refused
        words = gettext("This file cannot be opened. Below is why, or it is not here any more.")
        return _thread(_followed(following.FOLLOW_TICKET, link_token), {"": words}, MultiDict()), 404
    return send_file(found)


@pages.post("/contact/<link_token>/satisfaction")
def rate(link_token: str) -> Response | tuple[str, int]:
    points = request.form.get("satisfaction", type=int)
    if points is None:
        found = _followed(following.FOLLOW_TICKET, link_token)
        return _thread(found, {"satisfaction": gettext("Choose how well it helped")}, request.form), 422
    comment = request.form.get("comment", "")
    asked = {"satisfaction": points, "comment": comment}
    return _written(link_token, "rated", following.RATE_TICKET, request.form, **asked)


def _written(
    link_token: str, done: str, wanted: Call, values: MultiDict[str, str], **asked: Any
) -> Response | tuple[str, int]:
    try:
        call(wanted, link_token=link_token, **asked)
    except Refused as refused:
        return _not_written(refused, wanted, link_token, values)
    address = url_for("contact.follow", link_token=link_token)
    return see_other(f"{address}?{done}=1")


def _not_written(
    refused: Refused, wanted: Call, link_token: str, values: MultiDict[str, str]
) -> tuple[str, int]:
    """The page with what was typed, and why nothing was done. Raises what is no matter of this form."""
    if refused.code in following.REFUSALS or refused.code not in ("INVALID", *wanted.refusals):
        raise refused
    g.another_key = True
    found = _followed(following.FOLLOW_TICKET, link_token)
    if refused.code == "INVALID":
        return _thread(found, faults_called(refused, NAMES), values), 422
    return _thread(found, {"": refusal_text(refused)}, values), 409


def _followed(wanted: Any, link_token: str, **part: Any) -> dict[str, Any]:
    """Raises Refused(DESK_LINK_INVALID), which is a page of its own; also for what can be no token."""
    try:
        return call(wanted, link_token=link_token, **part) | {"link_token": link_token}
    except Refused as refused:
        raise Refused("DESK_LINK_INVALID") if refused.code == "INVALID" else refused from refused


def _missing(values: MultiDict[str, str]) -> dict[str, str]:
    """What a service need not be asked for; in the order of the page."""
    errors = {}
    if is_blank(values.get("email", "")) and is_blank(values.get("phone", "")):
        errors["email"] = gettext("Enter an e-mail address or a telephone number, so that we can answer")
    if is_blank(values.get("subject", "")):
        errors["subject"] = gettext("Say in a few words what it is about")
    if is_blank(values.get("text", "")):
        errors["text"] = gettext("Write your message")
    return errors


def _unproved(values: MultiDict[str, str], shown: proof.Shown | None) -> dict[str, str]:
    """The question as an error at its field, where it is asked and not answered. Once answered, nothing is asked."""
    if proof.answered(_seal(), values.get("asked", ""), values.get("sum", ""), shown):
        return {}
    signs = proof.signs_of_a_program(
        shown,
        time.time(),
        trap=values.get("leave_empty", ""),
        text=f"{values.get('subject', '')} {values.get('text', '')}",
        often=_sends_often(shown),
    )
    if not signs and "asked" not in values:
        return {}
    typed = not is_blank(values.get("sum", ""))
    return {
        "sum": gettext("That is not the sum. Here is another one")
        if typed
        else gettext("Answer this question, so that we know that a person writes")
    }


def _sends_often(shown: proof.Shown | None) -> bool:
    """Whether this source has sent many forms of late, or this one form is sent again and again."""
    counts = current_app.extensions["rate_counts"]
    if counts is None:
        return False
    sent: int = counts.incr(f"contact-forms/{incoming.source_of(request.remote_addr)}", 3600)
    again: int = counts.incr(f"contact-form/{shown.key}", proof.LONGEST_SECONDS) if shown else 0
    return sent > MANY_IN_AN_HOUR or again > MANY_OF_ONE_FORM


def _seal() -> Any:
    return current_app.extensions["form_seal"]


def _form(errors: dict[str, str], values: MultiDict[str, str], shown: proof.Shown | None) -> str:
    """`shown`: the form that came back, whose time goes on; without one it is a new form."""
    now = int(time.time())
    if shown is None or now - shown.at > proof.LONGEST_SECONDS:
        shown = proof.Shown(now, new_key())
    question = proof.a_question() if "sum" in errors else None
    looked_for = one_line(request.args.get("q", ""), searching.LONGEST_SEARCH)
    here = recent_session()
    return render_template(
        "contact/form.html",
        errors=errors,
        values=values,
        looked_for=looked_for,
        found=_questions_for(looked_for),
        shown=shown,
        token=proof.handed_out(_seal(), shown),
        question=question,
        asked=proof.asked(_seal(), question, shown) if question else "",
        numbers=proof.NUMBERS,
        own_name=here["account"]["name"] if here else "",
        most_files=MOST_FILES,
        # A browser keeps no files for a page that comes back.
        again=any(file.filename for file in request.files.getlist("files")),
    )


def _thread(
    found: dict[str, Any], errors: dict[str, str], values: MultiDict[str, str], *, notice: str = ""
) -> str:
    address = f"{settings().portal_url}{url_for('contact.follow', link_token=found['link_token'])}"
    return render_template(
        "contact/thread.html",
        t=found,
        errors=errors,
        values=values,
        notice=notice,
        address=address,
        satisfaction=SATISFACTION,
        satisfaction_options=[(code, gettext(words), "") for code, words in SATISFACTION.items()],
        states=STATES,
        held_back=HELD_BACK,
        most_files=MOST_FILES,
    )
