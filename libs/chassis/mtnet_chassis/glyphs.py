"""Which characters can be printed, by the fonts of this machine.

What no font has would come out as an empty box; it is printed as its code point instead, 〔U+E000〕.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache

import structlog

PATIENCE_SECONDS = 20  # once a process; the first time on a machine fontconfig reads every font
# Private use has no meaning outside the system it was typed on, whatever a font draws for it. Code points that are
# not assigned, noncharacters among them, and halves of pairs are no characters.
NEVER_PRINTED = {"Co", "Cn", "Cs"}
# Nothing is drawn for them: control and format characters, line ends.
NEVER_DRAWN = {"Cc", "Cf", "Zl", "Zp"}
# Variation selectors choose the shape of the character before them.
SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


log = structlog.get_logger()


class Coverage:
    """The characters that at least one of some fonts has."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        merged: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        self._firsts = [first for first, _ in merged]
        self._lasts = [last for _, last in merged]

    def ranges(self) -> Iterable[tuple[int, int]]:
        return zip(self._firsts, self._lasts, strict=True)

    def __contains__(self, character: str) -> bool:
        at = bisect_right(self._firsts, ord(character)) - 1
        return at >= 0 and ord(character) <= self._lasts[at]


def coverage_told(text: str) -> Coverage:
    """Of what `fc-list` tells of `charset`: `20-7e a0 3000-303f`, in hexadecimal."""
    found = re.findall(r"\b([0-9a-f]+)(?:-([0-9a-f]+))?", text)
    return Coverage((int(first, 16), int(last or first, 16)) for first, last in found)


@cache
def installed() -> Coverage | None:
    """Of the fonts of this machine, asked for once. None where fontconfig does not tell: then nothing is foretold.

    Pango draws a character with any installed font that has it.
    """
    told = told_by_fontconfig("%{charset}\n")
    return None if told is None else coverage_told(told)


def told_by_fontconfig(form: str) -> str | None:
    """A line of this form for each font of this machine. None where fontconfig does not tell.

    Its answer goes to a file, and waiting polls: under eventlet other green threads go on.
    """
    with tempfile.TemporaryFile() as told:
        try:
            asked = subprocess.Popen(  # noqa: S603 - the form is written by us
                ["fc-list", "--format", form],  # noqa: S607 - Debian's, from the PATH
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.DEVNULL,
            )
        except OSError as problem:
            log.warning("fonts not known", error=repr(problem))
            return None
        try:
            asked.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            asked.kill()
            asked.wait()
        told.seek(0)
        text = told.read().decode("utf-8", "replace")
    if asked.returncode != 0 or not text.strip():
        log.warning("fonts not known", exit=asked.returncode)
        return None
    return text


def is_drawn(character: str) -> bool:
    """False for what leaves no ink and takes no space: controls, formats, selectors of a character's shape."""
    if unicodedata.category(character) in NEVER_DRAWN:
        return False
    return not any(first <= ord(character) <= last for first, last in SELECTORS)


def is_printable(character: str, fonts: Coverage | None = None) -> bool:
    """By these fonts, or else by all that are installed."""
    if unicodedata.category(character) in NEVER_PRINTED:
        return False
    if not is_drawn(character):
        return True
    fonts = fonts or installed()
    return fonts is None or character in fonts


def code_point(character: str) -> str:
    """U+E000, as Unicode writes it."""
    return f"U+{ord(character):04X}"


def unprintable(text: str, fonts: Coverage | None = None) -> list[str]:
    """The characters of a text that cannot be printed, each once, in the order they stand in."""
    return [character for character in dict.fromkeys(text) if not is_printable(character, fonts)]


def with_code_points(text: str, fonts: Coverage | None = None) -> str:
    """The text with 〔U+E000〕 for each character that cannot be printed."""
    return text.translate({ord(c): f"〔{code_point(c)}〕" for c in unprintable(text, fonts)})
