"""How long the desk waits for a search over very many tickets, and how long the index takes to fill.

The index is filled from the database in the service's own steps, and asked by the action that the list calls: the
index, the rows of the numbers, and what is marked in them.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from helpdesk.ticket_list.rules import Asked
from helpdesk.ticket_list.searching import found
from helpdesk.ticket_search.indexing import TicketSource
from helpdesk.ticket_search.rules import APART
from mtnet_chassis.data.database import Transactions
from mtnet_contracts.vocabulary.ticket_numbers import ticket_number
from mtnet_search.filling import Filling
from mtnet_search.number_index import NumberIndex

from tests.bench import desk_texts as texts

ASKED, WARM = 300, 20
PAGE = 25
ME = UUID(int=1)
# Characters that stand beside none of those in the texts.
WRONG = "豬雞鴨鵝貓狗"
Question = Callable[[random.Random], str]


def measured(transactions: Transactions, size: int, now: datetime, year: int) -> dict[str, Any]:
    """Raises RuntimeError when a number or a telephone number does not find its ticket."""
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-index-") as directory:
        index = NumberIndex(Path(directory), APART)
        try:
            took, processor = _filled(index, transactions)
            held = sum(each.stat().st_size for each in Path(directory).rglob("*") if each.is_file())
            questions = [
                _timed(transactions, index, name, view, ask, always, now)
                for name, (view, ask, always) in _questions(size, year).items()
            ]
        finally:
            index.close()
    return {
        "seconds_filling": took,
        "processor_seconds_filling": processor,
        "megabytes": held / 1e6,
        "questions": questions,
    }


def _filled(index: NumberIndex, transactions: Transactions) -> tuple[float, float]:
    """Seconds on the clock, and of this process."""
    began, used = time.perf_counter(), time.process_time()
    Filling(index, TicketSource(), transactions.transaction, apart=lambda act, *given: act(*given)).catch_up()
    progress = index.progress()
    if progress is None or progress.unfilled:
        raise RuntimeError("the index is not filled")
    return time.perf_counter() - began, time.process_time() - used


def _questions(size: int, year: int) -> dict[str, tuple[str, Question, bool]]:
    """View, what is typed, and whether each must find something."""

    def count(chance: random.Random) -> int:
        return chance.randrange(1, size + 1)

    def pair(chance: random.Random) -> str:
        word = chance.choice((*texts.THINGS, *texts.TROUBLES, *texts.DETAILS))
        at = chance.randrange(len(word) - 1)
        return word[at : at + 2].replace("，", "")

    def ship(chance: random.Random) -> str:
        return chance.choice(texts.FIRST) + chance.choice(texts.SECOND)

    def wrong(chance: random.Random) -> str:
        word = chance.choice([each for each in texts.THINGS if len(each) > 3])
        at = chance.randrange(len(word))
        return word[:at] + chance.choice(WRONG) + word[at + 1 :]

    return {
        "a word of two characters": ("all", pair, False),
        "a word of two characters, among the live ones": ("live", pair, False),
        "a ship of two characters": ("all", ship, False),
        "a ticket's number": ("all", lambda chance: ticket_number(year, count(chance)), True),
        "a telephone number": (
            "all",
            lambda chance: texts.telephone(count(chance), chance.random() < 0.5),
            True,
        ),
        "two words": ("all", lambda chance: f"{pair(chance)} {ship(chance)}", False),
        "two frequent words": ("all", lambda chance: f"{pair(chance)} {pair(chance)}", False),
        "a word with one wrong character": ("all", wrong, False),
        "English words": (
            "all",
            lambda chance: f"{chance.choice(texts.ENGLISH_THINGS)} {chance.choice(texts.ENGLISH_TROUBLES)}",
            False,
        ),
        "what stands nowhere": ("all", lambda chance: "".join(chance.sample(WRONG, 2)), False),
    }


def _timed(
    transactions: Transactions,
    index: NumberIndex,
    name: str,
    view: str,
    ask: Question,
    always: bool,
    now: datetime,
) -> dict[str, Any]:
    chance, took, hits = random.Random(name), [], 0
    for number in range(ASKED + WARM):
        text = ask(chance)
        began = time.perf_counter()
        with transactions.transaction() as tx:
            page = found(
                tx, index, Asked(view=view), text, ME, now, requester_id=None, after=None, limit=PAGE
            )
        spent = (time.perf_counter() - began) * 1000
        if always and not page["items"]:
            raise RuntimeError(f"{text} found nothing")
        if number >= WARM:
            took.append(spent)
            hits += bool(page["items"])
    took.sort()
    return {
        "name": name,
        "asked": ASKED,
        "with_hits": hits,
        "milliseconds_50": took[ASKED // 2],
        "milliseconds_95": took[ASKED * 95 // 100],
        "milliseconds_longest": took[-1],
    }


def tell(size: int, run: dict[str, Any]) -> None:
    print(
        f"{size:>11,} tickets   index filled in {run['seconds_filling']:.0f} s"
        f" ({run['processor_seconds_filling']:.0f} s of processor), {run['megabytes']:.0f} MB",
        flush=True,
    )
    for each in run["questions"]:
        print(
            f"{size:>11,} tickets   {each['name']:<46} half {each['milliseconds_50']:7.2f} ms   p95"
            f" {each['milliseconds_95']:7.2f} ms   longest {each['milliseconds_longest']:7.2f} ms"
            f"   {each['with_hits']}/{each['asked']} found something",
            flush=True,
        )


def lines(size: int, run: dict[str, Any]) -> list[str]:
    """For docs/benchmarks.md."""
    return [
        "",
        f"**A search over {size:,} tickets**, asked by the action that the list calls: the index, the rows of what it",
        f"found (a page of {PAGE}), and what is marked in them; {ASKED} times each, one by one. Each ticket has a mail"
        " and an",
        f"answer, no two alike, one in five in English. The index was filled in {run['seconds_filling']:.0f} s"
        f" ({run['processor_seconds_filling']:.0f} s of processor) in",
        f"steps of 1,000, as the service does beside its work, and takes {run['megabytes']:.0f} MB.",
        "",
        "| what is typed | found something | half within (ms) | p95 (ms) | longest (ms) |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {each['name']} | {each['with_hits']} of {each['asked']} | {each['milliseconds_50']:.2f} |"
            f" {each['milliseconds_95']:.2f} | {each['milliseconds_longest']:.2f} |"
            for each in run["questions"]
        ),
    ]
