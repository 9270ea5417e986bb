"""Draws one page of a kept form, in the worker: a picture is all that a reviewer's browser gets to open."""

from __future__ import annotations

from io import BytesIO

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

# A4 at about 190 dots per inch: the small print and the stamp can be read, the picture stays below 1 MB.
SHOWN_PIXELS = 3_500_000
Image.MAX_IMAGE_PIXELS = None  # the upload was measured when it came in


def page_picture(content: bytes, page: int) -> bytes:
    """Page `page`, from 1, as a JPEG in colour: stamps are red. Raises what the libraries raise."""
    if content.startswith(b"%PDF-"):
        sheet = pypdfium2.PdfDocument(content)[page - 1]
        width, height = sheet.get_size()
        picture = sheet.render(scale=min(4.0, _share(width * height))).to_pil()
    else:
        picture = Image.open(BytesIO(content), formats=("JPEG", "PNG"))
        share = min(1.0, _share(picture.width * picture.height))
        picture.thumbnail((max(1, int(picture.width * share)), max(1, int(picture.height * share))))
    output = BytesIO()
    picture.convert("RGB").save(output, "JPEG", quality=85)
    return output.getvalue()


def _share(area: float) -> float:
    """By how much the sides grow or shrink to get the pixels wanted."""
    return float((SHOWN_PIXELS / max(area, 1.0)) ** 0.5)
