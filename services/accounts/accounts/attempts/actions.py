"""Enter a try before it is judged, count how it ended, and know devices again."""

from __future__ import annotations

from datetime import datetime

from mtnet_chassis.data.database import Tx

from accounts.attempts.rules import (
    DEVICE,
    LIMITS,
    MOST_OF_ONE,
    NAME,
    PAIR,
    SOURCE,
    Attempt,
    Cooldown,
    GrowingDelay,
    Owner,
    Tally,
)
from accounts.attempts.store import GuessStore
from accounts.sources import UNKNOWN, source_of
from accounts.vault import Vault, new_token, token_hash


def guesses_in(tx: Tx) -> GuessStore:
    return GuessStore(tx)


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
    if is_device_of(guesses, subject, device_token):
        device = vault.subject_index(DEVICE, (subject + token_hash(device_token or "")).hex())
        return {DEVICE: device}
    source = source_of(ip)
    keys = {NAME: name_index, PAIR: vault.subject_index(PAIR, f"{name_index.hex()}/{source}")}
    # Callers without a known address have no limit by source: they would all share one.
    if source != UNKNOWN:
        keys[SOURCE] = vault.subject_index(SOURCE, source)
    return keys


def begin_attempt(
    guesses: GuessStore, account: Owner | None, name_index: bytes, keys: dict[str, bytes], now: datetime
) -> Attempt:
    """Enter an attempt as pending before its password is looked at; `settle_attempt` takes it out again.

    While a limit refuses, nothing is entered; the limit of the caller's own pair or device counts one more failure.
    """
    tallies = {kind: tally_of(guesses, LIMITS[kind], kind, key, now) for kind, key in keys.items()}
    refusing = [kind for kind, tally in tallies.items() if not LIMITS[kind].admits(tally, now)]
    # Whoever is suspended for failures of their own has further attempts counted; they prolong nothing.
    own = next((kind for kind in refusing if kind in (PAIR, DEVICE)), None)
    for kind, tally in tallies.items():
        after = tally if refusing else tally.begun(now)
        after = LIMITS[kind].failed(after, now) if kind == own else after
        save_tally(guesses, kind, keys[kind], after)
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
        tally = tally_of(guesses, limit, kind, key, now)
        if not attempt.suspended:
            tally = tally.ended(attempt.began)
            if right is False:
                tally = limit.failed(tally, now)
            elif right and kind in (PAIR, DEVICE):
                tally = tally.cleared()
        save_tally(guesses, kind, key, tally)


# Known devices


def mailbox_subject(vault: Vault, mailbox: str) -> bytes:
    """The key under which the devices of the owner of a mailbox, or telephone, are known."""
    return vault.subject_index("mailbox", mailbox)


def is_known_device(guesses: GuessStore, vault: Vault, mailbox: str, device_token: str | None) -> bool:
    """Whether the owner of the mailbox has verified a code on this device before."""
    return bool(device_token) and guesses.knows_device(
        mailbox_subject(vault, mailbox), token_hash(device_token or "")
    )


def is_device_of(guesses: GuessStore, subject: bytes, device_token: str | None) -> bool:
    """Asked in the same way, and as slowly, for a device without a token."""
    return guesses.knows_device(subject, token_hash(device_token or ""))


def add_device(guesses: GuessStore, subject: bytes, device_token: str | None, now: datetime) -> None:
    if device_token:
        guesses.add_device(subject, token_hash(device_token), now)


def new_device(guesses: GuessStore, subject: bytes, device_token: str | None, now: datetime) -> str:
    """A new token for a device that was just verified, in place of its earlier one. Whose it was before stays known."""
    token = new_token()
    if device_token:
        guesses.rename_device(token_hash(device_token), token_hash(token))
    guesses.add_device(subject, token_hash(token), now)
    return token


# Failures that are counted


def tally_of(
    guesses: GuessStore, limit: Cooldown | GrowingDelay, kind: str, key: bytes, now: datetime
) -> Tally:
    """What is counted under this key now, locked until the transaction ends."""
    return limit.now(guesses.tally_for_update(kind, key, now=now), now)


def save_tally(guesses: GuessStore, kind: str, key: bytes, tally: Tally) -> None:
    guesses.save_tally(kind, key, tally)
