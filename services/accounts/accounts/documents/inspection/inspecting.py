"""Reads an uploaded file in the worker: can it be opened, is there anything on it, what does its QR code say.

Rebuilding is the defence: what a viewer shows of a PDF is copied into a new document, pictures are encoded anew, so
that whatever acts, or stood before, after or between them, is gone.
"""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES
from PIL import Image, ImageChops, ImageFilter

from accounts.documents.inspection.pictures import MOST_PIXELS, rebuilt_picture
from accounts.documents.inspection.rebuilding import rebuilt_pdf
from accounts.documents.rules import UploadRefused, pdf_within

# A page is looked at with about this many pixels: a QR code of 25 mm on A4 then has 4 pixels a module.
LOOKED_AT_PIXELS = 5_000_000
PAGES_SEARCHED_FOR_CODES = 5
PREVIEW_SIDE = 900  # the case number can be read
# Ink: pixels that differ from the paper by this much; a stamp or a line of writing covers far more than the share.
INK_CONTRAST = 48
LEAST_INK_SHARE = 0.0004
EDGE_SHARE = 0.03  # scanners draw shadows along the edges

QR_CODES: Any = zxingcpp.BarcodeFormat.QRCode


def inspected(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The result for the caller and the rebuilt file."""
    try:
        if pdf_within(content) is not None:
            media_type, (rebuilt, pages) = "application/pdf", rebuilt_pdf(content)
            require_few_pixels(rebuilt)
            pictures, preview = pictures_of(rebuilt, pages), preview_of_pdf(rebuilt)
        else:
            picture, rebuilt, media_type = rebuilt_picture(content)
            pages, pictures, preview = 1, iter((looked_at(picture),)), preview_of(picture)
        if len(rebuilt) > LARGEST_FILE_BYTES:
            raise UploadRefused("FILE_TOO_LARGE")
        codes, blank = set(), True
        for number, picture in enumerate(pictures, start=1):
            blank = blank and is_blank(picture)
            codes |= {code.text for code in zxingcpp.read_barcodes(picture, formats=QR_CODES)}
            if not blank and (codes or number >= PAGES_SEARCHED_FOR_CODES):
                break
        if blank:
            raise UploadRefused("FILE_BLANK")
    except UploadRefused as refused:
        return {"refused": str(refused)}, b""
    told = {"media_type": media_type, "pages": pages, "codes": sorted(codes)}
    return told | {"preview": base64.b64encode(preview).decode()}, rebuilt


def require_few_pixels(content: bytes) -> None:
    """Raises UploadRefused where a picture in a PDF declares more pixels than one that comes alone may have."""
    with pikepdf.open(BytesIO(content)) as document:
        for found in document.objects:
            if not isinstance(found, pikepdf.Stream) or found.get("/Subtype") != "/Image":
                continue
            most = MOST_PIXELS["JPEG" if found.get("/Filter") == "/DCTDecode" else "PNG"]
            if int(found.get("/Width", 0)) * int(found.get("/Height", 0)) > most:
                raise UploadRefused("FILE_TOO_MANY_PIXELS")


def preview_of_pdf(content: bytes) -> bytes:
    """The first page as a small picture. Raises UploadRefused."""
    try:
        page = pypdfium2.PdfDocument(content)[0]
        width, height = page.get_size()
        return preview_of(page.render(scale=PREVIEW_SIDE / max(width, height, 1.0)).to_pil())
    except (pypdfium2.PdfiumError, MemoryError) as problem:
        raise UploadRefused("FILE_UNREADABLE") from problem


def preview_of(picture: Image.Image) -> bytes:
    """In colour, stamps are red; as a JPEG of at most PREVIEW_SIDE pixels a side."""
    small = picture.convert("RGB")
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    output = BytesIO()
    small.save(output, "JPEG", quality=80)
    return output.getvalue()


def looked_at(picture: Image.Image) -> Image.Image:
    """In grey, with as many pixels as are looked at."""
    grey = picture.convert("L")
    share = (LOOKED_AT_PIXELS / (grey.width * grey.height)) ** 0.5
    if share >= 1:
        return grey
    return grey.resize((max(1, int(grey.width * share)), max(1, int(grey.height * share))))


def pictures_of(content: bytes, pages: int) -> Any:
    """Each page as a grey picture. Raises UploadRefused when a page cannot be drawn."""
    try:
        document = pypdfium2.PdfDocument(content)
        for index in range(pages):
            page = document[index]
            width, height = page.get_size()
            scale = min(4.0, (LOOKED_AT_PIXELS / max(width * height, 1.0)) ** 0.5)
            yield page.render(scale=scale, grayscale=True).to_pil().convert("L")
            page.close()
    except (pypdfium2.PdfiumError, MemoryError) as problem:
        raise UploadRefused("FILE_UNREADABLE") from problem


def is_blank(picture: Image.Image) -> bool:
    """Whether there is next to nothing on the paper: too few pixels differ from its own colour.

    Specks of dust and a scanner's noise go with a median filter; the paper may be of any brightness.
    """
    small = picture.copy()
    small.thumbnail((1200, 1200))
    across, down = int(small.width * EDGE_SHARE), int(small.height * EDGE_SHARE)
    if small.width > 50 and small.height > 50:
        small = small.crop((across, down, small.width - across, small.height - down))
    small = small.filter(ImageFilter.MedianFilter(3))
    histogram = small.histogram()
    half, seen, paper = sum(histogram) / 2, 0, 255
    for shade, pixels in enumerate(histogram):
        seen += pixels
        if seen >= half:
            paper = shade
            break
    contrast = ImageChops.difference(small, Image.new("L", small.size, paper)).histogram()
    return sum(contrast[INK_CONTRAST:]) / sum(contrast) < LEAST_INK_SHARE
