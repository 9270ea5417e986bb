"""A process dies, or an exception is raised, at every named place of the event path: nothing is lost or doubled."""

import signal
import time

import pytest
from mtnet_chassis.failpoints import POINTS

from tests.chaos.world import patiently

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

PROCESS_OF = {"relay": "relay", "inbox": "ledger", "ladder": "ledger", "stop": "ledger", "outbox": "producer"}


def arm(*points, action, count):
    return ",".join(f"{point}:{action}:{count}" for point in points)


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_this_point_changes_nothing(world, point, long):
    for count in (3, 1, 2, 7) if long else (3,):
        kill_at(world, point, count)


def kill_at(world, point, count):
    target = PROCESS_OF[point.partition(".")[0]]
    failpoint = arm(
        point, action="kill", count=1 if point in ("stop.draining", "ladder.after_publish") else count
    )
    if target == "producer":
        producer = world.pay(failpoint=failpoint)
        assert producer.wait(60) == -signal.SIGKILL
        world.pay().wait(60)
    else:
        process = world.start(target, failpoint=failpoint)
        process.wait_ready()
        producer = world.pay(wish="fail 2" if point == "ladder.after_publish" else "")
        if point == "stop.draining":
            time.sleep(0.5)
            process.send(signal.SIGTERM)
        patiently(lambda: not process.alive, 60)
        assert process.wait() == -signal.SIGKILL, process.log[-2000:]
        world.keep_alive()
        assert producer.wait(60) == 0
    world.come_to_rest()
    world.assert_good()


@pytest.mark.parametrize("target", ["relay", "ledger", "producer"])
def test_an_exception_at_every_point_changes_nothing(world, target, long):
    points = [p for p in POINTS if PROCESS_OF[p.partition(".")[0]] == target and p != "stop.draining"]
    for count in (2, 1, 5) if long else (2,):
        failpoint = ",".join(
            arm(p, action="raise", count=1 if p == "ladder.after_publish" else count) for p in points
        )
        if target == "producer":
            assert world.pay(failpoint=failpoint).wait(60) == 0
        else:
            world.start(target, failpoint=failpoint).wait_ready()
            assert world.pay(wish="fail 2" if target == "ledger" else "").wait(60) == 0
        world.come_to_rest()
        world.assert_good()
        world.start("relay").wait_ready()
        world.start("ledger").wait_ready()
