"""Accounts as the gateway and the other services meet it."""

import re
import shutil
from base64 import b64encode
from types import SimpleNamespace

import pytest
from accounts import settings as settings_module
from accounts.documents import worker
from accounts.documents.pool import pool_for
from accounts.sessions import adapters as hashing
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from mtnet_chassis.data.sealing import unseal
from mtnet_chassis.rpc.actor import ActorSigner, ActorVerifier
from mtnet_chassis.runtime import child
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_chassis.testing.running import copied_children

ACTOR_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOTIFY_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32, 64)))


# Captured before it is replaced: as the service starts its children.
START_CHILD = child.start


@pytest.fixture(scope="module", autouse=True)
def _children_are_copies():
    """Most of what drawing a form costs is a child's imports; and a busy machine has the time it needs.

    test_pool.py has children started and waited for as the service does.
    """
    imports = {"document": "drawing.html", "page": "drawing.pages", "upload": "inspection.inspecting"}
    copied = copied_children({task: [f"accounts.documents.{name}"] for task, name in imports.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "start", copied)
        patch.setattr(worker, "PATIENCE_SECONDS", 60)
        yield


@pytest.fixture(scope="module", autouse=True)
def _hashes_cost_little():
    """A password's hash takes 25 ms of a processor, on purpose. Where its strength is what is tried, it is as in use:
    test_passwords.py, test_what_a_stranger_learns.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        hashing._nobodys_hash.cache_clear()
        yield
    hashing._nobodys_hash.cache_clear()


def text(raw):
    return b64encode(raw).decode()


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment of a process of accounts, beside its database and broker."""
    files_url = tmp_path_factory.mktemp("files").as_uri()
    yield {
        "ACTOR_PUBLIC_KEY": text(ACTOR_KEY.public_key().public_bytes_raw()),
        "ACCOUNTS_ACTOR_PRIVATE_KEY": text(ACTOR_KEY.private_bytes_raw()),
        "ACCOUNTS_ID_NUMBER_KEYS": f"k1:{text(bytes(range(64, 96)))},k0:{text(bytes(32))}",
        "ACCOUNTS_BLIND_INDEX_KEY": text(bytes(range(96, 128))),
        "SEALING_PUBLIC_KEY": text(NOTIFY_KEY.public_key().public_bytes_raw()),
        "FILES_URL": files_url,
        "PORTAL_URL": "https://portal.example.com",
    }
    shutil.rmtree(pool_for(files_url, 1).directory, ignore_errors=True)


@pytest.fixture(scope="module")
def told(environment):
    """The settings made of it, also for the endpoints."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings_module.settings.cache_clear()
        yield settings_module.settings()
    settings_module.settings.cache_clear()


@pytest.fixture
def rows(transactions):
    def rows(sql, *values):
        with transactions.transaction() as tx:
            cursor = tx.execute(sql, values[0] if values and isinstance(values[0], dict) else values)
            return cursor.fetchall() if cursor.description else []

    return rows


@pytest.fixture(scope="module")
def ask(told, transactions):
    """`ask("save_section", application_token=…)` as the gateway does; `actor` signs, `key` makes it idempotent."""
    from accounts.service import AccountsService

    endpoints = {
        e.endpoint.call.name: e.endpoint for e in entrypoints_of(AccountsService) if hasattr(e, "endpoint")
    }
    signer, verifier = (
        ActorSigner(ACTOR_KEY.private_bytes_raw()),
        ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()),
    )
    service = AccountsService()
    service.database = transactions

    def ask(call, *, actor=None, key=None, signed_pass=None, **request):
        body = {"actor": actor and signer.sign(actor), "idempotency_key": key, "request": request}
        body |= {"pass": signed_pass} if signed_pass else {}
        return endpoints[call].answer(service, body, database=transactions, verifier=verifier)

    ask.service = service
    ask.endpoints = endpoints
    return ask


@pytest.fixture
def announced(rows):
    """`announced("ReminderDue")`: payloads in the outbox, oldest first; `subject` narrows."""

    def announced(name, subject=None):
        import json

        found = rows("SELECT subject, payload FROM outbox WHERE name = %s ORDER BY position", name)
        return [json.loads(payload) for about, payload in found if subject in (None, about)]

    return announced


@pytest.fixture
def notify(announced):
    """What notify alone can read: codes and links."""

    def last_code(recipient):
        sent = [c for c in announced("VerificationCodeRequested") if c["recipient"] == recipient][-1]
        return unseal(text(NOTIFY_KEY.private_bytes_raw()), sent["sealed_code"], sent["challenge_id"])

    def last_link(account_name):
        sent = [c for c in announced("ActivationLinkIssued") if c["account_name"] == account_name][-1]
        return unseal(text(NOTIFY_KEY.private_bytes_raw()), sent["sealed_token"], sent["account_id"])

    return SimpleNamespace(last_code=last_code, last_link=last_link)


def refusal(ask, call, **request):
    """Ask, and expect a no: the Refused."""
    from mtnet_chassis.rpc.endpoint import Refused

    with pytest.raises(Refused) as refused:
        ask(call, **request)
    return refused.value


def other_code(code):
    return re.sub(r"\d$", lambda digit: str((int(digit[0]) + 1) % 10), code)


# The keys of authenticator apps by account name, and the last half minute whose code was used.
APPS = {}


def code_for(account_name):
    """A code that has not been used, as the app of its owner shows it: three are good at a time, each once."""
    import time

    import pyotp

    secret, last = APPS[account_name]
    step = max(int(time.time()) // 30 - 1, last + 1)
    APPS[account_name] = (secret, step)
    return pyotp.TOTP(secret).generate_otp(step)


def log_in(ask, account_name, password, **more):
    """Log in, in as many steps as it takes; who needs a second factor and has none sets one up."""
    from mtnet_chassis.rpc.endpoint import Refused

    try:
        return ask("log_in", account_name=account_name, password=password, **more)
    except Refused as refused:
        if refused.code != "SECOND_FACTOR_REQUIRED":
            raise
        token = refused.detail["login_token"]
    step = ask("second_step", login_token=token)
    if step["secret"]:
        APPS[account_name] = (step["secret"], 0)
    return ask("take_second_step", login_token=token, code=code_for(account_name), **more)
