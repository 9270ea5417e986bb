"""A process dies, or an exception is raised, at every named place of the event path: nothing is lost or doubled.

One place a run, and each run proves that its place was reached: by SIGKILL as the process's end, by FailpointReached
in its log, by the producer's exit code.
"""

import signal
import time

import pytest
from mtnet_chassis.failpoints import POINTS

from tests.chaos.producer import REACHED
from tests.chaos.world import patiently

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

PROCESS_OF = {"relay": "relay", "inbox": "ledger", "retry": "ledger", "stop": "ledger", "outbox": "producer"}


def armed(point, action, count):
    return f"{point}:{action}:{1 if point in ('stop.draining', 'retry.after_publish') else count}"


def target_of(point):
    return PROCESS_OF[point.partition(".")[0]]


def payment_wish(point):
    return "fail 2" if point == "retry.after_publish" else ""


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_this_point_changes_nothing(world, point, long):
    for count in (3, 1, 2, 7) if long else (3,):
        kill_at(world, point, count)


def kill_at(world, point, count):
    failpoint = armed(point, "kill", count)
    if target_of(point) == "producer":
        producer = world.pay(failpoint=failpoint)
        assert producer.wait(60) == -signal.SIGKILL
        world.pay().wait(60)
    else:
        process = world.start(target_of(point), failpoint=failpoint)
        process.wait_ready()
        producer = world.pay(wish=payment_wish(point))
        if point == "stop.draining":
            time.sleep(0.5)
            process.send(signal.SIGTERM)
        patiently(lambda: not process.alive, 60)
        assert process.wait() == -signal.SIGKILL, process.log[-2000:]
        world.keep_alive()
        assert producer.wait(60) == 0
    world.come_to_rest()
    world.assert_good()


@pytest.mark.parametrize("point", [point for point in POINTS if point != "stop.draining"])
def test_an_exception_at_this_point_changes_nothing(world, point, long):
    for count in (2, 1, 5) if long else (2,):
        fail_at(world, point, count)


def fail_at(world, point, count):
    failpoint = armed(point, "raise", count)
    if target_of(point) == "producer":
        assert world.pay(failpoint=failpoint).wait(60) == REACHED
    else:
        process = world.start(target_of(point), failpoint=failpoint)
        process.wait_ready()
        assert world.pay(wish=payment_wish(point)).wait(60) == 0
        patiently(lambda: "FailpointReached" in process.log, 30)
    world.come_to_rest()
    world.assert_good()


def test_a_service_whose_stop_fails_ends_with_1_and_what_it_had_in_hand_comes_again(world):
    process = world.start("ledger", failpoint="stop.draining:raise:1")
    process.wait_ready()
    producer = world.pay(pause=0.01)
    patiently(lambda: len(world.history()[1]["batch"]) > 0, 30)
    process.send(signal.SIGTERM)
    assert process.wait(20) == 1
    assert "FailpointReached" in process.log
    world.keep_alive()
    assert producer.wait(60) == 0
    world.come_to_rest()
    world.assert_good()
