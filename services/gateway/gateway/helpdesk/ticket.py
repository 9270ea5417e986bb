"""One ticket: its thread, the answer, notes, what it is in, and which tickets belong to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.helpdesk import canned_answers, kept_files, ticket_files, ticket_joins, ticket_list
from mtnet_contracts.calls.helpdesk import tickets as calls
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.kinds import Whole
from mtnet_contracts.vocabulary.texts import N_, P_
from mtnet_contracts.vocabulary.ticket_numbers import typed_ticket_number
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.deliveries.labels import failure_words
from gateway.desk_reactivations.labels import STATE_LOOKS
from gateway.desk_reactivations.labels import STATES as REACTIVATION_STATES
from gateway.files.chosen import MOST_FILES, file_ids, with_chosen_files
from gateway.files.downloads import send_file, send_picture
from gateway.files.uploads import FilesRefused
from gateway.forms import asked, is_blank, shows_again
from gateway.helpdesk.forms import changes_in_form, own_id
from gateway.helpdesk.labels import (
    ACCOUNT_STATES,
    AFTER_AN_ANSWER,
    CHANGED_FIELDS,
    DIRECTIONS,
    ENTRIES,
    FAQ_STATES,
    HELD_BACK,
    IN_THE_THREAD,
    OUTCOMES,
    PROBLEMS,
    RELATIONS,
)
from gateway.helpdesk.pages import fresh_of, pages
from gateway.helpdesk.person import fault_of, person_of, reactivations_of
from gateway.locale import gettext, switched
from gateway.navigation import see_other
from gateway.problems import faults_of, refusal_text
from gateway.rpc.client import Refused
from gateway.texts import TEXTS

DONE = {
    "answered": N_("The answer is on its way."),
    "noted": N_("The note is kept."),
    "changed": N_("Changed."),
    "logged": N_("The call is kept."),
    "joined": N_("Done. It can be undone below."),
    "undone": N_("Undone."),
}
# How evidence for a disabled account came, by the channel of its ticket.
EVIDENCE_BY = {"fax": "fax", "phone": "call_back"}
# What the page calls them.
NAMES = {
    "text": N_("Your answer"),
    "other": N_("Number of the other ticket"),
    "entry_ids": P_("ticket", "Entries"),
}
# What leads back to the page, with what was typed and what is to be done.
SHOWN_HERE = {
    *calls.ANSWER_TICKET.refusals,
    *ticket_joins.MERGE_TICKET.refusals,
    *ticket_joins.SPLIT_TICKET.refusals,
    *ticket_joins.LINK_TICKETS.refusals,
} - {"TICKET_NOT_FOUND"}


@pages.get("/tickets/<number>")
def ticket(number: str) -> str | Response:
    found = _load(number, before=asked("before", Whole(least=1)))
    if found["number"] != number:
        # It was merged into another one, or the number was written otherwise.
        return see_other(url_for("helpdesk.ticket", number=found["number"]))
    done = DONE.get(request.args.get("done", ""), "")
    return _page(found, {}, request.form if switched() else MultiDict(), notice=_said(done))


@shows_again("helpdesk.ticket", after="login")
def ticket_again(number: str, typed: MultiDict[str, str]) -> str:
    """The ticket with what was being written when the session ended."""
    g.another_key = True
    words = gettext("What you typed is still there, but not saved yet. Check it, then press the button.")
    return _page(_load(number), {}, typed, notice=words)


@pages.post("/tickets/<number>/answer")
def answer(number: str) -> str | Response | tuple[str, int]:
    """Send the answer; or, by another button of the same form, only fill in one that is kept ready."""
    found = _load(number)
    try:
        values = with_chosen_files(kept_files.KEEP_FILES, ticket_id=found["ticket_id"])
    except FilesRefused as refused:
        return _page(found, {"files": refused.words}, request.form), 422
    if "insert" in values:
        return _with_canned(found, values)
    if "outcome" in values:
        return _with_outcome(found, values)
    if is_blank(values.get("text", "")):
        return _page(found, {"text": gettext("Write the answer")}, values), 422
    chosen = values.get("canned", "")
    to_send = {
        "version": values.get("version", -1, type=int),
        "text": values["text"],
        "then": values.get("then", "waiting_customer"),
        "canned_answer_id": chosen if chosen and chosen == values.get("canned_used") else None,
        "file_ids": file_ids(values),
    }
    return _write(found, calls.ANSWER_TICKET, to_send, "answered", values=values)


@pages.post("/tickets/<number>/note")
def note(number: str) -> str | Response | tuple[str, int]:
    found, text = _load(number), request.form.get("note", "")
    if is_blank(text):
        return _page(found, {"note": gettext("Write the note")}, request.form), 422
    return _write(found, calls.ADD_NOTE, {"text": text}, "noted", field_of={"text": "note"})


@pages.post("/tickets/<number>/change")
def change(number: str) -> str | Response | tuple[str, int]:
    found = _load(number)
    changes = changes_in_form()
    if "mine" in request.form:
        changes = {"owner_id": own_id()}
    elif "spam" in request.form:
        changes = {"spam": request.form["spam"] == "yes"}
    if not changes:
        return see_other(url_for("helpdesk.ticket", number=found["number"]))
    seen = request.form.get("version", -1, type=int)
    return _write(found, calls.CHANGE_TICKET, {"version": seen, "changes": changes}, "changed")


@pages.post("/tickets/<number>/lease")
def lease(number: str) -> str | Response | tuple[str, int]:
    """Say that I am answering, or that I am not any more, or take over; what is written stays in its form."""
    found = _load(number)
    if request.headers.get("Accept") == "application/json":
        return _lease_while_typing(found)
    try:
        values = with_chosen_files(kept_files.KEEP_FILES, ticket_id=found["ticket_id"])
    except FilesRefused as refused:
        return _page(found, {"files": refused.words}, request.form), 422
    try:
        if "release" in request.form:
            call(calls.RELEASE_TICKET, ticket_id=found["ticket_id"])
        else:
            call(calls.LEASE_TICKET, ticket_id=found["ticket_id"], take_over="take_over" in request.form)
    except Refused as refused:
        if refused.code not in calls.LEASE_TICKET.refusals or refused.code == "TICKET_NOT_FOUND":
            raise
        g.another_key = True
        return _page(_load(number), {"": refusal_text(refused)}, values), 409
    g.another_key = True
    return _page(_load(number), {}, values)


def _lease_while_typing(found: dict[str, Any]) -> Response:
    """For desk.js: 204, or 409 where a colleague is answering. Takes nothing over, whoever types."""
    try:
        call(calls.LEASE_TICKET, ticket_id=found["ticket_id"])
    except Refused as refused:
        if refused.code not in calls.LEASE_TICKET.refusals:
            raise
        return Response(status=409)
    return Response(status=204)


JOINS: dict[str, Call] = {
    "merge": ticket_joins.MERGE_TICKET,
    "link": ticket_joins.LINK_TICKETS,
    "unlink": ticket_joins.UNLINK_TICKETS,
}


@pages.post("/tickets/<number>/<any(merge, link, unlink):join>")
def join(number: str, join: str) -> str | Response | tuple[str, int]:
    found = _load(number)
    other = typed_ticket_number(request.form.get("other", ""))
    field = f"{join}-other"
    if other is None:
        words = gettext("Enter a ticket number, for example HD2026-000123")
        return _page(found, {field: words}, request.form), 422
    done = "undone" if join == "unlink" else "joined"
    return _write(found, JOINS[join], {"other": other}, done, field_of={"other": field, "": field})


@pages.post("/tickets/<number>/split")
def split(number: str) -> str | Response | tuple[str, int]:
    found, values = _load(number), request.form
    errors = {}
    if not values.getlist("entry_id"):
        errors["split-entries"] = gettext("Tick what is to become a ticket of its own")
    if is_blank(values.get("split-subject", "")):
        errors["split-subject"] = gettext("Enter the subject of the new ticket")
    if errors:
        return _page(found, errors, values), 422
    to_split = {"entry_ids": values.getlist("entry_id"), "subject": values["split-subject"]}
    fields = {"subject": "split-subject", "": "split-entries"}
    return _write(found, ticket_joins.SPLIT_TICKET, to_split, "joined", field_of=fields)


@pages.post("/tickets/<number>/<any(undo_merge, undo_split):undo>/<uuid:ticket_id>")
def undo(number: str, undo: str, ticket_id: UUID) -> str | Response | tuple[str, int]:
    """`ticket_id`: the ticket that was merged, or that was split off."""
    found = _load(number)
    undoing = ticket_joins.UNDO_MERGE if undo == "undo_merge" else ticket_joins.UNDO_SPLIT
    return _write(found, undoing, {"ticket_id": str(ticket_id)}, "undone")


@pages.post("/tickets/<number>/addresses")
def reveal(number: str) -> str | tuple[str, int]:
    """The person's addresses, unmasked; the reason stands in the audit log."""
    found, reason = _load(number), request.form.get("reason", "")
    g.another_key = True
    if is_blank(reason):
        return _page(found, {"reason": gettext("Say why you need to see it")}, request.form), 422
    try:
        shown = call(calls.REVEAL_ADDRESSES, ticket_id=found["ticket_id"], reason=reason)
    except Refused as refused:
        if refused.code != "INVALID":
            raise
        return _page(found, faults_of(refused), request.form), 422
    return _page(found, {}, request.form, addresses=shown["addresses"])


