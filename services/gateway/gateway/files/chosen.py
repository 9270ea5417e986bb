"""Files chosen for an answer: kept by the helpdesk at once, so that no other mistake in the form loses them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g, request
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.helpdesk import kept_files
from mtnet_contracts.vocabulary.desk import MOST_DESK_FILES
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_MEGABYTES
from werkzeug.datastructures import MultiDict

from gateway.calls import call
from gateway.errors.refusals import ERRORS, LIMITS
from gateway.files.uploads import FilesRefused, put_uploads
from gateway.http.incoming import LARGEST_UPLOADS_MEGABYTES
from gateway.locale import gettext
from gateway.rpc.client import Refused

# A box for each file that is kept: its id, a space, and its name, which only the page shows.
KEPT = "kept_file"
MOST_FILES = {
    "most": MOST_DESK_FILES,
    "megabytes": LARGEST_FILE_MEGABYTES,
    "together": LARGEST_UPLOADS_MEGABYTES,
}


def with_chosen_files(keep: Call, **whose: Any) -> MultiDict[str, str]:
    """The form as it was sent; the files that came with it are kept by the call `keep` of `whose` answer, and stand
    in it as boxes that are ticked. From then on what is shown again is another form.

    Raises FilesRefused, and Refused for what is wrong with no file.
    """
    values = MultiDict(request.form)
    new = [each for each in request.files.getlist("files") if each.filename]
    if not new:
        return values
    if len(new) + len(values.getlist(KEPT)) > MOST_DESK_FILES:
        raise FilesRefused(gettext("Choose at most %(most)s files", most=MOST_DESK_FILES))
    with put_uploads(new, most=MOST_DESK_FILES) as uploads:
        try:
            kept = call(keep, **whose, uploads=uploads, form_key=request.form.get("key"))["files"]
        except Refused as refused:
            if refused.code not in kept_files.REFUSALS:
                raise
            raise FilesRefused(_words(refused)) from refused
    boxes = [f"{each['file_id']} {each['filename']}" for each in kept]
    values.setlist(KEPT, list(dict.fromkeys([*values.getlist(KEPT), *boxes])))
    g.another_key = True
    return values


def file_ids(values: MultiDict[str, str]) -> list[str]:
    """Of the boxes that are ticked. What is no id was not written by a page of ours, and is left out."""
    found = []
    for value in values.getlist(KEPT):
        try:
            found.append(str(UUID(value.partition(" ")[0])))
        except ValueError:
            continue
    return found


def _words(refused: Refused) -> str:
    words, name = gettext(ERRORS[refused.code], **LIMITS), refused.detail.get("filename")
    return gettext("%(name)s: %(problem)s", name=name, problem=words) if name else words
