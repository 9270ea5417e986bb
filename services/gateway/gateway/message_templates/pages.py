"""The operators' pages of texts: the list, the editor with its previews, what was published, differences."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from mtnet_contracts.calls.notify import templates as calls
from mtnet_contracts.vocabulary.kinds import Whole
from mtnet_contracts.vocabulary.labels import MESSAGE_KINDS
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.forms import asked, is_blank, shows_again
from gateway.locale import gettext, locale
from gateway.message_templates.labels import DONE, FAULTS, FORMS, LANGUAGES, PARTS, ROWS
from gateway.navigation import see_other
from gateway.problems import refusal_text
from gateway.rpc.client import Refused
from gateway.session import require_role

pages = Blueprint("message_templates", __name__)

ADDRESS = "/operations/templates/<kind>/<language>"
# A mail brings its styles along and acts on nothing: it is shown in a frame that may run and send nothing.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SHOWN_HERE = ("TEMPLATE_CHANGED", "TEMPLATE_FAULTY", "TEMPLATE_UNCHANGED", "NO_OWN_CONTACT", "TOO_MANY_TESTS")
LAST_VERSION = 2**31 - 1


@pages.get("/operations/templates")
def texts() -> str:
    require_role("operator")
    lines: dict[str, dict[str, Any]] = {}
    for line in call(calls.TEMPLATES)["items"]:
        lines.setdefault(line["kind"], {})[line["locale"]] = line
    return render_template(
        "message_templates/texts.html", lines=lines, kinds=MESSAGE_KINDS, languages=LANGUAGES
    )


@pages.get(ADDRESS)
def edit(kind: str, language: str) -> Response:
    require_role("operator")
    found = _found(kind, language)
    return _page(found, {part["name"]: part["text"] for part in found["parts"]}, _chosen(found, request.args))


@shows_again("message_templates.edit", after="login")
def edit_again(kind: str, language: str, typed: MultiDict[str, str]) -> Response:
    """With what was typed before an operator had to say who they are."""
    g.another_key = True
    found = _found(kind, language)
    seen = {"revision": typed.get("revision", found["revision"], type=int)}
    return _page(found | seen, _parts(typed), _chosen(found, typed), reason=typed.get("reason", ""))


@pages.post(ADDRESS)
def act(kind: str, language: str) -> Response:
    """Save, publish or send to oneself what was typed; what cannot be done comes back with it."""
    require_role("operator")
    found, typed = _found(kind, language), request.form
    which = {"kind": kind, "locale": language}
    parts, chosen, revision = _parts(typed), _chosen(found, typed), typed.get("revision", -1, type=int)
    done, errors = "saved", {}
    if typed.get("do") == "publish" and is_blank(typed.get("reason", "")):
        errors["reason"] = gettext("Say why the text is changed")
    try:
        if not errors and typed.get("do") == "publish":
            done = "published"
            call(
                calls.PUBLISH_TEMPLATE,
                **which,
                parts=parts,
                revision=max(0, revision),
                reason=typed["reason"],
            )
        elif not errors and typed.get("do") == "test":
            sent = call(calls.TEST_TEMPLATE, **which, parts=parts, chosen=chosen)["recipients"]
            g.another_key = True
            words = gettext("Sent to %(recipients)s, marked as a test.", recipients=", ".join(sent))
            return _page(
                found | {"revision": revision}, parts, chosen, done=words, reason=typed.get("reason", "")
            )
        elif not errors:
            call(calls.SAVE_TEMPLATE_DRAFT, **which, parts=parts, revision=max(0, revision))
    except Refused as refused:
        if refused.code not in SHOWN_HERE and set(refused.fields) - {"reason"}:
            raise
        errors[""] = (
            refusal_text(refused)
            if refused.code in SHOWN_HERE
            else gettext("The reason is too long. Shorten it")
        )
        if refused.code == "TEMPLATE_CHANGED":
            # Sent once more it replaces what the other one saved: that stands beside it by then.
            revision, errors["changed"] = found["revision"], "1"
    if errors:
        g.another_key = True
        page = _page(
            found | {"revision": revision}, parts, chosen, errors=errors, reason=typed.get("reason", "")
        )
        page.status_code = 409 if "changed" in errors else 422
        return page
    back_to: dict[str, Any] = {"kind": kind, "language": language, "done": done, **_in_address(chosen)}
    return see_other(url_for("message_templates.edit", **back_to))


@pages.post(f"{ADDRESS}/preview")
def preview(kind: str, language: str) -> str:
    """What was typed, on every channel but the mail: a part of the page, for its script."""
    require_role("operator")
    found = _found(kind, language)
    shown = call(
        calls.PREVIEW_TEMPLATE,
        kind=kind,
        locale=language,
        parts=_parts(request.form),
        chosen=_chosen(found, request.form),
        drawn=True,
    )
    return render_template("message_templates/previews.html", shown=shown, found=found, fault_text=fault_text)


@pages.route(f"{ADDRESS}/mail", methods=["GET", "POST"])
def mail(kind: str, language: str) -> Response:
    """The mail itself, for a frame: what is being written or in use, or by POST what was typed."""
    require_role("operator")
    found = _found(kind, language)
    posted = request.method == "POST"
    parts = _parts(request.form) if posted else {part["name"]: part["text"] for part in found["parts"]}
    chosen = _chosen(found, request.form if posted else request.args)
    shown = call(calls.PREVIEW_TEMPLATE, kind=kind, locale=language, parts=parts, chosen=chosen)
    html = shown["html"] or render_template("message_templates/no_mail.html")
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@pages.get(f"{ADDRESS}/versions")
def versions(kind: str, language: str) -> str:
    require_role("operator")
    return _versions_page(kind, language, {})


@shows_again("message_templates.versions", after="login")
def versions_again(kind: str, language: str, typed: MultiDict[str, str]) -> str:
    g.another_key = True
    return _versions_page(kind, language, {}, typed)


def _versions_page(
    kind: str, language: str, errors: dict[str, str], typed: MultiDict[str, str] | None = None
) -> str:
    found = _found(kind, language)
    which = {"kind": kind, "locale": language}
    listed = call(calls.TEMPLATE_VERSIONS, **which, before=asked("before", Whole(least=1)))
    newest = found["in_use"]["version"] if found["in_use"] and not found["outdated"] else calls.RELEASE
    older = asked("older", Whole(least=calls.DRAFT), calls.RELEASE)
    newer = asked("newer", Whole(least=calls.DRAFT), calls.DRAFT if found["draft"] else newest)
    difference = None
    if older != newer:
        try:
            difference = call(calls.TEMPLATE_DIFFERENCE, **which, older=older, newer=newer)["parts"]
        except Refused as refused:
            if refused.code != calls.NOT_FOUND:
                raise
            errors = errors | {"": gettext("One of the two versions is not there")}
    return render_template(
        "message_templates/versions.html",
        found=found,
        listed=listed,
        older=older,
        newer=newer,
        difference=difference,
        inline=request.args.get("view") == "inline",
        errors=errors,
        typed=typed or MultiDict(),
        parts=PARTS,
        kinds=MESSAGE_KINDS,
        languages=LANGUAGES,
        done=_done(),
    )


@pages.post(f"{ADDRESS}/versions")
def restore(kind: str, language: str) -> Response | tuple[str, int]:
    """An earlier version, or with 0 the release's text, becomes the newest."""
    require_role("operator")
    typed = request.form
    if is_blank(typed.get("reason", "")):
        return _versions_page(kind, language, {"reason": gettext("Say why the text is changed")}, typed), 422
    try:
        call(
            calls.RESTORE_TEMPLATE,
            kind=kind,
            locale=language,
            version=typed.get("version", LAST_VERSION, type=int),
            revision=typed.get("revision", 0, type=int),
            reason=typed["reason"],
        )
    except Refused as refused:
        if refused.code not in SHOWN_HERE:
            raise
        g.another_key = True
        return _versions_page(kind, language, {"": refusal_text(refused)}, typed), 409
    return see_other(url_for("message_templates.versions", kind=kind, language=language, done="restored"))


