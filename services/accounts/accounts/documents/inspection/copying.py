"""Copies the pages of a PDF into a new one: what is known to be drawn, and what is shown on them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pikepdf

from accounts.documents.inspection.pdf_kinds import FILTERS, KINDS, STREAMS
from accounts.documents.inspection.pdf_values import (
    is_plain,
    nothing,
    numbers,
    operator,
    plain,
    rectangle,
    turned_about,
    written,
)
from accounts.documents.inspection.visible import (
    NO_ROTATE,
    Layers,
    appearance,
    flags_of,
    inherited,
    shown_annotations,
)
from accounts.documents.rules import UploadRefused

MOST_OBJECTS = 50_000
MOST_CONTENT_BYTES = 64 * 1024 * 1024  # drawing operators, unfolded
MOST_ANNOTATIONS = 2_000
DEEPEST = 60
LONGEST_SIDE = 14_400  # Acrobat's limit, in units of the page
PICTURE_FILES = ("/DCTDecode", "/DCT", "/JPXDecode")  # whole files, which may say more than the picture
LETTER = (0.0, 0.0, 612.0, 792.0)  # what viewers take where a page says no size


class Copier:
    """Copies into a new document. What is shared stays shared, what refers to itself goes on doing so."""

    def __init__(self, fresh: pikepdf.Pdf, layers: Layers) -> None:
        self._fresh = fresh
        self._layers = layers
        self._copied: dict[tuple[tuple[int, int], str], Any] = {}
        self._objects = 0
        self._content_bytes = 0

    def add_page(self, given: Any) -> None:
        annotations = shown_annotations(given, self._layers)
        if len(annotations) > MOST_ANNOTATIONS:
            raise UploadRefused("FILE_UNREADABLE")
        media = rectangle(inherited(given, "/MediaBox")) or LETTER
        if max(media[2] - media[0], media[3] - media[1]) > LONGEST_SIDE:
            raise UploadRefused("FILE_UNREADABLE")
        page = pikepdf.Dictionary(Type=pikepdf.Name.Page, MediaBox=pikepdf.Array(media))
        crop = rectangle(inherited(given, "/CropBox"))
        # One beside the page shows nothing of it, and viewers pass over it.
        if crop and crop[0] < media[2] and media[0] < crop[2] and crop[1] < media[3] and media[1] < crop[3]:
            page["/CropBox"] = pikepdf.Array(crop)
        turned = inherited(given, "/Rotate")
        turned = int(turned) % 360 if isinstance(turned, int | Decimal) else 0
        if turned in (90, 180, 270):
            page["/Rotate"] = turned
        unit = given.get("/UserUnit")
        if isinstance(unit, int | Decimal) and 0 < unit <= LONGEST_SIDE:
            page["/UserUnit"] = unit
        group = self.copy(given.get("/Group"), "group")
        if group is not None:
            page["/Group"] = group
        resources = inherited(given, "/Resources")
        content = self._content_of(given.get("/Contents"), resources)
        resources = self.copy(resources, "resources") or pikepdf.Dictionary()
        marks = [found for one in annotations if (found := self._mark(one, turned))]
        if marks:
            content, resources = self._beneath(content, resources, media, marks)
        page["/Resources"] = resources
        page["/Contents"] = pikepdf.Stream(self._fresh, content)
        self._fresh.pages.append(pikepdf.Page(self._fresh.make_indirect(page)))

    def _beneath(
        self, content: bytes, resources: Any, media: Iterable[float], marks: list[tuple[bytes, Any]]
    ) -> tuple[bytes, Any]:
        """The page as one drawing, so that whatever state it ends in is over, and the marks on it."""
        sheet = pikepdf.Stream(self._fresh, content)
        sheet["/Type"], sheet["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
        sheet["/BBox"], sheet["/Resources"] = pikepdf.Array(media), resources
        drawings = pikepdf.Dictionary({"/Sheet": sheet})
        lines = [b"/Sheet Do"]
        for number, (place, drawing) in enumerate(marks):
            drawings[f"/Mark{number}"] = drawing
            lines.append(b"q %s /Mark%d Do Q" % (place, number))
        return b"\n".join(lines), pikepdf.Dictionary(XObject=drawings)

    def _mark(self, annotation: Any, turned: int) -> tuple[bytes, Any] | None:
        """Where an annotation is drawn, as operators, and its drawing (ISO 32000-2, 12.5.5, algorithm 8.1)."""
        drawing = appearance(annotation)
        if drawing is None:
            return _line_of(self._fresh, annotation)
        area, box = rectangle(annotation.get("/Rect")), rectangle(drawing.get("/BBox"))
        if area is None or box is None or not self._layers.shows(drawing.get("/OC")):
            return None
        matrix = numbers(drawing.get("/Matrix"), 6) or (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        a, b, c, d, e, f = matrix
        corners = [(a * x + c * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
        left, low = min(x for x, _ in corners), min(y for _, y in corners)
        wide, high = max(x for x, _ in corners) - left, max(y for _, y in corners) - low
        if wide <= 0 or high <= 0:
            return None
        across, up = (area[2] - area[0]) / wide, (area[3] - area[1]) / high
        place = operator(across, 0, 0, up, area[0] - left * across, area[1] - low * up)
        if turned and flags_of(annotation) & NO_ROTATE:
            place = turned_about(area[0], area[3], turned) + b" " + place
        made = self.copy(drawing, "form")
        return None if made is None else (place, made)

    def _content_of(self, given: Any, resources: Any) -> bytes:
        streams = given if isinstance(given, pikepdf.Array) else [given]
        found = pikepdf.Stream(
            self._fresh, b"\n".join(self._bytes_of(one) for one in streams if isinstance(one, pikepdf.Stream))
        )
        return self._shown(found, resources)

    def _shown(self, content: pikepdf.Stream, resources: Any) -> bytes:
        if self._layers.all_on:
            found: bytes = content.read_bytes()
            return found
        properties = resources.get("/Properties") if isinstance(resources, pikepdf.Dictionary) else None
        return self._layers.shown_part(content, properties)

    def _bytes_of(self, stream: Any) -> bytes:
        found: bytes = b"" if "/F" in stream else stream.read_bytes()
        self._content_bytes += len(found)
        if self._content_bytes > MOST_CONTENT_BYTES:
            raise UploadRefused("FILE_UNREADABLE")
        return found

    def copy(self, given: Any, kind: str, depth: int = 0) -> Any:
        """A copy for the new document, or None where there is nothing of that kind."""
        if depth > DEEPEST:
            raise UploadRefused("FILE_UNREADABLE")
        if given is None or is_plain(given):
            return plain(given)
        if kind.endswith("[]"):
            return self._items(given, kind[:-2], depth)
        if isinstance(given, pikepdf.Array):
            # The array of a colour space, of functions, of a font and its size; colours that mask a picture.
            return self._items(given, kind, depth)
        key = (given.objgen, kind)
        if given.is_indirect and key in self._copied:
            return self._copied[key]
        self._count(1)
        if kind in STREAMS and not isinstance(given, pikepdf.Stream):
            return None
        made: Any = pikepdf.Dictionary()
        if isinstance(given, pikepdf.Stream):
            made = pikepdf.Stream(self._fresh, b"")
        elif given.is_indirect:
            made = self._fresh.make_indirect(made)
        if given.is_indirect:
            self._copied[key] = made
        if kind.endswith("*"):
            for name, value in given.items():
                _put(made, name, self.copy(value, kind[:-1], depth + 1))
            return made
        self._fill(made, given, kind, depth)
        return made

    def _count(self, more: int) -> None:
        self._objects += more
        if self._objects > MOST_OBJECTS:
            raise UploadRefused("FILE_UNREADABLE")

    def _items(self, given: Any, kind: str, depth: int) -> Any:
        if not isinstance(given, pikepdf.Array):
            return None
        self._count(len(given))
        copies = [self.copy(item, kind, depth + 1) for item in given]
        return pikepdf.Array([nothing() if one is None else one for one in copies])

    def _fill(self, made: Any, given: Any, kind: str, depth: int) -> None:
        if kind == "xobject":
            kind = "image" if given.get("/Subtype") == "/Image" else "form"
        if kind in ("image", "form"):
            # What must be a drawing, an appearance say, is drawn also where it does not call itself one.
            known = given.get("/Subtype", "/Form" if kind == "form" else "") in ("/Image", "/Form")
            if not known or not self._layers.shows(given.get("/OC")):
                _empty_form(made)
                return
        shape = KINDS[kind]
        for key, value in given.items():
            if key in shape.plain:
                _put(made, key, plain(value))
            elif key in shape.parts:
                _put(made, key, self.copy(value, shape.parts[key], depth + 1))
        if not isinstance(given, pikepdf.Stream):
            return
        if kind == "form":
            made["/Subtype"] = pikepdf.Name.Form
        if shape.drawn:
            content = pikepdf.Stream(self._fresh, self._bytes_of(given))
            made.write(self._shown(content, given.get("/Resources")))
            return
        self._fill_bytes(made, given, depth)

    def _fill_bytes(self, made: Any, given: Any, depth: int) -> None:
        """The stream as it is encoded, if in a way that viewers know; bytes in another file are not ours to fetch."""
        filters = given.get("/Filter")
        names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
        if filters is None:
            names = []
        if "/F" in given or not FILTERS.issuperset(names):
            return
        raw, filters = given.read_raw_bytes(), plain(filters)
        parameters = self.copy(given.get("/DecodeParms"), "filter", depth + 1)
        if names and names[-1] in PICTURE_FILES:
            if len(names) > 1:
                raw, filters, parameters = self._unwrapped(raw, names, parameters)
            raw = without_metadata(raw) if names[-1] != "/JPXDecode" else without_boxes(raw)
        made.write(raw, filter=filters, decode_parms=parameters)

    def _unwrapped(self, raw: bytes, names: list[str], parameters: Any) -> tuple[bytes, Any, Any]:
        """The file of a picture out of what it is packed in once more, and how itself is to be read."""
        each = list(parameters) if isinstance(parameters, pikepdf.Array) else [nothing()] * len(names)
        packed = pikepdf.Stream(self._fresh, b"")
        around = pikepdf.Array([pikepdf.Name(name) for name in names[:-1]])
        packed.write(raw, filter=around, decode_parms=pikepdf.Array(each[: len(names) - 1]))
        own = each[len(names) - 1] if len(each) == len(names) else None
        return self._bytes_of(packed), pikepdf.Name(names[-1]), own


def without_metadata(jpeg: bytes) -> bytes:
    """A JPEG stream without comments, Exif (place, camera, thumbnail) and the like, and without what follows its end.

    JFIF and Adobe's segment (APP0, APP14) say how colours are meant and stay. Anything unusual is left as it is.
    """
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xDA:  # the picture itself begins
            end = jpeg.rfind(b"\xff\xd9")
            return b"".join(kept) + (jpeg[at : end + 2] if end > at else jpeg[at:])
        length = 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if marker not in (*range(0xE1, 0xEE), 0xEF, 0xFE):
            kept.append(jpeg[at : at + length])
        at += length
    return jpeg


def without_boxes(picture: bytes) -> bytes:
    """A JPEG 2000 file without the boxes that hold XML, Exif and the like (ISO 15444-1, annex I); a bare stream of code
    has none. Anything unusual is left as it is."""
    kept, at = [], 0
    if picture[4:8] != b"jP  ":
        return picture
    while at + 8 <= len(picture):
        length = int.from_bytes(picture[at : at + 4])
        if length == 1:
            length = int.from_bytes(picture[at + 8 : at + 16])
        end = at + length if length else len(picture)
        if length in range(1, 8):
            return picture
        if picture[at + 4 : at + 8] not in (b"xml ", b"uuid", b"uinf", b"jp2i", b"free", b"skip"):
            kept.append(picture[at:end])
        at = end
    return b"".join(kept)


def _line_of(fresh: pikepdf.Pdf, annotation: Any) -> tuple[bytes, Any] | None:
    """A line of one or more pieces, which other viewers draw where Chrome's draws none."""
    kind = annotation.get("/Subtype")
    points = numbers(annotation.get("/L" if kind == "/Line" else "/Vertices"))
    colour, area = numbers(annotation.get("/C")), rectangle(annotation.get("/Rect"))
    if (
        kind not in ("/Line", "/PolyLine", "/Polygon")
        or not points
        or len(points) < 4
        or not colour
        or not area
    ):
        return None
    if "/AP" in annotation:
        return None
    style = annotation.get("/BS")
    width = numbers(pikepdf.Array([style.get("/W", 1)]), 1) if isinstance(style, pikepdf.Dictionary) else None
    stroke = {1: b"G", 3: b"RG", 4: b"K"}.get(len(colour))
    if stroke is None:
        return None
    pairs = list(zip(points[::2], points[1::2], strict=False))
    path = b" ".join(
        b"%s %s" % (written(*pair), b"l" if number else b"m") for number, pair in enumerate(pairs)
    )
    wide = width[0] if width else 1.0
    drawn = b"%s %s %s w %s %s" % (
        written(*colour),
        stroke,
        written(wide),
        path,
        b"s" if kind == "/Polygon" else b"S",
    )
    drawing = pikepdf.Stream(fresh, drawn)
    xs, ys = points[::2], points[1::2]
    _empty_form(drawing, (min(xs) - wide, min(ys) - wide, max(xs) + wide, max(ys) + wide), drawn)
    return b"", drawing


def _empty_form(made: Any, box: tuple[float, ...] = (0, 0, 0, 0), content: bytes = b"") -> None:
    made["/Type"], made["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
    made["/BBox"] = pikepdf.Array(box)
    made.write(content)


def _put(made: Any, key: str, value: Any) -> None:
    if value is not None:
        made[key] = value
