"""Pages of faxes as pictures: TIFF, as machines write it, and PDF. Runs in a child process (tasks.py)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, UnidentifiedImageError

MOST_PAGES = 50
SHOWN_WIDTH = 1240
MOST_PIXELS = 60_000_000
DOTS_PER_INCH = 150
# Machines send lines twice as high as wide in their standard resolution (98 lines an inch, 204 dots).
FLAT = 1.5

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class NoPages(Exception):
    """No document, or none that can be shown."""


def pages_of(kind: str, content: bytes) -> list[bytes]:
    """Each page as PNG, no more than MOST_PAGES. Raises NoPages."""
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            pictures = _of_pdf(content) if kind == "application/pdf" else _of_tiff(content)
            pages = [_png(each) for _, each in zip(range(MOST_PAGES), pictures, strict=False)]
    except (
        pypdfium2.PdfiumError, UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError,
        Image.DecompressionBombError, Image.DecompressionBombWarning, KeyError, TypeError, IndexError, OverflowError,
    ) as problem:  # fmt: skip
        raise NoPages(type(problem).__name__) from problem
    if not pages:
        raise NoPages("empty")
    return pages


def _of_pdf(content: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(content)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        width, height = page.get_size()
        if width <= 0 or height <= 0 or width > 5000 or height > 5000:
            raise ValueError("size")
        yield page.render(scale=DOTS_PER_INCH / 72).to_pil().convert("L")


def _of_tiff(content: bytes) -> Iterator[Image.Image]:
    tiff = Image.open(BytesIO(content), formats=("TIFF",))
    for number in range(MOST_PAGES):
        try:
            tiff.seek(number)
        except EOFError:
            return
        across, down = (float(each) for each in tiff.info.get("dpi") or (1, 1))
        picture = tiff.convert("L")
        if down and FLAT < across / down < 2 * FLAT:
            picture = picture.resize((picture.width, round(picture.height * across / down)))
        yield picture


def _png(picture: Image.Image) -> bytes:
    if picture.width > SHOWN_WIDTH:
        height = max(1, round(picture.height * SHOWN_WIDTH / picture.width))
        picture = picture.resize((SHOWN_WIDTH, height), Image.Resampling.BOX)
    output = BytesIO()
    # Sixteen greys are what a fax needs, and a third of the bytes.
    picture.quantize(16).save(output, "PNG", optimize=False)
    return output.getvalue()
