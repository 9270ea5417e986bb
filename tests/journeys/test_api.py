"""The same journey for a program: through the JSON API alone, with one look at the mails."""

import time

import httpx
import pytest

from tests.authenticator import code_for

pytestmark = pytest.mark.system


class Program:
    """Speaks JSON; keeps its tokens itself."""

    def __init__(self, system):
        self.system = system
        self.http = httpx.Client(base_url=f"{system.url}/api/v1", timeout=30, trust_env=False)
        self.token = None

    def __call__(self, method, path, expect=200, bearer=None, **more):
        headers = {"X-Application-Token": self.token} if self.token else {}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        answer = self.http.request(method, path, headers=headers, **more)
        assert answer.status_code == expect, (method, path, answer.status_code, answer.text[:800])
        return (
            answer.json() if answer.content and "json" in answer.headers["content-type"] else answer.content
        )

    def log_in(self, account_name, password="Mtnet!2026demo"):
        """In two steps where the role asks for it: the first of an organisation manages it, others do not."""
        sent = {"account_name": account_name, "password": password}
        answer = self.http.post("/sessions", json=sent)
        if answer.status_code == 201:
            return answer.json()["session_token"]
        asked = answer.json()
        assert asked["errors"] == {"refusal": ["SECOND_FACTOR_REQUIRED"]}
        token = {"login_token": asked["detail"]["login_token"]}
        key = self("POST", "/sessions/second-step/look", json=token)["secret"]
        code = code_for(account_name, key)
        entered = self("POST", "/sessions/second-step", 201, json=token | {"code": code})
        assert len(entered["recovery_codes"]) == (10 if key else 0)
        return entered["session_token"]

    def prove(self, contact, to, code_in):
        before = self.system.newest_message_id()
        self("POST", "/applications/current/codes", json={"contact": contact})
        code = code_in(self.system.wait_for_message(to=to, after=before))
        self("POST", "/applications/current/codes/verify", json={"contact": contact, "code": code})

    def case_in_queue(self, number, bearer):
        deadline = time.monotonic() + 20
        while True:
            found = self("GET", f"/reviews?search={number}", bearer=bearer)["items"]
            if found:
                return f"/reviews/{found[0]['application_id']}"
            assert time.monotonic() < deadline, f"{number} did not reach the queue"
            time.sleep(0.2)


@pytest.fixture
def program(system):
    program = Program(system)
    yield program
    program.http.close()


def test_a_returned_case_is_corrected_approved_and_activated_by_programs(system, program, person, reading):
    notice = program("GET", "/privacy-notice")["version"]
    started = program("POST", "/applications", 201, json={"identity_type": "company", "locale": "en"})
    program.token, number = started["application_token"], started["application"]["case_number"]
    mine = "/applications/current"
    registration = {"method": "email", "notice_version": notice, "agreed": True}
    program("PUT", f"{mine}/sections/registration", json=registration)
    wrong = program("PUT", f"{mine}/sections/identity", 422, json={"id_number": "A1", "account_name": "x"})
    assert wrong["errors"]["json"]["account_name"] == ["ACCOUNT_LENGTH"]
    identity = {"id_number": person.id_number, "account_name": person.account_name}
    program("PUT", f"{mine}/sections/identity", json=identity)
    program("PUT", f"{mine}/sections/company", json=person.company())
    program("PUT", f"{mine}/sections/applicant", json=person.applicant())
    program.prove("company_mobile", reading.international(person.office_mobile), reading.code_in)
    program.prove("company_email", person.office_email, reading.code_in)
    program.prove("applicant_mobile", reading.international(person.mobile), reading.code_in)
    program.prove("applicant_email", person.email, reading.code_in)
    early = program("POST", f"{mine}/submit", 409, json={"truthful": True})
    assert early["errors"] == {"refusal": ["INCOMPLETE"]}
    give_form(program)
    submitted = program("POST", f"{mine}/submit", json={"truthful": True})
    assert submitted["case_number"] == number

    north, operations = program.log_in("northreviewer"), program.log_in("opsreviewer")
    case = program.case_in_queue(number, north)
    claimed = program("POST", f"{case}/claim", bearer=north)
    late = program("POST", f"{case}/forward", 409, bearer=north, json={"version": claimed["version"] - 1})
    assert late["errors"] == {"refusal": ["STALE_VERSION"]}
    returned = {
        "version": claimed["version"],
        "reasons": [{"field": "company.phone", "code": "WRONG"}],
        "note": "The number is not the company's.",
    }
    program("POST", f"{case}/return", bearer=north, json=returned)
    wait_until(program, lambda a: a["status"] == "returned")
    program("PUT", f"{mine}/sections/company", json=person.company() | {"phone": "02-24209999"})
    give_form(program)
    assert program("POST", f"{mine}/submit", json={"truthful": True})["submission"] == 2

    case = program.case_in_queue(number, north)
    wait_until(program, lambda a: a["status"] == "in_review")
    claimed = program("POST", f"{case}/claim", bearer=north)
    program("POST", f"{case}/forward", bearer=north, json={"version": claimed["version"]})
    claimed = program("POST", f"{case}/claim", bearer=operations)
    program("POST", f"{case}/approve", bearer=operations, json={"version": claimed["version"]})

    invitation = system.wait_for_message(to=person.email, channel="email", containing="/activate/")
    token = reading.activation_path_in(invitation).rsplit("/", 1)[1]
    assert program("POST", "/activations/look", json={"activation_token": token})["account_name"]
    activation = {"activation_token": token, "password": person.password}
    program("POST", "/activations", json=activation)
    bearer = program.log_in(person.account_name, person.password)
    session = program("GET", "/sessions/current", bearer=bearer)
    assert session["account"]["account_name"] == person.account_name
    program("DELETE", "/sessions/current", 204, bearer=bearer)
    program("GET", "/sessions/current", 401, bearer=bearer)
    program("GET", "/reviews", 401)


def give_form(program):
    form = program("GET", "/applications/current/form.pdf")
    assert form.startswith(b"%PDF")
    program("PUT", "/applications/current/form", files={"file": ("form.pdf", form, "application/pdf")})


def wait_until(program, reached):
    deadline = time.monotonic() + 20
    while not reached(program("GET", "/applications/current")):
        assert time.monotonic() < deadline
        time.sleep(0.2)
