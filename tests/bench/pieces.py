"""What each piece of the fast path buys, from runs with it and with the plain library call in its place."""

from __future__ import annotations

from statistics import median
from typing import Any

# name: what stands in its place while it is measured (tests/bench/ours/plain.py)
MEASURED = {
    "deliveries": "py-amqp reads each frame and calls back with a message",
    "connection": "kombu's connection and consumer, as Nameko uses them; `deliveries` goes with it",
    "frames": "pika encodes each publish",
    "pipelining": "pika's `BlockingConnection`, which waits for the confirm of each message",
    "arrays": "psycopg adapts plain lists",
    "codec": "marshmallow reads and writes each payload",
}
# An eighth of the events is enough for these.
SLOW = frozenset({"pipelining"})


def gains(rounds: list[dict[str, Any]], name: str) -> list[float]:
    """How much more processor time an event costs without the piece, round by round: 0.1 is a tenth.

    Both cores are busy all the time, so this is what the whole is slower by; it hardly depends on who else is using
    the machine, as events a second do.
    """
    return [spent(found[name]) / spent(found[""]) - 1 for found in rounds if name in found]


def spent(run: dict[str, Any]) -> float:
    """Microseconds of all processes for one event."""
    return float(sum(run["processor_microseconds_per_event"].values()))


def processor(rounds: list[dict[str, Any]], name: str) -> float:
    """The same in the middle of the runs, without the pieces that `name` tells."""
    return median(spent(found[name]) for found in rounds if name in found)


def rate(rounds: list[dict[str, Any]], name: str) -> float:
    """Events a second in the middle of the runs."""
    return median(float(found[name]["per_second"]) for found in rounds if name in found)


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
        f"Medians of {len(rounds)} rounds, {told['at'][:10]}: in each, a run of {results['count']:,} events with all"
        " pieces, then one with",
        "the plain call in place of each piece. Both cores are busy from the first change to the last effect, so the"
        " processor time of",
        "all processes together is what the whole is slower by.",
        "",
        "| without | in its place | µs an event | slower by | in each round | events/s |",
        "| --- | --- | ---: | ---: | --- | ---: |",
        f"| | | {processor(rounds, ''):.0f} | | | {rate(rounds, ''):,.0f} |",
    ]
    for name in (name for name in MEASURED if name in measured(rounds)):
        each = gains(rounds, name)
        pairs = ", ".join(f"{gain:.0%}" for gain in each)
        lines.append(
            f"| {name} | {MEASURED.get(name, '')} | {processor(rounds, name):.0f} | {median(each):.0%} | {pairs} |"
            f" {rate(rounds, name):,.0f} |"
        )
    lines += [
        "",
        f"{told['cores']} cores ({told['processor']}), load {told['load_before']} before, Python {told['python']},"
        f" {told['postgresql']}, fsync on, quorum queue.",
    ]
    return lines
