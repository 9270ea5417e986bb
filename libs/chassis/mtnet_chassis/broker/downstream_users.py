"""The users of downstream systems on the broker: their secrets, rights and limits, and the end of their connections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from urllib.parse import quote

from mtnet_chassis.broker import nameko_queues
from mtnet_chassis.broker.downstream_found import Difference, Found
from mtnet_chassis.broker.downstream_system import Credential, DownstreamSystem, permission_of
from mtnet_chassis.broker.management import Management
from mtnet_chassis.broker.topology import Permission

MOST_CONNECTIONS = 10
MOST_CHANNELS = 50


def users(management: Management, found: Found, wanted: list[DownstreamSystem]) -> Iterable[Difference]:
    for system in wanted:
        for credential in system.credentials:
            user, rights = credential.user, permission_of(system, credential.user)
            if found.users.get(user) != credential.password_hash:
                yield Difference(f"set the secret of user {user}", _secret(management, credential))
            for limit, value in (("max-connections", MOST_CONNECTIONS), ("max-channels", MOST_CHANNELS)):
                if found.limits.get(user, {}).get(limit) != value:
                    yield Difference(f"limit {limit} of user {user}", _limit(management, user, limit, value))
            yield from _topic_permissions(management, found, system, user)
            body = {name: value for name, value in asdict(rights).items() if name != "user"}
            before = found.permissions.get(user)
            if before == body:
                continue
            if before and _reads_less(_readable(found), before["read"], rights.read):
                yield Difference(
                    f"set the rights of user {user}, and end its connections",
                    _rights(management, rights, end=True),
                )
            else:
                yield Difference(f"set the rights of user {user}", _rights(management, rights))


def _topic_permissions(
    management: Management, found: Found, system: DownstreamSystem, user: str
) -> Iterable[Difference]:
    """Before the right to read the exchange: without them a user may bind everything there. One that is not wanted any
    more stays: it allows nothing by itself, and its absence would."""
    events = system.events if system.nameko_queues else frozenset()
    for wanted in nameko_queues.topic_permissions(user, events):
        if wanted not in found.topic_permissions:
            yield Difference(
                f"let user {user} bind {wanted.read} of {wanted.exchange}",
                nameko_queues.set_topic_permission(management, wanted),
            )


def _secret(management: Management, credential: Credential) -> Callable[[], object]:
    body = {
        "password_hash": credential.password_hash,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }
    return lambda: management.call("PUT", f"/users/{quote(credential.user, safe='')}", body)


def _limit(management: Management, user: str, limit: str, value: int) -> Callable[[], object]:
    path = f"/user-limits/{quote(user, safe='')}/{limit}"
    return lambda: management.call("PUT", path, {"value": value})


def _rights(management: Management, rights: Permission, *, end: bool = False) -> Callable[[], object]:
    def change() -> None:
        management.set_permission(rights)
        if end:
            _end_connections(management, rights.user)

    return change


def removed_users(
    management: Management, found: Found, wanted: list[DownstreamSystem]
) -> Iterable[Difference]:
    kept = {credential.user for system in wanted for credential in system.credentials}
    for user in sorted(found.users.keys() - kept):
        yield Difference(f"remove user {user} and end its connections", _remove_user(management, user))


def _remove_user(management: Management, user: str) -> Callable[[], object]:
    """A connection outlives its user on the broker, so it is ended, too."""

    def remove() -> None:
        management.call("DELETE", f"/users/{quote(user, safe='')}")
        _end_connections(management, user)

    return remove


def _end_connections(management: Management, user: str) -> None:
    """All that it has at this moment: the list of connections knows one only seconds after it was opened."""
    management.call("DELETE", f"/connections/username/{quote(user, safe='')}")


def _readable(found: Found) -> list[str]:
    """Whatever some system may read and another may not, and a grant may end."""
    return [*found.streams, *found.queues, *found.of_events]


def _reads_less(names: Iterable[str], before: str, after: str) -> bool:
    """Whether one of these can be read no longer. The broker asks for the right when reading begins, and keeps what it
    found in a busy channel: so whoever reads must be made to begin anew."""
    try:
        return any(re.search(before, each) and not re.search(after, each) for each in names)
    except re.error:  # written by hand, for the broker's own kind of expression
        return True
