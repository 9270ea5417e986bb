"""The settings of the accounts service, read from its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from urllib.parse import unquote, urlsplit

from mtnet_chassis.settings import SettingMissing, env, env_int, secret

MOST_DOCUMENT_SLOTS = 4
MOST_PASSWORD_DAYS = 3650


@dataclass(frozen=True)
class Settings:
    """Keys are raw bytes; `sealing_public_key` is notify's, base64; `portal_url` has no slash at its end.

    `id_number_keys`: the text of the keys; empty where `id_number_keys_file` names the file that holds them.
    `second_factor_required`: whether those whose role demands it cannot log in without a second factor.
    `password_shortest`, `password_longest`: how old a password of the bureau's own people must be before it is changed,
    and may become; zero for no limit.
    `management_url`, `vhost`: where the broker is told which downstream systems there are; without an address a
    command does that.
    `document_slots`: how many documents are worked on at a time on this machine, by all processes of accounts.
    """

    actor_private_key: bytes
    id_number_keys: str
    id_number_keys_file: str
    blind_index_key: bytes
    sealing_public_key: str
    files_url: str
    portal_url: str
    session_idle: timedelta
    session_absolute: timedelta
    document_slots: int
    second_factor_required: bool
    password_shortest: timedelta
    password_longest: timedelta
    management_url: str
    vhost: str


@cache
def settings() -> Settings:
    """Read once. Raises SettingMissing."""
    shortest_days, longest_days = _password_days()
    keys_file = env("ACCOUNTS_ID_NUMBER_KEYS_FILE", "")
    return Settings(
        actor_private_key=secret("ACCOUNTS_ACTOR_PRIVATE_KEY", 32),
        id_number_keys="" if keys_file else env("ACCOUNTS_ID_NUMBER_KEYS"),
        id_number_keys_file=keys_file,
        blind_index_key=secret("ACCOUNTS_BLIND_INDEX_KEY"),
        sealing_public_key=env("SEALING_PUBLIC_KEY"),
        files_url=env("FILES_URL"),
        portal_url=env("PORTAL_URL").rstrip("/"),
        session_idle=timedelta(seconds=env_int("ACCOUNTS_SESSION_IDLE_SECONDS", 4 * 3600)),
        session_absolute=timedelta(seconds=env_int("ACCOUNTS_SESSION_ABSOLUTE_SECONDS", 12 * 3600)),
        password_shortest=timedelta(days=shortest_days),
        password_longest=timedelta(days=longest_days),
        second_factor_required=os.environ.get("ACCOUNTS_SECOND_FACTOR_REQUIRED", "on") != "off",
        management_url=env("RABBITMQ_MANAGEMENT_URL", ""),
        vhost=unquote(urlsplit(env("AMQP_URL", "")).path.lstrip("/")) or "/",
        document_slots=min(
            MOST_DOCUMENT_SLOTS, max(2, env_int("ACCOUNTS_DOCUMENT_SLOTS", _usual_document_slots()))
        ),
    )


def _password_days() -> tuple[int, int]:
    """Raises SettingMissing where a password would expire before it may be changed."""
    shortest = env_int("ACCOUNTS_STAFF_PASSWORD_SHORTEST_DAYS", 1)
    longest = env_int("ACCOUNTS_STAFF_PASSWORD_LONGEST_DAYS", 180)
    if not 0 <= shortest <= MOST_PASSWORD_DAYS or not 0 <= longest <= MOST_PASSWORD_DAYS:
        raise SettingMissing(f"The age of a password is 0 to {MOST_PASSWORD_DAYS} days; 0 is no limit.")
    if longest and longest <= shortest:
        raise SettingMissing(
            "ACCOUNTS_STAFF_PASSWORD_LONGEST_DAYS must be more than ACCOUNTS_STAFF_PASSWORD_SHORTEST_DAYS."
        )
    return shortest, longest


def _usual_document_slots() -> int:
    """One for forms and receipts, which uploads never get, and one for each processor."""
    return max(3, (os.cpu_count() or 1) + 1)
