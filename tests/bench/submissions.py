"""How long a submission takes, from the moment a program sends it: to the reviewers' queue, and to its receipt.

Everything before the last step is done first, as a person does it: sections, codes from the inbox, proofs.
"""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from launcher.portal import Portal

from tests.bench.mails import STALLED_SECONDS, MailServer, notify_with, rate
from tests.journeys.conftest import Person, code_in, international
from tests.system import System

# A source may start 60 applications an hour.
SUBMISSIONS = 40
PAUSE_SECONDS = 0.1
LOOK_SECONDS = 0.001
MINE = "/applications/current"


@dataclass(frozen=True)
class Ready:
    """An application that only has to be submitted."""

    token: str
    case_number: str
    email: str


class Programs:
    """Applicants that use the JSON API over one connection."""

    def __init__(self, portal: Portal) -> None:
        self._system = System(portal)
        self._http = httpx.Client(base_url=f"{portal.url}/api/v1", timeout=30, trust_env=False)

    def ready(self, count: int) -> list[Ready]:
        """So many individuals' applications, complete and proven."""
        notice = self._call("GET", "/privacy-notice")["version"]
        people = [Person() for _ in range(count)]
        begun = [self._fill_in(person, notice) for person in people]
        for person, application in zip(people, begun, strict=True):
            self._prove(application.token, "applicant_mobile", international(person.mobile))
            self._prove(application.token, "applicant_email", person.email)
        return begun

    def submit(self, application: Ready) -> None:
        self._call("POST", f"{MINE}/submit", application.token, json={"truthful": True})

    def close(self) -> None:
        self._http.close()

    def _fill_in(self, person: Person, notice: str) -> Ready:
        started = self._call("POST", "/applications", json={"identity_type": "individual", "locale": "en"})
        token = started["application_token"]
        sections = {
            "registration": {"method": "email", "notice_version": notice, "agreed": True},
            "identity": {"id_number": person.id_number, "account_name": person.account_name},
            "applicant": person.applicant(),
        }
        for name, answers in sections.items():
            self._call("PUT", f"{MINE}/sections/{name}", token, json=answers)
        for contact in ("applicant_mobile", "applicant_email"):
            self._call("POST", f"{MINE}/codes", token, json={"contact": contact})
        return Ready(token, started["application"]["case_number"], person.email)

    def _prove(self, token: str, contact: str, to: str) -> None:
        code = code_in(self._system.wait_for_message(to=to))
        self._call("POST", f"{MINE}/codes/verify", token, json={"contact": contact, "code": code})

    def _call(self, method: str, path: str, token: str = "", **more: Any) -> Any:
        headers = {"X-Application-Token": token} if token else {}
        answer = self._http.request(method, path, headers=headers, **more)
        answer.raise_for_status()
        return answer.json()


def measure(portal: Portal, programs: Programs, server: MailServer, ready: list[Ready]) -> dict[str, Any]:
    """Milliseconds from the submit request to its answer, to the case in review and to the receipt; one at a time."""
    answered, queued, received = [], [], []
    with psycopg.connect(portal.postgres.dsn("mtnet_review"), autocommit=True) as review:
        for number, application in enumerate(ready):
            time.sleep(PAUSE_SECONDS)
            began = time.monotonic()
            programs.submit(application)
            answer = time.monotonic() - began
            queue = mail = 0.0
            while not (queue and mail):
                found = review.execute(
                    "SELECT FROM review_case WHERE case_number = %s", (application.case_number,)
                )
                queue = queue or (time.monotonic() - began if found.rowcount else 0.0)
                mail = server.taken.get(application.email, began) - began
                if time.monotonic() - began > STALLED_SECONDS:
                    raise TimeoutError(f"{application.case_number} did not arrive")
                time.sleep(LOOK_SECONDS)
            if number:  # the first one opens the connections
                answered.append(answer)
                queued.append(queue)
                received.append(mail)
    return {
        "submissions": len(received),
        "to_the_answer": milliseconds(answered),
        "to_the_queue": milliseconds(queued),
        "to_the_receipt": milliseconds(received),
    }


def milliseconds(seconds: list[float]) -> dict[str, float]:
    """The middle one, and that within which 95 % are."""
    ordered = sorted(seconds)
    return {
        "milliseconds_50": round(statistics.median(ordered) * 1000, 1),
        "milliseconds_95": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
    }


def run(portal: Portal) -> dict[str, Any]:
    """Submissions one at a time, then ten thousand mails at once."""
    server, programs = MailServer().wait(), Programs(portal)
    ready = programs.ready(SUBMISSIONS + 1)
    with closing(programs), notify_with(portal, server.port) as notify:
        found = {
            "submission": measure(portal, programs, server, ready),
            "mails": rate(portal, server, notify),
        }
    tell(found)
    return found


def tell(found: dict[str, Any]) -> None:
    for name in ("to_the_answer", "to_the_queue", "to_the_receipt"):
        took = found["submission"][name]
        print(f"submission {name:23} p50 {took['milliseconds_50']} ms  p95 {took['milliseconds_95']} ms")
    mails = found["mails"]
    print(f"{'mails':34} {mails['per_second']:8,.0f}/s; codes meanwhile: {mails['codes_meanwhile']}")
    print(f"{'':34} ms of processor a mail: {mails['processor_milliseconds_per_mail']}", flush=True)
