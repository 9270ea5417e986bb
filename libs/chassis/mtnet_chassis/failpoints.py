"""Named places on the event path where tests make a process die or fail. Unused, each costs a look into an empty dict.

`FAILPOINT=relay.after_publish:kill:25` kills the process (SIGKILL) the 25th time it gets there; `…:raise:25` raises
FailpointReached instead. Separate several with commas.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "outbox.after_insert",
    "outbox.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "relay.after_confirm",
    "relay.before_delete",
    "relay.after_delete",
    "inbox.before_effect",
    "inbox.after_effect",
    "inbox.after_commit",
    "inbox.after_ack",
    "retry.after_publish",
    "stop.draining",
)
# From the lease of a message to the record of what the provider answered.
POINTS_OF_SENDERS = (
    "senders.after_lease",
    "senders.before_send",
    "senders.after_acceptance",
    "senders.before_record",
    "senders.after_record",
)
POINTS_OF_BROADCASTS = (
    "broadcasts.before_commit_of_slice",
    "broadcasts.after_lease_of_chunk",
    "broadcasts.after_acceptance_of_chunk",
)
# From a system's queue to the record of what its webhook's receiver answered.
POINTS_OF_WEBHOOKS = (
    "webhooks.before_intake",
    "webhooks.after_intake",
    "webhooks.before_send",
    "webhooks.after_answer",
    "webhooks.before_record",
    "webhooks.after_record",
)
# From the bytes that came in to the row of a ticket's thread.
POINTS_OF_INBOUND = (
    "inbound.before_store",
    "inbound.after_file",
    "inbound.before_commit_of_store",
    "inbound.after_store",
    "inbound.after_mark",
    "inbound.before_record",
    "tickets.before_entry",
    "inbound.before_commit_of_record",
    "inbound.after_record",
)
# From an agent's answer to the event that has it sent.
POINTS_OF_ANSWERS = ("tickets.before_answer_announced",)
ALL_POINTS = (
    *POINTS,
    *POINTS_OF_SENDERS,
    *POINTS_OF_BROADCASTS,
    *POINTS_OF_INBOUND,
    *POINTS_OF_ANSWERS,
    *POINTS_OF_WEBHOOKS,
)


class FailpointReached(RuntimeError):
    """A test asked for a failure here."""


def _read(text: str) -> dict[str, tuple[str, int]]:
    armed: dict[str, tuple[str, int]] = {}
    for each in text.split(",") if text else ():
        name, action, count = each.split(":")
        if name not in ALL_POINTS or action not in ("kill", "raise"):
            raise ValueError(f"FAILPOINT={text}: unknown point or action")
        armed[name] = (action, int(count))
    return armed


_armed = _read(os.environ.get("FAILPOINT", ""))


def failpoint(name: str) -> None:
    """Mark a named place. Does nothing unless FAILPOINT names it."""
    if name in _armed:
        _reach(name)


def _reach(name: str) -> None:
    action, left = _armed.pop(name)
    if left > 1:
        _armed[name] = (action, left - 1)
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise FailpointReached(name)
