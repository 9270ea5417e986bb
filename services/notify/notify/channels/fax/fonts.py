"""The letters of a fax: fonts as fontconfig names them, and each letter drawn once as a bitmap of two colours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from mtnet_chassis.glyphs import Coverage, coverage_told, is_drawn, told_by_fontconfig
from PIL import Image, ImageDraw, ImageFont

# The families of the application form, in the order in which they are asked for a character.
REGULAR = (("Noto Sans CJK TC", "Regular"), ("HanaMinA", "Regular"), ("HanaMinB", "Regular"))
BOLD = (("Noto Sans CJK TC", "Bold"), *REGULAR)
# Letters that are kept as bitmaps, each up to 4 kB: more than a year's notices use.
KEPT_LETTERS = 6000
# What is this grey or darker becomes black. FreeType's own two-colour drawing makes strokes of uneven width.
DARK_ENOUGH = 150


class FontsMissing(Exception):
    """The fonts of the printed documents are not installed: fonts-noto-cjk, fonts-hanazono, fontconfig."""


@dataclass(frozen=True)
class FontFile:
    path: str
    index: int
    coverage: Coverage


@dataclass(frozen=True)
class Letter:
    """One character. `bitmap` is white where there is ink, and stands `left`, `top` of where the character begins."""

    bitmap: Image.Image | None
    left: int
    top: int
    advance: float


@cache
def font_files() -> dict[tuple[str, str], FontFile]:
    """The fonts of this machine that faxes use, by family and style. Raises FontsMissing."""
    wanted = set(REGULAR + BOLD)
    found: dict[tuple[str, str], FontFile] = {}
    for line in (told_by_fontconfig("%{family}|%{style}|%{index}|%{file}|%{charset}\n") or "").splitlines():
        families, style, index, path, charset = line.split("|")
        for family in families.split(","):
            if (family, style) in wanted:
                found.setdefault((family, style), FontFile(path, int(index), coverage_told(charset)))
    if REGULAR[0] not in found or BOLD[0] not in found:
        raise FontsMissing(REGULAR[0][0])
    return found


@cache
def coverage() -> Coverage:
    """What a fax can show. Raises FontsMissing."""
    files = font_files()
    return Coverage(piece for name in REGULAR if name in files for piece in files[name].coverage.ranges())


@dataclass(frozen=True)
class Typeface:
    """Letters of one size, in pixels."""

    size: int
    names: Sequence[tuple[str, str]] = field(default=REGULAR)

    def letter(self, character: str) -> Letter:
        return _letter(self.size, tuple(self.names), character)

    def advance(self, character: str) -> float:
        return self.letter(character).advance

    def width(self, text: str) -> float:
        return sum(map(self.advance, text))

    def draw(self, page: Image.Image, x: float, y: int, text: str) -> None:
        """Write in black, beginning at the left; `y` is the top of the line."""
        for character in text:
            letter = self.letter(character)
            if letter.bitmap is not None:
                page.paste(0, (round(x) + letter.left, y + letter.top), letter.bitmap)
            x += letter.advance


@cache
def _font(size: int, file: FontFile) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file.path, size, index=file.index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=KEPT_LETTERS)
def _letter(size: int, names: tuple[tuple[str, str], ...], character: str) -> Letter:
    if not is_drawn(character):
        return Letter(None, 0, 0, 0.0)
    files = [found for name in names if (found := font_files().get(name)) is not None]
    font = _font(size, next((each for each in files if character in each.coverage), files[0]))
    left, top, right, bottom = (int(edge) for edge in font.getbbox(character))
    if right <= left or bottom <= top:
        return Letter(None, 0, 0, font.getlength(character))
    grey = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(grey).text((-left, -top), character, font=font, fill=255)
    bitmap = grey.point(lambda shade: 255 if shade > 255 - DARK_ENOUGH else 0, mode="1")
    return Letter(bitmap, left, top, font.getlength(character))
