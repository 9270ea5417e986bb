"""How many logins a second there are and what bounds them; how long a session check and a page take; what time tells.

`make bench ONLY=accounts`. The whole portal runs as with `make run`. Argon2 alone is measured before: what a login
costs beyond it is the portal's. Whether time tells a name that exists from one that does not is judged by the
Mann-Whitney U test, whose p says how often chance alone would separate two such samples so far.
"""

from __future__ import annotations

import json
import math
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from accounts.sessions.adapters import _hasher
from gateway.rpc.client import Refused, Rpc
from mtnet_contracts.calls.accounts import passwords, sessions

from tests.bench.portal import PEOPLE, SENTENCE, Stand

LOGIN_SECONDS = 12
AT_ONCE = 6
CHECKS = 2_000
PAGE_SECONDS = 20
SAMPLES = 200
# Copies of the demonstration's member, so that logins do not wait for one row.
COPIES = """
WITH made AS (
INSERT INTO account (account_id, account_name, name, state, identity_type, roles, person_key, systems, email, mobile,
    locale, password_hash, approved_at, active_on, freeze_on, remind_on, disable_on)
SELECT gen_random_uuid(), 'bencher' || n, name, state, identity_type, roles, person_key, systems,
    'bencher' || n || '@example.com', mobile, locale, password_hash, approved_at, active_on, freeze_on, remind_on,
    disable_on
FROM account, generate_series(1, %s) AS n WHERE account_name = 'demomember'
RETURNING account_id)
INSERT INTO account_consent (account_id, notice_version, agreed_at, how)
SELECT made.account_id, notice_version, agreed_at, how FROM made, account_consent
WHERE account_consent.account_id = (SELECT account_id FROM account WHERE account_name = 'demomember')
"""


def measured(conditions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "conditions": conditions}
    found["argon2"] = _argon2()
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-") as directory:
        Path(directory).chmod(0o755)
        stand = Stand(Path(directory))
        try:
            stand.start()
            with psycopg.connect(stand.portal.postgres.dsn("mtnet_accounts"), autocommit=True) as connection:
                connection.execute(COPIES, (SAMPLES,))
            found["page"] = _page(stand)
            rpc = Rpc(stand.portal.environments.of("gateway")["AMQP_URL"]).start()
            try:
                found["session_check"] = _session_check(stand, rpc)
                found["time_tells"] = _time_tells(rpc)
            finally:
                rpc.stop()
            found["logins"] = _logins(stand)
        finally:
            stand.portal.remove()
    for name in ("argon2", "page", "session_check", "time_tells", "logins"):
        print(name, json.dumps(found[name]), flush=True)
    return found


def _argon2() -> dict[str, float]:
    """Comparisons a second of one thread, and milliseconds of processor of each."""
    stored = _hasher.hash(SENTENCE)
    began, spent, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < 4:
        _hasher.verify(stored, SENTENCE)
        count += 1
    return {
        "per_second": count / (time.perf_counter() - began),
        "processor_milliseconds": (time.process_time() - spent) / count * 1000,
    }


def _logins(stand: Stand) -> dict[str, Any]:
    """So many at once, each as another account, for some seconds."""
    numbers, end = iter(range(10**9)), time.monotonic() + LOGIN_SECONDS
    lock, times = threading.Lock(), []

    def log_in_again_and_again() -> None:
        with httpx.Client(base_url=f"{stand.portal.url}/api/v1", timeout=30, trust_env=False) as http:
            while time.monotonic() < end:
                with lock:
                    name = f"bencher{next(numbers) % SAMPLES + 1}"
                began = time.perf_counter()
                http.post("/sessions", json={"account_name": name, "password": SENTENCE}).raise_for_status()
                took = time.perf_counter() - began
                with lock:
                    times.append(took)

    before = stand._used()
    with ThreadPoolExecutor(AT_ONCE) as people:
        list(people.map(lambda _: log_in_again_and_again(), range(AT_ONCE)))
    after = stand._used()
    return {
        "per_second": len(times) / LOGIN_SECONDS,
        "at_once": AT_ONCE,
        **_quantiles(times),
        "processor_milliseconds": {
            part: round((after[part] - before[part]) / len(times) * 1000, 2) for part in after
        },
    }