@pages.get("/files/<uuid:attachment_id>")
def file(attachment_id: UUID) -> Response:
    return send_file(call(ticket_files.TICKET_FILE, attachment_id=str(attachment_id)))


@pages.get("/files/<uuid:attachment_id>/<int:page>")
def file_page(attachment_id: UUID, page: int) -> Response:
    """A page of a fax: a picture that the desk drew, which can do nothing."""
    found = call(ticket_files.TICKET_FILE_PAGE, attachment_id=str(attachment_id), page=page)
    return send_picture(found)


def _load(number: str, before: int | None = None) -> dict[str, Any]:
    """`before`: with the rows of its thread before that one."""
    whole = typed_ticket_number(number)
    if whole is None:
        abort(404)
    return call(calls.TICKET, number=whole, before=before)


def _with_canned(found: dict[str, Any], values: MultiDict[str, str]) -> str | tuple[str, int]:
    """The page with the chosen answer behind what was written."""
    ready = call(canned_answers.CANNED_ANSWERS, ticket_id=found["ticket_id"])["items"]
    chosen = next((each for each in ready if each["canned_answer_id"] == values.get("canned")), None)
    if chosen is None:
        return _page(found, {"canned": gettext("Choose one first")}, values), 422
    written = values.get("text", "").rstrip()
    filled = MultiDict(values)
    filled["text"] = f"{written}\n\n{chosen['text']}" if written else chosen["text"]
    filled["canned_used"] = chosen["canned_answer_id"]
    g.another_key = True
    return _page(found, {}, filled, notice=gettext("Filled in. Read it before you send it."))


