"""How many pages a second the portal gives, and what each costs; and how fast mails go.

`make bench ONLY=portal`. The whole portal runs as with `make run`; wrk (Debian) asks from the same machine. Beside the
rate stands the processor time of each part for one page, which a busy machine changes less.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pyotp
from launcher.portal import Portal
from launcher.processes import SERVICES
from launcher.provision import run_command
from launcher.workspace import Workspace
from sandbox.authenticator import DEMO_KEY

from tests.bench import submissions
from tests.bench.processor import family, used

CONNECTIONS = 16
PEOPLE = 50
CASES = 30
SENTENCE = "Mtnet!2026demo"  # the demonstration's password
# Each request shows the cookies of the next person: the session, and what the portal keeps of forms.
SCRIPT = """
local sessions = {{{sessions}}}
local n = 0
request = function()
  n = n % #sessions + 1
  return wrk.format("GET", nil, {{["Cookie"] = sessions[n], ["Accept-Language"] = "zh-Hant"}})
end
"""
# A downstream system: one request over and over.
CLIENT = """
wrk.method = "{method}"
wrk.body = "{body}"
wrk.headers["Authorization"] = "{authorization}"
wrk.headers["Content-Type"] = "{media_type}"
"""
FORM = "application/x-www-form-urlencoded"
CASE = """
INSERT INTO review_case (application_id, case_number, identity_type, account_name, person_key, applicant_name,
    company_name, route_id, stage, stages, unit, state, version, submission, submitted_at, waiting_since, due_on,
    search_text)
SELECT gen_random_uuid(), 'PTAPPLY' || upper(lpad(to_hex(n), 13, '0')), 'company', 'bench' || n, 'person' || n,
    '申請人' || n, '範例航運股份有限公司' || n, (SELECT min(route_id) FROM route), 1, 2, 'north', 'open', 1, 1,
    now() - n * interval '1 hour', now() - n * interval '1 hour', current_date + 7, 'bench' || n
