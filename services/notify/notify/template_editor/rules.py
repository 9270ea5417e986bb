"""What of two texts differs, line by line and inside a line; which parts say something of their own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher

# A test costs a message: so many an operator and hour.
MOST_TESTS = 20
TESTS_WITHIN = timedelta(hours=1)
# Placeholders, conditions and Latin words are compared whole, every other character by itself.
PIECE = re.compile(r"{{.*?}}|{%.*?%}|[0-9A-Za-z_]+|\s+|.", re.DOTALL)


class TemplateChanged(Exception):
    """Somebody else saved or published it since it was looked at."""


class TemplateFaulty(Exception):
    """The text cannot be published as it is."""


class TemplateUnchanged(Exception):
    """It is what messages are written with already."""


class NoOwnContact(Exception):
    """The operator has no proved contact that a test could be sent to."""


class TooManyTests(Exception):
    """So many tests an hour are enough."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a line."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Row:
    """A line as it was and as it is; None: the other side alone has it."""

    older: tuple[Piece, ...] | None
    newer: tuple[Piece, ...] | None

    @property
    def same(self) -> bool:
        return self.older == self.newer


def own_parts(parts: Mapping[str, str], release: Mapping[str, str]) -> dict[str, str]:
    """What an operator says otherwise than the release; a part that is empty says what the release says."""
    tidied = {name: tidy(text) for name, text in parts.items()}
    return {name: text for name, text in tidied.items() if text and text != release.get(name)}


def tidy(text: str) -> str:
    """Lines end as everywhere else; nothing at their ends that nobody sees."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def differences(older: str, newer: str) -> list[Row]:
    """Each line beside what became of it."""
    before, after = older.splitlines(), newer.splitlines()
    rows: list[Row] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            rows += [Row(whole, whole) for whole in map(_whole, before[i1:i2])]
        else:
            rows += _changed_rows(before[i1:i2], after[j1:j2])
    return rows


def _whole(line: str) -> tuple[Piece, ...]:
    return (Piece(line, False),)


def _changed_rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """The first with the first and so on; what is left over on one side stands alone."""
    for old, new in zip(before, after, strict=False):
        yield _line_beside_line(old, new)
    common = min(len(before), len(after))
    for line in before[common:]:
        yield Row((Piece(line, True),), None)
    for line in after[common:]:
        yield Row(None, (Piece(line, True),))


def _line_beside_line(old: str, new: str) -> Row:
    before, after = PIECE.findall(old), PIECE.findall(new)
    older: list[Piece] = []
    newer: list[Piece] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        changed = what != "equal"
        if i1 < i2:
            older.append(Piece("".join(before[i1:i2]), changed))
        if j1 < j2:
            newer.append(Piece("".join(after[j1:j2]), changed))
    return Row(tuple(older), tuple(newer))