def _with_outcome(found: dict[str, Any], values: MultiDict[str, str]) -> str | tuple[str, int]:
    """The page with what became of a reactivation case behind what was written, in the customer's language."""
    cases = {each["number"]: each for each in reactivations_of(found)}
    case = cases.get(values["outcome"])
    if case is None or case["state"] not in OUTCOMES:
        return _page(found, {"text": gettext("That case is not decided yet")}, values), 422
    words = TEXTS[found["locale"]][OUTCOMES[case["state"]]] % {"number": case["number"]}
    written = values.get("text", "").rstrip()
    filled = MultiDict(values)
    filled["text"] = f"{written}\n\n{words}" if written else words
    filled["then"] = "resolved" if case["state"] == "approved" else values.get("then", "waiting_customer")
    g.another_key = True
    return _page(found, {}, filled, notice=gettext("Filled in. Read it before you send it."))


def _write(
    found: dict[str, Any],
    wanted: Call,
    sent: dict[str, Any],
    done: str,
    *,
    field_of: dict[str, str] | None = None,
    values: MultiDict[str, str] | None = None,
) -> Response | tuple[str, int]:
    """Do it, or show the page as it now stands with what was typed and why nothing was done.

    `field_of`: where the page shows the faults of a field that the call names otherwise; `""` those of no field.
    `values`: what was typed, where it is more than the form that was sent.
    """
    names, typed = field_of or {}, request.form if values is None else values
    try:
        left = call(wanted, **{"ticket_id": found["ticket_id"], **sent})
    except Refused as refused:
        if refused.code == "INVALID":
            errors = {names.get(name, name): words for name, words in faults_of(refused, names=NAMES).items()}
            return _page(found, errors, typed), 422
        # The other ticket; that this one is gone shows when it is looked for again.
        of_a_field = refused.code == "TICKET_NOT_FOUND" and "" in names
        if refused.code not in SHOWN_HERE and not of_a_field:
            raise
        g.another_key = True
        errors = {names.get("", ""): refusal_text(refused)}
        return _page(_load(found["number"]), errors, typed), 409
    return see_other(url_for("helpdesk.ticket", number=left["number"], done=done))


