"""Turn bench-results/ into docs/benchmarks.md and its picture: `python -m tests.bench.report`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.bench import accounts, desk_answers, helpdesk, inbound, notify, pieces

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
NAMES = {
    "ours": "MTNet chassis",
    "nameko": "Nameko, stock, publishing straight away",
    "nameko-outbox": "Nameko, stock, with an outbox",
    "faststream": "FastStream",
    "celery": "Celery, 2 processes",
    "dramatiq": "Dramatiq",
}


def write(root: Path) -> None:
    """Both parts, from what was measured last; `portal.json` has `now`, and may have `before`."""
    results = json.loads((root / "bench-results" / "events.json").read_text())
    portal = root / "bench-results" / "portal.json"
    measured = json.loads(portal.read_text()) if portal.exists() else {}
    text = page(results)
    if "now" in measured:
        text += f"\n{pages_and_mails(measured['now'], measured.get('before', {}))}"
    runs = root / "bench-results" / "lifecycle.json"
    if runs.exists():
        text += f"\n{lifecycle_runs(json.loads(runs.read_text()))}"
    logins = root / "bench-results" / "accounts.json"
    if logins.exists():
        text += f"\n{accounts.section(json.loads(logins.read_text()))}"
    kept = root / "bench-results" / "streams.json"
    if kept.exists():
        text += f"\n{streams(json.loads(kept.read_text()))}"
    many = root / "bench-results" / "notify.json"
    if many.exists():
        text += f"\n{notify.section(json.loads(many.read_text()))}"
    desk = root / "bench-results" / "helpdesk.json"
    if desk.exists():
        text += f"\n{helpdesk.section(json.loads(desk.read_text()))}"
    answers = root / "bench-results" / "desk-answers.json"
    if answers.exists():
        text += f"\n{desk_answers.section(json.loads(answers.read_text()))}"
    mailbox = root / "bench-results" / "inbound.json"
    if mailbox.exists():
        text += f"\n{inbound.section(json.loads(mailbox.read_text()))}"
    (root / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
    measured_pieces = root / "bench-results" / "pieces.json"
    if measured_pieces.exists():
        page_of_pieces = root / "docs" / "fast-path.md"
        lines = pieces.table(json.loads(measured_pieces.read_text()))
        page_of_pieces.write_text(
            between_marks(page_of_pieces.read_text(encoding="utf-8"), lines), encoding="utf-8"
        )


def between_marks(text: str, lines: list[str]) -> str:
    """The page with these lines between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, *lines, END]) + after


