"""From what somebody typed to what the index is asked: all of it as phrases, or nearly that."""

from __future__ import annotations

import re
from collections.abc import Collection

from tantivy import Occur, Query, Schema

from mtnet_search.folding import fold
from mtnet_search.interface import LONGEST_QUERY
from mtnet_search.words import PREFIXES, Piece, mistyped, pieces

TITLE, BODY, TITLE_CHARACTERS, CHARACTERS, BEGINNINGS, MISTYPED, TAGS = (
    "title", "body", "title_characters", "characters", "beginnings", "mistyped", "tags",
)  # fmt: skip
TITLE_BOOST = 5.0
PREFIX_BOOST = 0.5
MOST_PIECES = 16
MOST_PAIRS = 40
# Of so many different characters, one may be wrong wherever it stands.
MOST_SCATTERED = 4


def asked_pieces(text: str) -> list[Piece]:
    """What is looked for; each thing once. What stands beyond LONGEST_QUERY is not looked for."""
    found = {(piece.text, piece.unspaced): piece for piece in pieces(fold(text[:LONGEST_QUERY]))}
    return list(found.values())[:MOST_PIECES]


def exactly(schema: Schema, asked: list[Piece], tags: Collection[str]) -> Query:
    """Documents that have all pieces, each as it was written; the last word may go on."""
    clauses = [_all_of(schema, piece, piece is asked[-1]) for piece in asked]
    return _narrowed(schema, [(Occur.Must, clause) for clause in clauses], tags)


def nearly(schema: Schema, asked: list[Piece], tags: Collection[str]) -> Query | None:
    """Documents that have some of the pairs of characters, and words that may go on or have a wrong letter."""
    pairs = list(dict.fromkeys(pair for piece in asked for pair in piece.pairs()))[:MOST_PAIRS]
    clauses = [clause for pair in pairs for clause in _in_both(schema, [pair], TITLE, BODY)]
    for word in (piece for piece in asked if not piece.unspaced):
        clauses.append(_word(schema, word, True))
        clauses += [
            Query.term_query(schema, MISTYPED, spelled, "basic") for spelled in sorted(mistyped(word.text))
        ]
    return _narrowed(schema, [(Occur.Must, _any(clauses))], tags) if clauses else None


def scattered(schema: Schema, asked: list[Piece], tags: Collection[str]) -> Query | None:
    """Documents whose title has most characters of a short word, though not together: its middle one may be wrong.

    Of two characters one may be wrong, but the other has to stand in its place: 「託船」 finds 「拖船」, not 「船舶」.
    """
    if len(asked) != 1 or not asked[0].unspaced:
        return None
    run = asked[0].text
    if len(run) == 2:
        patterns = (f"{re.escape(run[0])}.", f".{re.escape(run[1])}")
        wrong = _any([Query.regex_query(schema, TITLE, pattern) for pattern in patterns])
        return _narrowed(schema, [(Occur.Must, wrong)], tags)
    single = list(dict.fromkeys(run))
    if not 2 < len(single) <= MOST_SCATTERED:
        return None
    most = Query.boolean_query(
        [(Occur.Should, Query.term_query(schema, TITLE_CHARACTERS, c, "basic")) for c in single],
        minimum_number_should_match=len(single) - 1,
    )
    return _narrowed(schema, [(Occur.Must, most)], tags)


def in_body(schema: Schema, asked: list[Piece]) -> list[Query]:
    """Of an index without titles: each piece as it was written; the last word may go on."""
    clauses = []
    for piece in asked:
        if not piece.unspaced:
            made = [_in_order(schema, BODY, each) for each in spellings(piece)]
            if piece is asked[-1] and len(piece.text) in PREFIXES:
                made.append(Query.term_query(schema, BEGINNINGS, piece.text, "basic"))
            clauses.append(_any(made))
        elif len(piece.text) == 1:
            clauses.append(_in_order(schema, CHARACTERS, [piece.text]))
        else:
            clauses.append(_in_order(schema, BODY, piece.pairs()))
    return clauses


def spellings(word: Piece) -> list[list[str]]:
    """As which tokens a word or a code is looked for: whole, in one, in its parts; each way once."""
    spelled = [[word.text], [word.joined()], word.parts()]
    return [each for n, each in enumerate(spelled) if each not in spelled[:n]]


def _all_of(schema: Schema, piece: Piece, unfinished: bool) -> Query:
    if not piece.unspaced:
        return _word(schema, piece, unfinished)
    if len(piece.text) == 1:
        return _titled(schema, [piece.text], TITLE_CHARACTERS, CHARACTERS)
    return _titled(schema, piece.pairs(), TITLE, BODY)


def _word(schema: Schema, word: Piece, unfinished: bool) -> Query:
    clauses = [_titled(schema, each, TITLE, BODY) for each in spellings(word)]
    if unfinished and len(word.text) in PREFIXES:
        begun = Query.term_query(schema, BEGINNINGS, word.text, "basic")
        clauses.append(Query.boost_query(begun, PREFIX_BOOST))
    return _any(clauses)


def _titled(schema: Schema, tokens: list[str], title: str, body: str) -> Query:
    return _any(_in_both(schema, tokens, title, body))


def _in_both(schema: Schema, tokens: list[str], title: str, body: str) -> list[Query]:
    """In the title, which counts more, and in the body: one token, or several that follow each other."""
    return [
        Query.boost_query(_in_order(schema, title, tokens), TITLE_BOOST),
        _in_order(schema, body, tokens),
    ]


def _in_order(schema: Schema, field: str, tokens: list[str]) -> Query:
    if len(tokens) > 1:
        return Query.phrase_query(schema, field, list(tokens))
    return Query.term_query(
        schema, field, tokens[0], "basic" if field in (TITLE_CHARACTERS, CHARACTERS) else "freq"
    )


def _any(clauses: list[Query]) -> Query:
    return (
        clauses[0] if len(clauses) == 1 else Query.boolean_query([(Occur.Should, each) for each in clauses])
    )


def _narrowed(schema: Schema, clauses: list[tuple[Occur, Query]], tags: Collection[str]) -> Query:
    """The tags weigh nothing."""
    narrowing = [
        (Occur.Must, Query.const_score_query(Query.term_query(schema, TAGS, tag, "basic"), 0.0))
        for tag in tags
    ]
    return Query.boolean_query([*clauses, *narrowing])
