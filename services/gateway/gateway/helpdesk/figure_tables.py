"""The tables of the desk's figures as files: each has columns of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.texts import N_, P_

from gateway.helpdesk.pages import category_words
from gateway.locale import gettext, locale

PARTS = {"channels": N_("By channel"), "categories": N_("By system"), "teams": P_("tickets", "By team")}
SUMS = (
    "opened", "answered", "answered_in_time", "solved", "solved_in_time", "first_answer_median", "first_answer_most",
    "solution_median", "solution_most", "rated",
)  # fmt: skip

Rows = Iterator[tuple[object, ...]]


@dataclass(frozen=True)
class Table:
    """`words`: what the page calls it."""

    words: str
    headings: tuple[str, ...]
    rows: Callable[[Mapping[str, Any]], Rows]


def name_in(part: str, code: str) -> str:
    """What a channel, a system or a team is called."""
    if part == "categories":
        return category_words(None if code == "none" else code)
    return gettext((labels.DESK_CHANNELS if part == "channels" else labels.DESK_TEAMS)[code])


def rating(sums: Mapping[str, Any]) -> str:
    """The mean, with a digit behind the point; a dash of nothing."""
    return f"{sums['points'] / sums['rated']:.1f}" if sums["rated"] else "–"


def _sums(found: Mapping[str, Any]) -> Rows:
    def numbers(each: Mapping[str, Any]) -> tuple[object, ...]:
        return *(each[name] for name in SUMS), rating(each), each["unanswered_late"], each["unsolved_late"]

    yield (gettext("Together"), "", *numbers(found["total"]))
    for part, words in PARTS.items():
        for each in found[part]:
            yield (gettext(words), name_in(part, each["code"]), *numbers(each))


def _days(found: Mapping[str, Any]) -> Rows:
    for each in found["days"]:
        yield each["day"], each["opened"], each["answered"], each["solved"]


def _hours(found: Mapping[str, Any]) -> Rows:
    for each in found["hours"]:
        for hour, opened in enumerate(each["opened"]):
            yield name_in("channels", each["channel"]), f"{hour:02}:00", opened


def _answers(found: Mapping[str, Any]) -> Rows:
    for each in found["answers"]:
        yield each["question"].get(locale(), each["question"]["en"]), each["used"]


def _ratings(found: Mapping[str, Any]) -> Rows:
    yield from enumerate(found["ratings"], 1)


TABLES: Mapping[str, Table] = {
    "sums": Table(
        N_("Together, by channel, system and team"),
        (
            "部分 Part", "項目 Item", "進線 Opened", "已回覆 Answered", "期限內回覆 Answered in time", "已解決 Solved",
            "期限內解決 Solved in time", "首次回覆中位數（秒） First answer, median (s)",
            "九成首次回覆（秒） First answer, 90 % (s)", "解決中位數（秒） Solution, median (s)",
            "九成解決（秒） Solution, 90 % (s)", "評分數 Rated", "平均評分 Rating",
            "逾期未回覆 Overdue without an answer", "逾期未解決 Overdue without a solution",
        ),
        _sums,
    ),
    "days": Table(N_("By day"), ("日期 Day", "進線 Opened", "已回覆 Answered", "已解決 Solved"), _days),
    "hours": Table(N_("By channel and hour"), ("管道 Came by", "時段 Hour", "進線 Opened"), _hours),
    "answers": Table(N_("Most used quick answers"), ("問題 Question", "使用次數 Used"), _answers),
    "ratings": Table(N_("Ratings"), ("評分 Rating", "人數 How many"), _ratings),
}  # fmt: skip
