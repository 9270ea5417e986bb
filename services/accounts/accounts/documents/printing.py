"""What the portal draws: the form to be stamped and the receipt as PDF with embedded Chinese, pages as pictures."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FunctionLoader, select_autoescape
from mtnet_chassis.data.files import Files
from mtnet_chassis.glyphs import with_code_points
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.dates import moment_as_text
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_MEGABYTES
from mtnet_contracts.vocabulary.texts import N_, Texts, texts_of
from mtnet_contracts.vocabulary.written_telephones import written

from accounts.applications.rules import Application, Form
from accounts.documents.rules import qr_text
from accounts.documents.worker import WorkerFailed, WorkerLate, work


def form_pdf(
    application: Application,
    *,
    masked_id_number: str,
    digest: str,
    portal_url: str,
    directory: Path | None = None,
) -> bytes:
    """The application form to print, stamp and scan. Raises WorkerFailed."""
    return _pdf(
        "form.html",
        application,
        directory,
        id_number=masked_id_number,
        digest=digest,
        megabytes=LARGEST_FILE_MEGABYTES,
        qr=_qr(qr_text(portal_url, application.case_number, digest)),
    )


def receipt_pdf(application: Application, *, portal_url: str, directory: Path | None = None) -> bytes:
    """The receipt: that an application came in, when, and how to follow it."""
    return _pdf(
        "receipt.html",
        application,
        directory,
        id_number=application.answers.handed_in()[0].masked_id_number,
        portal_url=portal_url,
        qr=_qr(f"{portal_url}/case?number={application.case_number}"),
    )


def draw_page(files: Files, form: Form, page: int, key: str, *, directory: Path | None = None) -> None:
    """Draw the page as a picture and store it under `key`.

    Slow; no transaction. Raises Refused(FILE_UNREADABLE), WorkerLate.
    """
    try:
        _, picture = work("page", {"page": page}, files.get(form.key), directory=directory)
    except WorkerLate:
        raise
    except WorkerFailed as problem:
        raise Refused("FILE_UNREADABLE") from problem
    files.put(key, picture)


def _qr(text: str) -> str:
    uri: str = segno.make(text, error="q", micro=False).svg_data_uri(scale=4, border=4, dark="#0b2239")
    return uri


def _pdf(template: str, application: Application, directory: Path | None, **facts: Any) -> bytes:
    html = (
        _environment()
        .get_template(template)
        .render(
            application=application,
            answers=application.answers,
            locale=application.locale,
            _=_texts(application.locale).__getitem__,
            in_other=_texts("en" if application.locale == "zh-Hant" else "zh-Hant").__getitem__,
            made_at=datetime.now(UTC),
            **facts,
        )
    )
    _, document = work("document", {"html": with_code_points(html)}, directory=directory)
    return document


def _texts(locale: str) -> Texts:
    return texts_of(locale, "accounts", labels.LABELS)


@cache
def _environment() -> Environment:
    folder = files("accounts") / "documents" / "templates"
    environment = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        autoescape=select_autoescape(default=True, default_for_string=True),
    )
    environment.globals |= {"labels": labels, "N_": N_}
    environment.filters["when"] = moment_as_text
    environment.filters["telephone"] = written
    return environment
