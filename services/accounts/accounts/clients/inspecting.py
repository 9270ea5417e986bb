"""Reads an uploaded file in the worker: can it be opened, is there anything on it, what does its QR code say.

Rebuilding is the defence: pages are copied into a new document without anything that acts, pictures are encoded anew,
so that whatever stood before, after or between them is gone.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

MOST_PAGES = 20
MOST_PIXELS = 40_000_000
# What is kept of a picture: a sheet of A4 at 300 dots per inch. Cameras give five times that; encoding it takes long.
KEPT_PIXELS = 2480 * 3508
LARGEST_BYTES = 10 * 1024 * 1024
# A page is looked at with about this many pixels: a QR code of 25 mm on A4 then has 4 pixels a module.
LOOKED_AT_PIXELS = 5_000_000
PAGES_SEARCHED_FOR_CODES = 5
# Ink: pixels that differ from the paper by this much; a stamp or a line of writing covers far more than the share.
INK_CONTRAST = 48
LEAST_INK_SHARE = 0.0004
EDGE_SHARE = 0.03  # scanners draw shadows along the edges

ACTIVE_KEYS = (
    "/AA",
    "/OpenAction",
    "/JS",
    "/JavaScript",
    "/EmbeddedFiles",
    "/EF",
    "/XFA",
    "/RichMediaContent",
)
ACTIVE_ACTIONS = (
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
    "/RichMediaExecute", "/Trans", "/Hide", "/SetOCGState",
)  # fmt: skip
ACTIVE_ANNOTATIONS = ("/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D")

QR_CODES: Any = zxingcpp.BarcodeFormat.QRCode

Image.MAX_IMAGE_PIXELS = None  # our own limit is applied before a pixel is decoded


class Refused(Exception):
    """The file cannot be taken; the argument is the code."""


def inspected(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The result for the caller and the rebuilt file."""
    try:
        if content.startswith(b"%PDF-"):
            media_type, (rebuilt, pages) = "application/pdf", rebuilt_pdf(content)
            pictures = pictures_of(rebuilt, pages)
        else:
            picture, rebuilt, media_type = rebuilt_picture(content)
            pages, pictures = 1, iter((picture,))
        if len(rebuilt) > LARGEST_BYTES:
            raise Refused("FILE_TOO_LARGE")
        codes, blank = set(), True
        for number, picture in enumerate(pictures, start=1):
            blank = blank and is_blank(picture)
            codes |= {code.text for code in zxingcpp.read_barcodes(picture, formats=QR_CODES)}
            if not blank and (codes or number >= PAGES_SEARCHED_FOR_CODES):
                break
        if blank:
            raise Refused("FILE_BLANK")
    except Refused as refused:
        return {"refused": str(refused)}, b""
    return {"media_type": media_type, "pages": pages, "codes": sorted(codes)}, rebuilt


def rebuilt_pdf(content: bytes) -> tuple[bytes, int]:
    """The pages in a new document, and how many they are. Raises Refused."""
    try:
        with pikepdf.open(BytesIO(content), attempt_recovery=False) as given:
            if given.is_encrypted:
                raise Refused("FILE_ENCRYPTED")
            count = len(given.pages)
            if count == 0:
                raise Refused("FILE_UNREADABLE")
            if count > MOST_PAGES:
                raise Refused("FILE_TOO_MANY_PAGES")
            with pikepdf.new() as fresh:
                fresh.pages.extend(given.pages)
                for page in fresh.pages:
                    disarm_page(page)
                for found in fresh.objects:
                    disarm(found)
                require_few_pixels(fresh)
                output = BytesIO()
                fresh.save(
                    output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
                )
    except pikepdf.PasswordError as problem:
        raise Refused("FILE_ENCRYPTED") from problem
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError, RuntimeError) as problem:
        raise Refused("FILE_UNREADABLE") from problem
    return output.getvalue(), count


