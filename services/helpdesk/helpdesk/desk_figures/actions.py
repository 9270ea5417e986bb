"""What can be asked of the figures, and how they are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.dates import TAIPEI, taipei_day
from mtnet_contracts.vocabulary.desk import DESK_CHANNELS, DESK_TEAMS, TICKET_CATEGORIES

from helpdesk.desk_figures.rules import (
    ALL,
    COUNTED_FOR,
    NO_CATEGORY,
    Missed,
    Slice,
    Sums,
    checked_days,
    counted,
    days_between,
    time_within,
)
from helpdesk.desk_figures.store import DeskFigureStore, OfDay
from helpdesk.quick_answers import actions as quick_answers

# At once, in one transaction: those that changed of late first.
DAYS_AT_A_TIME = 60
MEDIAN, MOST_OF_THEM = 0.5, 0.9
# Of quick answers, the most used ones.
MOST_USED = 10


def count_days(tx: Tx, now: datetime) -> int:
    """Count anew the days of which something has changed. Returns how many; some may be left."""
    store = DeskFigureStore(tx)
    days = store.take_touched_days(DAYS_AT_A_TIME)
    for day in days:
        # Of an older day tickets may be forgotten by now: what was counted then stays.
        if day > taipei_day(now) - COUNTED_FOR:
            begins = datetime.combine(day, time(), TAIPEI)
            store.save_day(day, counted(store.tickets_of(begins, begins + timedelta(days=1))))
    return len(days)


def figures(tx: Tx, chosen: Slice, from_day: date, to_day: date, now: datetime) -> dict[str, Any]:
    """What became of the tickets that were opened in these days, and what of them is overdue. Raises DaysNotValid."""
    from_day, to_day = checked_days(from_day, to_day)
    store = DeskFigureStore(tx)
    parts = {
        "channels": {code: replace(chosen, channel=code) for code in DESK_CHANNELS},
        "categories": {code: replace(chosen, category=code) for code in (*TICKET_CATEGORIES, NO_CATEGORY)},
        "teams": {code: replace(chosen, team=code) for code in DESK_TEAMS},
    }
    asked = {chosen, *(each for slices in parts.values() for each in slices.values())}
    sums = store.sums(list(asked), from_day, to_day)
    total = sums.get(chosen, Sums())
    missed = store.missed(
        datetime.combine(from_day, time(), TAIPEI),
        datetime.combine(to_day + timedelta(days=1), time(), TAIPEI),
        now,
    )
    by = {
        part: {code: _told(sums[each], each, missed) for code, each in slices.items() if each in sums}
        for part, slices in parts.items()
    }
    known = {each.day: each for each in store.days(chosen, from_day, to_day)}
    nothing = {"opened": 0, "answered": 0, "solved": 0}
    shown = [chosen.channel] if chosen.channel != ALL else DESK_CHANNELS
    return {
        "current": store.is_current(),
        "answers": quick_answers.most_used(tx, from_day, to_day, MOST_USED),
        "total": _told(total, chosen, missed),
        "ratings": total.ratings,
        "days": [vars(known.get(day, OfDay(day, **nothing))) for day in days_between(from_day, to_day)],
        "hours": [
            {"channel": channel, "opened": sums.get(parts["channels"][channel], Sums()).hours}
            for channel in shown
        ],
        **{
            part: sorted(
                ({"code": code, **told} for code, told in found.items()),
                key=lambda each: (-each["opened"], each["code"]),
            )
            for part, found in by.items()
        },
    }


def _told(sums: Sums, chosen: Slice, missed: Iterable[Missed]) -> dict[str, Any]:
    late = [each for each in missed if each.is_of(chosen)]
    return {
        "opened": sums.opened,
        "answered": sums.answered,
        "answered_in_time": sums.answered_in_time,
        "unanswered_late": sum(each.unanswered for each in late),
        "solved": sums.solved,
        "solved_in_time": sums.solved_in_time,
        "unsolved_late": sum(each.unsolved for each in late),
        "rated": sum(sums.ratings),
        "points": sum(points * number for points, number in enumerate(sums.ratings, 1)),
        "first_answer_median": time_within(sums.first_answer_times, MEDIAN),
        "first_answer_most": time_within(sums.first_answer_times, MOST_OF_THEM),
        "solution_median": time_within(sums.solution_times, MEDIAN),
        "solution_most": time_within(sums.solution_times, MOST_OF_THEM),
    }
