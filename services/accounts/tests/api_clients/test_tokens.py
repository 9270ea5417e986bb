"""A downstream system gets an access token for its secret; what ends it, and what each endpoint lets it see."""

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from uuid import uuid4

import pytest
from accounts.api_clients.rules import MOST_TOKENS
from accounts.audit.store import AuditStore
from accounts.subscribers import actions
from accounts.subscribers.actions import By
from accounts.subscribers.store import SubscriberStore
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.scopes import SCOPES

from ..conftest import refusal

WHY = "ships are told who may file for them"


class System:
    """A registered system, and what an operator does to it."""

    def __init__(self, transactions, system="vessels"):
        self._transactions = transactions
        self.name = f"s-{uuid4().hex[:12]}"
        self.secret = self.act(
            "register", title="Vessels", owner="Bureau", email="a@b.example", system=system
        ).password

    def act(self, what, *values, **options):
        by = By("operator1", WHY, datetime.now(UTC))
        with self._transactions.transaction() as tx:
            stores = SubscriberStore(tx), AuditStore(tx), by
            if what == "register":
                return actions.register(*stores, name=self.name, **options)
            return getattr(actions, what)(*stores, self.name, *values, **options)

    def grant(self, *scopes, days=30):
        self.act("grant_scopes", scopes, taipei_day(datetime.now(UTC)) + timedelta(days=days))
        return self

    def credentials(self, **changed):
        return {"client_id": self.name, "client_secret": self.secret} | changed


@pytest.fixture
def system(transactions):
    return System(transactions)


def token_of(ask, system, *scopes):
    return ask("issue_client_token", **system.credentials(), scopes=list(scopes), ip="192.0.2.7")[
        "access_token"
    ]


def judged(ask, token, scope="accounts.read"):
    """What a token is worth: a pass, or the code of the refusal."""
    try:
        ask("client_pass", access_token=token, scope=scope)
    except Refused as refused:
        return refused.code
    return "good"


