"""What a stranger learns over HTTP of names, cases and links that exist: nothing, by status, headers, cookies and body;
in the long form (`--long`) nor by time.

Only one answer tells, by design: whoever applies for an account is told that a name is taken, at most 20 times an hour
(ADR 0024), and that is judged where it is asked (services/accounts/tests/applications/test_account_names.py).
"""

import hashlib
import random
import re
import time
from itertools import count
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.bench.accounts import mann_whitney

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SAMPLES = 200
# Six comparisons, three tries: by chance alone this fails once in some hundred million runs.
CHANCE, TRIES = 0.001, 3
# Of each kind so many that every try asks for another one: asking again for one name is limited.
EACH = SAMPLES * TRIES + 10
ACCOUNTS = """
INSERT INTO account (account_id, account_name, name, state, identity_type, roles, systems, email, locale, password_hash,
    approved_at, active_on, freeze_on, disable_on)
SELECT gen_random_uuid(), %(prefix)s || lpad(n::text, 4, '0'), '會員', %(state)s, identity_type, roles, systems,
    %(prefix)s || lpad(n::text, 4, '0') || '@example.com', locale, password_hash, now(), current_date,
    current_date + 90, current_date + 365
FROM account, generate_series(1, %(each)s) AS n WHERE account_name = 'demomember'
"""
CONTACTS = """
INSERT INTO account_contact (contact_id, account_id, kind, value, compared, is_primary, verified_at)
SELECT gen_random_uuid(), account_id, 'email', email, email, true, now() FROM account WHERE account_name LIKE %(like)s
"""
CASES = """
WITH made AS (
    INSERT INTO application (application_id, case_number, identity_type, status, submission, locale, answers,
        started_at, updated_at, submitted_at)
    SELECT gen_random_uuid(), %(case)s || lpad(n::text, 4, '0'), 'individual', 'submitted', 1, 'zh-Hant', '{}', now(),
        now(), now()
    FROM generate_series(1, %(each)s) AS n
    RETURNING application_id, case_number
)
INSERT INTO contact (application_id, contact, value, compared, verified_at)
SELECT application_id, 'applicant_email', address, address, now()
FROM made, lower(case_number || '@example.com') AS address
"""
# What each answer has of its own: identifiers, tokens of the form, times in the address.
OWN = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r'(name="(?:csrf_token|key)" value=")[^"]*'), r"\1…"),
    (re.compile(r"times(?:=|%3D)[^&%\"]*"), "times=…"),
    (re.compile(r'"(?:expires_at|resend_at|sent_at)": ?"[^"]*"'), '"at"'),
    (re.compile(r"\d{1,2}:\d{2}(:\d{2})?"), "TIME"),
)
OF_THE_MOMENT = {"date", "set-cookie", "content-length", "x-ratelimit-reset"}
_sources = count(random.randrange(2**20))