def fault_text(fault: dict[str, str]) -> str:
    return gettext(FAULTS[fault["code"]], about=fault["about"])


def _found(kind: str, language: str) -> dict[str, Any]:
    if kind not in MESSAGE_KINDS or language not in calls.LOCALES:
        abort(404)
    return call(calls.TEMPLATE, kind=kind, locale=language, reader=locale())


def _parts(form: MultiDict[str, str]) -> dict[str, str]:
    return {
        name: form[f"part-{name}"][: calls.LONGEST_SOURCE] for name in calls.PARTS if f"part-{name}" in form
    }


def _chosen(found: dict[str, Any], given: MultiDict[str, str]) -> dict[str, str]:
    """Of what decides, the case that is shown."""
    chosen = {}
    for placeholder in found["placeholders"]:
        codes = [choice["code"] for choice in placeholder["choices"]]
        wanted = given.get(f"case-{placeholder['name']}")
        if codes and wanted in codes:
            chosen[placeholder["name"]] = str(wanted)
    return chosen


def _in_address(chosen: dict[str, str]) -> dict[str, str]:
    return {f"case-{name}": code for name, code in chosen.items()}


def _done() -> str:
    return gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""


def _page(
    found: dict[str, Any],
    parts: dict[str, str],
    chosen: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    reason: str = "",
    done: str | None = None,
) -> Response:
    shown = call(
        calls.PREVIEW_TEMPLATE,
        kind=found["kind"],
        locale=found["locale"],
        parts=parts,
        chosen=chosen,
        drawn=True,
    )
    faults = {
        f"part-{part}": " ".join(fault_text(each) for each in shown["faults"] if each["part"] == part)
        for part in dict.fromkeys(each["part"] for each in shown["faults"])
    }
    changed = "changed" in (errors or {})
    errors = {name: words for name, words in (errors or {}).items() if name != "changed"}
    response = Response(
        render_template(
            "message_templates/edit.html",
            found=found,
            faults=faults,
            texts=parts,
            chosen=chosen,
            case=_in_address(chosen),
            shown=shown,
            errors=errors | faults if errors else {},
            changed=changed,
            reason=reason,
            done=_done() if done is None else done,
            fault_text=fault_text,
            parts=PARTS,
            rows=ROWS,
            forms=FORMS,
            kinds=MESSAGE_KINDS,
            languages=LANGUAGES,
        )
    )
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response
