"""Enter a try before it is judged, and count how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from accounts.attempts.rules import DEVICE, LIMITS, MOST_OF_ONE, NAME, PAIR, SOURCE, Attempt
from accounts.registry.rules import Account
from accounts.sources import UNKNOWN, source_of
from accounts.vault import Vault, token_hash
from accounts.verification import actions as verification

if TYPE_CHECKING:
    from accounts.verification.store import GuessStore


def keys_of(
    guesses: GuessStore,
    vault: Vault,
    name_index: bytes,
    subject: bytes,
    *,
    ip: str | None,
    device_token: str | None,
) -> dict[str, bytes]:
    """Under what a try is counted, by kind. `name_index` stands for what is tried, `subject` for whose devices count.

    A device of the owner has a limit of its own, which nobody else can use up; all others are limited by name and
    source, by name, and by source.
    """
    if verification.is_device_of(guesses, subject, device_token):
        device = vault.subject_index(DEVICE, (subject + token_hash(device_token or "")).hex())
        return {DEVICE: device}
    source = source_of(ip)
    keys = {NAME: name_index, PAIR: vault.subject_index(PAIR, f"{name_index.hex()}/{source}")}
    # Callers without a known address have no limit by source: they would all share one.
    if source != UNKNOWN:
        keys[SOURCE] = vault.subject_index(SOURCE, source)
    return keys


def begin_attempt(
    guesses: GuessStore, account: Account | None, name_index: bytes, keys: dict[str, bytes], now: datetime
) -> Attempt:
    """Enter an attempt as pending before its password is looked at; `settle_attempt` takes it out again.

    While a limit refuses, nothing is entered; the limit of the caller's own pair or device counts one more failure.
    """
    tallies = {
        kind: verification.tally_of(guesses, LIMITS[kind], kind, key, now) for kind, key in keys.items()
    }
    refusing = [kind for kind, tally in tallies.items() if not LIMITS[kind].admits(tally, now)]
    # Whoever is suspended for failures of their own has further attempts counted; they prolong nothing.
    own = next((kind for kind in refusing if kind in (PAIR, DEVICE)), None)
    for kind, tally in tallies.items():
        after = tally if refusing else tally.begun(now)
        after = LIMITS[kind].failed(after, now) if kind == own else after
        verification.save_tally(guesses, kind, keys[kind], after)
    return Attempt(
        name_index=name_index,
        account_id=account.account_id if account else None,
        password_hash=account.password_hash if account else None,
        suspended=bool(refusing),
        began=now,
        keys=keys,
        first_suspended=own is not None and tallies[own].failures == MOST_OF_ONE,
    )


def give_up(guesses: GuessStore, attempt: Attempt, now: datetime) -> None:
    """The attempt could not be judged, through no fault of its caller: it does not count."""
    settle_attempt(guesses, attempt, right=None, now=now)


def settle_attempt(guesses: GuessStore, attempt: Attempt, *, right: bool | None, now: datetime) -> None:
    """Count the outcome of an attempt. `right` is None for one that was not judged."""
    for kind, key in attempt.keys.items():
        limit = LIMITS[kind]
        tally = verification.tally_of(guesses, limit, kind, key, now)
        if not attempt.suspended:
            tally = tally.ended(attempt.began)
            if right is False:
                tally = limit.failed(tally, now)
            elif right and kind in (PAIR, DEVICE):
                tally = tally.cleared()
        verification.save_tally(guesses, kind, key, tally)
