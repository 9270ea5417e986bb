"""Which tests share a worker; and PostgreSQL and RabbitMQ for tests that are not started by `make test`."""

import gc
import os
import tempfile
from collections import Counter
from pathlib import Path

import hypothesis
import pytest
from mtnet_chassis.testing.pytest_plugin import Servers
from xdist.scheduler.loadscope import LoadScopeScheduling

gc.disable()  # until all is collected; it would find nothing, and take a fifth of that time

# Folders whose tests share something slow to start: a running portal, or servers that are killed.
SHARED = {"tests/browser": "portal", "tests/journeys": "portal", "tests/chaos": "chaos"}


# `make check` tries a few examples, `make test` more, and `--long` many. How long an example takes says something about
# the machine, and nothing about the code. With CI set the examples are the same in each run, so that a change is judged
# by itself; everywhere else they are new ones each time.
for profile, examples in (("check", 10), ("short", 50), ("long", 1000)):
    hypothesis.settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("check" if "TESTS_WITHOUT_SERVERS" in os.environ else "short")


def share_of(nodeid):
    """What a worker gets as a whole: the tests of a file, or of the folders that share something."""
    file = nodeid.partition("::")[0]
    return SHARED.get(file.rpartition("/")[0], file)


class LongestFirst(LoadScopeScheduling):
    """Gives a worker the longest share that is left, so that all end at about the same time.

    `seconds`: how long each share took last time. Of those that nobody knows the folders that share something come
    first, then each file as it stands in `testpaths`.
    """

    def __init__(self, config, log, seconds):
        super().__init__(config, log)
        self._seconds = {**dict.fromkeys(SHARED.values(), float("inf")), **seconds}

    def _split_scope(self, nodeid):
        return share_of(nodeid)

    def _assign_work_unit(self, node):
        longest = max(self.workqueue, key=lambda share: self._seconds.get(share, 0.0))
        self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)


class Durations:
    """Writes down for the next run how long each share took."""

    KEY = "mtnet/seconds"

    def __init__(self, cache):
        self._cache = cache
        self.before = cache.get(self.KEY, {})
        self._taken = Counter()

    def pytest_runtest_logreport(self, report):
        self._taken[share_of(report.nodeid)] += report.duration

    def pytest_sessionfinish(self):
        self._cache.set(self.KEY, {**self.before, **self._taken})


def pytest_xdist_make_scheduler(config, log):
    if not hasattr(config, "cache"):  # -p no:cacheprovider
        return LongestFirst(config, log, {})
    durations = Durations(config.cache)
    config.pluginmanager.register(durations)
    return LongestFirst(config, log, durations.before)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="the long version of tests that have one")


def is_long(config):
    """Whether the long version is asked for, by `--long` or CHAOS_LONG=1."""
    return bool(config.getoption("--long") or os.environ.get("CHAOS_LONG"))


def pytest_configure(config):
    if is_long(config):
        hypothesis.settings.load_profile("long")


@pytest.fixture(scope="session")
def long(request):
    return is_long(request.config)


@pytest.fixture(scope="session")
def examples():
    """How many examples a test makes that draws them without Hypothesis."""
    return hypothesis.settings.default.max_examples


@pytest.fixture(scope="session")
def servers():
    """Those of the environment, else our own."""
    if os.environ.get("TESTS_WITHOUT_SERVERS"):
        pytest.fail("This test needs a server and is not marked so: @pytest.mark.stack.", pytrace=False)
    if os.environ.get("TEST_POSTGRES_URL"):
        yield Servers()
        return
    from launcher.servers import Servers as PrivateServers
    from launcher.workspace import Workspace

    workspace = Workspace(Path(tempfile.mkdtemp(prefix="mtnet-tests-")))
    workspace.state.chmod(0o711)  # the servers' accounts go through
    private = PrivateServers(workspace, durable=False)
    try:
        private.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TEST_POSTGRES_URL", private.postgres.dsn())
            patch.setenv("TEST_AMQP_URL", private.rabbit.url())
            patch.setenv("TEST_RABBITMQ_MANAGEMENT_URL", private.rabbit.management_url)
            yield Servers()
    finally:
        private.remove()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop():
    """What collecting made stays until the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
