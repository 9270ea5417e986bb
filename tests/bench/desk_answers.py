"""How long an agent waits for quick answers while typing, with 100,000 texts, through HTTP.

`make bench ONLY=helpdesk.answers`. The whole portal runs as with `make run`; agents are logged in
and ask the address that the box in a ticket asks, each over a connection that is kept, with a browser's
pause between two questions.
"""

from __future__ import annotations

import http.client
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from helpdesk.quick_answers.store import CHANNEL

from tests.bench import desk_texts as texts
from tests.bench.portal import Stand

TEXTS = 100_000  # each answer in two languages
ASKED, WARM = 60, 10  # of each kind, by each agent
AGENTS = (1, 4)
PAUSE = 0.12  # seconds without a key after which the box asks
LAST = "末筆查驗用答案"
FILLED_WITHIN = 300  # seconds
ANSWERS = f"""
INSERT INTO quick_answer (answer_id, state, category, question, answer, owner_id, owner_name, review_on, version,
    changed_at, change)
SELECT gen_random_uuid(), 'published', 'mtnet',
    jsonb_build_object('zh-Hant', {texts.pick("things", 2)} || {texts.pick("troubles", 8)} || '怎麼辦（AA-' || n || '）'
        || CASE WHEN n = %(answers)s THEN %(last)s ELSE '' END,
        'en', 'What to do when the ' || {texts.pick("english_things", 2)} || ' ' || {texts.pick("english_troubles", 8)}
        || ' (AA-' || n || ')'),
    jsonb_build_object('zh-Hant', {texts.pick("advice", 14)} || {texts.pick("advice", 15)}
        || {texts.pick("companies", 10)} || '曾詢問' || {texts.SHIP} || '輪，'
        || {texts.pick("details", 11)} || '。客服專線 0800-022-120，分機 ' || n,
        'en', 'Sign out, then try the ' || {texts.pick("english_things", 9)} || ' again. If it still '
        || {texts.pick("english_troubles", 13)} || ', call 0800-022-120, extension ' || n || '.'),
    gen_random_uuid(), '客服組長', current_date + 365, 1, now(), nextval('quick_answer_change')
FROM generate_series(1, %(answers)s) AS n
"""
Question = Callable[[random.Random], str]


def measured(machine: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-") as directory:
        Path(directory).chmod(0o755)
        stand = Stand(Path(directory))
        try:
            stand.start()
            sessions = stand.sessions_of("helpdesk1", max(AGENTS))
            seconds = _filled(stand, sessions[0])
            runs = [_run(stand.portal.url, sessions[:agents]) for agents in AGENTS]
        finally:
            stand.portal.remove()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "conditions": machine,
        "texts": TEXTS,
        "seconds_until_found": seconds,
        "runs": runs,
    }