def _session_check(stand: Stand, rpc: Rpc) -> dict[str, Any]:
    """`resume_session` over the broker, one after the other, of fifty people in turn."""
    entered = [
        rpc.call(sessions.LOG_IN, {"account_name": f"bencher{n}", "password": SENTENCE, "ip": _somewhere()})
        for n in range(1, PEOPLE + 1)
    ]
    tokens = [one["session_token"] for one in entered]

    def check(n: int) -> None:
        rpc.call(sessions.RESUME_SESSION, {"session_token": tokens[n % PEOPLE], "ip": "192.0.2.7"})

    times = [_seconds(check, n) for n in range(CHECKS)]
    return {"checks": CHECKS, **_quantiles(times[CHECKS // 10 :])}


def _page(stand: Stand) -> dict[str, Any]:
    """/account of fifty people at once, each of whom looks at it for a second."""
    tokens = stand.sessions_of("demomember", PEOPLE)
    end, lock, times = time.monotonic() + PAGE_SECONDS, threading.Lock(), []

    def read(token: str) -> None:
        time.sleep(random.random())
        with httpx.Client(base_url=stand.portal.url, timeout=30, trust_env=False) as http:
            while time.monotonic() < end:
                began = time.perf_counter()
                answer = http.get("/account", headers={"Cookie": f"sid={token}"})
                took = time.perf_counter() - began
                if b"data-remaining" not in answer.content:
                    raise RuntimeError(f"/account shows no session: {answer.status_code}")
                with lock:
                    times.append(took)
                time.sleep(1)

    with ThreadPoolExecutor(PEOPLE) as people:
        list(people.map(read, tokens))
    return {"people": PEOPLE, "pages": len(times), **_quantiles(times[PEOPLE:])}


def _time_tells(rpc: Rpc) -> dict[str, float]:
    """p of the Mann-Whitney test for a name that exists against one that does not, in turns."""

    def log_in(name: str) -> None:
        try:
            rpc.call(sessions.LOG_IN, {"account_name": name, "password": "Wrong!7tide", "ip": _somewhere()})
        except Refused as refused:
            if refused.code != "LOGIN_FAILED":
                raise

    def forget(name: str) -> None:
        request = {"account_name": name, "email": f"{name}@example.com", "ip": _somewhere()}
        rpc.call(passwords.REQUEST_PASSWORD_RESET, request)

    found = {}
    for what, ask in (("log_in", log_in), ("forgotten_password", forget)):
        known, unknown = [], []
        for n in range(1, SAMPLES + 1):
            pair = [(known, f"bencher{n}"), (unknown, f"nobody{uuid4().hex[:8]}")]
            # In changing order: the mail that a known name sets off takes its time from whoever asks next.
            random.shuffle(pair)
            for times, name in pair:
                times.append(_seconds(ask, name))
        found[f"{what}_p"] = round(mann_whitney(known, unknown), 3)
        found[f"{what}_known_ms"] = round(statistics.median(known) * 1000, 2)
        found[f"{what}_unknown_ms"] = round(statistics.median(unknown) * 1000, 2)
    return found


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided p by the normal approximation, which is good from some twenty samples on; ties are none in times."""
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    ranks = sum(rank for rank, (_, first) in enumerate(ranked, 1) if first)
    u = ranks - len(one) * (len(one) + 1) / 2
    mean = len(one) * len(other) / 2
    deviation = math.sqrt(len(one) * len(other) * (len(one) + len(other) + 1) / 12)
    return math.erfc(abs(u - mean) / deviation / math.sqrt(2))


def _seconds(work: Callable[[Any], None], what: Any) -> float:
    began = time.perf_counter()
    work(what)
    return time.perf_counter() - began


def _quantiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {f"milliseconds_{n}": round(cuts[n - 1] * 1000, 2) for n in (50, 95, 99)}


def _somewhere() -> str:
    """Another source each time, so that no limit is reached."""
    return f"198.{18 + random.getrandbits(1)}.{random.randrange(256)}.{random.randrange(256)}"


def section(found: dict[str, Any]) -> str:
    """The part of docs/benchmarks.md."""
    told, logins, argon2 = found["conditions"], found["logins"], found["argon2"]
    check, page, tells = found["session_check"], found["page"], found["time_tells"]
    cores = told["cores"]
    bound = cores * 1000 / argon2["processor_milliseconds"]
    parts = ", ".join(
        f"{part} {ms:.1f}" for part, ms in logins["processor_milliseconds"].items() if ms >= 0.1
    )
    lines = [
        "## Logins and sessions",
        "",
        "Written by `make bench ONLY=accounts`; the figures are those of `bench-results/accounts.json`.",
        "",
        f"Argon2id (m=19456, t=2, p=1) alone compares {argon2['per_second']:.0f} passwords a second on one core"
        f" ({argon2['processor_milliseconds']:.1f} ms each): {bound:.0f} on {cores} cores are the bound.",
        f"With {logins['at_once']} at once there are {logins['per_second']:.0f} logins a second over HTTP"
        f" ({logins['per_second'] / cores:.0f} a core), half within {logins['milliseconds_50']:.0f} ms,"
        f" 95 % within {logins['milliseconds_95']:.0f} ms.",
        f"Milliseconds of processor of one login: {parts};"
        f" {argon2['processor_milliseconds']:.1f} of them are Argon2's.",
        "",
        "| | half within | 95 % within | 99 % within |",
        "| --- | ---: | ---: | ---: |",
        _row("session check over the broker, one after the other", check),
        _row(f"/account over HTTP, {page['people']} people who each pause a second", page),
        "",
        f"What time tells a stranger who asks {SAMPLES} times for a name that exists and as often for one that does"
        " not, in turns:",
        "",
        "| | exists | does not | Mann-Whitney p |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {title} | {tells[f'{what}_known_ms']:.1f} ms | {tells[f'{what}_unknown_ms']:.1f} ms |"
            f" {tells[f'{what}_p']:.2f} |"
            for what, title in (
                ("log_in", "login, wrong password"),
                ("forgotten_password", "forgotten password"),
            )
        ),
        "",
        f"Measured {found['at'][:10]}, load before {told['load_before']}, Python {told['python']},"
        f" {told['postgresql']}. Everything, the one who asks too, runs on the same {cores} cores.",
    ]
    return "\n".join(lines) + "\n"


def _row(title: str, found: dict[str, float]) -> str:
    times = " | ".join(
        f"{found[name]:.1f} ms" for name in ("milliseconds_50", "milliseconds_95", "milliseconds_99")
    )
    return f"| {title} | {times} |"


if __name__ == "__main__":
    print(json.dumps(measured({"cores": os.cpu_count()}), indent=1))
