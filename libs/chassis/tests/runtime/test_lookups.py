"""Names of hosts are looked up by the system while other green threads go on, and no process loads another resolver."""

import subprocess
import sys

import pytest

SLOW = """
import mtnet_chassis, eventlet, sys, time
eventlet.monkey_patch()
from eventlet import patcher
native = patcher.original("socket")
looked_up = native.getaddrinfo
def slow(*arguments, **named):
    patcher.original("time").sleep(0.5)
    return looked_up(*arguments, **named)
native.getaddrinfo = slow
from mtnet_chassis.runtime.lookups import look_up_in_threads
look_up_in_threads()
import socket
turns = []
def go_on():
    while True:
        turns.append(1)
        eventlet.sleep(0.01)
eventlet.spawn(go_on)
listening = socket.create_server(("127.0.0.1", 0))
socket.create_connection(listening.getsockname()).close()
try:
    socket.getaddrinfo("no.such.host.invalid", 80)
except socket.gaierror as problem:
    print(len(turns) > 20, type(problem).__name__, "dns" in sys.modules)
"""


@pytest.mark.slow  # starts a process
def test_green_threads_go_on_while_a_name_is_looked_up():
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True gaierror False\n", "")