FROM generate_series(1, %s) AS n
"""


class Stand:
    """A portal of its own, with people logged in and cases to review."""

    def __init__(self, directory: Path) -> None:
        # All requests come from one address.
        self.portal = Portal(Workspace(directory), more={"gateway": {"GATEWAY_RATE_LIMITS": "off"}})
        self._script = directory / "sessions.lua"
        self._form = ""
        self._basic = self._account = ""

    def start(self) -> None:
        self.portal.start()
        with psycopg.connect(self.portal.postgres.dsn("mtnet_review"), autocommit=True) as connection:
            connection.execute(CASE, (CASES,))

    def register_client(self) -> None:
        """A downstream system that may ask for the accounts of the portal itself."""
        operator = self.portal.environments.of("operator")
        by = ("--who", "operator1", "--reason", "measured")
        command = ("python", "-m", "accounts.subscribers.cli")
        until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        said = run_command(
            operator, *command, "add", "bench", "--title", "Bench", "--owner", "Bench", "--email", "a@b.example",
            "--system", "mtnet", *by,
        )  # fmt: skip
        run_command(
            operator, *command, "grant-scope", "bench", "--scopes", "accounts.read", "--until", until, *by
        )
        secret = said.split()[3]
        self._basic = "Basic " + base64.b64encode(f"bench:{secret}".encode()).decode()
        with psycopg.connect(self.portal.postgres.dsn("mtnet_accounts"), autocommit=True) as connection:
            row = connection.execute(
                "SELECT account_id FROM account WHERE 'mtnet' = ANY (systems) AND state = 'active' LIMIT 1"
            ).fetchone()
        self._account = f"/api/v1/systems/mtnet/accounts/{row[0]}" if row else ""

    def measure_token(self, seconds: int) -> dict[str, Any]:
        """Access tokens, each issued anew."""
        script = CLIENT.format(
            method="POST", body="grant_type=client_credentials", authorization=self._basic, media_type=FORM
        )
        return self._measured("/oauth/token", seconds, script, len(self._token()))

    def measure_account(self, seconds: int) -> dict[str, Any]:
        """One account, looked up with one token: each look is recorded."""
        bearer = f"Bearer {self._token()}"
        script = CLIENT.format(method="GET", body="", authorization=bearer, media_type="application/json")
        request = Request(f"{self.portal.url}{self._account}", headers={"Authorization": bearer})
        with urlopen(request, timeout=30) as answer:
            size = len(answer.read())
        return self._measured(self._account, seconds, script, size)

    def _token(self) -> str:
        request = Request(
            f"{self.portal.url}/oauth/token",
            b"grant_type=client_credentials",
            {"Authorization": self._basic, "Content-Type": FORM},
        )
        with urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["access_token"])

    def sessions_of(self, account_name: str, count: int) -> list[str]:
        """Log in so often, in two steps where the account has them."""
        return [self._logged_in(account_name) for _ in range(count)]

    def _logged_in(self, account_name: str) -> str:
        try:
            return str(self._sent("", {"account_name": account_name, "password": SENTENCE})["session_token"])
        except HTTPError as refused:
            token = json.load(refused)["detail"]["login_token"]
        # Many sessions of one reviewer at a time: a code is good once, and the next one takes half a minute.
        with psycopg.connect(self.portal.postgres.dsn("mtnet_accounts"), autocommit=True) as connection:
            connection.execute("UPDATE totp SET last_step = NULL")
        code = pyotp.TOTP(DEMO_KEY).now()
        return str(self._sent("/second-step", {"login_token": token, "code": code})["session_token"])

    def _sent(self, below: str, body: dict[str, str]) -> dict[str, Any]:
        request = Request(
            f"{self.portal.url}/api/v1/sessions{below}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def measure(self, path: str, seconds: int, sessions: list[str]) -> dict[str, Any]:
        """wrk on one page for so long, after a warm-up. Raises RuntimeError when an answer was not the page."""
        size = len(self._page(path, sessions))
        quoted = ", ".join(f'"sid={session}; form={self._form}"' for session in sessions)
        return self._measured(path, seconds, SCRIPT.format(sessions=quoted) if sessions else "", size)

    def _measured(self, path: str, seconds: int, script: str, size: int) -> dict[str, Any]:
        """Raises RuntimeError when an answer was not a good one. `size`: bytes of one."""
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--latency", f"{self.portal.url}{path}"]
        if script:
            self._script.write_text(script)
            command += ["-s", str(self._script)]
        else:
            command += ["-H", "Accept-Language: zh-Hant"]
        subprocess.run([*command, "-d3s"], check=True, capture_output=True)
        load, before = os.getloadavg()[0], self._used()
        told = subprocess.run([*command, f"-d{seconds}s"], check=True, capture_output=True, text=True).stdout
        after = self._used()
        if fault := re.search(r"(Non-2xx|Socket errors).*", told):
            raise RuntimeError(f"{path}: {fault[0]}")
        count = int(re.findall(r"(\d+) requests in", told)[0])
        latency = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))", told))
        return {
            "per_second": float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]),
            "latency_50": latency["50"],
            "latency_99": latency["99"],
            "bytes": size,
            "processor_milliseconds_per_page": {
                part: round((after[part] - before[part]) / count * 1000, 3) for part in after
            },
            "load_before": round(load, 2),
        }

    def _page(self, path: str, sessions: list[str]) -> bytes:
        """The page, as on a first visit; the cookie that it sets is kept as a browser would keep it."""
        headers = {"Accept-Language": "zh-Hant"} | ({"Cookie": f"sid={sessions[0]}"} if sessions else {})
        with urlopen(Request(f"{self.portal.url}{path}", headers=headers), timeout=30) as answer:
            found: bytes = answer.read()
            self._form = SimpleCookie(answer.headers.get("Set-Cookie", ""))["form"].value if sessions else ""
        if sessions and "剩餘".encode() not in found and b"data-remaining" not in found:
            raise RuntimeError(f"{path} shows no session")
        return found

    def _used(self) -> dict[str, float]:
        """Processor seconds by part."""
        supervisor = self.portal.supervisor
        names = ("gateway", *SERVICES)
        found = {name: sum(used(pid) for pid in family(supervisor.pid(name))) for name in names}
        for name, process in (("PostgreSQL", "postgresql"), ("RabbitMQ", "rabbitmq")):
            found[name] = sum(used(pid, ended_children=True) for pid in family(supervisor.pid(process)))
        return {part: seconds for part, seconds in found.items() if part not in ("notify", "helpdesk")}


def run(seconds: int = 8, rounds: int = 3) -> dict[str, Any]:
    """Each page `rounds` times, in turns; the middle run of each is told. Then submissions and mails."""
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-") as directory:
        Path(directory).chmod(0o755)
        stand = Stand(Path(directory))
        try:
            stand.start()
            members = stand.sessions_of("demomember", PEOPLE)
            reviewers = stand.sessions_of("northreviewer", PEOPLE)
            pages: dict[str, tuple[str, list[str]]] = {
                "home": ("/", []),
                "announcements": ("/announcements", []),
                "questions": ("/questions", []),
                "account, one person": ("/account", members[:1]),
                f"account, {PEOPLE} sessions": ("/account", members),
                "reviewer's queue, one person": ("/review/", reviewers[:1]),
                f"reviewer's queue, {PEOPLE} sessions": ("/review/", reviewers),
            }
            stand.register_client()
            clients = {
                "access token of a system": stand.measure_token,
                "account, looked up by a system": stand.measure_account,
            }
            runs: dict[str, list[dict[str, Any]]] = {name: [] for name in pages}
            for _ in range(rounds):
                for name, (path, sessions) in pages.items():
                    runs[name].append(stand.measure(path, seconds, sessions))
                    tell(name, runs[name][-1])
                    time.sleep(1)
                for name, measure in clients.items():
                    runs.setdefault(name, []).append(measure(seconds))
                    tell(name, runs[name][-1])
                    time.sleep(1)
            sent = submissions.run(stand.portal)
        finally:
            stand.portal.remove()
    return {"pages": {name: middle(found) for name, found in runs.items()}, **sent}


def run_mails() -> dict[str, Any]:
    """Submissions and mails alone."""
    with tempfile.TemporaryDirectory(prefix="mtnet-bench-") as directory:
        Path(directory).chmod(0o755)
        stand = Stand(Path(directory))
        try:
            stand.start()
            return submissions.run(stand.portal)
        finally:
            stand.portal.remove()


def middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    found = sorted(runs, key=lambda run: run["per_second"])[(len(runs) - 1) // 2]
    return found | {"runs": [run["per_second"] for run in runs]}


def tell(name: str, found: dict[str, Any]) -> None:
    cost = found["processor_milliseconds_per_page"]
    print(f"{name:34} {found['per_second']:8,.0f}/s  p50 {found['latency_50']}  p99 {found['latency_99']}")
    print(f"{'':34} ms of processor a page: {cost} (load {found['load_before']})", flush=True)


def wrk_version() -> str:
    told = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return " ".join(told.split()[:2])


def measured(conditions: dict[str, Any], seconds: int, rounds: int) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "conditions": conditions
        | {"wrk": wrk_version(), "connections": CONNECTIONS, "seconds": seconds, "sessions": PEOPLE},
        **run(seconds, rounds),
    }


if __name__ == "__main__":
    import sys

    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2])), indent=1))
