"""How a broadcast is shown: as a line, as a whole, person by person."""

from collections.abc import Mapping, Sequence
from typing import Any

from notify.broadcast_chunks.rules import UNREACHED
from notify.broadcasts.rules import Broadcast, percent
from notify.broadcasts.store import Step


def line_view(broadcast: Broadcast) -> dict[str, Any]:
    zh, en = broadcast.text("zh-Hant"), broadcast.text("en")
    return {
        **{
            name: getattr(broadcast, name)
            for name in (
                "broadcast_id",
                "category",
                "segment",
                "segment_of",
                "state",
                "version",
                "written_at",
                "people",
                "counted_at",
                "start_at",
                "per_second",
                "started_at",
                "ended_at",
            )
        },
        "written_by": broadcast.written_by_name,
        "title_zh": zh.title,
        "title_en": en.title,
        "body_zh": zh.body,
        "body_en": en.body,
    }


def whole_view(
    broadcast: Broadcast, counts: Mapping[str, int], on_their_way: int, trouble: str, steps: Sequence[Step]
) -> dict[str, Any]:
    """`counts` by outcome; `on_their_way`: people in chunks that are not sent yet."""
    left = broadcast.people - broadcast.frozen_to + on_their_way
    return line_view(broadcast) | {
        "ways": [_way(name, number) for name, number in sorted(broadcast.counts.items())],
        "outcomes": [_outcome(name, number) for name, number in sorted(counts.items())],
        "taken": broadcast.frozen_to,
        "percent": percent(max(broadcast.people - left, 0), broadcast.people),
        "trouble": trouble,
        "steps": [vars(step) | {"by": step.by_name} for step in steps],
    }


def _way(name: str, people: int) -> dict[str, Any]:
    if name.startswith(UNREACHED):
        return {"channel": None, "reason": name.removeprefix(UNREACHED), "people": people}
    return {"channel": name, "reason": "", "people": people}


def _outcome(name: str, people: int) -> dict[str, Any]:
    if name.startswith(UNREACHED):
        reason = name.removeprefix(UNREACHED)
        return {"channel": None, "outcome": "unreached", "reason": reason, "people": people}
    channel, outcome, *failure = name.split(":", 2)
    return {"channel": channel, "outcome": outcome, "reason": "".join(failure), "people": people}
