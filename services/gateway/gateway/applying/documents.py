"""The application form: download it filled in, upload it stamped, look at it; and the receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from mtnet_contracts.calls import accounts as calls
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from gateway.applying.steps import after
from gateway.calls import call
from gateway.errors.refusals import LIMITS
from gateway.files.downloads import send_file, send_picture
from gateway.files.uploads import put_upload
from gateway.http.statuses import STATUS_OF_REFUSAL, retry_after
from gateway.navigation import see_other
from gateway.problems import refusal_text
from gateway.rpc.client import Refused
from gateway.tracking import cases
from gateway.tracking.cases import current, token

CASE = "/<case_number:case_number>"
# Refusals of work on documents that are about us, not about the file.
DOCUMENTS_LIMITED = ("BUSY", "TOO_MANY_DOCUMENTS")


def add_to(pages: Blueprint) -> None:
    """Add the pages of this file to those of the topic."""
    pages.get(CASE + "/form")(form)
    pages.get(CASE + "/form.pdf")(form_pdf)
    pages.post(CASE + "/form")(upload)
    pages.get(CASE + "/uploaded/preview.jpg")(preview)
    pages.post(CASE + "/form/remove")(remove)
    pages.get(CASE + "/uploaded")(uploaded)
    pages.get(CASE + "/receipt.pdf")(receipt_pdf)


def form() -> str | Response:
    application = current()
    if not application["needs_form"]:
        return see_other(url_for("applying.check"))
    return _form_page(application, {})


def form_pdf() -> Response:
    try:
        made = call(calls.documents.GENERATE_FORM, application_token=token(), ip=request.remote_addr)
    except Refused as refused:
        if refused.code == "INCOMPLETE":
            return see_other(url_for("applying.tasks"))
        if refused.code == "CONTACT_NOT_VERIFIED":
            return see_other(url_for("applying.form"))
        raise
    return send_file(made)


def upload() -> str | Response | tuple[str, int, dict[str, str]]:
    """What was uploaded is shown at once, with what was read on it: is this it?"""
    ip = request.remote_addr
    try:
        with put_upload(request.files.get("file")) as uploaded_file:
            application = call(calls.documents.ATTACH_FORM, application_token=token(), ip=ip, **uploaded_file)
    except Refused as refused:
        if refused.code == "CONTACT_NOT_VERIFIED":
            return see_other(url_for("applying.form"))
        if (
            not refused.code.startswith(("FILE_", "FORM_", "INVALID"))
            and refused.code not in DOCUMENTS_LIMITED
        ):
            raise
        status = STATUS_OF_REFUSAL[refused.code] if refused.code in DOCUMENTS_LIMITED else 422
        return (
            _form_page(current(), {"file": refusal_text(refused)}),
            status,
            retry_after(refused.code),
        )
    cases.keep(application["case_number"], token(), application["status"])
    return see_other(url_for("applying.form", _anchor="uploaded"))


def preview() -> Response:
    return send_picture(call(calls.documents.OWN_FORM_PREVIEW, application_token=token()))


def remove() -> Response:
    call(calls.documents.REMOVE_FORM, application_token=token())
    return see_other(url_for("applying.form"))


def _form_page(application: dict[str, Any], errors: dict[str, str]) -> str:
    ready = not any(m.startswith("section:") for m in application["missing"])
    contacts = [c["contact"] for c in application["contacts"]]
    unproved = [name for name in contacts if f"contact:{name}" in application["missing"]]
    return render_template(
        "applying/stamped_form.html",
        application=application,
        ready=ready,
        # Files are taken, and forms drawn, for people who can be reached: one proved contact is enough.
        to_verify=unproved[0] if unproved == contacts else None,
        following=after(application),
        errors=errors,
        marks=application["marks"],
        sent_back=_was_sent_back(application),
        largest_file_bytes=LARGEST_FILE_BYTES,
        limits=LIMITS,
    )


def _was_sent_back(application: dict[str, Any]) -> bool:
    """Whether the form that is here is the one a reviewer has found fault with."""
    form, submitted_at = application["form"], application["submitted_at"]
    if not form or not submitted_at or all(mark["field"] != "form" for mark in application["marks"]):
        return False
    return datetime.fromisoformat(form["uploaded_at"]) <= datetime.fromisoformat(submitted_at)


def uploaded() -> Response:
    return send_file(call(calls.documents.OWN_FORM, application_token=token()))


def receipt_pdf() -> Response:
    return send_file(call(calls.documents.RECEIPT, application_token=token()))
