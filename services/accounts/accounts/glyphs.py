"""Which characters the printed documents can show.

Pango draws a character with any installed font that has it, so the question is whether some font does. What none has
would come out as an empty box; it is printed as its code point instead, 〔U+E000〕, and told before printing.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from typing import Any

import structlog
from mtnet_contracts.vocabulary.answers import SHOWN_FIELDS, Answers

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

    Its answer goes to a file, and waiting polls: under eventlet other green threads go on.
    """
    with tempfile.TemporaryFile() as told:
        try:
            asked = subprocess.Popen(
                ["fc-list", "--format", "%{charset}\n"],  # noqa: S607 - Debian's, from the PATH
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
        text = told.read().decode("ascii", "replace")
    if asked.returncode != 0 or not text.strip():
        log.warning("fonts not known", exit=asked.returncode)
        return None
    return coverage_told(text)


def is_printable(character: str) -> bool:
    category = unicodedata.category(character)
    if category in NEVER_PRINTED:
        return False
    if category in NEVER_DRAWN or any(first <= ord(character) <= last for first, last in SELECTORS):
        return True
    fonts = installed()
    return fonts is None or character in fonts


def code_point(character: str) -> str:
    """U+E000, as Unicode writes it."""
    return f"U+{ord(character):04X}"


def unprintable(text: str) -> list[str]:
    """The characters of a text that cannot be printed, each once, in the order they stand in."""
    return [character for character in dict.fromkeys(text) if not is_printable(character)]


def with_code_points(text: str) -> str:
    """The text with 〔U+E000〕 for each character that cannot be printed."""
    return text.translate({ord(c): f"〔{code_point(c)}〕" for c in unprintable(text)})


def unprintable_answers(answers: Answers) -> list[dict[str, Any]]:
    """Field and code points of what the application form cannot print, for the fields that stand on it."""
    found = []
    for section, names in SHOWN_FIELDS.items():
        given = answers.section(section)
        for name in names:
            value = getattr(given, name, None)
            characters = unprintable(value) if isinstance(value, str) else []
            if characters:
                field = f"{section}.{name}"
                found.append({"field": field, "characters": [code_point(c) for c in characters]})
    return found
