"""The documents the portal makes: the form to be stamped and the receipt, as PDF with embedded Chinese."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FunctionLoader, select_autoescape
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.dates import moment_as_text
from mtnet_contracts.vocabulary.telephones import written
from mtnet_contracts.vocabulary.texts import N_, Texts, texts_of

from accounts.applications.rules import CASE_PREFIX, Application
from accounts.documents.worker import work
from accounts.glyphs import with_code_points

HASH_DIGITS = 16
QR_TEXT = re.compile(rf"https?://\S+/f/({CASE_PREFIX}[0-9A-F]{{13}})/([0-9a-f]{{{HASH_DIGITS}}})")


def content_hash(application: Application, person_key: str) -> str:
    """A fingerprint of everything printed on the form: 16 hexadecimal digits. It changes with any answer."""
    printed = {
        "case_number": application.case_number,
        "identity_type": application.identity_type,
        "person": person_key,
        "answers": {s: application.answers.get(s) for s in ("identity", "company", "applicant")},
    }
    text = json.dumps(printed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def qr_text(portal_url: str, case_number: str, digest: str) -> str:
    """What the QR code says: an address at the portal that leads to the case, and the form's fingerprint."""
    return f"{portal_url}/f/{case_number}/{digest}"


def read_qr(text: str) -> tuple[str, str] | None:
    """Case number and fingerprint of a QR code of ours, under whatever address the portal had when it was printed."""
    found = QR_TEXT.fullmatch(text)
    return (found[1], found[2]) if found else None


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
        qr=_qr(qr_text(portal_url, application.case_number, digest)),
    )


def receipt_pdf(application: Application, *, portal_url: str, directory: Path | None = None) -> bytes:
    """The receipt: that an application came in, when, and how to follow it."""
    return _pdf(
        "receipt.html",
        application,
        directory,
        id_number=application.answers["identity"]["masked_id_number"],
        portal_url=portal_url,
        qr=_qr(f"{portal_url}/case?number={application.case_number}"),
    )


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
    folder = files("accounts") / "templates"
    environment = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        autoescape=select_autoescape(default=True, default_for_string=True),
    )
    environment.globals |= {"labels": labels, "N_": N_}
    environment.filters["when"] = moment_as_text
    environment.filters["telephone"] = written
    return environment