def page(results: dict[str, Any]) -> str:
    told = results["conditions"]
    lines = [
        "# How fast events travel",
        "",
        "Written by `make bench` (`tests/bench`); the figures are those of `bench-results/events.json`.",
        "",
        "Every contender does the same work for each event in one PostgreSQL transaction: remember the id (dedupe),",
        "change state, store an outgoing event, record the effect; acknowledge after the commit; quorum queue,",
        "publisher confirms, fsync and synchronous commit on. Producer, broker, database and consumer share the",
        "machine. Measured from the first change to the last effect; contenders run in turns, and the middle run of",
        "each is told.",
        "",
        "Ours stores each change with its event in an outbox and relays it. So does *Nameko with an outbox*: stock",
        "Nameko made equally safe, with its own dispatcher and consumer, and the one to compare with. The other peers",
        "publish straight away, which is less work, and not crash-safe: a change without its event, or an event",
        "without its change.",
        "",
        "![Events per second](pictures/benchmarks.png)",
        "",
        "| | events/s | all runs | ours is faster by | lost | doubled | invented | swapped within a thing |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    ours = results["contenders"].get("ours", {}).get("per_second")
    for name, result in results["contenders"].items():
        found = result["check"]
        ratio = f"{ours / result['per_second']:.1f} ×" if ours and name != "ours" else ""
        lines.append(
            f"| {NAMES[name]} | {result['per_second']:,.0f} | {spread(result)} | {ratio} |"
            f" {found['lost']} | {found['doubled']} | {found['invented']} | {found['swapped']} |"
        )
    parts = ["producer", "relay", "RabbitMQ", "consumer", "PostgreSQL"]
    lines += [
        "",
        "## Where the time goes",
        "",
        "Microseconds of processor time for each event; two cores have 2,000,000 a second to give.",
        "",
        f"| | {' | '.join(parts)} | together |",
        f"| --- |{' ---: |' * (len(parts) + 1)}",
    ]
    for name, result in results["contenders"].items():
        used = result["processor_microseconds_per_event"]
        figures = " | ".join(f"{used[part]:,.0f}" if part in used else "" for part in parts)
        lines.append(f"| {NAMES[name]} | {figures} | {sum(used.values()):,.0f} |")
    if results["backlogs"]:
        lines += [
            "",
            "## A backlog does not slow it down",
            "",
            "| events waiting in the outbox | events/s while draining |",
        ]
        lines += ["| ---: | ---: |"]
        lines += [f"| {int(n):,} | {r['per_second']:,.0f} |" for n, r in results["backlogs"].items()]
        for size, found in results["backlogs"].items():
            if tenths := found.get("tenths_per_second"):
                lines += [
                    "",
                    f"While {int(size):,} drain, each tenth from the second on: "
                    + ", ".join(f"{rate:,.0f}" for rate in tenths)
                    + " events/s. A small backlog is over before a rhythm settles: the relay has sent 10,000 events"
                    " in a third of a second, and leaves the processors to the subscriber.",
                ]
    if results["replicas"]:
        lines += [
            "",
            "## More replicas of the consumer",
            "",
            "| replicas | events/s, backlog of 100,000 |",
            "| ---: | ---: |",
        ]
        lines += [f"| {n} | {r['per_second']:,.0f} |" for n, r in results["replicas"].items()]
    lines += ["", "## Conditions", "", "| | |", "| --- | --- |"]
    lines += [f"| {name.replace('_', ' ')} | {value} |" for name, value in told.items()]
    notes = Path(__file__).with_name("notes.md")
    return "\n".join(lines) + "\n" + (f"\n{notes.read_text(encoding='utf-8')}" if notes.exists() else "")


def pages_and_mails(now: dict[str, Any], before: dict[str, Any]) -> str:
    """A section of its own; `before` may lack pages, or all."""
    told, earlier = now["conditions"], before.get("pages", {})
    lines = [
        "## Pages and mails",
        "",
        "Written by `make bench ONLY=portal`; the figures are those of `bench-results/portal.json`.",
        "",
        f"The whole portal runs as with `make run` on {told['cores']} cores, wrk asks on the same machine over"
        f" {told['connections']} connections",
        f"for {told['seconds']} s, pages in turns; the middle run of each is told. Two cores have 2,000 ms of processor"
        " time a second to give.",
        f"*{told['sessions']} sessions* are as many people, one after the other; the queue shows 25 cases.",
        "",
        "| | pages/s before | pages/s now | half within | 99 % within | ms of processor a page, before | now |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, found in now["pages"].items():
        old = earlier.get(name)
        rate_before, cost_before = (f"{old['per_second']:,.0f}", f"{processor(old):.2f}") if old else ("", "")
        latencies = f"{found['latency_50']} | {found['latency_99']}"
        lines.append(
            f"| {name} | {rate_before} | {found['per_second']:,.0f} | {latencies} |"
            f" {cost_before} | {processor(found):.2f} |"
        )
    parts = ["gateway", "accounts", "review", "content", "PostgreSQL", "RabbitMQ"]
    lines += [
        "",
        "Milliseconds of processor time of each part for one page:",
        "",
        f"| | {' | '.join(parts)} |",
        f"| --- |{' ---: |' * len(parts)}",
    ]
    for name, found in now["pages"].items():
        used = found["processor_milliseconds_per_page"]
        lines.append(f"| {name} | {' | '.join(f'{used.get(part, 0):.2f}' for part in parts)} |")
    if "submission" in now:
        lines += submission_and_mails(now["submission"], now["mails"])
    lines += [
        "",
        f"Measured {now['at'][:10]} with {told['wrk']}, Python {told['python']}, {told['postgresql']}.",
    ]
    return "\n".join(lines) + "\n"


def submission_and_mails(submission: dict[str, Any], mails: dict[str, Any]) -> list[str]:
    spent, codes = mails["processor_milliseconds_per_mail"], mails["codes_meanwhile"]
    lines = [
        "",
        f"From the moment a program submits an application over HTTP ({submission['submissions']}, one at a time):",
        "",
        "| | half within | 95 % within |",
        "| --- | ---: | ---: |",
    ]
    for name, title in (
        ("to_the_answer", "it has its answer"),
        ("to_the_queue", "the case is in the reviewers' queue"),
        ("to_the_receipt", "the receipt is in the mail server"),
    ):
        took = submission[name]
        lines.append(f"| {title} | {took['milliseconds_50']:.0f} ms | {took['milliseconds_95']:.0f} ms |")
    return [
        *lines,
        "",
        f"Of {mails['mails']:,} mails that are due together, {mails['per_second']:,.0f} a second reach a mail server"
        " that does nothing but take them;",
        f"a mail costs {' and '.join(f'{part} {ms:.2f} ms' for part, ms in spent.items())} of processor time. A code"
        " that somebody asks for meanwhile",
        f"is there {codes['milliseconds_50']:.0f} ms after the commit (half of {codes['codes']}; the slowest"
        f" {codes['milliseconds_longest']:.0f} ms). The sandbox of `make run` reads and keeps each mail, and takes far"
        " fewer.",
    ]


def streams(found: dict[str, Any]) -> str:
    """What it costs to keep events for those who catch up."""
    lines = [
        "## Events kept in streams",
        "",
        "Written by `make bench ONLY=streams`; the figures are those of `bench-results/streams.json`.",
        "",
        "An event that was granted to a downstream system is also appended to its stream, for those who catch up"
        " ([subscribe.md](subscribe.md#catching-up)). The same work with and without, in turns; the middle run"
        " of each is told. Compare these two with each other: the machine was not as fast on every day, and the"
        " figures above are of another one.",
        "",
        "| | events/s | all runs | RabbitMQ, µs per event | lost | doubled | swapped |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for name, title in (("without", "not granted to anybody"), ("with", "kept in its stream")):
        run = found[name]
        broker = run["processor_microseconds_per_event"]["RabbitMQ"]
        rates = ", ".join(f"{rate:,.0f}" for rate in run["runs"])
        lines.append(
            f"| {title} | {run['per_second']:,.0f} | {rates} | {broker:.0f} |"
            f" {run['check']['lost']} | {run['check']['doubled']} | {run['check']['swapped']} |"
        )
    told = found["conditions"]
    lines += [
        "",
        f"{told['at']}, {told['cores']} cores, {told['processor']}, load before {told['load_before']}.",
    ]
    return "\n".join(lines) + "\n"


def lifecycle_runs(found: dict[str, Any]) -> str:
    told = found["conditions"]
    runs = [*found["runs"], *([found["row_by_row"]] if "row_by_row" in found else [])]
    lines = [
        "# How long a lifecycle run takes",
        "",
        "Written by `make bench ONLY=lifecycle`; the figures are those of `bench-results/lifecycle.json`.",
        "One account in a hundred is due: frozen, reminded or disabled. The clock stops when every change, event and",
        "line of the report is committed (fsync and synchronous commit on). The job row by row locks, changes and",
        "announces one account in each transaction, through the same outbox, and writes no report.",
        "",
        "| accounts | due | how | seconds | accounts a second |",
        "| ---: | ---: | --- | ---: | ---: |",
    ]
    lines += [
        f"| {run['accounts']:,} | {run['changed']:,} | {run['how']} | {run['seconds']:.2f} |"
        f" {run['changed'] / run['seconds']:,.0f} |"
        for run in runs
    ]
    if "row_by_row" in found:
        same = next(run for run in found["runs"] if run["accounts"] == found["row_by_row"]["accounts"])
        times = found["row_by_row"]["seconds"] / same["seconds"]
        lines += ["", f"The job row by row takes {times:.0f} times as long."]
    lines += [
        "",
        f"Measured {found['at'][:10]} on {told['cores']} cores, Python {told['python']}, {told['postgresql']}.",
    ]
    return "\n".join(lines) + "\n"


def processor(found: dict[str, Any]) -> float:
    return float(sum(found["processor_milliseconds_per_page"].values()))


def spread(result: dict[str, Any]) -> str:
    return ", ".join(f"{rate:,.0f}" for rate in result["runs"])


def picture(results: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    names = [NAMES[name] for name in results["contenders"]]
    rates = [result["per_second"] for result in results["contenders"].values()]
    figure, axes = plt.subplots(figsize=(8, 3.6))
    bars = axes.barh(
        names[::-1], rates[::-1], color=["#0b4f6c" if n == NAMES["ours"] else "#9db7c6" for n in names[::-1]]
    )
    axes.bar_label(bars, fmt="{:,.0f}", padding=4)
    axes.set_xlabel("events per second, end to end")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.15)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    write(Path(__file__).parents[2])