class Stranger:
    """Somebody from an address of their own, who has never been here."""

    def __init__(self, system):
        number = next(_sources)
        address = f"127.{1 + number // 65_000 % 250}.{number // 250 % 256}.{1 + number % 250}"
        self.http = httpx.Client(
            base_url=system.url,
            transport=httpx.HTTPTransport(local_address=address),
            trust_env=False,
            timeout=30,
            headers={"Accept-Language": "en"},
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def send_form(self, path, values):
        page = self.http.get(path)
        token = re.search(r'name="csrf_token" value="([^"]*)"', page.text)[1]
        return self.http.post(path, data={"csrf_token": token, **values})


@pytest.fixture(scope="module")
def names(system):
    """What exists, and what looks alike and does not: by kind a function from a number to the two."""
    mark = uuid4().hex[:6]
    kinds = {"active": f"a{mark}", "frozen": f"f{mark}"}
    case = f"PTAPPLY{uuid4().hex[:9].upper()}"
    nothing = f"PTAPPLY{uuid4().hex[:9].upper()}"
    with psycopg.connect(system.administrator_dsn("mtnet_accounts"), autocommit=True) as connection:
        for state, prefix in kinds.items():
            connection.execute(ACCOUNTS, {"prefix": prefix, "state": state, "each": EACH})
            connection.execute(CONTACTS, {"like": f"{prefix}%"})
        connection.execute(CASES, {"case": case, "each": EACH})
        expired = uuid4().hex * 2
        connection.execute(
            "INSERT INTO activation_link (token_hash, account_id, issued_at, expires_at)"
            " SELECT %s, account_id, now() - interval '9 days', now() - interval '1 day' FROM account"
            " WHERE account_name = %s",
            (hashlib.sha256(expired.encode()).digest(), f"{kinds['active']}0001"),
        )
    found = {
        kind: lambda n, prefix=prefix: (f"{prefix}{n:04}", f"n{prefix[1:]}{n:04}")
        for kind, prefix in kinds.items()
    }
    return found | {
        "case": lambda n: (f"{case}{n:04}", f"{nothing}{n:04}"),
        "link": lambda n: (expired, uuid4().hex * 2),
    }


# Kind of name; the page's form; the program's call.
ASKED = {
    "login": (
        "active",
        ("/login", lambda name: {"account_name": name, "password": "Wrong!7tide"}),
        ("/sessions", lambda name: {"account_name": name, "password": "Wrong!7tide"}),
    ),
    "login of a frozen account": (
        "frozen",
        ("/login", lambda name: {"account_name": name, "password": "Wrong!7tide"}),
        ("/sessions", lambda name: {"account_name": name, "password": "Wrong!7tide"}),
    ),
    "forgotten password": (
        "active",
        ("/forgot-password", lambda name: {"account_name": name, "email": f"{name}@example.com"}),
        ("/passwords/resets", lambda name: {"account_name": name, "email": f"{name}@example.com"}),
    ),
    "reactivation": (
        "frozen",
        ("/reactivate", lambda name: {"account_name": name, "channel": "email"}),
        ("/reactivations/codes", lambda name: {"account_name": name, "channel": "email"}),
    ),
    "this device is mine": (
        "active",
        ("/login/device", lambda name: {"account_name": name}),
        ("/devices/codes", lambda name: {"account_name": name, "locale": "en"}),
    ),
    "case": (
        "case",
        ("/case", lambda number: {"query": number}),
        ("/cases/access", lambda number: {"query": number, "locale": "en"}),
    ),
}


def facts_of(answer, name):
    """All that an answer says, but for what every answer has of its own."""

    def plain(text):
        for pattern, instead in OWN:
            text = pattern.sub(instead, text.replace(name, "NAME"))
        return text

    headers = {n: plain(v) for n, v in answer.headers.items() if n not in OF_THE_MOMENT}
    cookies = sorted(re.sub(r"=[^;]*", "=…", each, count=1) for each in answer.headers.get_list("set-cookie"))
    return answer.status_code, headers, cookies, plain(answer.text)


@pytest.mark.parametrize("what", ASKED)
def test_a_page_says_the_same_of_what_is_there_and_of_what_is_not(system, names, what):
    kind, (path, form), _ = ASKED[what]
    told = []
    for name in names[kind](EACH - 1):
        with Stranger(system) as stranger:
            answer = stranger.send_form(path, form(name))
            seen = [facts_of(answer, name)]
            if answer.is_redirect:
                seen.append(facts_of(stranger.http.get(answer.headers["Location"]), name))
            told.append(seen)
    assert told[0] == told[1]


@pytest.mark.parametrize("what", ASKED)
def test_a_program_is_told_the_same_of_both(system, names, what):
    kind, _, (path, body) = ASKED[what]
    told = []
    for name in names[kind](EACH):
        with Stranger(system) as stranger:
            told.append(facts_of(stranger.http.post(f"/api/v1{path}", json=body(name)), name))
    assert told[0] == told[1]


def test_a_link_that_expired_says_what_one_says_that_never_was(system, names):
    told = []
    for token in names["link"](0):
        with Stranger(system) as stranger:
            page = facts_of(stranger.http.get(f"/activate/{token}"), token)
            look = stranger.http.post("/api/v1/activations/look", json={"activation_token": token})
            told.append((page, facts_of(look, token)))
    assert told[0] == told[1]
    assert told[0][0][0] == 404


def test_the_comparison_sees_a_difference(system):
    """The right password of a frozen account is told from a wrong one: the same reading of answers finds it."""
    with Stranger(system) as one, Stranger(system) as other:
        found = facts_of(one.http.get("/login"), "x"), facts_of(other.http.get("/forgot-password"), "x")
    assert found[0] != found[1]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", ASKED)
def test_time_does_not_tell_either(system, names, long, what):
    """Mann-Whitney over 200 samples of each, in turns and in changing order; over HTTP, from another address each."""
    if not long:
        pytest.skip("takes some minutes: --long")
    kind, _, (path, body) = ASKED[what]
    p = 0.0
    for attempt in range(TRIES):
        times = ([], [])
        for n in range(1, SAMPLES + 1):
            pair = names[kind](attempt * SAMPLES + n)
            for which in random.sample((0, 1), 2):
                with Stranger(system) as stranger:
                    stranger.http.get("/healthz")  # the connection is there before time is taken
                    request = stranger.http.build_request("POST", f"/api/v1{path}", json=body(pair[which]))
                    began = time.perf_counter()
                    stranger.http.send(request)
                    times[which].append(time.perf_counter() - began)
        p = mann_whitney(*times)
        if p >= CHANCE:
            return
    pytest.fail(f"{what}: time tells whether the name exists, p = {p:.5f}")
