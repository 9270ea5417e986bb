"""What each piece of the fast path buys, from runs with it and with the plain library call in its place."""

from __future__ import annotations

from statistics import median
from typing import Any

# name: what stands in its place while it is measured (tests/bench/ours/plain.py)
MEASURED = {
    "deliveries": "py-amqp reads each frame and decodes every property",
    "frames": "pika encodes each publish",
    "pipelining": "pika's `BlockingConnection`, which waits for the confirm of each message",
    "arrays": "psycopg adapts plain lists",
    "codec": "marshmallow reads and writes each payload",
}
# An eighth of the events is enough for these.
SLOW = frozenset({"pipelining"})


def gains(rounds: list[dict[str, Any]], name: str) -> list[float]:
    """How much faster the whole is with the piece than without it, round by round: 0.1 is a tenth."""
    return [found[""]["per_second"] / found[name]["per_second"] - 1 for found in rounds if name in found]


def processor(rounds: list[dict[str, Any]], name: str) -> float:
    """Microseconds of all processes for one event, without the pieces that `name` tells."""
    return median(
        sum(found[name]["processor_microseconds_per_event"].values()) for found in rounds if name in found
    )


def measured(rounds: list[dict[str, Any]]) -> list[str]:
    """What was replaced, in the order of the runs."""
    return list(dict.fromkeys(name for found in rounds for name in found if name))


def tell(rounds: list[dict[str, Any]]) -> None:
    print(f"{'ours':24} {processor(rounds, ''):5.0f} µs")
    for name in measured(rounds):
        each = gains(rounds, name)
        pairs = ", ".join(f"{gain:.0%}" for gain in each)
        print(
            f"{name:24} {processor(rounds, name):5.0f} µs, buys {median(each):6.1%}   ({pairs})", flush=True
        )


def table(results: dict[str, Any]) -> list[str]:
    """For docs/fast-path.md."""
    rounds, told = results["rounds"], results["conditions"]
    lines = [
        f"Medians of {len(rounds)} pairs, {told['at'][:10]}: runs of {results['count']:,} events with the piece and"
        " with the plain call,",
        f"in turns, on {told['cores']} cores with Python {told['python']}; with all pieces an event costs"
        f" {processor(rounds, ''):.0f} µs of processor time in all processes.",
        "",
        "| piece | in its place | the whole is faster by | in each pair | µs an event without it |",
        "| --- | --- | ---: | --- | ---: |",
    ]
    for name in measured(rounds):
        each = gains(rounds, name)
        pairs = ", ".join(f"{gain:.0%}" for gain in each)
        lines.append(
            f"| {name} | {MEASURED.get(name, '')} | {median(each):.0%} | {pairs} | {processor(rounds, name):.0f} |"
        )
    return lines
