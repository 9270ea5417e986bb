"""A page of paper for whoever has no document at hand: what is typed, in black and white, as a fax machine sends it."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1728, 2200)
MARGIN, LINE = 150, 64
CHARACTERS = 30
MOST_LINES = 30
FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Light.ttc"),
)
# Of the collection: the shapes of Taiwan.
TAIWAN = 3


def letter(text: str) -> bytes:
    """TIFF of one page."""
    sheet = Image.new("1", SIZE, 1)
    drawn = ImageDraw.Draw(sheet)
    for number, line in enumerate(_lines(text)[:MOST_LINES]):
        drawn.text((MARGIN, MARGIN + number * LINE), line, fill=0, font=_font())
    output = BytesIO()
    sheet.save(output, "TIFF", compression="group4", dpi=(204, 196))
    return output.getvalue()


def _lines(text: str) -> list[str]:
    return [
        line[at : at + CHARACTERS]
        for line in text.splitlines()
        for at in range(0, max(len(line), 1), CHARACTERS)
    ]


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for path in FONTS:
        if path.exists():
            return ImageFont.truetype(path, 44, index=TAIWAN)
    return ImageFont.load_default(44)
