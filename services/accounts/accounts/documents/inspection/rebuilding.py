"""Builds a new PDF that holds what a viewer shows of an uploaded one, and nothing else.

Only keys that are known to be drawn are copied, at any depth; what stands in form fields, stamps and comments becomes
part of the page. Actions, scripts, attachments, metadata, private data and layers that are off have no place to stand.
"""

from __future__ import annotations

import re
from io import BytesIO

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
from mtnet_contracts.vocabulary.limits import MOST_FILE_PAGES

from accounts.documents.inspection.copying import Copier
from accounts.documents.inspection.visible import Layers, lacks_appearance, shown_annotations
from accounts.documents.rules import UploadRefused, pdf_within

LONGEST_END = 1024  # from `startxref` on
END = b"%%EOF"
AN_OBJECT = re.compile(rb"(?<!\d)\d{1,10}\s{1,9}\d{1,5}\s{1,9}obj\b")


def rebuilt_pdf(content: bytes) -> tuple[bytes, int]:
    """The pages in a new document, and how many they are. Raises UploadRefused."""
    try:
        with _opened(content) as given:
            count = len(given.pages)
            if count == 0:
                raise UploadRefused("FILE_UNREADABLE")
            if count > MOST_FILE_PAGES:
                raise UploadRefused("FILE_TOO_MANY_PAGES")
            if not _needs_appearances(given):
                return _rebuilt(given), count
            plain = BytesIO()
            given.save(plain, encryption=False)
        with pikepdf.open(
            BytesIO(_with_appearances(plain.getvalue(), count)), attempt_recovery=False
        ) as given:
            return _rebuilt(given), count
    except pikepdf.PasswordError as problem:
        raise UploadRefused("FILE_ENCRYPTED") from problem
    except (
        pikepdf.PdfError,
        pypdfium2.PdfiumError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as problem:
        raise UploadRefused("FILE_UNREADABLE") from problem


def _opened(content: bytes) -> pikepdf.Pdf:
    """Raises UploadRefused, and what pikepdf raises.

    A table of contents that is wrong is made anew, as viewers do; but only where the end of the file is there. Of one
    that was cut off nobody can tell what is missing.
    """
    pdf = pdf_within(content)
    if pdf is None:
        raise UploadRefused("FILE_TYPE")
    pdf = _up_to_end(pdf)
    whole = pdf.rstrip().endswith(END) and b"startxref" in pdf[-LONGEST_END:]
    try:
        return pikepdf.open(BytesIO(pdf), attempt_recovery=whole)
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError as problem:
        if "encrypt" in str(problem).lower():  # for a certificate, or in a way that is not known
            raise UploadRefused("FILE_ENCRYPTED") from problem
        raise


def _up_to_end(pdf: bytes) -> bytes:
    """Without what stands behind the end: padding, or a page some proxy added. Half a second version is refused."""
    end = pdf.rfind(END)
    if end < 0:
        return pdf
    behind = pdf[end + len(END) :]
    if AN_OBJECT.search(behind):
        raise UploadRefused("FILE_UNREADABLE")
    return pdf[: end + len(END)] + b"\n"


def _needs_appearances(document: pikepdf.Pdf) -> bool:
    """Whether a viewer draws fields or comments by itself, since the file does not say how they look."""
    layers = Layers(document)
    form = document.Root.get("/AcroForm")
    wants = isinstance(form, pikepdf.Dictionary) and form.get("/NeedAppearances") is True
    return any(
        (wants and annotation.get("/Subtype") == "/Widget") or lacks_appearance(annotation)
        for page in document.pages
        for annotation in shown_annotations(page.obj, layers)
    )


def _with_appearances(content: bytes, pages: int) -> bytes:
    """The same document with the appearances that Chrome's viewer draws, Chinese ones among them."""
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    for index in range(pages):
        page = document[index]
        width, height = page.get_size()
        page.render(scale=min(0.1, 100 / max(width, height, 1.0)))
        page.close()
    output = BytesIO()
    document.save(output)
    document.close()
    return output.getvalue()


def _rebuilt(given: pikepdf.Pdf) -> bytes:
    with pikepdf.new() as fresh:
        copier = Copier(fresh, Layers(given))
        for page in given.pages:
            copier.add_page(page.obj)
        output = BytesIO()
        fresh.save(
            output,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return output.getvalue()
