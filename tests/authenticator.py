"""The authenticator apps of the people in tests: one-time codes, each used once."""

import re
import time

import psycopg
import pyotp
from sandbox.authenticator import DEMO_KEY

from tests.system import System

STEP_SECONDS = 30
# By account name: the key, and the last half minute whose code was used. The demonstration's people have one key.
_apps: dict[str, tuple[str, int]] = {}
_portals: list[System] = []


def with_apps(system: System) -> System:
    """This is the portal whose people have the apps."""
    _portals[:] = [system]
    return system


def forget_codes_of(account_name: str) -> None:
    """Let the portal take codes again that were used; that it takes none twice is tried in the tests of accounts."""
    with psycopg.connect(_portals[0].administrator_dsn("mtnet_accounts"), autocommit=True) as connection:
        done = connection.execute(
            "UPDATE totp SET last_step = NULL FROM account"
            " WHERE account.account_id = totp.account_id AND account_name = %s",
            [account_name],
        )
    assert done.rowcount, f"{account_name} has no authenticator app"


def code_for(account_name: str, key: str | None = None) -> str:
    """A code that is accepted now and was not used before; `key` puts a new account into the app.

    It is good for half a minute at least: that of the half minute before may end while a slow page is sent. Whoever
    logs in more often than twice would wait; here the portal forgets.
    """
    known, last = (key, 0) if key else _apps.get(account_name, (DEMO_KEY, 0))
    step = max(now(), last + 1)
    if step > now() + 1:
        forget_codes_of(account_name)
        step = now()
    _apps[account_name] = (known, step)
    return pyotp.TOTP(known).generate_otp(step)


def now() -> int:
    return int(time.time()) // STEP_SECONDS


def key_in(text: str) -> str:
    """The key that a page shows, without its spaces."""
    return re.sub(r"\s", "", text)