def disarm_page(page: Any) -> None:
    """Annotations that play, open or attach go; the others lose what they would do."""
    annotations = page.obj.get("/Annots")
    if annotations is None:
        return
    kept = [a for a in annotations if str(a.get("/Subtype")) not in ACTIVE_ANNOTATIONS]
    for annotation in kept:
        for key in ("/A", "/AA"):
            if key in annotation:
                del annotation[key]
    page.obj["/Annots"] = pikepdf.Array(kept)


def disarm(value: Any, depth: int = 0) -> None:
    """Take out of a dictionary, and of what it holds directly, every key and action that acts."""
    if depth > 20:
        return
    if isinstance(value, pikepdf.Array):
        for item in value:
            if not item.is_indirect if isinstance(item, pikepdf.Object) else False:
                disarm(item, depth + 1)
        return
    if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return
    for key in ACTIVE_KEYS:
        if key in value:
            del value[key]
    if (str(value.get("/S", "")) in ACTIVE_ACTIONS and "/Type" not in value) or value.get(
        "/Type"
    ) == "/Action":
        for key in list(value.keys()):
            del value[key]
        return
    for key in list(value.keys()):
        item = value.get(key)
        if isinstance(item, pikepdf.Object) and not item.is_indirect:
            disarm(item, depth + 1)


def require_few_pixels(document: Any) -> None:
    """Raises Refused where a picture declares more than 40 million pixels."""
    for found in document.objects:
        is_picture = isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Image"
        if is_picture and int(found.get("/Width", 0)) * int(found.get("/Height", 0)) > MOST_PIXELS:
            raise Refused("FILE_TOO_MANY_PIXELS")


def pictures_of(content: bytes, pages: int) -> Any:
    """Each page as a grey picture. Raises Refused when a page cannot be drawn."""
    try:
        document = pypdfium2.PdfDocument(content)
        for index in range(pages):
            page = document[index]
            width, height = page.get_size()
            scale = min(4.0, (LOOKED_AT_PIXELS / max(width * height, 1.0)) ** 0.5)
            yield page.render(scale=scale, grayscale=True).to_pil().convert("L")
            page.close()
    except (pypdfium2.PdfiumError, MemoryError) as problem:
        raise Refused("FILE_UNREADABLE") from problem


def rebuilt_picture(content: bytes) -> tuple[Image.Image, bytes, str]:
    """The picture for looking at, encoded anew without metadata, and its type. Raises Refused.

    The type is that of the signature: a telephone's JPEG may carry a second picture, which Pillow calls MPO. A PNG
    that would not fit as one, a photograph of many colours, becomes a JPEG.
    """
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as given:
            if given.width * given.height > MOST_PIXELS:
                raise Refused("FILE_TOO_MANY_PIXELS")
            given.draft(None, kept_size(given))
            given.load()
            upright = ImageOps.exif_transpose(given)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as problem:
        raise Refused("FILE_UNREADABLE") from problem
    upright = upright.resize(kept_size(upright)) if upright.size != kept_size(upright) else upright
    if "A" in upright.getbands() or "transparency" in upright.info:
        paper = Image.new("RGBA", upright.size, "white")
        paper.alpha_composite(upright.convert("RGBA"))
        upright = paper
    plain = upright.convert("L" if upright.mode in ("1", "L") else "RGB")
    encoded, media_type = encoded_as(plain, "JPEG" if content.startswith(b"\xff\xd8\xff") else "PNG")
    looked_at = plain.convert("L")
    share = (LOOKED_AT_PIXELS / (plain.width * plain.height)) ** 0.5
    if share < 1:
        looked_at = looked_at.resize((max(1, int(plain.width * share)), max(1, int(plain.height * share))))
    return looked_at, encoded, media_type


def kept_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height as they will be kept, upright or not."""
    share = min(1.0, (KEPT_PIXELS / (picture.width * picture.height)) ** 0.5)
    return max(1, int(picture.width * share)), max(1, int(picture.height * share))


def encoded_as(picture: Image.Image, kind: str) -> tuple[bytes, str]:
    output = BytesIO()
    picture.save(output, kind, quality=90)
    if kind == "PNG" and output.tell() > LARGEST_BYTES:
        return encoded_as(picture, "JPEG")
    return output.getvalue(), f"image/{kind.lower()}"


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
