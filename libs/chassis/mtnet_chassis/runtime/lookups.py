"""Look up the addresses of hosts by the system's resolver, in threads, so that green threads go on meanwhile.

Eventlet's own resolver knows less than the system's, and loads dnspython: most of a second of a processor at each start
of a service or a command. The package says that it is not wanted before anything imports Eventlet.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import eventlet.green.socket
from eventlet import patcher, tpool

LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "getnameinfo")


def look_up_in_threads() -> None:
    """Called once by a process whose standard library is patched."""
    native = patcher.original("socket")
    for name in LOOKUPS:
        for module in (socket, eventlet.green.socket):
            setattr(module, name, _in_a_thread(getattr(native, name)))


def _in_a_thread(look_up: Callable[..., Any]) -> Callable[..., Any]:
    def looked_up(*arguments: Any, **named: Any) -> Any:
        return tpool.execute(look_up, *arguments, **named)

    return looked_up
