"""Which tests share a worker; and PostgreSQL and RabbitMQ for tests that are not started by `make test`."""

import gc
import os
import tempfile
from pathlib import Path

import hypothesis
import pytest
from mtnet_chassis.testing.pytest_plugin import Servers
from xdist.scheduler.loadscope import LoadScopeScheduling

# Folders whose tests share something slow to start: a running portal, or servers that are killed.
SHARED = {"tests/browser": "portal", "tests/journeys": "portal", "tests/chaos": "chaos"}


# How long an example takes says something about the machine, and nothing about the code. With CI set the examples are
# the same in each run, so that a change is judged by itself; everywhere else they are new ones each time.
for profile, examples in (("short", 50), ("long", 1000)):
    hypothesis.settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("short")


class ByFileOrFolder(LoadScopeScheduling):
    """Gives all tests of a file to one worker, and all of the folders that share something."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        return SHARED.get(folder, file)


def pytest_xdist_make_scheduler(config, log):
    return ByFileOrFolder(config, log)


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


def pytest_collection_finish(session):
    """What collecting made stays until the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