def _filled(stand: Stand, session: str) -> float:
    """Seconds until the running service finds the last of them. Raises TimeoutError."""
    with psycopg.connect(stand.portal.postgres.dsn("mtnet_helpdesk"), autocommit=True) as connection:
        values = texts.VALUES | {"answers": TEXTS // 2, "last": LAST}
        connection.execute(ANSWERS, values)
        connection.execute("ANALYZE quick_answer")
        connection.execute(f"NOTIFY {CHANNEL}")
    began = time.perf_counter()
    asking = Asking(stand.portal.url, session)
    while not any(not hit["near"] for hit in asking.ask(LAST)):
        if time.perf_counter() - began > FILLED_WITHIN:
            raise TimeoutError("the answers are not found")
        time.sleep(0.5)
    return time.perf_counter() - began


class Asking:
    """One agent's browser, on the page of a ticket."""

    def __init__(self, url: str, session: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        self._headers = {"Cookie": f"sid={session}", "Accept-Language": "zh-Hant"}

    def ask(self, text: str) -> list[dict[str, Any]]:
        """Raises RuntimeError when the answer is none."""
        self._connection.request("GET", f"/desk/answers/suggestions?q={quote(text)}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} to {text}")
        found: list[dict[str, Any]] = json.loads(body)["items"]
        return found


def _questions() -> dict[str, Question]:
    def pair(chance: random.Random) -> str:
        word = chance.choice((*texts.THINGS, *texts.TROUBLES))
        at = chance.randrange(len(word) - 1)
        return word[at : at + 2]

    def wrong(chance: random.Random) -> str:
        word = chance.choice([each for each in texts.THINGS if len(each) > 3])
        at = chance.randrange(len(word))
        return word[:at] + chance.choice("豬雞鴨鵝貓狗") + word[at + 1 :]

    return {
        "a word of two characters": pair,
        "a code": lambda chance: f"AA-{chance.randrange(1, TEXTS // 2)}",
        "a telephone number": lambda chance: chance.choice(("0800-022-120", "0800022120", "022-120")),
        "two words": lambda chance: f"{pair(chance)} {chance.choice(texts.COMPANIES)}",
        "a word with one wrong character": wrong,
        "the beginning of an English word": lambda chance: chance.choice(
            [
                word[: chance.randrange(3, 7)]
                for thing in texts.ENGLISH_THINGS
                for word in thing.split()
                if len(word) > 6
            ]
        ),
        "what stands nowhere": lambda chance: "".join(chance.sample("豬雞鴨鵝貓狗", 2)),
    }


def _run(url: str, sessions: list[str]) -> dict[str, Any]:
    """All agents at once; each goes through the kinds in an order of its own."""
    with ThreadPoolExecutor(len(sessions)) as threads:
        found = list(threads.map(lambda which: _typing(url, which[1], which[0]), enumerate(sessions)))
    kinds = []
    for name in _questions():
        took = sorted(spent for each in found for spent, _ in each[name])
        kinds.append(
            {
                "name": name,
                "asked": len(took),
                "with_hits": sum(hit for each in found for _, hit in each[name]),
                "milliseconds_50": statistics.median(took),
                "milliseconds_95": took[len(took) * 95 // 100],
                "milliseconds_longest": took[-1],
            }
        )
    return {"agents": len(sessions), "questions": kinds}


def _typing(url: str, session: str, which: int) -> dict[str, list[tuple[float, bool]]]:
    """One agent's questions: milliseconds, and whether something was found."""
    chance, asking = random.Random(which), Asking(url, session)
    asked = [(name, question) for name, question in _questions().items() for _ in range(ASKED)]
    chance.shuffle(asked)
    found: dict[str, list[tuple[float, bool]]] = {name: [] for name in _questions()}
    for number, (name, question) in enumerate([*asked[:WARM], *asked]):
        time.sleep(PAUSE * chance.uniform(0.5, 1.5))
        text = question(chance)
        began = time.perf_counter()
        items = asking.ask(text)
        if number >= WARM:
            found[name].append(((time.perf_counter() - began) * 1000, bool(items)))
    return found


def tell(found: dict[str, Any]) -> None:
    print(
        f"{found['texts']:,} texts, found by the running service after {found['seconds_until_found']:.0f} s"
    )
    for run in found["runs"]:
        for each in run["questions"]:
            print(
                f"{run['agents']:>3} at once   {each['name']:<34} half {each['milliseconds_50']:6.2f} ms   p95"
                f" {each['milliseconds_95']:6.2f} ms   longest {each['milliseconds_longest']:6.2f} ms"
                f"   {each['with_hits']}/{each['asked']} found something",
                flush=True,
            )


def section(found: dict[str, Any]) -> str:
    """For docs/benchmarks.md."""
    told = found["conditions"]
    lines = [
        "# How long an agent waits for quick answers",
        "",
        "Written by `make bench ONLY=helpdesk.answers`; the figures are those of `bench-results/desk-answers.json`.",
        f"The whole portal runs as with `make run`, with {found['texts']:,} texts in its index (two for each answer);",
        "agents are logged in and ask what the box in a ticket asks, through HTTP, about every"
        f" {PAUSE * 1000:.0f} ms, {ASKED} times of",
        "each kind and agent. The askers run on the same machine. Written all at once, the texts were found by the"
        f" running service after {found['seconds_until_found']:.0f} s.",
        "",
        "| agents at once | what is typed | found something | half within (ms) | p95 (ms) | longest (ms) |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {run['agents']} | {each['name']} | {each['with_hits']} of {each['asked']} |"
        f" {each['milliseconds_50']:.1f} | {each['milliseconds_95']:.1f} | {each['milliseconds_longest']:.1f} |"
        for run in found["runs"]
        for each in run["questions"]
    ]
    lines += [
        "",
        f"Measured {found['at'][:10]} on {told['cores']} cores, Python {told['python']}, {told['postgresql']}.",
    ]
    return "\n".join(lines) + "\n"
