"""Draws a fax: pages of 1728 × 2200 pixels in black and white, as TIFF (Group 4) or PDF."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO

import segno
from mtnet_chassis.glyphs import with_code_points
from PIL import Image, ImageChops

from notify.channels.fax.fonts import BOLD, Typeface, coverage
from notify.channels.fax.layout import Line, Paragraph, Style, broken, paged
from notify.templates.actions import emblem

# 215 mm at 204 dots an inch and 285 mm at 196: what every machine prints on A4 in fine resolution (ITU-T T.4).
WIDTH, HEIGHT = 1728, 2200
DOTS_PER_INCH = (204, 196)
MARGIN = 112
TEXT_WIDTH = WIDTH - 2 * MARGIN
TOP, BOTTOM = 168, HEIGHT - 150
MOST_PAGES = 10
WHITE, BLACK = 255, 0
# Tags of TIFF.
PHOTOMETRIC_INTERPRETATION, ROWS_PER_STRIP = 262, 278

COVER_LINE, SMALL, LABEL = Typeface(29), Typeface(31), Typeface(36)
VALUE, TEXT, TITLE, LETTERHEAD = Typeface(38, BOLD), Typeface(44), Typeface(54, BOLD), Typeface(58, BOLD)
TYPEFACES = {Style.TITLE: TITLE, Style.TEXT: TEXT, Style.ITEM: TEXT, Style.SMALL: SMALL}
LINE_HEIGHTS = {Style.TITLE: 80, Style.TEXT: 70, Style.ITEM: 70, Style.SMALL: 48}
SPACE_BEFORE = {Style.TITLE: 20, Style.TEXT: 30, Style.ITEM: 8, Style.SMALL: 16}
INDENTS = {Style.ITEM: 56}
FACT_HEIGHT, FACT_LABEL_WIDTH = 62, 330
QR_SIZE = 300


@dataclass(frozen=True)
class Fact:
    """A row of the box at the head of the first page."""

    label: str
    value: str


@dataclass(frozen=True)
class Fax:
    """What is drawn. `cover_line` stands at the head of every page, with `page_number` ("%(page)s", "%(pages)s")
    at its end; `foot` at the end of every page. `address` becomes a QR code, with `caption` beside it.
    `cut_short` is said at the end when the text needs more than ten pages.
    """

    subject: str
    letterhead: str
    heading: str
    facts: Sequence[Fact]
    paragraphs: Sequence[Paragraph]
    cover_line: str
    page_number: str
    foot: str
    cut_short: str
    address: str = ""
    caption: Sequence[str] = ()


def drawn(fax: Fax) -> list[Image.Image]:
    """The pages, ten at most. Raises FontsMissing."""
    fax = _printable(fax)
    facts = [
        (fact, broken(fact.value, TEXT_WIDTH - FACT_LABEL_WIDTH - 48, VALUE.advance)) for fact in fax.facts
    ]
    box_height = 2 * 20 + FACT_HEIGHT * sum(len(lines) for _, lines in facts)
    body_top = TOP + 150 + box_height + 30
    end_height = QR_SIZE + 60 if fax.address else 0
    pages = paged(_lines(fax.paragraphs), _height, BOTTOM - body_top, BOTTOM - TOP)
    if len(pages) > MOST_PAGES:
        pages = _shortened(fax, pages)
    used = sum(map(_height, pages[-1])) + (body_top if len(pages) == 1 else TOP)
    if used + end_height > BOTTOM and len(pages) < MOST_PAGES:
        pages.append([])
        used = TOP
    images = []
    for number, lines in enumerate(pages, start=1):
        image = Image.new("1", (WIDTH, HEIGHT), WHITE)
        _draw_frame(image, fax, fax.page_number % {"page": number, "pages": len(pages)})
        if number == 1:
            _draw_head(image, fax, facts, box_height)
        _draw_lines(image, lines, body_top if number == 1 else TOP)
        images.append(image)
    if fax.address and used + end_height <= BOTTOM:
        _draw_end(images[-1], fax, used + 40)
    return images


def as_tiff(pages: Sequence[Image.Image]) -> bytes:
    """TIFF of several pages, Group 4, one strip a page, white as 0 as fax programs expect it (RFC 2301, profile F)."""
    output = BytesIO()
    first, *others = [ImageChops.invert(page) for page in pages]
    first.save(
        output,
        "TIFF",
        compression="group4",
        dpi=DOTS_PER_INCH,
        tiffinfo={ROWS_PER_STRIP: HEIGHT},
        save_all=True,
        append_images=others,
    )
    return _with_white_as_zero(bytearray(output.getvalue()))


def _with_white_as_zero(tiff: bytearray) -> bytes:
    """Say of pages whose ink is 1 that ink is black. Pillow can do so itself, pixel by pixel, in half a second each."""
    (at,) = struct.unpack_from("<I", tiff, 4)
    while at:
        (entries,) = struct.unpack_from("<H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            if struct.unpack_from("<H", tiff, entry) == (PHOTOMETRIC_INTERPRETATION,):
                struct.pack_into("<H", tiff, entry + 8, 0)
        (at,) = struct.unpack_from("<I", tiff, at + 2 + 12 * entries)
    return bytes(tiff)


def as_pdf(pages: Sequence[Image.Image]) -> bytes:
    """A PDF of pictures, each Group 4 inside: for gateways that take no TIFF."""
    output = BytesIO()
    first, *others = pages
    first.save(output, "PDF", dpi=DOTS_PER_INCH, save_all=True, append_images=others)
    return output.getvalue()


def _printable(fax: Fax) -> Fax:
    """With code points for characters that no font of ours has."""

    def shown(text: str) -> str:
        return with_code_points(text, coverage())

    return replace(
        fax,
        facts=[Fact(shown(each.label), shown(each.value)) for each in fax.facts],
        paragraphs=[replace(each, text=shown(each.text)) for each in fax.paragraphs],
        cover_line=shown(fax.cover_line),
    )


def _lines(paragraphs: Sequence[Paragraph]) -> list[Line]:
    return [
        Line(text, paragraph.style, first=number == 0)
        for paragraph in paragraphs
        for number, text in enumerate(
            broken(
                paragraph.text,
                TEXT_WIDTH - INDENTS.get(paragraph.style, 0),
                TYPEFACES[paragraph.style].advance,
            )
        )
    ]


def _height(line: Line) -> int:
    return LINE_HEIGHTS[line.style] + (SPACE_BEFORE[line.style] if line.first else 0)


def _shortened(fax: Fax, pages: list[list[Line]]) -> list[list[Line]]:
    """Ten pages, the last of which says that there is more."""
    notice = _lines([Paragraph(fax.cut_short)])
    wanted, last = sum(map(_height, notice)), list(pages[MOST_PAGES - 1])
    while last and wanted > 0:
        wanted -= _height(last.pop())
    return [*pages[: MOST_PAGES - 1], [*last, *notice]]


def _draw_frame(page: Image.Image, fax: Fax, page_number: str) -> None:
    end = COVER_LINE.width(page_number)
    begun = broken(fax.cover_line, TEXT_WIDTH - end - 40, COVER_LINE.advance)[0]
    COVER_LINE.draw(page, MARGIN, 80, begun)
    COVER_LINE.draw(page, WIDTH - MARGIN - end, 80, page_number)
    page.paste(BLACK, (MARGIN, 128, WIDTH - MARGIN, 132))
    page.paste(BLACK, (MARGIN, HEIGHT - 130, WIDTH - MARGIN, HEIGHT - 128))
    COVER_LINE.draw(page, MARGIN, HEIGHT - 116, broken(fax.foot, TEXT_WIDTH, COVER_LINE.advance)[0])


def _draw_head(page: Image.Image, fax: Fax, facts: Sequence[tuple[Fact, list[str]]], height: int) -> None:
    page.paste(_emblem(), (MARGIN, TOP + 4))
    LETTERHEAD.draw(page, MARGIN + 140, TOP + 14, fax.letterhead)
    LETTERHEAD.draw(page, WIDTH - MARGIN - LETTERHEAD.width(fax.heading), TOP + 14, fax.heading)
    top = TOP + 150
    page.paste(BLACK, (MARGIN, top, WIDTH - MARGIN, top + height))
    page.paste(WHITE, (MARGIN + 3, top + 3, WIDTH - MARGIN - 3, top + height - 3))
    y = top + 20
    for fact, lines in facts:
        LABEL.draw(page, MARGIN + 28, y + 1, fact.label)
        for line in lines:
            VALUE.draw(page, MARGIN + FACT_LABEL_WIDTH, y, line)
            y += FACT_HEIGHT


def _draw_lines(page: Image.Image, lines: Sequence[Line], top: int) -> None:
    y = top
    for line in lines:
        y += SPACE_BEFORE[line.style] if line.first else 0
        if line.first and line.style is Style.ITEM:
            page.paste(BLACK, (MARGIN + 18, y + 27, MARGIN + 32, y + 41))
        TYPEFACES[line.style].draw(page, MARGIN + INDENTS.get(line.style, 0), y, line.text)
        y += LINE_HEIGHTS[line.style]


def _draw_end(page: Image.Image, fax: Fax, top: int) -> None:
    """The QR code, and what it leads to."""
    page.paste(_qr(fax.address), (MARGIN, top))
    y = top + 40
    for text in fax.caption:
        for line in broken(text, TEXT_WIDTH - QR_SIZE - 40, LABEL.advance):
            LABEL.draw(page, MARGIN + QR_SIZE + 40, y, line)
            y += 56


def _qr(address: str) -> Image.Image:
    """Whole dots for every module, so that a scanned fax can still be read."""
    code = segno.make(address, error="m", micro=False)
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(border=2)]
    picture = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    scale = max(1, QR_SIZE // picture.width)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST).convert(
        "1"
    )


@cache
def _emblem() -> Image.Image:
    picture = Image.open(BytesIO(emblem())).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return paper.convert("L").point(lambda shade: 255 if shade > 128 else 0, mode="1")
