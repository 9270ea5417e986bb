"""`kill -9` of a subscriber at each place named in failpoints.py, with both stores: once in effect, in order."""

import subprocess
import sys
from pathlib import Path

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_subscriber.failpoints import POINTS
from subscriber_stand import assert_once_in_order, effects, many, send

PROGRAM = Path(__file__).parent / "stand" / "program.py"
OF_CATCHING_UP = {"offset_saved", "read"}
# The short version tries each place with one store, in turns.
STORES = ("postgres", "sqlite")
CASES = [
    pytest.param(store, point, n % 2 == turn, id=f"{store}-{point}")
    for n, point in enumerate(POINTS)
    for turn, store in enumerate(STORES)
]


def program(portal, place, *arguments, failpoint=""):
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), portal.url, portal.name, place, *arguments],
        env={"MTNET_SUBSCRIBER_FAILPOINT": failpoint, "PATH": "/usr/bin:/bin"},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(("place", "point", "always"), CASES, indirect=["place"])
def test_killed_anywhere_each_event_has_one_effect_in_order(
    request, long, portal, place, store, point, always
):
    """After the effect before the commit, before the acknowledgement, in a retry, while reading a stream."""
    if not (always or long):
        pytest.skip("the long version tries both stores at each place")
    more = ()
    if point in OF_CATCHING_UP:
        request.getfixturevalue("streams")
        more = ("catch-up",)
    events = many(240)
    for each in events[5::50]:
        each.wish = "fail_once"
    send(portal, *events[:160], *events[120:160])
    killed = program(portal, place, *more, failpoint=f"{point}:{1 if more else 2}")
    send(portal, *events[160:], *events[140:200])
    assert killed.wait(60) == -9  # the place was reached
    running = program(portal, place, *more)
    try:
        eventually(lambda: len(effects(store)) == 240 and portal.ready() == 0, 90)
        running.terminate()
        assert running.wait(60) == 0
    finally:
        running.kill()
        running.wait()
    assert_once_in_order(store, events)
    assert store.rows("SELECT count(*) FROM mtnet_kept") == [(0,)]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_sigterm_finishes_what_is_in_hand(portal, place, store):
    events = many(900)
    send(portal, *events)
    running = program(portal, place)
    eventually(lambda: len(effects(store)) > 0, 40)
    running.terminate()
    assert running.wait(60) == 0
    done = len(effects(store))
    assert done + portal.ready() == 900
