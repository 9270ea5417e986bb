"""How near a text comes to what was asked: what a question is about, and how much of that stands in the text.

Rules only. What an index offers as nearly fitting is held against these, so that one pair of characters in common makes
no answer.
"""

from __future__ import annotations

import re

from mtnet_search.folding import fold
from mtnet_search.words import MISTYPED, Piece, mistyped, pieces

# What people ask with, and not about.
ASKED_WITH = (
    "怎麼辦", "怎麼樣", "怎麼", "怎樣", "如何", "為什麼", "為何", "什麼", "甚麼", "請問", "請教",
    "可不可以", "可以", "可否", "能不能", "能否", "是不是", "是否", "有沒有", "哪裡", "哪些",
    "多久", "多少", "應該", "想要", "我要", "我想", "我的", "我們", "嗎", "呢",
)  # fmt: skip
_ASKED_WITH = re.compile("|".join(fold(each) for each in ASKED_WITH) + "|(?<!目)的|了(?!解)|要(?=$)")
# A character of the title that stands apart from its neighbours says half of what it says beside them.
APART = 0.5
# A word of letters says as much as two characters.
WEIGHT_OF_A_WORD = 2
# Of the best, or of an answer that has all of it, the others have so much at least.
OF_THE_BEST = 0.6


def about(asked: list[Piece]) -> list[Piece]:
    """What a question is about, without what it is asked with: 「帳號停用怎麼辦」 is about 「帳號停用」."""
    found = []
    for piece in asked:
        if piece.unspaced:
            found += [Piece(part, True, piece.at) for part in _ASKED_WITH.split(piece.text) if part]
        else:
            found.append(piece)
    return found or asked


def enough(asked: list[Piece]) -> float:
    """The least nearness that counts. Of three characters the middle one may be wrong, of four or five any; of several
    words and of a longer question a half may be missing."""
    weight = sum(_weight(piece) for piece in asked)
    if weight <= 3:
        return 0.3
    return 0.6 if weight <= 5 and all(piece.unspaced for piece in asked) else 0.5


def nearness(asked: list[Piece], title: str, body: str) -> float:
    """From 0 to 1: how much of what is asked stands in a text, both folded."""
    text = f"{title}\n{body}"
    words = {part for piece in pieces(text) if not piece.unspaced for part in (piece.text, *piece.parts())}
    found = sum(
        _of_run(piece.text, title, text) if piece.unspaced else _weight(piece) * _has_word(piece.text, words)
        for piece in asked
    )
    return found / max(1, sum(_weight(piece) for piece in asked))


def _weight(piece: Piece) -> int:
    return len(piece.text) if piece.unspaced else WEIGHT_OF_A_WORD


def _of_run(run: str, title: str, text: str) -> float:
    """How many of its characters stand beside a neighbour as they were asked for; some stand alone in the title."""
    if len(run) == 1:
        return float(run in text)
    together: set[int] = set()
    for at in range(len(run) - 1):
        if run[at : at + 2] in text:
            together |= {at, at + 1}
    alone = sum(c in title for at, c in enumerate(run) if at not in together)
    return len(together) + APART * alone


def _has_word(word: str, words: set[str]) -> bool:
    """As it is written, as the beginning of one, or with a wrong letter."""
    if any(each.startswith(word) for each in words):
        return True
    spelled = mistyped(word)
    return bool(spelled) and any(
        spelled & mistyped(each)
        for each in words
        if len(each) in MISTYPED and abs(len(each) - len(word)) <= 1
    )