def test_the_secret_gives_a_token_for_all_that_is_granted_or_for_what_is_asked(ask, system):
    system.grant("accounts.read", "snapshots.read")
    whole = ask("issue_client_token", **system.credentials())
    assert whole["scopes"] == ["accounts.read", "snapshots.read"]
    life = datetime.fromisoformat(whole["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < life <= timedelta(minutes=10)
    part = ask("issue_client_token", **system.credentials(), scopes=["snapshots.read"])
    assert part["scopes"] == ["snapshots.read"]
    assert judged(ask, part["access_token"]) == "SCOPE_MISSING"


def test_only_a_hash_of_a_token_is_kept_and_no_secret_is_recorded(ask, system, rows):
    token = token_of(ask, system.grant("accounts.read"))
    kept = str(rows("SELECT t::text FROM api_token t"))
    recorded = json.dumps(rows("SELECT detail FROM audit_entry WHERE action LIKE 'api_token%%'"))
    assert token not in kept + recorded
    assert system.secret not in kept + recorded
    assert rows(
        "SELECT host(ip), detail FROM audit_entry WHERE action = 'api_token_issued' AND detail->>'name' = %s",
        system.name,
    ) == [("192.0.2.7", {"name": system.name, "secret": 1, "scopes": ["accounts.read"]})]


@pytest.mark.parametrize(
    "changed",
    [
        {"client_secret": "x" * 32},
        {"client_secret": ""},
        {"client_id": "nobody"},
        {"client_id": "NOBODY.1"},
        {"client_id": ""},
    ],
)
def test_anything_but_the_right_pair_is_not_proved(ask, system, rows, changed):
    system.grant("accounts.read")
    before = rows("SELECT count(*) FROM audit_entry")
    assert refusal(ask, "issue_client_token", **system.credentials(**changed)).code == "CLIENT_NOT_PROVED"
    # What a stranger tries costs one look and writes nothing.
    assert rows("SELECT count(*) FROM audit_entry") == before


def test_the_secret_of_one_system_is_nothing_to_another(ask, system, transactions):
    other = System(transactions).grant("accounts.read")
    mixed = system.credentials(client_id=other.name)
    assert refusal(ask, "issue_client_token", **mixed).code == "CLIENT_NOT_PROVED"


def test_nothing_granted_or_something_else_is_said(ask, system):
    assert refusal(ask, "issue_client_token", **system.credentials()).code == "SCOPE_NOT_GRANTED"
    system.grant("accounts.read")
    asked = system.credentials() | {"scopes": ["accounts.read", "cases.read"]}
    assert refusal(ask, "issue_client_token", **asked).code == "SCOPE_NOT_GRANTED"


def test_both_secrets_work_while_one_is_replaced_and_the_old_one_ends_at_once_when_it_leaked(ask, system):
    system.grant("accounts.read")
    first, old = token_of(ask, system), system.secret
    system.secret = system.act("rotate").password
    second = token_of(ask, system)
    assert ask("issue_client_token", **system.credentials(client_secret=old))["scopes"]
    assert [judged(ask, token) for token in (first, second)] == ["good", "good"]
    leaked, system.secret = system.secret, system.act("rotate", overlap=timedelta()).password
    assert [judged(ask, token) for token in (first, second)] == ["CLIENT_TOKEN_INVALID"] * 2
    for ended in (old, leaked):
        said = refusal(ask, "issue_client_token", **system.credentials(client_secret=ended))
        assert said.code == "CLIENT_NOT_PROVED"
    assert judged(ask, token_of(ask, system)) == "good"


def test_a_suspended_system_is_turned_away_and_its_tokens_do_not_come_back(ask, system):
    system.grant("accounts.read")
    token = token_of(ask, system)
    system.act("suspend")
    assert judged(ask, token) == "CLIENT_TOKEN_INVALID"
    assert refusal(ask, "issue_client_token", **system.credentials()).code == "CLIENT_SUSPENDED"
    wrong = system.credentials(client_secret="x" * 32)
    assert refusal(ask, "issue_client_token", **wrong).code == "CLIENT_NOT_PROVED"
    system.act("resume")
    assert judged(ask, token) == "CLIENT_TOKEN_INVALID"
    assert judged(ask, token_of(ask, system)) == "good"


def test_a_removed_system_is_as_if_it_had_never_been(ask, system):
    system.grant("accounts.read")
    token = token_of(ask, system)
    system.act("remove")
    assert judged(ask, token) == "CLIENT_TOKEN_INVALID"
    assert refusal(ask, "issue_client_token", **system.credentials()).code == "CLIENT_NOT_PROVED"


def test_a_scope_that_is_taken_away_is_gone_at_once_and_for_that_token_for_good(ask, system):
    system.grant("accounts.read", "snapshots.read")
    token = token_of(ask, system)
    system.act("revoke_scope", "accounts.read")
    assert [judged(ask, token, scope) for scope in ("accounts.read", "snapshots.read")] == [
        "SCOPE_MISSING",
        "good",
    ]
    system.grant("accounts.read")
    assert judged(ask, token) == "SCOPE_MISSING"
    assert judged(ask, token_of(ask, system)) == "good"
    # Prolonged, not given anew: what runs goes on.
    token = token_of(ask, system)
    system.grant("accounts.read", days=60)
    assert judged(ask, token) == "good"
    with pytest.raises(actions.SubscriberRefused, match="does not have"):
        system.act("revoke_scope", "cases.read")


def test_a_token_is_given_back_by_its_system_and_by_no_other(ask, system, transactions):
    token = token_of(ask, system.grant("accounts.read"))
    other = System(transactions).grant("accounts.read")
    assert ask("revoke_client_token", **other.credentials(), access_token=token) == {}
    assert judged(ask, token) == "good"
    wrong = system.credentials(client_secret="x" * 32)
    assert refusal(ask, "revoke_client_token", **wrong, access_token=token).code == "CLIENT_NOT_PROVED"
    for _ in range(2):
        assert ask("revoke_client_token", **system.credentials(), access_token=token) == {}
    assert judged(ask, token) == "CLIENT_TOKEN_INVALID"


@pytest.mark.parametrize("name", ["\0", "vessels\0", "x" * 101])
def test_what_can_be_nobodys_name_is_refused_before_it_is_looked_for(ask, name):
    said = refusal(ask, "issue_client_token", client_id=name, client_secret="x" * 32, scopes=[])
    assert list(said.fields) == ["client_id"]


def test_of_one_system_the_newest_tokens_are_kept_and_no_more(ask, system, transactions, rows):
    system.grant("accounts.read")
    other = System(transactions).grant("accounts.read")
    kept = token_of(ask, other)
    tokens = [token_of(ask, system) for _ in range(MOST_TOKENS + 2)]
    assert [judged(ask, token) for token in tokens[:3]] == ["CLIENT_TOKEN_INVALID"] * 2 + ["good"]
    assert judged(ask, kept) == "good"


def test_an_ending_is_the_same_whatever_it_was(ask, system):
    assert judged(ask, "x" * 43) == "CLIENT_TOKEN_INVALID"


# Scope × endpoint × state of the client, whole.
ENDPOINTS = {
    "system_accounts": "accounts.read",
    "system_account": "accounts.read",
    "system_account_statement": "accounts.read",
    "accounts_snapshot": "snapshots.read",
}
STATES = {
    "active": lambda system, ask, token: None,
    "rotated, both work": lambda system, ask, token: system.act("rotate"),
    "suspended": lambda system, ask, token: system.act("suspend"),
    "let in again": lambda system, ask, token: (system.act("suspend"), system.act("resume")),
    "removed": lambda system, ask, token: system.act("remove"),
    "secret ended": lambda system, ask, token: system.act("rotate", overlap=timedelta()),
    "token given back": lambda system, ask, token: ask(
        "revoke_client_token", **system.credentials(), access_token=token
    ),
    "token expired": "UPDATE api_token SET expires_at = now() - interval '1 second' WHERE subscriber_id = %s",
    "grants end today": "UPDATE subscriber_scope SET ends_on = (now() AT TIME ZONE 'Asia/Taipei')::date"
    " WHERE subscriber_id = %s",
    "grants ended yesterday": "UPDATE subscriber_scope SET ends_on = (now() AT TIME ZONE 'Asia/Taipei')::date - 1"
    " WHERE subscriber_id = %s",
    "grants taken away": "DELETE FROM subscriber_scope WHERE subscriber_id = %s",
}
GOOD = ("active", "rotated, both work", "grants end today")
WITHOUT_SCOPE = ("grants ended yesterday", "grants taken away")
GRANTED = [some for n in range(1, len(SCOPES) + 1) for some in combinations(SCOPES, n)]


def asked_of(endpoint):
    if endpoint == "accounts_snapshot":
        return {}
    return {"system": "vessels"} | ({} if endpoint == "system_accounts" else {"account_id": str(uuid4())})


def looked(ask, token, endpoint, scope):
    """What the endpoint makes of this token: good, or the code of the refusal. There is no such account."""
    try:
        given = ask("client_pass", access_token=token, scope=scope)
        ask(endpoint, signed_pass=given["signed_pass"], **asked_of(endpoint))
    except Refused as refused:
        return "good" if refused.code == "ACCOUNT_NOT_FOUND" else refused.code
    return "good"


@pytest.mark.parametrize(("granted", "state"), list(product(GRANTED, STATES)))
def test_each_endpoint_answers_those_with_its_scope_while_all_is_in_order(ask, system, rows, granted, state):
    token = token_of(ask, system.grant(*granted))
    change = STATES[state]
    if callable(change):
        change(system, ask, token)
    else:
        rows(change, rows("SELECT subscriber_id FROM subscriber WHERE name = %s", system.name)[0][0])
    for endpoint, scope in ENDPOINTS.items():
        found = looked(ask, token, endpoint, scope)
        if state in GOOD:
            wanted = "good" if scope in granted else "SCOPE_MISSING"
        else:
            wanted = "SCOPE_MISSING" if state in WITHOUT_SCOPE else "CLIENT_TOKEN_INVALID"
        assert found == wanted, (endpoint, state)
