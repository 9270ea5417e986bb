"""How many guesses a password takes, by zxcvbn: lists of common passwords, names and words, keyboard walks, dates.

Its lists are shipped with it, so nothing is asked of anybody: 30,000 common passwords, and 64,000 English words, names
and surnames (https://pypi.org/project/zxcvbn, MIT licence).
"""

from __future__ import annotations

from collections.abc import Iterable

from zxcvbn import zxcvbn

from accounts.sessions.rules import normalised
from accounts.threads import run_in_thread

# Of a longer password only so much is looked at: the time grows with the square of the length.
LOOKED_AT = 32


def guesses(password: str, words: Iterable[str]) -> int:
    """How many guesses find it, when the guesser also tries `words`."""
    looked_at = normalised(password)[:LOOKED_AT]
    if not looked_at:
        return 0
    return int(run_in_thread(zxcvbn, looked_at, user_inputs=list(words))["guesses"])
