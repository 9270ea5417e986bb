"""The authenticator apps of the people in tests: one-time codes, each used once."""

import re
import time

import pyotp
from sandbox.authenticator import DEMO_KEY

STEP_SECONDS = 30
# By account name: the key, and the last half minute whose code was used. The demonstration's people have one key.
_apps: dict[str, tuple[str, int]] = {}


def code_for(account_name: str, key: str | None = None) -> str:
    """A code that is accepted now and was not used before; `key` puts a new account into the app.

    Three are good at a time. Whoever logs in more often waits, as a person would.
    """
    known, last = (key, 0) if key else _apps.get(account_name, (DEMO_KEY, 0))
    step = max(now() - 1, last + 1)
    while step > now() + 1:
        time.sleep(0.5)
    _apps[account_name] = (known, step)
    return pyotp.TOTP(known).generate_otp(step)


def now() -> int:
    return int(time.time()) // STEP_SECONDS


def key_in(text: str) -> str:
    """The key that a page shows, without its spaces."""
    return re.sub(r"\s", "", text)
