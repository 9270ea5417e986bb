"""Where the text of a fax goes: lines as Chinese and English are broken, and pages that hold so many of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

# JIS X 4051 and the Ministry of Education's rules for punctuation agree: these begin no line, and those end none.
BEGINS_NO_LINE = frozenset("，。、；：？！）」』〕】》〉…—·・％%,.;:?!)]}’”")
ENDS_NO_LINE = frozenset("（「『〔【《〈([{‘“")
# Where an address on the web may be broken.
BREAKS_AN_ADDRESS = frozenset("/?&=-_.")

Advance = Callable[[str], float]


class Style(StrEnum):
    """How a paragraph looks."""

    TITLE = "title"
    TEXT = "text"
    ITEM = "item"
    SMALL = "small"


@dataclass(frozen=True)
class Paragraph:
    text: str
    style: Style = Style.TEXT


@dataclass(frozen=True)
class Line:
    """One line of a paragraph. `first`: with what stands before the paragraph, space or the mark of an item."""

    text: str
    style: Style
    first: bool


def paragraphs_of(text: str) -> list[Paragraph]:
    """Of the text part of a mail: paragraphs between empty lines, items that begin with a dash."""
    found = []
    for block in text.split("\n\n"):
        plain: list[str] = []
        for line in block.strip("\n").split("\n"):
            if not line.startswith("- "):
                plain.append(line)
                continue
            found += [Paragraph("\n".join(plain))] if plain else []
            found.append(Paragraph(line[2:], Style.ITEM))
            plain = []
        found += [Paragraph("\n".join(plain))] if any(plain) else []
    return found


def broken(text: str, width: float, advance: Advance) -> list[str]:
    """The text in lines no wider than `width`; `advance` says how wide a character is. At least one line."""
    return [line for each in text.split("\n") for line in _broken_line(each, width, advance)]


def _broken_line(text: str, width: float, advance: Advance) -> list[str]:
    lines: list[str] = []
    current, used = "", 0.0
    for piece in _pieces(text, width, advance):
        piece_width = sum(map(advance, piece))
        if current and used + sum(map(advance, piece.rstrip())) > width:
            lines.append(current.rstrip())
            current, used = "", 0.0
            if not (piece := piece.lstrip()):
                continue
            piece_width = sum(map(advance, piece))
        current, used = current + piece, used + piece_width
    return [*lines, current.rstrip()]


def _pieces(text: str, width: float, advance: Advance) -> Iterator[str]:
    """What stays together on a line; what is wider than a line by itself is cut."""
    piece = ""
    for before, after in pairwise((*text, "")):
        piece += before
        if after and not _may_break(before, after):
            continue
        yield from _cut(piece, width, advance)
        piece = ""


def _may_break(before: str, after: str) -> bool:
    if after in BEGINS_NO_LINE or before in ENDS_NO_LINE or after == " ":
        return False
    return before == " " or _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    """Han, kana, full-width punctuation: a line may end on either side."""
    return character >= "\u2e80"


def _cut(piece: str, width: float, advance: Advance) -> Iterator[str]:
    """A long address is cut after one of its signs if there is one in the second half of the line."""
    while sum(map(advance, piece.rstrip())) > width and len(piece) > 1:
        used, fits = 0.0, 0
        while used + advance(piece[fits]) <= width:
            used += advance(piece[fits])
            fits += 1
        fits = max(fits, 1)
        at = next((n for n in range(fits, fits // 2, -1) if piece[n - 1] in BREAKS_AN_ADDRESS), fits)
        yield piece[:at]
        piece = piece[at:]
    yield piece


def paged(lines: Sequence[Line], heights: Callable[[Line], int], first: int, others: int) -> list[list[Line]]:
    """The lines by page: `first` and `others` say how much height a page has for them. At least one page.

    No page ends with the first line of a paragraph that goes on, and none begins with the last of one.
    """
    pages: list[list[Line]] = [[]]
    left = first
    for number, line in enumerate(lines):
        height = heights(line)
        if pages[-1] and height > left:
            carried = _carried(pages[-1], lines, number)
            pages[-1], moved = pages[-1][: len(pages[-1]) - carried], pages[-1][len(pages[-1]) - carried :]
            pages.append(moved)
            left = others - sum(map(heights, moved))
        pages[-1].append(line)
        left -= height
    return pages


def _carried(page: Sequence[Line], lines: Sequence[Line], number: int) -> int:
    """How many lines of the full page go to the next with line `number`: one at most, and never the whole page."""
    if len(page) < 2 or lines[number].first:
        return 0
    goes_on = number + 1 < len(lines) and not lines[number + 1].first
    return 1 if page[-1].first or (not goes_on and not page[-2].first) else 0