def _page(
    found: dict[str, Any],
    errors: dict[str, str],
    values: MultiDict[str, str],
    *,
    notice: str = "",
    addresses: list[dict[str, Any]] | None = None,
) -> str:
    thread = [entry for entry in found["entries"] if entry["kind"] != "change" or _in_the_thread(entry)]
    return render_template(
        "helpdesk/ticket.html",
        t=found,
        thread=thread,
        history=[entry for entry in found["entries"] if entry["kind"] == "change"],
        errors=errors,
        values=values,
        notice=notice,
        addresses=addresses,
        ready=call(canned_answers.CANNED_ANSWERS, ticket_id=found["ticket_id"])["items"],
        people=call(ticket_list.DESK_PEOPLE)["people"],
        person=person_of(found),
        fault=fault_of(found),
        reactivations=reactivations_of(found),
        reactivation_states=REACTIVATION_STATES,
        reactivation_looks=STATE_LOOKS,
        evidence=EVIDENCE_BY.get(found["channel"], "upload"),
        account_states=ACCOUNT_STATES,
        me=own_id(),
        after=AFTER_AN_ANSWER,
        entries=ENTRIES,
        relations=RELATIONS,
        directions=DIRECTIONS,
        held_back=HELD_BACK,
        most_files=MOST_FILES,
        problems=PROBLEMS,
        changed_fields=CHANGED_FIELDS,
        in_the_thread=IN_THE_THREAD,
        field_words=_field_words,
        failure_words=failure_words,
        fresh=fresh_of([entry["entry_id"] for entry in found["entries"]], found["version"]),
    )


def _in_the_thread(entry: dict[str, Any]) -> bool:
    return any(change["field"] in IN_THE_THREAD for change in entry["changes"])


def _said(words: str) -> str:
    return gettext(words) if words else ""


def _field_words(field: str, value: str | None) -> str:
    """One side of a change, in words."""
    known = {
        "state": labels.TICKET_STATES,
        "priority": labels.TICKET_PRIORITIES,
        "category": labels.TICKET_CATEGORIES,
        "team": labels.DESK_TEAMS,
        "faq_draft": FAQ_STATES,
    }.get(field, {})
    return gettext(known[value]) if value in known else (value or gettext("nothing"))
